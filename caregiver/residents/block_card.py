"""Whether the gates let a resident in: putting them on the block list, with a reason, and taking them off it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout

from caregiver.layout import empty, row
from caregiver.memory.gates import gates
from caregiver.memory.people import Person
from caregiver.residents.way_lines import WayLines
from caregiver.residents.ways_in import Told, told_of, ways_in
from caregiver.ui import Desk, Words
from caregiver.wording import term
from domain.people import Role
from offline.letters.block_list import BLOCKED, UNBLOCKED
from offline.letters.notes import open_note
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.widgets import Card, Chip, text

BLOCKERS = frozenset({Role.GATE_STAFF, Role.SUPERVISOR, Role.ADMINISTRATOR})


class BlockCard(Card):
    """`blocked(person, why)`, `let_in(person)`. The keyboard goes to the reason: a second press of Enter shuts nobody out."""

    blocked = Signal(object, str)
    let_in = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.theme)
        self._desk, self._words = desk, Words(desk, self)
        self._person: Person | None = None
        self._lines, self.why = QVBoxLayout(), QLineEdit()
        self.why.setMaxLength(200)
        self.ask, self.lift = Button(desk.theme, role="quiet"), Button(desk.theme, icon_name="check")
        self.yes, self.no = Button(desk.theme, icon_name="lock", role="danger"), Button(desk.theme, role="quiet")
        self.title, self.means = text("", strong=True), text("", "small")
        for part in (self.title, self.means, self.why):
            self.body.addWidget(part)
        self.body.insertLayout(1, self._lines)
        self.body.addLayout(Flow(self.ask, self.lift, self.yes, self.no))
        self.ask.clicked.connect(lambda: self._open(True))
        self.no.clicked.connect(lambda: self._open(False))
        self.yes.clicked.connect(self._block)
        self.lift.clicked.connect(self._lift)
        for setter, key in (
            (self.title.setText, "residents.block_title"), (self.ask.setText, "residents.block"),
            (self.means.setText, "residents.block_means"), (self.yes.setText, "residents.block_yes"),
            (self.no.setText, "do.cancel"), (self.lift.setText, "residents.block_lift"),
            (self.why.setPlaceholderText, "residents.block_why"), (self.why.setAccessibleName, "residents.block_why"),
        ):  # fmt: skip
            self._words.put(setter, key)
        desk.language.changed.connect(lambda _: self._draw())
        self._asking = False
        self.show_person(None)

    def show_person(self, person: Person | None) -> None:
        if person is None or self._person is None or person.id != self._person.id:
            self._asking = False
            self.why.clear()
        self._person = person
        self._draw()

    def _draw(self) -> None:
        desk, person = self._desk, self._person
        empty(self._lines)
        self.setVisible(person is not None)
        if person is None:
            return
        about, known = told_of(desk.state.reader, person.id), gates(desk.state.reader)
        told = [fact for fact in about if fact.kind in (BLOCKED, UNBLOCKED)]
        stands = ways_in(about, known)
        barred = stands.blocked
        token, how = ("alarm", "residents.is_blocked") if barred else ("well", "residents.not_blocked")
        self._lines.addLayout(row(Chip(desk.theme, token, desk.tr(how)), 1))
        if told:
            self._lines.addWidget(text(self._last(person, told[-1]), "small", tone="muted"))
        if stands.block is not None:
            WayLines(desk, known).waiting(self._lines, stands.block)
        may = desk.state.session.role in BLOCKERS
        self.ask.setVisible(may and not barred and not self._asking)
        self.lift.setVisible(may and barred)
        for part in (self.means, self.why, self.yes, self.no):
            part.setVisible(may and not barred and self._asking)

    def _last(self, person: Person, told: Told) -> str:
        """When, by whom, and why."""
        desk, by = self._desk, str(told.payload.get("by", ""))
        who = desk.state.known_name(by) or term(desk.language, "who", by)
        why = open_note(desk.state.keys, person.id, told.payload.get("note"))
        return " · ".join(part for part in (f"{desk.state.local(told.at):%Y-%m-%d %H:%M}", who, why) if part)

    def _open(self, opened: bool) -> None:
        self._asking = opened
        self._draw()
        (self.why if opened else self.ask).setFocus()

    def _block(self) -> None:
        why = self.why.text().strip()
        if not why or self._person is None:
            self.why.setFocus()
            return
        self._asking = False
        self.why.clear()
        self.blocked.emit(self._person, why)

    def _lift(self) -> None:
        if self._person is not None:
            self.let_in.emit(self._person)
