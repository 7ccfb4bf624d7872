"""What a resident has agreed to, purpose by purpose: writing down an agreement, and taking one back after a second press."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout

from caregiver.layout import column, empty, row
from caregiver.memory.people import Person
from caregiver.ui import Desk
from caregiver.wording import begin, term
from domain.consent import GUARDIAN_BELOW_AGE, Purpose
from domain.people import Role
from offline.roster import PENDING
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.widgets import Card, Chip, text

# What somebody agrees to on paper or by word; all about the face is agreed to at the gate, before its screen.
BY_WORD = (Purpose.HOME_MONITORING, Purpose.FOREIGN_CHANNEL)
WRITERS = frozenset({Role.CAREGIVER, Role.SUPERVISOR, Role.ADMINISTRATOR})
WORDS = "2026-1"  # raised whenever ``residents.terms_*`` change
_SAID = "SELECT purpose, given, version, at FROM roster_consents WHERE person = ?"


class ConsentsCard(Card):
    """`agreed(person, purpose, by a guardian)`, `withdrawn(person, purpose)`. It is drawn anew only where it says something else
    than before, so that the keyboard and what somebody was asked outlive what comes about others."""

    agreed = Signal(object, object, bool)
    withdrawn = Signal(object, object)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.theme)
        self._desk = desk
        self._person: Person | None = None
        self._asked: Purpose | None = None  # which one somebody is about to give or to take back
        self._shown: object = None
        self._askers: dict[Purpose | None, Button] = {}
        self._way_back: Button | None = None
        self._lines = QVBoxLayout()
        self.body.addLayout(self._lines)
        self.show_person(None)

    def show_person(self, person: Person | None) -> None:
        if person is None or self._person is None or person.id != self._person.id:
            self._asked = None
        self._person = person
        self.setVisible(person is not None)
        self._draw()

    def _draw(self) -> None:
        desk, person = self._desk, self._person
        if person is None:
            self._shown = None
            empty(self._lines)
            return
        reader = desk.state.reader
        said = {row[0]: row[1:] for row in reader.rows(_SAID, (person.id,))}
        pending = {p for p in Purpose if reader.rows(PENDING, (person.id, p.value))}
        shown = (person, tuple(said.items()), pending, self._asked, desk.language.code, desk.theme.scale)
        if shown == self._shown:
            return
        self._shown = shown
        self._askers.clear()
        empty(self._lines)
        self._lines.addWidget(text(person.name, "title"))
        contact = (person.profile.flat, person.profile.phone)
        self._lines.addWidget(text(" · ".join(part for part in contact if part), tone="muted"))
        for purpose in Purpose:
            self._lines.addLayout(self._line(person, purpose, said.get(purpose), purpose in pending))

    def _writes(self, purpose: Purpose) -> bool:
        return purpose in BY_WORD and self._desk.state.session.role in WRITERS

    def _line(self, person: Person, purpose: Purpose, said: tuple[int, str, int] | None, pending: bool) -> QVBoxLayout:
        desk = self._desk
        given = said is not None and bool(said[0])
        waits = not given and pending
        label = term(desk.language, "purpose", purpose)
        how = "residents.given" if given else "residents.withdrawal_pending" if waits else "residents.not_given"
        chip = Chip(desk.theme, "well" if given else "due" if waits else "muted", begin(desk.tr(how)))
        lines = column(row(text(label), chip))
        if said is not None:
            at = f"{desk.state.local(said[2]):%Y-%m-%d}"
            since = "residents.since" if given else "residents.taken_back"
            lines.addWidget(text(desk.tr(since, at=at, version=said[1]), "small", tone="muted"))
        if given:
            lines.addLayout(self._taking_back(person, purpose, label))
        elif self._writes(purpose):
            lines.addLayout(self._agreeing(person, purpose, label))
        return lines

    def _taking_back(self, person: Person, purpose: Purpose, label: str) -> QVBoxLayout:
        desk = self._desk
        if self._asked is not purpose:
            ask = Button(desk.theme, desk.tr("residents.withdraw"), role="quiet")
            ask.setAccessibleName(desk.tr("residents.withdraw_what", purpose=label))
            return self._asker(ask, purpose)
        yes = Button(desk.theme, desk.tr("residents.withdraw_yes"), "erase", "danger")
        yes.clicked.connect(lambda: self._take_back(person, purpose))
        return column(text(desk.tr(f"residents.means_{purpose}"), "small"), Flow(yes, self._back()))

    def _agreeing(self, person: Person, purpose: Purpose, label: str) -> QVBoxLayout:
        desk = self._desk
        if self._asked is not purpose:
            ask = Button(desk.theme, desk.tr("residents.agree"), role="quiet")
            ask.setAccessibleName(desk.tr("residents.agree_what", purpose=label))
            return self._asker(ask, purpose)
        age = person.age(desk.state.now().date())
        by_guardian = Button(desk.theme, desk.tr("residents.agree_guardian"), "check")
        by_guardian.clicked.connect(lambda: self._agree(person, purpose, True))
        answers = [by_guardian, self._back()]
        if age is None or age >= GUARDIAN_BELOW_AGE:
            themselves = Button(desk.theme, desk.tr("residents.agree_self"), "check", "primary")
            themselves.clicked.connect(lambda: self._agree(person, purpose, False))
            answers.insert(0, themselves)
        return column(text(desk.tr(f"residents.terms_{purpose}"), "small"), Flow(*answers))

    def _asker(self, ask: Button, purpose: Purpose) -> QVBoxLayout:
        ask.clicked.connect(lambda: self._ask(purpose))
        self._askers[purpose] = ask
        alone = column()
        alone.addWidget(ask, 0, Qt.AlignmentFlag.AlignLeft)
        return alone

    def _back(self) -> Button:
        self._way_back = Button(self._desk.theme, self._desk.tr("do.cancel"), role="quiet")
        self._way_back.clicked.connect(lambda: self._ask(None))
        return self._way_back

    def _ask(self, purpose: Purpose | None) -> None:
        """The keyboard goes to the way back: a second press of Enter gives and withdraws nothing."""
        before, self._asked = self._asked, purpose
        self._draw()
        if (button := self._way_back if purpose is not None else self._askers.get(before)) is not None:
            button.setFocus()

    def _take_back(self, person: Person, purpose: Purpose) -> None:
        self._asked = None
        self.withdrawn.emit(person, purpose)

    def _agree(self, person: Person, purpose: Purpose, guardian: bool) -> None:
        self._asked = None
        self.agreed.emit(person, purpose, guardian)
