"""The sign beside the gate: that faces are recognised here, what for, who answers for it, and how one comes in without.

A sign on the spot is asked for by the PRC measures on face recognition in force since 2025-06-01; docs/PRIVACY.md.
"""

from html import escape

from PySide6.QtCore import QBuffer, QMarginsF, QRectF
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPageLayout, QPageSize, QPainter, QPdfWriter, QTextDocument

from assets.words import LANGUAGES, say
from kiosk.config import KioskSettings
from qtkit.fonts import chinese_family
from qtkit.icons import paint_icon
from qtkit.theme import tokens

MARGIN_MM, LANTERN_MM = 20.0, 30.0
POINTS = {"zh": 19.0, "en": 12.5}
LINES = ("why", "without", "passers_by", "kept", "withdraw", "who")


def sign(settings: KioskSettings) -> bytes:
    """A PDF of one upright A4 page in both languages. Raises Mendable ``font_missing``."""
    # A sign is printed where there may be no screen; Qt needs its application for the type.
    _app = QGuiApplication.instance() or QGuiApplication(["sign", "-platform", "offscreen"])
    paper = QBuffer()
    paper.open(QBuffer.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(paper)
    writer.setTitle(say("zh", "kiosk.sign.title"))
    margins = QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM)
    a4, upright = QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait
    writer.setPageLayout(QPageLayout(a4, upright, margins, QPageLayout.Unit.Millimeter))
    painter = QPainter(writer)
    _draw(painter, writer, settings)
    painter.end()
    return bytes(paper.data().data())


def words(settings: KioskSettings, language: str) -> list[str]:
    """The sign's lines: the title first, then one a thing that has to be said."""
    site = settings.site
    told = {
        "community": site.community_zh if language == "zh" else site.community_en,
        "phone": say(language, "kiosk.sign.phone", phone=site.guard_phone) if site.guard_phone else "",
        "days": settings.keep_passages_days,
    }
    return [say(language, "kiosk.sign.title"), *(say(language, f"kiosk.sign.{line}", **told) for line in LINES)]


def _draw(painter: QPainter, writer: QPdfWriter, settings: KioskSettings) -> None:
    per_mm = writer.resolution() / 25.4
    area, side = QRectF(painter.viewport()), LANTERN_MM * per_mm
    colour = QColor(tokens().light["lantern"])
    paint_icon(painter, "lantern", colour, QRectF((area.width() - side) / 2, 0, side, side))
    top = side + 6 * per_mm
    for language in LANGUAGES:
        text = _text(painter, words(settings, language), POINTS[language], colour, area.width())
        painter.save()
        painter.translate(0, top)
        text.drawContents(painter)
        painter.restore()
        top += text.size().height() + 6 * per_mm


def _text(painter: QPainter, lines: list[str], points: float, colour: QColor, width: float) -> QTextDocument:
    document, font = QTextDocument(), QFont(chinese_family())
    font.setPointSizeF(points)
    document.documentLayout().setPaintDevice(painter.device())
    document.setDefaultFont(font)
    title, *rest = map(escape, lines)
    told = "".join(f"<p>{line}</p>" for line in rest)
    document.setHtml(f"<h1 align='center' style='color:{colour.name()}'>{title}</h1>{told}")
    document.setTextWidth(width)
    return document
