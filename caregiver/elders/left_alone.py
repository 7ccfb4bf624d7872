"""When an elder is left alone, as fields of the care plan: in quiet hours, until they should be back, while they are away."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from PySide6.QtCore import QDateTime, QTime, Signal
from PySide6.QtWidgets import QCheckBox, QDateTimeEdit

from caregiver.elders.plan_fields import SpanField, TimeField
from caregiver.ui import Desk, Words
from domain.careplan import Away, CarePlan, QuietHours
from qtkit.flow import Flow
from qtkit.widgets import Card, text


class LeftAlone(Card):
    """`fill` shows a plan; `read` says what the fields make of it now."""

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.theme)
        self._desk = desk
        self._stay: Away | None = None  # the absence in the fields, as it was agreed
        self._others: tuple[Away, ...] = ()  # those that were, and those that are planned besides
        self._span: tuple[datetime, datetime] | None = None  # as the fields had it at first
        self._build()
        self._name()

    def _build(self) -> None:
        desk = self._desk
        self.heading, self.return_label = text("", strong=True), text("", wrap=False)
        self.quiet, self.away = QCheckBox(), QCheckBox()
        self.quiet_from, self.quiet_to = TimeField(desk, "", time(22)), TimeField(desk, "", time(6))
        self.home_by = SpanField(desk)
        self.away_from, self.away_to = QDateTimeEdit(), QDateTimeEdit()
        for edit in (self.away_from, self.away_to):
            edit.setDisplayFormat("MM-dd HH:mm")
            edit.setCalendarPopup(True)
        self.body.addWidget(self.heading)
        self.body.addLayout(Flow(self.quiet, self.quiet_from, text("–", wrap=False), self.quiet_to))
        self.body.addLayout(Flow(self.return_label, self.home_by))
        self.body.addLayout(Flow(self.away, self.away_from, text("–", wrap=False), self.away_to))
        for signal in (
            self.quiet.toggled, self.quiet_from.timeChanged, self.quiet_to.timeChanged, self.home_by.valueChanged,
            self.away.toggled, self.away_from.dateTimeChanged, self.away_to.dateTimeChanged,
        ):  # fmt: skip
            signal.connect(self.changed)

    def _name(self) -> None:
        put = Words(self._desk, self).put
        put(self.heading.setText, "plan.left_alone")
        put(self.quiet.setText, "plan.quiet_label")
        put(self.return_label.setText, "plan.return_label")
        put(self.home_by.setAccessibleName, "plan.return_label")
        put(self.away.setText, "plan.away_label")
        for begin, end in ((self.quiet_from, self.quiet_to), (self.away_from, self.away_to)):
            put(begin.setAccessibleName, "plan.from")
            put(end.setAccessibleName, "plan.to")

    def fill(self, plan: CarePlan) -> None:
        self.quiet.setChecked(plan.quiet is not None)
        if plan.quiet is not None:
            self.quiet_from.setTime(QTime(plan.quiet.start.hour, plan.quiet.start.minute))
            self.quiet_to.setTime(QTime(plan.quiet.end.hour, plan.quiet.end.minute))
        self.home_by.show_length(plan.return_watch)
        state = self._desk.state
        now = state.now()
        stay = self._stay = next((a for a in plan.away if a.end is None or a.end > now), None)
        self._others = tuple(a for a in plan.away if a != stay)
        self.away.setChecked(stay is not None)
        begin = state.local(stay.start) if stay else now
        end = state.local(stay.end) if stay and stay.end else now + timedelta(days=1)
        self.away_from.setDateTime(QDateTime(begin.year, begin.month, begin.day, begin.hour, begin.minute, 0))
        self.away_to.setDateTime(QDateTime(end.year, end.month, end.day, end.hour, end.minute, 0))
        self._span = (self._moment(self.away_from), self._moment(self.away_to))

    def read(self, plan: CarePlan) -> CarePlan:
        quiet = QuietHours(self.quiet_from.at, self.quiet_to.at) if self.quiet.isChecked() else None
        return replace(plan, quiet=quiet, away=self._others + self._absence(), return_watch=self.home_by.length)

    def _absence(self) -> tuple[Away, ...]:
        """What the fields say of it. Where nobody touched them it is as it was agreed, without an end maybe."""
        if not self.away.isChecked():
            return ()
        span = (self._moment(self.away_from), self._moment(self.away_to))
        return (self._stay if self._stay is not None and span == self._span else Away(*span),)

    def _moment(self, edit: QDateTimeEdit) -> datetime:
        found = edit.dateTime().toPython()
        assert isinstance(found, datetime)
        return found.replace(tzinfo=self._desk.state.now().tzinfo).astimezone(UTC)
