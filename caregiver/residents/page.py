"""Residents: who lives here and what they agreed to, written down one by one or from a table; withdrawing and erasing. And whom
somebody wrote down to be asked about them."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QModelIndex, QTimer
from PySide6.QtWidgets import QFileDialog, QLineEdit, QStackedWidget, QWidget

from caregiver.layout import Split, column, scrolling
from caregiver.memory.changes import Changes
from caregiver.memory.people import Person
from caregiver.parts.rest_of_line import rest_of_line
from caregiver.parts.tables import Column, Table, TableModel
from caregiver.parts.working import Working
from caregiver.residents.access import AccessDesk
from caregiver.residents.contacts_list import ContactsList
from caregiver.residents.known_contacts import known_contacts
from caregiver.residents.resident_side import ResidentSide
from caregiver.residents.taking_over import TakingOver
from caregiver.ui import Choice, Desk, Hinted, Words
from caregiver.wording import begin
from domain.consent import Purpose
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.widgets import Banner, EmptyState


@dataclass(frozen=True, slots=True)
class Resident:
    person: Person
    face: bool  # consent to be recognised at the gate holds
    home: bool


CONTACTS = "contacts"
MOMENT_MS = 300  # for the next of many who come together


class ResidentsPage(QWidget):
    def __init__(self, desk: Desk, access: AccessDesk) -> None:
        super().__init__()
        self._desk, self._access, self._words = desk, access, Words(desk, self)
        self._soon = QTimer(self, singleShot=True, interval=MOMENT_MS)
        self._soon.timeout.connect(self.refresh)
        self.model = TableModel(desk, self._columns())
        self.table = Table(desk, self.model, "residents")
        self._build()
        desk.language.changed.connect(lambda _: self.refresh())
        self.refresh()

    def _build(self) -> None:
        desk = self._desk
        self.search = Hinted()
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self.refresh)
        self.which = Choice()
        self.which.currentIndexChanged.connect(self.refresh)
        self.open_file = Button(desk.theme, icon_name="plus", role="primary")
        self.open_file.clicked.connect(self._choose)
        self.said, self.working = Banner(desk.theme), Working(desk)
        self.importing = TakingOver(desk, self.said, self.working)
        self.none = EmptyState(desk.theme, "people", "")
        self.side = ResidentSide(desk, self._access, self.said)
        self.side.written.connect(self._written)
        self.new = Button(desk.theme, icon_name="person")
        self.new.clicked.connect(lambda: self.side.write_down(None))
        self.contacts = ContactsList(desk)
        self.contacts.chosen.connect(self.side.show_contact)
        self._list = QStackedWidget()
        for part in (self.table, self.contacts, self.none):
            self._list.addWidget(part)
        listed = QWidget()
        lines = column(self._list, rest_of_line(desk, self.table, self.model))
        lines.setStretch(0, 1)
        listed.setLayout(lines)
        split = Split(desk, "residents", listed, scrolling(self.side), (760, 400))
        tools, people = QWidget(), QWidget()
        tools.setLayout(Flow(self.search, self.which, self.new, self.open_file))
        laid = column(tools, split)
        laid.setStretch(1, 1)
        people.setLayout(laid)
        self.new.setVisible(self.side.writes)
        self.stack = QStackedWidget()
        self.stack.addWidget(people)
        self.stack.addWidget(self.importing)
        self.importing.came.connect(lambda: self.stack.setCurrentWidget(self.importing))
        self.importing.left.connect(lambda: self._listed(self.open_file))
        self.importing.taken.connect(lambda: self._listed(self.table))
        # below: what is said of a press moves nothing that may be pressed next
        whole = column(self.stack, self.working, self.said)
        whole.setStretch(0, 1)
        self.setLayout(whole)
        put = self._words.put
        put(self.search.setPlaceholderText, "board.search")
        put(self.search.setAccessibleName, "board.search")
        put(self.which.setAccessibleName, "residents.which")
        put(self.open_file.setText, "residents.import")
        put(self.new.setText, "residents.new")
        put(self.table.setAccessibleName, "nav.residents")
        self.table.selectionModel().currentRowChanged.connect(self._chosen)

    def _columns(self) -> list[Column]:
        desk = self._desk

        def yes(given: bool) -> str:
            return begin(desk.tr("residents.given" if given else "residents.not_given"))

        return [
            Column("name", lambda r: r.person.name, 128),
            Column("flat", lambda r: r.person.profile.flat, 112),
            Column("age", lambda r: str(r.person.age(desk.state.now().date()) or ""), 64, right=True, spare=True),
            Column(
                "alone",
                lambda r: begin(desk.tr("residents.alone")) if r.person.profile.lives_alone else "",
                96,
                spare=True,
            ),
            Column("face", lambda r: yes(r.face), 120, lambda r: "well" if r.face else "muted", symbol=True),
            Column("home", lambda r: yes(r.home), 120, lambda r: "well" if r.home else "muted", symbol=True),
        ]

    # ---- the list ---------------------------------------------------------------------------------------------------

    @property
    def begins(self) -> QWidget:
        return self.contacts if self._of_contacts else self.table

    @property
    def _of_contacts(self) -> bool:
        return self.which.value == CONTACTS

    def refresh(self) -> None:
        self.which.offer([("", self._desk.tr("nav.residents")), (CONTACTS, self._desk.tr("residents.contacts"))])
        if self._of_contacts:
            self._show_contacts()
        else:
            self._show_residents()

    def _show_contacts(self) -> None:
        state, words = self._desk.state, self.search.text().lower().split()
        found = known_contacts(state.reader, state.people, state.colleague_names)
        found = [c for c in found if all(word in c.person.search for word in words)]
        self.none.say(self._desk.tr("residents.no_contact_matches" if words else "residents.no_contacts"))
        self._list.setCurrentWidget(self.contacts if found else self.none)
        self.contacts.show_contacts(found)

    def _show_residents(self) -> None:
        state = self._desk.state
        given = set(state.reader.rows("SELECT person, purpose FROM roster_consents WHERE given"))
        words = self.search.text().lower().split()
        people = [p for p in state.people if p.profile.flat and all(w in p.search for w in words)]
        people.sort(key=lambda p: (len(p.profile.flat), p.profile.flat))
        kept = self.table.current()
        self.model.show(
            [
                Resident(p, (p.id, Purpose.FACE_AT_GATE) in given, (p.id, Purpose.HOME_MONITORING) in given)
                for p in people
            ]
        )
        self.none.say(self._desk.tr("residents.none" if words else "residents.empty"))
        self._list.setCurrentWidget(self.table if people else self.none)
        numbers = [i for i, r in enumerate(self.model.rows) if kept and r.person.id == kept.person.id] or [0]
        if people:
            self.table.selectRow(numbers[0])
        self._show(self.table.current() if people else None)

    def looks_in(self) -> QLineEdit | None:
        return self.search if self.stack.currentIndex() == 0 else None

    def heard(self, changes: Changes) -> None:
        if changes.roster and not self._soon.isActive():  # thousands come a hundred at a time
            self._soon.start()

    def _chosen(self, now: QModelIndex) -> None:
        self._show(self.model.rows[now.row()] if now.isValid() else None)

    def _show(self, resident: Resident | None) -> None:
        self.side.show_person(resident.person if resident else None)

    def _written(self, person: str) -> None:
        """Somebody new may not be among those who were looked for."""
        if self._of_contacts and self.contacts.choose(person):
            self.refresh()
            self.contacts.setFocus()
            return
        self.which.choose("")
        if all(r.person.id != person for r in self.model.rows):
            self.search.clear()
        self.refresh()
        numbers = [i for i, r in enumerate(self.model.rows) if r.person.id == person]
        if numbers:
            self.table.selectRow(numbers[0])
        self.table.setFocus()

    # ---- a table of residents ---------------------------------------------------------------------------------------

    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, self.open_file.text(), "", "CSV, XLSX (*.csv *.xlsx)")
        if path:
            self.importing.read(Path(path))

    def _listed(self, then: QWidget) -> None:
        self.stack.setCurrentIndex(0)
        then.setFocus()
