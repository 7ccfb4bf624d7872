"""What is known of the chosen resident, and everything that is done about them."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from caregiver.layout import column
from caregiver.memory.people import Person
from caregiver.parts.errands import Errands
from caregiver.residents.access import AccessDesk
from caregiver.residents.block_card import BlockCard
from caregiver.residents.consents_card import WORDS, WRITERS, ConsentsCard
from caregiver.residents.contact_card import ContactCard
from caregiver.residents.erasure_card import ErasureCard
from caregiver.residents.known_contacts import KnownContact
from caregiver.residents.resident_form import ResidentForm
from caregiver.residents.ways_in_panel import WaysInPanel
from caregiver.ui import Desk, Words
from caregiver.wording import term
from domain.consent import Purpose
from domain.people import Profile, new_person_id
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.widgets import Banner


class ResidentSide(QWidget):
    """`written(person id)` once a fact about them is here; what was done, or was not, is said on the page's `said`."""

    written = Signal(str)
    care_wanted = Signal(str)  # the care plan of whom

    def __init__(self, desk: Desk, access: AccessDesk, said: Banner) -> None:
        super().__init__()
        self._desk, self._access, self._said, self._words = desk, access, said, Words(desk, self)
        self._person: Person | None = None
        self.form, self.edit = ResidentForm(desk), Button(desk.theme, icon_name="note")
        self.care, self.contact = Button(desk.theme, icon_name="clock"), ContactCard(desk)
        self.consents, self.ways, self.erasure = ConsentsCard(desk), WaysInPanel(desk, access, said), ErasureCard(desk)
        self.block = BlockCard(desk)
        self._words.put(self.edit.setText, "residents.edit")
        self._words.put(self.care.setText, "elder.plan")
        self._known = QWidget()
        self._known.setLayout(
            column(Flow(self.edit, self.care), self.contact, self.consents, self.ways, self.block, self.erasure)
        )
        self.setLayout(column(self.form, self._known, 1, margins=desk.theme.px(4)))
        self._errands = Errands(desk, self, said)
        self.edit.clicked.connect(lambda: self.write_down(self._person))
        self.care.clicked.connect(self._plan_care)
        self.form.done.connect(self._register)
        self.contact.corrected.connect(self._correct)
        self.form.left.connect(self._known.show)
        self.consents.agreed.connect(self._agree)
        self.consents.withdrawn.connect(self._withdraw)
        self.block.blocked.connect(self._block)
        self.block.let_in.connect(self._let_in)
        self.erasure.wanted.connect(self._erase)

    @property
    def writes(self) -> bool:
        """Whether whoever sits here keeps the roster."""
        return self._desk.state.session.role in WRITERS

    def show_person(self, person: Person | None) -> None:
        """What is half written of somebody stays while others come and go in the list."""
        self._show(person, person, None)

    def show_contact(self, contact: KnownContact | None) -> None:
        """Somebody who lives elsewhere agrees to nothing here and comes in with nothing of ours."""
        self._show(contact.person if contact is not None else None, None, contact)

    def _show(self, person: Person | None, resident: Person | None, contact: KnownContact | None) -> None:
        self._person = person
        for button in (self.edit, self.care):
            button.setVisible(resident is not None and self.writes)
        self.contact.show_contact(contact, self.writes)
        self.consents.show_person(resident)
        self.ways.show_person(resident)
        self.block.show_person(resident)
        self.erasure.show_person(person if self._desk.state.session.administers else None)

    def _plan_care(self) -> None:
        if self._person is not None:
            self.care_wanted.emit(self._person.id)

    def write_down(self, person: Person | None) -> None:
        """None: somebody new."""
        self._known.hide()
        self._said.say("")
        self.form.begin(person)

    def _register(self, person: Person | None, profile: Profile) -> None:
        """A change is the next revision: the newest counts, wherever it was written."""
        state = self._desk.state
        who = person.id if person is not None else new_person_id()
        if person is None or profile != person.profile:
            state.roster.register(who, profile, state.roster.revision(who) + 1)
        self._known.show()
        self._done(who, "residents.written", name=profile.full_name)

    def _correct(self, person: Person, profile: Profile) -> None:
        """A contact's name or number; where another desk has put it right meanwhile, both are shown first."""
        desk, newest = self._desk, self._desk.state.roster.profile(person.id)
        if newest != person.profile:
            desk.state.take()
            self.written.emit(person.id)
            theirs = " · ".join((newest.full_name, newest.phone)) if newest is not None else "—"
            self._said.say(desk.tr("residents.overtaken", theirs=theirs), "overdue", "attention")
        else:
            self._register(person, profile)

    def _agree(self, person: Person, purpose: Purpose, guardian: bool) -> None:
        state, by = self._desk.state, "guardian" if guardian else person.id
        state.roster.consent(person.id, purpose, True, WORDS, by, recorded_by=state.session.person)
        self._done(
            person.id, "residents.agreed", name=person.name, purpose=term(self._desk.language, "purpose", purpose)
        )

    def _withdraw(self, person: Person, purpose: Purpose) -> None:
        """Recorded at once; the receipt names the fact, by which it can be followed to every device."""
        state = self._desk.state
        state.roster.consent(person.id, purpose, given=False, version="", by=state.session.person)
        receipt = state.journal.facts("consent.withdrawn", person.id)[-1].envelope.id[-8:].upper()
        self._done(person.id, "residents.receipt", name=person.name, receipt=receipt)

    def _block(self, person: Person, why: str) -> None:
        self._access.block(person.id, why)
        self._done(person.id, "residents.blocked", name=person.name)

    def _let_in(self, person: Person) -> None:
        self._access.unblock(person.id)
        self._done(person.id, "residents.unblocked", name=person.name)

    def _done(self, person: str, words: str, **details: object) -> None:
        self._desk.state.take()
        self.written.emit(person)
        self._said.say(self._desk.tr(words, **details), "well", "check")

    def _erase(self, person: Person, reason: str, *second: str) -> None:
        """They leave the list with the district's word, which comes back by the feed."""
        told = self._desk.tr("residents.erased", name=person.name)
        self._errands.run(
            lambda: self._access.erase(person.id, reason, *second), lambda _: self._said.say(told, "well", "check")
        )
