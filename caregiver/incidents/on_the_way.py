"""What whoever goes there must know, and whom one may ring besides the elder: who has a key, how to come in."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from caregiver.incidents.work import Work
from caregiver.layout import empty, row
from caregiver.memory.contacts import Contact, contacts, plan_in_force
from caregiver.ui import Desk
from caregiver.wording import begin, term
from qtkit.buttons import Button
from qtkit.widgets import Card, text, tip


class OnTheWay(Card):
    """`called(contact)`. Hidden where nothing is known, or nobody has to go any more."""

    called = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.theme)
        self._desk = desk
        self._stand: tuple[object, ...] = ()  # what the lines were made for
        self._lines = QVBoxLayout()
        self.body.addLayout(self._lines)
        self.hide()

    def show_work(self, work: Work) -> None:
        """The lines stay as they are, and the keyboard where it is, while they say the same."""
        desk, person = self._desk, work.incident.elder
        plan = plan_in_force(desk.state.reader, person) if work.person is not None and work.incident.open else None
        found = (
            [c for c in contacts(desk.state.people, person, plan) if c.relation != "self" and c.phone] if plan else []
        )
        door = desk.state.open_note(person, {"note": (plan or {}).get("door_access")})
        stand = (tuple(found), door, desk.language.code, desk.theme.scale)
        if stand != self._stand:
            self._stand = stand
            self._draw(found, door)
        self.setVisible(bool(found or door))

    def _draw(self, found: list[Contact], door: str) -> None:
        desk = self._desk
        empty(self._lines)
        self._lines.addWidget(text(desk.tr("incidents.on_the_way"), strong=True))
        if door:
            self._lines.addWidget(text(desk.tr("incidents.way_in", words=door)))
        for contact in found:
            self._lines.addLayout(self._line(contact))

    def _line(self, contact: Contact) -> QHBoxLayout:
        desk = self._desk
        role = begin(term(desk.language, "relation", contact.relation)) if contact.relation else ""
        key = desk.tr("contacts.has_key") if contact.has_key else ""
        about = " · ".join(part for part in (role, contact.phone, key) if part)
        call = Button(desk.theme, icon_name="phone", role="quiet", height=40)
        call.setAccessibleName(desk.tr("elder.call", name=contact.name))
        call.setToolTip(tip(call.accessibleName()))
        call.clicked.connect(lambda: self.called.emit(contact))
        line = row(text(contact.name, strong=True, wrap=False), text(about, "small", tone="muted"), call)
        line.setStretch(1, 1)
        return line
