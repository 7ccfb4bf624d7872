"""The fields of a care plan: a moment of the day, and a window in which somebody should be heard from."""

import re
from dataclasses import replace
from datetime import time, timedelta

from PySide6.QtCore import QTime, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QSpinBox, QTimeEdit, QWidget

from caregiver.layout import column
from caregiver.ui import Choice, Desk, at_scale
from caregiver.wording import term
from domain.careplan import Days, Window
from domain.signals import Sign
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.widgets import roomy, text

MINUTE = timedelta(minutes=1)
HALF_HOUR, LONGEST, MOST_GRACE = 30, 48 * 60, 12 * 60  # minutes; a plan may say more, and keeps it
MOST_REMIND = 4 * 60  # minutes
SEEN = frozenset({Sign.GATE, Sign.VISIT, Sign.CALL})  # by somebody, or by the gate
COUNTS: dict[str, frozenset[Sign] | None] = {
    "plan": None,
    "answers": SEEN | {Sign.BUTTON, Sign.LINK, Sign.PRESS, Sign.SOS},
    "seen": SEEN,
}
OWN = "own"  # what no line of the choice says


class TimeField(QTimeEdit):
    def __init__(self, desk: Desk, name: str, at: time) -> None:
        super().__init__(QTime(at.hour, at.minute))
        self.setDisplayFormat("HH:mm")
        self.setAccessibleName(name)
        at_scale(desk.theme, self, QWidget.setMinimumWidth, 96)
        roomy(desk.theme, self)

    @property
    def at(self) -> time:
        return time(self.time().hour(), self.time().minute())


class SpanField(QSpinBox):
    """A length in hours and minutes, by half hours with the arrows, to the minute where one types it ("4:15", "4.5", "90 min").

    What was put in comes out again as it was, unless somebody changed it.
    """

    def __init__(self, desk: Desk, least: int = HALF_HOUR) -> None:
        super().__init__()
        self._desk, self._least = desk, least
        self._given = timedelta(0)
        self.setSingleStep(HALF_HOUR)
        at_scale(desk.theme, self, QWidget.setMinimumWidth, 152)
        roomy(desk.theme, self)
        desk.language.changed.connect(lambda _: self.setValue(self.value()))

    def show_length(self, length: timedelta) -> None:
        self._given = length
        minutes = round(length / MINUTE)
        self.setRange(min(self._least, minutes), max(LONGEST, minutes))
        self.setValue(minutes)

    @property
    def length(self) -> timedelta:
        return self._given if self.value() == round(self._given / MINUTE) else self.value() * MINUTE

    def textFromValue(self, minutes: int) -> str:
        hours, rest = divmod(minutes, 60)
        parts = [f"{hours}{self._desk.tr('plan.hours')}"] if hours else []
        return " ".join([*parts, f"{rest}{self._desk.tr('plan.minutes')}"] if rest or not hours else parts)

    def valueFromText(self, words: str) -> int:
        return self._read(words) or self.value()

    def validate(self, words: str, place: int) -> tuple[QValidator.State, str, int]:
        read = self._read(words)
        good = read is not None and self.minimum() <= read <= self.maximum()
        return QValidator.State.Acceptable if good else QValidator.State.Intermediate, words, place

    def _read(self, words: str) -> int | None:
        """Minutes; None where there is no length in it, or more than one."""
        numbers = [float(found) for found in re.findall(r"\d+(?:\.\d+)?", words.replace(",", "."))]
        if len(numbers) == 2:
            return round(60 * numbers[0] + numbers[1])
        if len(numbers) != 1:
            return None
        alone_minutes = self._desk.tr("plan.minutes").strip() in words
        return round(numbers[0] * (1 if alone_minutes else 60))


class WindowRow(QWidget):
    """One window of the plan: days, from, to, grace; under it when the elder is reminded, and what counts in it."""

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
        self._grace = round(window.grace / MINUTE)
        self.grace.setRange(0, max(MOST_GRACE, self._grace))
        at_scale(desk.theme, self.grace, QWidget.setMinimumWidth, 136)
        roomy(desk.theme, self.grace)
        self.grace.setSingleStep(10)
        self.grace.setValue(self._grace)
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
        self._beneath(desk, window)
        first = Flow(self.days, self.start, text("–", wrap=False), self.end, self.grace, self.drop)
        self.setLayout(column(first, Flow(self.remind, self.counts)))

    def _beneath(self, desk: Desk, window: Window) -> None:
        self._remind = round(window.remind_before / MINUTE)
        self.remind = QSpinBox()
        self.remind.setRange(0, max(MOST_REMIND, self._remind))
        self.remind.setSingleStep(10)
        self.remind.setValue(self._remind)
        self.remind.setSpecialValueText(desk.tr("plan.no_reminder"))
        self.remind.setPrefix(desk.tr("plan.remind_before"))
        self.remind.setSuffix(desk.tr("plan.remind_after"))
        self.remind.setAccessibleName(desk.tr("plan.remind"))
        at_scale(desk.theme, self.remind, QWidget.setMinimumWidth, 224)
        roomy(desk.theme, self.remind)
        self.remind.valueChanged.connect(self.changed)
        self._own = window.counted
        named = next((name for name, counted in COUNTS.items() if counted == window.counted), OWN)
        names = [*COUNTS, *([OWN] if named == OWN else [])]
        self.counts = Choice(desk.tr("plan.counts_here"))
        self.counts.offer([(name, term(desk.language, "counts", name)) for name in names])
        self.counts.choose(named)
        self.counts.currentIndexChanged.connect(self.changed)

    def follow(self, before: QWidget) -> QWidget:
        """Let Tab come here from `before`; the field it leaves from."""
        for field in (self.days, self.start, self.end, self.grace, self.drop, self.remind, self.counts):
            self.setTabOrder(before, field)
            before = field
        return before

    def read(self) -> Window:
        return replace(
            self._window,
            days=Days(self.days.value),
            start=self.start.at,
            end=self.end.at,
            grace=self._window.grace if self.grace.value() == self._grace else self.grace.value() * MINUTE,
            remind_before=self._window.remind_before
            if self.remind.value() == self._remind
            else self.remind.value() * MINUTE,
            counted=self._own if self.counts.value == OWN else COUNTS[self.counts.value],
        )
