"""The fields of a care plan: a moment of the day, and a window in which somebody should be heard from."""

from dataclasses import replace
from datetime import time, timedelta

from PySide6.QtCore import QTime, Signal
from PySide6.QtWidgets import QSpinBox, QTimeEdit, QWidget

from caregiver.ui import Choice, Desk, row
from caregiver.wording import term
from domain.careplan import Days, Window
from qtkit.widgets import Button, roomy, text

MINUTE = timedelta(minutes=1)


class TimeField(QTimeEdit):
    def __init__(self, desk: Desk, name: str, at: time) -> None:
        super().__init__(QTime(at.hour, at.minute))
        self.setDisplayFormat("HH:mm")
        self.setAccessibleName(name)
        self.setMinimumWidth(desk.theme.px(96))
        roomy(desk.theme, self)

    @property
    def at(self) -> time:
        return time(self.time().hour(), self.time().minute())


class WindowRow(QWidget):
    """One window of the plan: days, from, to, grace."""

    changed = Signal()
    gone = Signal()

    def __init__(self, desk: Desk, window: Window) -> None:
        super().__init__()
        self._window = window
        self.days = Choice(desk.tr("plan.days"))
        self.days.offer([(d.value, term(desk.language, "days", d)) for d in Days])
        self.days.choose(window.days.value)
        self.start, self.end = (
            TimeField(desk, desk.tr("plan.from"), window.start),
            TimeField(desk, desk.tr("plan.to"), window.end),
        )
        self.grace = QSpinBox()
        self.grace.setRange(0, 720)
        self.grace.setMinimumWidth(desk.theme.px(136))
        roomy(desk.theme, self.grace)
        self.grace.setSingleStep(10)
        self.grace.setValue(round(window.grace / MINUTE))
        self.grace.setPrefix(desk.tr("plan.grace_before"))
        self.grace.setSuffix(desk.tr("plan.minutes"))
        self.grace.setAccessibleName(desk.tr("plan.grace"))
        self.drop = Button(desk.theme, icon_name="close", role="quiet")
        self.drop.setAccessibleName(desk.tr("plan.drop"))
        self.drop.setToolTip(desk.tr("plan.drop"))
        self.drop.clicked.connect(self.gone)
        self.days.currentIndexChanged.connect(self.changed)
        self.start.timeChanged.connect(self.changed)
        self.end.timeChanged.connect(self.changed)
        self.grace.valueChanged.connect(self.changed)
        self.setLayout(row(self.days, self.start, text("–", wrap=False), self.end, self.grace, self.drop, 1))

    def follow(self, before: QWidget) -> QWidget:
        """Let Tab come here from `before`; the field it leaves from."""
        for field in (self.days, self.start, self.end, self.grace, self.drop):
            self.setTabOrder(before, field)
            before = field
        return before

    def read(self) -> Window:
        return replace(
            self._window,
            days=Days(self.days.value),
            start=self.start.at,
            end=self.end.at,
            grace=self.grace.value() * MINUTE,
        )
