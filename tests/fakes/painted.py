"""Every word that a window paints, where it stands, and how it contrasts with what is really behind it.

The window is painted twice: once onto a device that notes words and places (whoever paints them: label, cell, axis or delegate),
and once into a picture three times as large, so that the strokes of small letters reach their full colour. Contrast is the
relative-luminance ratio of WCAG 2.2, 1.4.3, between the colour of the strokes and every colour that covers much of the rest.
"""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QPainter, QRegion, QTransform
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QScrollBar, QWidget

from qtkit.theme import contrast

SVG = "{http://www.w3.org/2000/svg}"
ZOOM = 3  # a kiosk's words are large enough as they are
WHOLE = 0.6  # of a letter's height; less is a word that an edge cuts, or another over it
GROUND_SHARE = 0.08  # of the pixels that are no stroke: a hatching counts, a smoothed rim does not


@dataclass(frozen=True, slots=True)
class Word:
    words: str
    box: QRectF
    colour: str  # #rrggbb, as asked for
    opacity: float = 1.0


def words(window: QWidget) -> list[Word]:
    """What is painted, in the window's own pixels."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(window.logicalDpiX())
    generator.setSize(window.size())
    painter = QPainter(generator)
    window.render(
        painter, QPoint(), QRegion(), QWidget.RenderFlag.DrawWindowBackground | QWidget.RenderFlag.DrawChildren
    )
    painter.end()
    found = []
    for group in ET.fromstring(bytes(data.data()).decode()).iter(f"{SVG}g"):
        for text in group.findall(f"{SVG}text"):
            said = (text.text or "").strip()
            if said:
                font = QFont(group.get("font-family", "").strip("'"))
                font.setPixelSize(round(float(text.get("font-size", group.get("font-size", "13")))))
                font.setWeight(QFont.Weight(int(text.get("font-weight", group.get("font-weight", "400")))))
                metrics = QFontMetricsF(font)
                x, y = float(text.get("x", "0")), float(text.get("y", "0"))
                box = QRectF(x, y - metrics.capHeight(), metrics.horizontalAdvance(said), metrics.capHeight())
                found.append(
                    Word(said, _matrix(group).mapRect(box), text.get("fill", "#000000"), _opacity(group, text))
                )
    return found


def _opacity(group: ET.Element, text: ET.Element) -> float:
    return float(text.get("fill-opacity") or group.get("stroke-opacity") or group.get("fill-opacity") or 1)


def _matrix(group: ET.Element) -> QTransform:
    numbers = [float(n) for n in re.findall(r"-?[\d.]+(?:e-?\d+)?", group.get("transform", ""))]
    return QTransform(*numbers) if len(numbers) == 6 else QTransform()


def picture(window: QWidget, zoom: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    """The window, `zoom` times as large: height × width × RGB."""
    image = QImage(window.size() * zoom, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(zoom)
    image.fill(Qt.GlobalColor.magenta)
    window.render(image)
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return flat[:, : image.width(), 2::-1].copy()


def too_faint(window: QWidget, least: float, zoom: int = ZOOM) -> list[str]:
    """One line for every word with less contrast than `least`."""
    whole, found = picture(window, zoom), []
    bars = [_place(bar, window) for bar in window.findChildren(QScrollBar) if bar.isVisibleTo(window)]
    for word in words(window):
        if any(bar.intersects(word.box.toAlignedRect()) for bar in bars):
            continue  # what is scrolled half out of sight
        measured = measure(whole, word, zoom)
        if measured is not None and measured[0] < least:
            found.append(f"{word.words!r} {measured[0]:.2f}: {measured[1]} on {measured[2]}, asked {word.colour}")
    return found


def _place(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint()), widget.size())


def measure(
    whole: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]", word: Word, zoom: int
) -> tuple[float, str, str] | None:
    """(contrast, strokes, worst ground) of one word; None where it is not seen whole."""
    box = word.box.toAlignedRect()
    left, top = max(0, box.left() * zoom), max(0, box.top() * zoom)
    seen = whole[top : (box.bottom() + 1) * zoom, left : (box.right() + 1) * zoom]
    if seen.size == 0 or seen.shape[0] < zoom or seen.shape[1] < zoom:
        return None
    pixels = seen.reshape(-1, 3)
    asked = np.array([int(word.colour[i : i + 2], 16) for i in (1, 3, 5)])
    if word.opacity < 1:
        behind = np.array(max(_shares(pixels).items(), key=lambda item: item[1])[0])
        asked = np.round(asked * word.opacity + behind * (1 - word.opacity)).astype(int)
    strokes = np.abs(pixels.astype(int) - asked).max(axis=1) <= 6
    rows = np.flatnonzero(strokes.reshape(seen.shape[:2]).any(axis=1))
    if strokes.mean() < 0.02 or rows[-1] - rows[0] < WHOLE * seen.shape[0]:
        return None
    grounds = [colour for colour, share in _shares(pixels[~strokes]).items() if share >= GROUND_SHARE]
    if not grounds:
        return None
    ratios = {_hex(ground): contrast(_hex(tuple(asked)), _hex(ground)) for ground in grounds}
    worst = min(ratios, key=lambda colour: ratios[colour])
    return ratios[worst], _hex(tuple(asked)), worst


def _shares(pixels: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> dict[tuple[int, ...], float]:
    """How much of the pixels each colour covers, 0 to 1."""
    packed = pixels.astype(np.uint32) @ np.array([65536, 256, 1], np.uint32)
    colours, counts = np.unique(packed, return_counts=True)
    return {
        (int(c) >> 16, int(c) >> 8 & 255, int(c) & 255): n / len(packed) for c, n in zip(colours, counts, strict=True)
    }


def _hex(colour: tuple[int, ...]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
