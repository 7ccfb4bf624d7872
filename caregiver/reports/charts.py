"""The report's two plots drawn for paper: black axes, the light mode's colours, no widget."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from caregiver.reports.figures import Report
from caregiver.wording import Tongue, term
from qtkit.theme import tokens

SEVERITY_TOKENS = {1: "alarm", 2: "overdue", 3: "due", 4: "away"}
BUCKETS = (15, 30, 45, 60, 90, 120, 180, 600)  # seconds
LABELS = 8  # at most so many beneath the axis


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, and the heights of its pieces from below with the colour token of each."""

    label: str
    pieces: tuple[tuple[int, str], ...]

    @property
    def height(self) -> int:
        return sum(n for n, _ in self.pieces)


def answer_counts(report: Report) -> list[int]:
    """How many alarms were answered within each of `BUCKETS`, and not within the one before."""
    return [sum(low < wait <= high for wait in report.answer_s) for low, high in pairwise([0, *BUCKETS])]


def bucket_token(seconds: int) -> str:
    return "well" if seconds <= 60 else "overdue" if seconds <= 180 else "alarm"


def days(painter: QPainter, area: QRectF, report: Report, title: str, tongue: Tongue) -> None:
    bars = [
        Bar(f"{day:%m-%d}", tuple((report.per_day[day].get(s, 0), token) for s, token in SEVERITY_TOKENS.items()))
        for day in sorted(report.per_day)
    ]
    legend = [  # "Priority 1"; what that means stands over the columns of the days
        (term(tongue, "severity", str(severity)).partition(" · ")[0], token)
        for severity, token in SEVERITY_TOKENS.items()
    ]
    _draw(painter, area, bars, title, legend)


def answers(painter: QPainter, area: QRectF, report: Report, title: str, tongue: Tongue) -> None:
    bars = [
        Bar(tongue.tr("caregiver.report.up_to", s=seconds), ((count, bucket_token(seconds)),))
        for seconds, count in zip(BUCKETS, answer_counts(report), strict=True)
    ]
    _draw(painter, area, bars, title, [])


def _draw(painter: QPainter, area: QRectF, bars: Sequence[Bar], title: str, legend: Sequence[tuple[str, str]]) -> None:
    metrics = QFontMetricsF(painter.font(), painter.device())
    line = metrics.height()
    thin = QPen(Qt.GlobalColor.black, line / 24)
    painter.setPen(thin)
    painter.drawText(QRectF(area.x(), area.y(), area.width(), line), int(Qt.AlignmentFlag.AlignLeft), title)
    x = area.right()
    for words, token in reversed(legend):
        x -= metrics.horizontalAdvance(words) + line * 0.5
        painter.drawText(QRectF(x, area.y(), area.right() - x, line), int(Qt.AlignmentFlag.AlignLeft), words)
        x -= line
        painter.fillRect(QRectF(x, area.y() + line * 0.2, line * 0.7, line * 0.7), _colour(token))
    left = area.x() + metrics.horizontalAdvance("0000")
    plot = QRectF(left, area.y() + line * 2, area.right() - left, area.height() - line * 4)
    top = max((bar.height for bar in bars), default=0)
    step = max(1, -(-top // 4))
    ceiling = max(step, -(-top // step) * step)
    for n in range(0, ceiling + 1, step):
        y = plot.bottom() - plot.height() * n / ceiling
        painter.setPen(QPen(_colour("line"), line / 24))
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        painter.setPen(thin)
        box = QRectF(area.x(), y - line / 2, left - area.x() - line * 0.4, line)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), str(n))
    slot = plot.width() / max(1, len(bars))
    every = max(1, -(-len(bars) // LABELS))
    for number, bar in enumerate(bars):
        y = plot.bottom()
        for height, token in bar.pieces:
            tall = plot.height() * height / ceiling
            painter.fillRect(QRectF(plot.x() + slot * (number + 0.15), y - tall, slot * 0.7, tall), _colour(token))
            y -= tall
        if number % every == 0:
            box = QRectF(plot.x() + slot * number, plot.bottom() + line * 0.3, slot * every, line)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft), bar.label)
    painter.setPen(thin)
    painter.drawLine(plot.bottomLeft(), plot.bottomRight())


def _colour(token: str) -> QColor:
    return QColor(tokens().light[token])
