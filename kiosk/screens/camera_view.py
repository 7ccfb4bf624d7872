"""The camera's picture: mirrored, newest frame only, painted by one widget at 30 frames a second."""

import time
from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QHideEvent,
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.camera.port import Frame
from kiosk.faces.messages import ChallengeAsked, Sighting, Turn
from qtkit.icons import paint_icon
from qtkit.theme import Theme

PERIOD_MS = 33
GLIDE_S = 0.25
PLACES = {Turn.LEFT: 0.18, Turn.CENTRE: 0.5, Turn.RIGHT: 0.82}  # fractions of the width


class Guide(Enum):
    """What lies over the picture."""

    OVAL = auto()  # stand here; the ring fills
    SQUARE = auto()  # hold the code here
    BOXES = auto()  # every face that was found: maintenance
    NONE = auto()


Zone = tuple[float, float, float, float]  # left, top, right, bottom in fractions of the frame
WHOLE: Zone = (0.0, 0.0, 1.0, 1.0)


class CameraView(QWidget):
    """Shows what `source` holds whenever it is visible; without a frame, a quiet ground.

    `gaps_ms` are the times between the last paints, for the bench.
    """

    def __init__(
        self, theme: Theme, source: Callable[[], Frame | None], guide: Guide = Guide.OVAL, zone: Zone = WHOLE
    ) -> None:
        """`zone`: where a face is decided, drawn with the boxes."""
        super().__init__()
        self._theme, self._source, self.guide, self._zone = theme, source, guide, zone
        self._ring = 0.0
        self._sighting: Sighting | None = None
        self._challenge: ChallengeAsked | None = None
        self._pose: Turn | None = None
        self._veil: QPixmap | None = None
        self._painted: deque[float] = deque(maxlen=900)
        self.monotonic = time.monotonic
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._beat = QTimer(self, interval=PERIOD_MS)
        self._beat.setTimerType(Qt.TimerType.PreciseTimer)
        self._beat.timeout.connect(self.update)
        theme.changed.connect(self._drop_veil)

    @property
    def gaps_ms(self) -> list[float]:
        times = list(self._painted)
        return [1000 * (b - a) for a, b in pairwise(times)]

    def show_evidence(self, ring: float, sighting: Sighting | None) -> None:
        self._ring, self._sighting = ring, sighting

    def show_challenge(self, challenge: ChallengeAsked | None) -> None:
        self._challenge = challenge

    def show_pose(self, pose: Turn | None) -> None:
        """A lantern that stands still, to look at."""
        self._pose = pose

    def paintEvent(self, _: QPaintEvent) -> None:
        self._painted.append(time.monotonic())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = self._theme.px(24)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), radius, radius)
        painter.setClipPath(shape)
        frame = self._source()
        if frame is None:
            painter.fillRect(self.rect(), self._theme.colour("sunken"))
            side = min(self.width(), self.height()) / 4
            box = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
            paint_icon(painter, "camera", self._theme.colour("muted"), box)
        else:
            self._paint_frame(painter, frame)
        self._paint_guide(painter)

    def _paint_frame(self, painter: QPainter, frame: Frame) -> None:
        """Mirrored; the numpy array is shown as it is, without a copy."""
        height, width = frame.image.shape[:2]
        image = QImage(frame.image.data, width, height, frame.image.strides[0], QImage.Format.Format_BGR888)
        painter.save()
        painter.translate(self.width(), 0)
        painter.scale(-1, 1)
        if self.guide is Guide.BOXES:
            painter.fillRect(self.rect(), self._theme.colour("sunken"))
        painter.drawImage(QRectF(self.rect()), image, self._crop(width, height))
        painter.restore()

    def _crop(self, width: int, height: int) -> QRectF:
        """The part of a frame that fills the widget, centred; of one that is looked over by the staff all of it, with bars."""
        across, down = self.width() / width, self.height() / height
        scale = min(across, down) if self.guide is Guide.BOXES else max(across, down)
        w, h = self.width() / scale, self.height() / scale
        return QRectF((width - w) / 2, (height - h) / 2, w, h)

    # ------------------------------------------------------------ guides

    def _paint_guide(self, painter: QPainter) -> None:
        match self.guide:
            case Guide.OVAL:
                painter.drawPixmap(0, 0, self._soft_veil())
                self._paint_ring(painter)
                if self._challenge is not None:
                    self._paint_lantern(painter, self.lantern_place(self._challenge))
                elif self._pose is not None:
                    self._paint_lantern(painter, PLACES[self._pose])
            case Guide.SQUARE:
                side = min(self.width(), self.height()) * 0.62
                box = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
                self._paint_corners(painter, box)
            case Guide.BOXES:
                self._paint_boxes(painter)
            case Guide.NONE:
                pass

    def oval(self) -> QRectF:
        """The zone to stand in: a face's proportions, 72 % of the height or 66 % of the width."""
        height = min(self.height() * 0.76, self.width() * 0.66 * 1.3)
        width = height / 1.3
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)

    def _soft_veil(self) -> QPixmap:
        if self._veil is None or self._veil.size() != self.size():
            self._veil = QPixmap(self.size())
            self._veil.fill(Qt.GlobalColor.transparent)
            painter = QPainter(self._veil)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            steps = 14
            for step in range(steps):  # a soft edge: many thin veils, each with a slightly larger window
                grow = self._theme.px(3) * (step - 2)
                outside = QPainterPath()
                outside.addRect(QRectF(self.rect()))
                window = QPainterPath()
                window.addEllipse(self.oval().adjusted(-grow, -grow, grow, grow))
                painter.fillPath(outside.subtracted(window), self._theme.colour("paper", 0.6 / steps * 1.5))
            painter.end()
        return self._veil

    def _paint_ring(self, painter: QPainter) -> None:
        wide = self._theme.px(12)
        box = self.oval().adjusted(-wide, -wide, wide, wide)
        painter.setPen(QPen(self._theme.colour("surface", 0.85), wide))
        painter.drawEllipse(box)
        pen = QPen(self._theme.colour("lantern"), wide)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        if self._ring > 0:
            painter.drawArc(box, 90 * 16, -round(min(1.0, self._ring) * 360 * 16))

    def _paint_lantern(self, painter: QPainter, place: float) -> None:
        """The lantern to look at, at a fraction of the width."""
        side = min(self.width(), self.height()) * 0.24
        x = self.width() * place
        centre = QPointF(x, self.height() / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("lantern"))
        painter.drawEllipse(centre, side * 0.62, side * 0.62)
        box = QRectF(centre.x() - side / 2, centre.y() - side / 2, side, side)
        paint_icon(painter, "lantern", self._theme.colour("on_lantern"), box)

    def lantern_place(self, asked: ChallengeAsked) -> float:
        """Where it is follows from the clock alone: it glides from place to place, from the middle and back to it."""
        since = self.monotonic() - asked.started
        step = int(since // asked.step_s)
        if since < 0 or step >= len(asked.turns):
            return 0.5
        before = 0.5 if step == 0 else PLACES[asked.turns[step - 1]]
        there = min(1.0, (since - step * asked.step_s) / GLIDE_S) if not self._theme.reduced_motion else 1.0
        return before + (PLACES[asked.turns[step]] - before) * (1 - (1 - there) ** 3)

    def _paint_corners(self, painter: QPainter, box: QRectF) -> None:
        pen = QPen(self._theme.colour("lantern"), self._theme.px(12))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        arm = box.width() / 5
        corners = (
            (box.topLeft(), 1, 1),
            (box.topRight(), -1, 1),
            (box.bottomLeft(), 1, -1),
            (box.bottomRight(), -1, -1),
        )
        for corner, right, down in corners:
            ends = QPointF(corner.x() + right * arm, corner.y()), corner, QPointF(corner.x(), corner.y() + down * arm)
            painter.drawPolyline(ends)

    def _paint_boxes(self, painter: QPainter) -> None:
        frame = self._source()
        if frame is None:
            return
        for face in self._sighting.faces if self._sighting is not None else ():
            token = "lantern" if face.chosen else "muted"
            painter.setPen(QPen(self._theme.colour(token), self._theme.px(6)))
            painter.drawRoundedRect(self._place(frame, face.x, face.y, face.w, face.h), 8, 8)
        left, top, right, bottom = self._zone
        painter.setPen(QPen(self._theme.colour("well"), self._theme.px(4), Qt.PenStyle.DashLine))
        inset = self._theme.px(2)
        painter.drawRect(
            self._place(frame, left, top, right - left, bottom - top).adjusted(inset, inset, -inset, -inset)
        )

    def _place(self, frame: Frame, x: float, y: float, w: float, h: float) -> QRectF:
        """Where a part of the frame, in fractions of it, is on the widget."""
        height, width = frame.image.shape[:2]
        crop = self._crop(width, height)
        scale = self.width() / crop.width()
        from_left = (x * width - crop.x()) * scale
        return QRectF(
            self.width() - from_left - w * width * scale,
            (y * height - crop.y()) * scale,
            w * width * scale,
            h * height * scale,
        )

    # ------------------------------------------------------------ life

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._painted.clear()
        self._beat.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._beat.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._drop_veil()

    def _drop_veil(self) -> None:
        self._veil = None
