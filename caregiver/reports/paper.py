"""A report on paper: figures, days, kinds and plots on pages with the community's name and a page number; PDF or a printer.

Nothing here touches a widget, so that it may run beside the window.
"""

import re
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

from PySide6.QtCore import QEventLoop, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QFont,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QRawFont,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextTable,
)

from caregiver.parts.whole_file import whole_file
from caregiver.reports.charts import answers, days
from caregiver.reports.figures import Report
from caregiver.reports.sheet import ELDERS, lines, severities
from caregiver.wording import Tongue, term
from domain.incident_kinds import Severity
from qtkit.fonts import chinese_family

MARGIN_MM = 18.0
POINTS = 10.5
RADICALS, IDEOGRAPHS = range(0x2E80, 0x2FE0), range(0x4E00, 0xA000)


def html(report: Report, tongue: Tongue, community: str) -> str:
    """The report's text; only tags that QTextDocument sets."""

    def table(rows: Sequence[tuple[str, ...]], width: int, head: tuple[str, ...] = ()) -> str:
        def cells(row: tuple[str, ...], tag: str) -> str:
            right = (f"<{tag} align='right'>{escape(cell)}</{tag}>" for cell in row[1:])
            return f"<tr><{tag} align='left'>{escape(row[0])}</{tag}>{''.join(right)}</tr>"

        body = "".join(cells(row, "td") for row in rows)
        top = f"<thead>{cells(head, 'th')}</thead>" if head else ""  # stands again where a page begins within the table
        return f"<table width='{width}%' cellpadding='4' border='0'>{top}{body}</table>"

    title = escape(tongue.tr("caregiver.report.title", community=community))
    figures = [(what, much) for _, what, much in lines(report, tongue)]
    kinds = [(term(tongue, "kind", k), str(n)) for k, n in sorted(report.by_kind.items(), key=lambda p: -p[1])]
    per_day = [
        (f"{day}", *(str(report.per_day[day].get(severity, 0)) for severity in Severity))
        for day in sorted(report.per_day)
    ]
    head = (tongue.tr("caregiver.column.day"), *severities(tongue))
    elders = [(line.name, line.month, f"{line.false_alarms:,}", f"{line.blind_min:,}") for line in report.by_elder]
    columns = [tongue.tr(f"caregiver.column.{key}") for key in ELDERS]
    parts = [
        ("sheet_kinds", kinds, table(kinds, 60)),
        ("sheet_days", per_day, table(per_day, 100, head)),
        ("sheet_elders", elders, table(elders, 100, (columns[1], columns[0], *columns[2:]))),
    ]
    told = (f"<h2>{escape(tongue.tr(f'caregiver.report.{key}'))}</h2>{drawn}" for key, rows, drawn in parts if rows)
    return f"<h1>{title}</h1><p>{report.period.first} – {report.period.last}</p>{table(figures, 100)}{''.join(told)}"


def pdf(
    report: Report, tongue: Tongue, community: str, path: Path, told: Callable[[float], None] = lambda _: None
) -> None:
    """Write the report as PDF, A4, whole or not at all. Raises OSError."""
    with whole_file(path) as part:
        part.touch()  # what Qt cannot open it does not say
        writer = QPdfWriter(str(part))
        writer.setTitle(tongue.tr("caregiver.report.title", community=community))
        margins = QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM)
        size, upright = QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait
        writer.setPageLayout(QPageLayout(size, upright, margins, QPageLayout.Unit.Millimeter))
        draw(report, tongue, community, writer, told)
        part.write_bytes(searchable(part.read_bytes()))
        if part.stat().st_size == 0:
            raise OSError(None, tongue.tr("caregiver.report.disk"), str(path))


def searchable(written: bytes) -> bytes:
    """The same PDF, whose text is found and copied as it was written.

    One glyph of a Chinese type stands for an ideograph and for the radical that looks like it (门 and ⻔, Unicode's blocks 2E80
    to 2FDF); Qt's map from glyphs back to text takes whichever comes first, the radical. Codes are replaced by codes as long.
    """
    raw = QRawFont.fromFont(_type())
    ideographs = "".join(map(chr, IDEOGRAPHS))
    glyphs = zip(raw.glyphIndexesForString(ideographs), ideographs, strict=True)
    written_as = {glyph: ideograph for glyph, ideograph in glyphs if glyph}
    meant = {
        f"{code:04X}".encode(): f"{ord(written_as[glyph]):04X}".encode()
        for code in RADICALS
        if (glyph := raw.glyphIndexesForString(chr(code))[0]) in written_as
    }

    def mend(cmap: re.Match[bytes]) -> bytes:
        return re.sub(rb"(?<=<)2[EF][0-9A-F]{2}(?=>)", lambda code: meant.get(code[0], code[0]), cmap[0])

    return re.sub(rb"begincmap.*?endcmap", mend, written, flags=re.DOTALL)


def _type() -> QFont:
    """Without the local forms of figures after Latin letters, whose glyphs no map leads back from."""
    font = QFont(chinese_family())
    font.setPointSizeF(POINTS)
    font.setFeature(QFont.Tag("locl"), 0)
    return font


def draw(
    report: Report,
    tongue: Tongue,
    community: str,
    device: QPagedPaintDevice,
    told: Callable[[float], None] = lambda _: None,
) -> None:
    """Draw the report page by page on a PDF writer or a printer; `told` hears how far it is, and may stop it by raising.

    Raises OSError where the device takes nothing.
    """
    QEventLoop()  # a long text is laid out with a timer, for which a thread that Qt did not start has nothing until then
    painter = QPainter(device)
    if not painter.isActive():
        raise OSError(None, tongue.tr("caregiver.report.disk"))
    try:
        document, font = QTextDocument(), _type()
        document.documentLayout().setPaintDevice(device)
        document.setDefaultFont(font)
        document.setHtml(html(report, tongue, community))
        area = QRectF(painter.viewport())
        foot = area.height() * 0.04
        body = QSizeF(area.width(), area.height() - foot)
        document.setPageSize(body)
        _keep_headings(document)
        written = document.pageCount()
        pages = written + 1
        for number in range(pages):
            told(number / pages)
            if number:
                device.newPage()
            painter.setFont(font)
            if number < written:
                painter.save()
                painter.translate(0, -number * body.height())
                document.drawContents(painter, QRectF(0, number * body.height(), body.width(), body.height()))
                painter.restore()
            else:
                _plots(painter, QRectF(0, 0, body.width(), body.height()), report, tongue)
            line = QRectF(0, body.height(), area.width(), foot)
            painter.setFont(font)
            painter.setPen(Qt.GlobalColor.black)
            painter.drawText(line, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom), community)
            words = tongue.tr("caregiver.report.page", page=number + 1, pages=pages)
            painter.drawText(line, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom), words)
        told(1.0)
    finally:
        painter.end()


def _keep_headings(document: QTextDocument) -> None:
    """A heading that would stand at the foot of a page, without the first line of its table, begins the next page."""
    place, tall = document.documentLayout().blockBoundingRect, document.pageSize().height()
    for table in document.rootFrame().childFrames():
        if not isinstance(table, QTextTable):
            continue
        heading = QTextCursor(document)
        heading.setPosition(table.firstPosition() - 1)
        first = table.cellAt(min(table.format().headerRowCount(), table.rows() - 1), 0).firstCursorPosition().block()
        if place(heading.block()).top() // tall != place(first).top() // tall:
            at_head = heading.blockFormat()
            at_head.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore)
            heading.setBlockFormat(at_head)


def _plots(painter: QPainter, area: QRectF, report: Report, tongue: Tongue) -> None:
    """The last page: incidents by day above, answer times below."""
    half = QRectF(area.x(), area.y(), area.width(), area.height() * 0.42)
    days(painter, half, report, tongue.tr("caregiver.report.by_day"), tongue)
    lower = half.translated(0, area.height() * 0.5)
    answers(painter, lower, report, tongue.tr("caregiver.report.answer_times"), tongue)
