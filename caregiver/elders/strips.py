"""The day strips drawn: a row a day, a tick a sign of life, a triangle an incident; the routine as a band over today's line."""

from datetime import date

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from caregiver.elders.timeline import DAY_BEGINS, DAYS, Mark, Timeline
from caregiver.layout import column
from caregiver.ui import Desk, at_scale
from caregiver.wording import sign, sure, term
from qtkit.widgets import tip

COLOURS = {"checkin": "lantern", "passage": "due", "visit": "away"}


class DayAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """Dates beside the rows, as wide in every language; a label every few rows."""

    def __init__(self) -> None:
        super().__init__("left")
        self.days: tuple[date, ...] = ()
        self.today = ""

    def tickValues(self, *_: float) -> list[tuple[float, list[float]]]:
        return [(1, [float(n) for n in range(0, len(self.days), 3)])]

    def tickStrings(self, values: list[float], *_: float) -> list[str]:
        return [self.today if not v else f"{self.days[int(v)]:%m-%d}" for v in values if 0 <= int(v) < len(self.days)]


class HourAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    hour = "{h}"  # how an hour is written

    def tickValues(self, *_: float) -> list[tuple[float, list[float]]]:
        return [(3, [float(h) for h in range(0, 25, 3)])]

    def tickStrings(self, values: list[float], *_: float) -> list[str]:
        return [self.hour.format(h=f"{(int(v) + DAY_BEGINS) % 24:02}") for v in values]


class Strips(QWidget):
    """`hovered(text)` says what the mark under the pointer was."""

    hovered = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._line: Timeline | None = None
        self._axis = DayAxis()
        self._hours = HourAxis("bottom")
        self.plot = pg.PlotWidget(axisItems={"left": self._axis, "bottom": self._hours})
        self.plot.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)  # takes what height there is
        at_scale(desk.theme, self.plot, QWidget.setMinimumHeight, 280)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # there is nothing to do in it; the facts are listed beside it
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        self.plot.getPlotItem().getViewBox().invertY(True)
        self.plot.setXRange(0, 24, padding=0.01)
        self.plot.setYRange(-1.6, DAYS - 0.4, padding=0)
        self.plot.setFrameShape(self.plot.Shape.NoFrame)
        self.plot.scene().sigMouseMoved.connect(self._hover)
        self.setLayout(column(self.plot))
        desk.theme.changed.connect(self._draw)
        desk.language.changed.connect(lambda _: self._draw())

    def show_line(self, line: Timeline | None) -> None:
        self._line = line
        self._draw()

    def _draw(self) -> None:
        theme, line, plot = self._desk.theme, self._line, self.plot
        plot.clear()
        plot.setBackground(theme.colour("surface"))
        font = theme.font("small")
        self._axis.setWidth(theme.px(56))
        for axis in (self._axis, self._hours):
            axis.setPen(pg.mkPen(theme.colour("line")))
            axis.setTextPen(theme.colour("muted"))
            axis.setTickFont(font)
            axis.setStyle(tickLength=0)
        if line is None:
            return
        self._hours.hour = self._desk.tr("elder.hour", h="{h}")
        self._axis.days, self._axis.today = line.days, self._desk.tr("elder.today")
        self._band(line)
        now = pg.InfiniteLine(
            line.hour_now, angle=90, pen=pg.mkPen(theme.colour("lantern"), width=1, style=Qt.PenStyle.DashLine)
        )
        plot.addItem(now)
        groups: dict[str, list[Mark]] = {}
        for mark in line.signs:
            groups.setdefault(COLOURS.get(mark.kind.partition(".")[0], "well"), []).append(mark)
        for token, marks in groups.items():
            xs = [v for m in marks for v in (m.hour, m.hour)]
            ys = [v for m in marks for v in (m.day - 0.36, m.day + 0.36)]
            plot.addItem(
                pg.PlotCurveItem(xs, ys, connect="pairs", pen=pg.mkPen(theme.colour(token), width=theme.px(2)))
            )
        alarms = line.alarms
        if alarms:
            plot.addItem(
                pg.ScatterPlotItem(
                    [m.hour for m in alarms], [m.day for m in alarms], symbol="t1", size=theme.px(12), pen=None,
                    brush=pg.mkBrush(theme.colour("alarm")),
                )
            )  # fmt: skip
        self.setAccessibleName(self._desk.tr("elder.strips", n=len(line.signs), alarms=len(alarms)))

    def _band(self, line: Timeline) -> None:
        """The routine over today's row: the fuller, the surer something is heard then."""
        colour = QColor(self._desk.theme.hex("well"))
        for slot, share in enumerate(line.routine):
            colour.setAlphaF(min(0.42, 0.42 * share))
            bar = pg.BarGraphItem(
                x0=[slot / 2], x1=[slot / 2 + 0.5], y0=[-1.4], y1=[-0.6], pen=None, brush=pg.mkBrush(colour)
            )
            self.plot.addItem(bar)

    def _hover(self, where: QPointF) -> None:
        mark = self.near(where)
        words = "" if mark is None else self.describe(mark)
        self.hovered.emit(words)
        if words:
            QToolTip.showText(self.plot.mapToGlobal(where.toPoint()), tip(words), self.plot)

    def near(self, where: QPointF) -> Mark | None:
        """The mark within a few pixels of a point of the scene."""
        if self._line is None:
            return None
        point = self.plot.getPlotItem().getViewBox().mapSceneToView(where)
        near = [m for m in self._line.marks if abs(m.day - point.y()) < 0.5 and abs(m.hour - point.x()) < 0.2]
        return min(near, key=lambda m: abs(m.hour - point.x()), default=None)

    def describe(self, mark: Mark) -> str:
        tongue = self._desk.language
        if mark.kind.startswith("incident."):
            what = term(tongue, "kind", mark.kind.partition(".")[2])
        else:
            what = sure(tongue, sign(tongue, mark.kind, self._desk.place(mark.place)), mark.weight)
        return f"{mark.at:%m-%d %H:%M:%S}  {what}"
