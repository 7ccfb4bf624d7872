"""The two plots of a report: incidents by day, and how long alarms waited to be answered."""

from datetime import date
from math import ceil

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from caregiver.layout import column
from caregiver.reports.charts import BUCKETS, SEVERITY_TOKENS, answer_counts, bucket_token
from caregiver.reports.figures import Report
from caregiver.ui import Desk, at_scale

LABELS_PX = 330  # for as many labels beneath the axis as there are at most


class Plot(QWidget):
    """A pyqtgraph plot in the project's colours and type, without its menus and mouse tricks."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.plot = pg.PlotWidget()
        self.plot.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)  # takes what height there is
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # there is nothing to do in it
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        self.plot.setFrameShape(self.plot.Shape.NoFrame)
        self.setLayout(column(self.plot))
        at_scale(desk.theme, self, QWidget.setMinimumHeight, 140)
        at_scale(desk.theme, self, QWidget.setMinimumWidth, LABELS_PX)
        self.style_axes()
        for side in ("left", "bottom"):  # until there is something to count
            self.plot.getAxis(side).setTicks([[]])

    def style_axes(self) -> None:
        theme = self._desk.theme
        self.plot.setBackground(theme.colour("surface"))
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(pg.mkPen(theme.colour("line")))
            axis.setTextPen(theme.colour("muted"))
            axis.setTickFont(theme.font("small"))
            axis.setStyle(tickLength=0)
        self.plot.getAxis("left").setWidth(theme.px(36))

    def whole(self, top: int) -> None:
        """The upright axis in whole numbers, with room for the last."""
        step = max(1, -(-top // 4))
        self.plot.getAxis("left").setTicks([[(n, str(n)) for n in range(0, top + step, step)]])
        self.plot.setYRange(0, (top + step) * 1.05, padding=0)

    def bars(self, xs: list[float], bottoms: list[int], heights: list[int], token: str) -> None:
        brush = pg.mkBrush(self._desk.theme.colour(token))
        self.plot.addItem(pg.BarGraphItem(x=xs, y0=bottoms, height=heights, width=0.7, brush=brush, pen=None))


class DayPlot(Plot):
    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._days = list[date]()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._name_days()

    def _name_days(self) -> None:
        """As many as stand beside one another."""
        each = QFontMetrics(self._desk.theme.font("small")).horizontalAdvance("00-00") + self._desk.theme.px(8)
        room = max(1, (self.plot.width() - self.plot.getAxis("left").width()) // each)
        every = max(1, ceil(len(self._days) / room))
        named = [(n, f"{day:%m-%d}") for n, day in enumerate(self._days) if n % every == 0]
        self.plot.getAxis("bottom").setTicks([named])

    def show_report(self, report: Report) -> None:
        self.style_axes()
        self.plot.clear()
        days = self._days = sorted(report.per_day)
        bottoms = [0] * len(days)
        for severity, token in SEVERITY_TOKENS.items():
            heights = [report.per_day[day].get(severity, 0) for day in days]
            self.bars([float(n) for n in range(len(days))], bottoms, heights, token)
            bottoms = [b + h for b, h in zip(bottoms, heights, strict=True)]
        self._name_days()
        self.whole(max(bottoms, default=0))
        self.setAccessibleName(self._desk.tr("report.plot_days", n=report.incidents, days=len(days)))


class AnswerPlot(Plot):
    def show_report(self, report: Report) -> None:
        self.style_axes()
        self.plot.clear()
        heights = answer_counts(report)
        for number, height in enumerate(heights):
            self.bars([float(number)], [0], [height], bucket_token(BUCKETS[number]))
        self.plot.getAxis("bottom").setTicks([[(n, self._desk.tr("report.up_to", s=s)) for n, s in enumerate(BUCKETS)]])
        self.whole(max(heights, default=0))
        self.setAccessibleName(self._desk.tr("report.plot_answers", n=len(report.answer_s)))
