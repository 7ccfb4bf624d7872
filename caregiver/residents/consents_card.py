"""What a resident has agreed to, purpose by purpose, and taking back one agreement after a second press."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout

from caregiver.people import Person
from caregiver.ui import Desk, column, empty, row
from caregiver.wording import begin, term
from domain.consent import Purpose
from offline.roster import PENDING
from qtkit.widgets import Button, Card, Chip, text

_SAID = "SELECT purpose, given, version, at FROM roster_consents WHERE person = ?"


class ConsentsCard(Card):
    """`withdrawn(person, purpose)`. It is drawn anew only where it says something else than before, so that the keyboard and what
    somebody was asked outlive what comes about others."""

    withdrawn = Signal(object, object)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.theme)
        self._desk = desk
        self._person: Person | None = None
        self._asked: Purpose | None = None  # which one somebody is about to take back
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
            since = "residents.since" if said[1] else "residents.since_day"  # taking back is under no version
            lines.addWidget(text(desk.tr(since, at=at, version=said[1]), "small", tone="muted"))
        if given and self._asked is purpose:
            yes = Button(desk.theme, desk.tr("residents.withdraw_yes"), "erase", "danger")
            no = Button(desk.theme, desk.tr("do.cancel"), role="quiet")
            yes.clicked.connect(lambda: self._take_back(person, purpose))
            no.clicked.connect(lambda: self._ask(None))
            lines.addWidget(text(desk.tr(f"residents.means_{purpose}"), "small"))
            lines.addLayout(row(yes, no, 1))
            self._way_back = no
        elif given:
            ask = Button(desk.theme, desk.tr("residents.withdraw"), role="quiet")
            ask.setAccessibleName(desk.tr("residents.withdraw_what", purpose=label))
            ask.clicked.connect(lambda: self._ask(purpose))
            lines.addWidget(ask, 0, Qt.AlignmentFlag.AlignLeft)
            self._askers[purpose] = ask
        return lines

    def _ask(self, purpose: Purpose | None) -> None:
        """The keyboard goes to the way back: a second press of Enter withdraws nothing."""
        before, self._asked = self._asked, purpose
        self._draw()
        if (button := self._way_back if purpose is not None else self._askers.get(before)) is not None:
            button.setFocus()

    def _take_back(self, person: Person, purpose: Purpose) -> None:
        self._asked = None
        self.withdrawn.emit(person, purpose)
