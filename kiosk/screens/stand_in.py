"""A drawn neighbour for pictures of the screens: nobody's face, and no photograph to ask anybody for."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPainterPath, QPen

from kiosk.camera.port import Image

SKIN, SHADE, HAIR, JACKET, COLLAR = "#E8B995", "#D79F79", "#C9C6C1", "#7A4A43", "#F1E4D2"


def stand_in(width: int = 1280, height: int = 720) -> Image:
    """HxWx3, blue-green-red: an old lady before a wall in morning light."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(height / 720, height / 720)
    _wall(painter, width * 720 / height)
    painter.translate(width * 360 / height, 0)
    painter.setPen(Qt.PenStyle.NoPen)
    _person(painter)
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine() // 4, 4)
    return np.ascontiguousarray(pixels[:, :width, :3])


def _wall(painter: QPainter, width: float) -> None:
    light = QLinearGradient(0, 0, width, 720)
    for at, colour in ((0.0, "#D9CDBB"), (0.55, "#BFB6A6"), (1.0, "#8E8A80")):
        light.setColorAt(at, QColor(colour))
    painter.fillRect(QRectF(0, 0, width, 720), light)
    painter.setPen(QPen(QColor(255, 255, 255, 26), 3))
    for row in range(8):
        painter.drawLine(QPointF(0, row * 92 + 40), QPointF(width, row * 92 + 40))
        for x in range(int(width) // 190 + 2):
            left = x * 190 - (95 if row % 2 else 0)
            painter.drawLine(QPointF(left, row * 92 + 40), QPointF(left, row * 92 + 132))


def _person(painter: QPainter) -> None:
    """Centred on x = 0; the eyes stand at y = 322."""
    shoulders = QPainterPath(QPointF(-300, 720))
    shoulders.cubicTo(-290, 590, -190, 545, -80, 525)
    shoulders.lineTo(80, 525)
    shoulders.cubicTo(190, 545, 290, 590, 300, 720)
    painter.fillPath(shoulders, QColor(JACKET))
    painter.setBrush(QColor(HAIR))
    painter.drawEllipse(QRectF(-152, 142, 304, 330))
    painter.drawEllipse(QRectF(-60, 108, 120, 90))
    painter.setBrush(QColor(SHADE))
    painter.drawRoundedRect(QRectF(-56, 440, 112, 120), 40, 40)
    collar = QPainterPath(QPointF(-92, 522))
    collar.lineTo(0, 620)
    collar.lineTo(92, 522)
    collar.lineTo(64, 508)
    collar.lineTo(0, 572)
    collar.lineTo(-64, 508)
    collar.closeSubpath()
    painter.fillPath(collar, QColor(COLLAR))
    painter.setBrush(QColor(SKIN))
    for side in (-1, 1):
        painter.drawEllipse(QPointF(side * 136, 340), 20, 34)
    painter.drawEllipse(QRectF(-134, 172, 268, 330))
    fringe = QPainterPath(QPointF(-136, 300))
    fringe.cubicTo(-130, 170, -40, 150, 10, 165)
    fringe.cubicTo(80, 160, 134, 200, 136, 300)
    fringe.cubicTo(110, 240, 60, 225, 0, 222)
    fringe.cubicTo(-70, 222, -112, 250, -136, 300)
    painter.fillPath(fringe, QColor(HAIR))
    _features(painter)


def _features(painter: QPainter) -> None:
    painter.setBrush(QColor(224, 140, 110, 70))
    for side in (-1, 1):
        painter.drawEllipse(QPointF(side * 80, 396), 30, 22)
    pen = QPen(QColor("#5B4037"), 7)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    for side in (-1, 1):
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawArc(QRectF(side * 56 - 26, 276, 52, 24), 30 * 16, 120 * 16)
        painter.setBrush(QColor("#3A2B26"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(QPointF(side * 56, 324), 11, 12)
        painter.setBrush(QColor(255, 255, 255, 210))
        painter.drawEllipse(QPointF(side * 56 + 4, 320), 3.5, 3.5)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor("#6B5A52"), 5))
    for side in (-1, 1):
        painter.drawRoundedRect(QRectF(side * 56 - 46, 288, 92, 72), 30, 30)
    painter.drawLine(QPointF(-10, 318), QPointF(10, 318))
    painter.setPen(QPen(QColor(SHADE), 6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawArc(QRectF(-18, 372, 36, 24), 200 * 16, 140 * 16)
    painter.setPen(QPen(QColor("#B5584A"), 8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawArc(QRectF(-48, 392, 96, 54), 205 * 16, 130 * 16)
