"""Incidents: what is open and what was, and one of them with everything that can be done about it."""

from datetime import timedelta
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from caregiver.incidents.desk import IncidentDesk
from caregiver.incidents.detail import IncidentDetail
from caregiver.incidents.history import HistoryFilter
from caregiver.incidents.subject import name_of
from caregiver.incidents.work import is_of_equipment
from caregiver.layout import Split, column
from caregiver.memory.changes import Changes
from caregiver.parts.tables import Column, Table, TableModel
from caregiver.ui import Choice, Desk, Words
from caregiver.wording import exact, stamp, term
from domain.events import to_ms
from domain.incident_kinds import UNANSWERED, Kind, State
from qtkit.flow import Flow
from qtkit.widgets import EmptyState

PAGE = 100
EVER = 36_500
PERIODS = {"open": None, "review": EVER, "week": 7, "month": 31, "all": EVER}  # days; review: whenever it was closed


def token_of(row: dict[str, Any]) -> str:
    """The theme token of an incident in a list: unanswered alarms are alarms, worked ones run, closed ones rest
    once somebody else has looked."""
    if not row["open"]:
        return "due" if row["state"] == State.CLOSED_REVIEW_DUE else "well"
    if row["severity"] > 2:
        return "due"
    return "alarm" if row["state"] in UNANSWERED else "overdue"


class IncidentsPage(QWidget):
    """`elder_chosen(person)` when the elder's page is asked for."""

    elder_chosen = Signal(str)

    def __init__(self, desk: Desk, incidents: IncidentDesk) -> None:
        super().__init__()
        self._desk, self._incidents, self._words = desk, incidents, Words(desk, self)
        self._ended = True
        self.model = TableModel(desk, self._columns())
        self.table = Table(desk, self.model, "incidents")
        self.period, self.kind = Choice(), Choice()
        self.detail = IncidentDetail(desk, incidents, self)
        self.detail.elder_chosen.connect(self.elder_chosen)
        # to the list, and not to the next step: a second press of Enter must not say that somebody is there already
        self.detail.moved_on.connect(lambda: self.table.setFocus(Qt.FocusReason.OtherFocusReason))
        self.calm = EmptyState(desk.theme, "well", "")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.calm)
        left = QWidget()
        left.setLayout(column(Flow(self.period, self.kind), self._stack))
        self.split = Split(desk, "incidents", left, self.detail, (640, 500))
        self.split.setStretchFactor(0, 5)
        self.split.setStretchFactor(1, 4)
        self.setLayout(column(self.split))
        self.begins: QWidget = self.table
        self._words.put(self.period.setAccessibleName, "incidents.period")
        self._words.put(self.kind.setAccessibleName, "column.kind")
        self._words.put(self.table.setAccessibleName, "nav.incidents")
        self.period.currentIndexChanged.connect(self.refresh)
        self.kind.currentIndexChanged.connect(self.refresh)
        self.table.selectionModel().currentRowChanged.connect(self._chosen)
        self.table.verticalScrollBar().valueChanged.connect(self._more)
        desk.language.changed.connect(self.retranslate)
        self.retranslate()

    def _columns(self) -> list[Column]:
        desk, tongue = self._desk, self._desk.language

        def who(r: dict[str, Any]) -> str:
            return name_of(desk, desk.state.people.find(r["elder"]), is_of_equipment(r["kind"], r["elder"]), r["place"])

        def flat(r: dict[str, Any]) -> str:
            person = desk.state.people.find(r["elder"])
            return person.profile.flat if person else ""

        def state(r: dict[str, Any]) -> str:
            words = term(tongue, "incident_state", r["state"])
            if r.get("asks_time"):
                words = desk.tr("incidents.time_mark")
            return desk.tr("incidents.pending_mark", state=words) if r.get("pending") else words

        return [
            Column("state", state, 148, token_of, symbol=True),
            Column("kind", lambda r: self._kind(r), 124),
            Column("name", who, 80),
            Column("flat", flat, 84, spare=True),
            Column(
                "since", lambda r: stamp(desk.state.local(r["opened"])), 108,
                exact=lambda r: exact(desk.state.local(r["opened"])),
            ),
            Column("leader", lambda r: self._name(r["leader"]), 64, spare=True),
        ]  # fmt: skip

    def _kind(self, r: dict[str, Any]) -> str:
        words = term(self._desk.language, "kind", r["kind"])
        return self._desk.tr("incidents.drill_mark", kind=words) if r["exercise"] else words

    def _name(self, id: str | None) -> str:
        return self._desk.state.name_of(id or "")

    def retranslate(self) -> None:
        tongue = self._desk.language
        self.period.offer([(p, self._desk.tr(f"incidents.{p}")) for p in PERIODS])
        self.kind.offer(
            [("", self._desk.tr("incidents.all_kinds")), *((k.value, term(tongue, "kind", k)) for k in Kind)]
        )
        self.refresh()

    def _filter(self) -> HistoryFilter:
        days = PERIODS.get(self.period.value)
        since = 0 if days is None else max(0, to_ms(self._desk.state.now() - timedelta(days=days)))
        state = State.CLOSED_REVIEW_DUE if self.period.value == "review" else ""
        return HistoryFilter(kind=self.kind.value, state=state, since=since, open_only=days is None)

    def heard(self, changes: Changes) -> None:
        if changes.incidents:
            self.refresh()

    def refresh(self) -> None:
        chosen = self.table.current()
        waiting = self._incidents.undelivered()
        rows = self._incidents.history(self._filter(), limit=max(PAGE, len(self.model.rows)))
        for r in rows:
            r["pending"] = r["incident"] in waiting
            r["asks_time"] = self._incidents.waits_for_time(r["incident"])
        if self.period.value == "open":
            rows.sort(key=lambda r: (r["state"] not in UNANSWERED, r["severity"], r["opened"]))
        self._ended = len(rows) < PAGE
        self.model.show(rows)
        everything = self.period.value == "open" and not self.kind.value
        self.calm.say(self._desk.tr("incidents.calm" if everything else "incidents.none"))
        self._stack.setCurrentWidget(self.table if rows else self.calm)
        kept = chosen["incident"] if chosen else self.detail.incident_id
        before = self.detail.incident_id
        self.select(kept, shown=False)
        if self.detail.incident_id == before:  # else it was just read
            self.detail.refresh()

    def _more(self) -> None:
        bar = self.table.verticalScrollBar()
        if self._ended or self.period.value == "open" or bar.value() < bar.maximum() - 400 or not self.model.rows:
            return
        last = self.model.rows[-1]
        rows = self._incidents.history(self._filter(), (last["opened"], last["incident"]), PAGE)
        self._ended = len(rows) < PAGE
        self.model.extend(rows)

    def select(self, incident: str | None, shown: bool = True) -> None:
        """Choose an incident in the list (the first where `incident` is not in it) and show it beside."""
        numbers = [i for i, r in enumerate(self.model.rows) if r["incident"] == incident]
        if numbers or (self.model.rows and not shown and incident is None):
            number = numbers[0] if numbers else 0
            self.table.selectRow(number)
            self.table.scrollTo(self.model.index(number, 0))
        elif shown:
            self.detail.show_incident(incident)

    def _chosen(self, now: QModelIndex) -> None:
        if now.isValid() and (incident := self.model.rows[now.row()]["incident"]) != self.detail.incident_id:
            self.detail.show_incident(incident)
