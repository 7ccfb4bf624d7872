"""The audit on the screen: looked for by what was done, by whom, about whom and when."""

from datetime import timedelta

from PySide6.QtWidgets import QWidget

from caregiver.admin.audit import FAMILIES, PAGE, Entry, Wanted, doers, search
from caregiver.layout import column
from caregiver.memory.reading import Reader, reading
from caregiver.parts.day_field import DayField
from caregiver.parts.period import Period, between, last_days
from caregiver.parts.person_choice import PersonChoice
from caregiver.parts.rest_of_line import rest_of_line
from caregiver.parts.tables import Column, Table, TableModel
from caregiver.ui import Choice, Desk, Words
from caregiver.wording import begin, exact, stamp, term
from qtkit.flow import Flow
from qtkit.widgets import EmptyState

PERIODS = {"all": 0, "day": 1, "week": 7, "month": 31, "custom": 0}  # days that end today, where it is so many


class AuditTab(QWidget):
    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk, self._words = desk, Words(desk, self)
        self._asked = 0  # the newest question; answers to older ones are dropped
        self._busy, self._ended = False, False
        self._doers: set[str] = set()
        today = desk.state.now().date()
        self.search, self.by, self.family, self.period = PersonChoice(desk), Choice(), Choice(), Choice()
        self.first, self.last = DayField(today - timedelta(days=7)), DayField(today)
        self.model = TableModel(desk, self._columns())
        self.table = Table(desk, self.model, "audit")
        self.none = EmptyState(desk.theme, "list", "")
        tools = Flow(self.search, self.by, self.family, self.period, self.first, self.last)
        whole = column(
            tools, self.none, self.table, rest_of_line(desk, self.table, self.model), margins=desk.theme.px(8)
        )
        whole.setStretch(1, 1)
        whole.setStretch(2, 1)
        self.setLayout(whole)
        put = self._words.put
        put(self.search.setPlaceholderText, "admin.audit_search")
        put(self.search.setAccessibleName, "admin.audit_search")
        put(self.by.setAccessibleName, "column.done_by")
        put(self.family.setAccessibleName, "column.kind")
        put(self.period.setAccessibleName, "incidents.period")
        put(self.first.setAccessibleName, "report.first")
        put(self.last.setAccessibleName, "report.last")
        put(self.table.setAccessibleName, "admin.audit")
        self.search.chosen.connect(lambda _: self.look())
        for choice in (self.by, self.family, self.period):
            choice.currentIndexChanged.connect(self.look)
        for field in (self.first, self.last):
            field.dateChanged.connect(self.look)
        self.table.verticalScrollBar().valueChanged.connect(self._more)
        desk.language.changed.connect(self._name)
        self._name()

    def refresh(self) -> None:
        """Whoever has done something since can be chosen too."""
        self._desk.background.read_anew(reading(self._desk.state.journal.file, doers), self._know, self)
        self.look()

    def look(self) -> None:
        """For what is chosen now, from the newest on."""
        custom = self.period.value == "custom"
        self.first.setVisible(custom)
        self.last.setVisible(custom)
        self._ask(None)

    def wanted(self) -> Wanted:
        days, today = PERIODS.get(self.period.value, 0), self._desk.state.now().date()
        period: Period | None = last_days(today, days) if days else None
        if self.period.value == "custom":
            period = between(self.first.day, self.last.day)
        since, until = period.bounds(self._desk.state.zone) if period is not None else (0, 0)
        return Wanted(self.family.value, self.search.value, self.by.value, since, until)

    def _know(self, found: set[str]) -> None:
        self._doers = found
        self._offer_doers()

    def _offer_doers(self) -> None:
        """Those who work here, and whoever is no resident: what somebody did for themselves is about them too."""
        state = self._desk.state
        known = {id for id in self._doers if id in state.colleague_names or state.people.find(id) is None}
        named = sorted((self._who(id), id) for id in known)
        self.by.offer([("", self._desk.tr("admin.by_anybody")), *((id, name) for name, id in named)])

    def _name(self) -> None:
        desk, tongue = self._desk, self._desk.language
        self.family.offer([("", desk.tr("admin.all_facts")), *((f, term(tongue, "family", f)) for f in FAMILIES)])
        self.period.offer([(p, desk.tr(f"admin.period_{p}")) for p in PERIODS])
        self.none.say(desk.tr("admin.audit_none"))
        self._offer_doers()
        self.look()

    def _who(self, id: str) -> str:
        state, machine = self._desk.state, term(self._desk.language, "who", id)
        return begin(machine) if machine != id else state.name_of(id)

    def _columns(self) -> list[Column]:
        desk, tongue = self._desk, self._desk.language

        def about(e: Entry) -> str:
            """A person, the passage that somebody looked at, or the community whose setting it is."""
            if e.subject:
                return self._who(e.subject)
            if e.passage is not None:
                gate, at = e.passage
                return f"{begin(desk.place(gate))} {stamp(desk.state.local(at))}"
            return desk.state.session.community

        return [
            Column("since", lambda e: exact(desk.state.local(e.at)), 168),
            Column("done_by", lambda e: self._who(e.by), 112),
            Column("what", lambda e: term(tongue, "step", e.kind.replace(".", "_")), 176),
            Column("about", about, 128),
            Column("device", lambda e: e.device, 128, spare=True),
        ]

    def _ask(self, before: tuple[int, int] | None) -> None:
        self._asked += 1
        number, wanted, self._busy = self._asked, self.wanted(), True

        def found(reader: Reader) -> list[Entry]:
            return search(reader, wanted, before)

        work = reading(self._desk.state.journal.file, found)
        self._desk.background.run(work, lambda rows: self._got(number, before, rows), self._failed, self)

    def _failed(self, error: Exception) -> None:
        self._busy = False
        raise error

    def _got(self, number: int, before: tuple[int, int] | None, rows: list[Entry]) -> None:
        if number == self._asked:
            self._busy, self._ended = False, len(rows) < PAGE
            self.model.show(rows) if before is None else self.model.extend(rows)
            self.none.setHidden(bool(self.model.rows))
            self.table.setVisible(bool(self.model.rows))

    def _more(self) -> None:
        bar = self.table.verticalScrollBar()
        if not self._busy and not self._ended and self.model.rows and bar.value() > bar.maximum() - 400:
            last: Entry = self.model.rows[-1]
            self._ask((last.at, last.row))
