"""A report on paper: pages with the community's name and a page number, in the project's own type, as PDF or to a printer."""

from html import escape
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPagedPaintDevice, QPageLayout, QPageSize, QPainter, QPdfWriter, QTextDocument

from caregiver.reports.figures import Report
from caregiver.reports.sheet import lines
from caregiver.wording import Tongue, term
from qtkit.fonts import chinese_family

MARGIN_MM = 18.0


def html(report: Report, tongue: Tongue, community: str) -> str:
    """The report's body; only tags that QTextDocument sets."""
    rows = "".join(
        f"<tr><td>{escape(what)}</td><td align='right'><b>{escape(much)}</b></td></tr>"
        for _, what, much in lines(report, tongue)
    )
    kinds = "".join(
        f"<tr><td>{escape(term(tongue, 'kind', kind))}</td><td align='right'>{n}</td></tr>"
        for kind, n in sorted(report.by_kind.items(), key=lambda pair: -pair[1])
    )
    title = escape(tongue.tr("caregiver.report.title", community=community))
    by_kind = escape(tongue.tr("caregiver.report.sheet_kinds"))
    return (
        f"<h1>{title}</h1><p>{report.period.first} – {report.period.last}</p>"
        f"<table width='100%' cellpadding='6' border='0'>{rows}</table><h2>{by_kind}</h2>"
        f"<table width='60%' cellpadding='6' border='0'>{kinds}</table>"
    )


def pdf(report: Report, tongue: Tongue, community: str, path: Path) -> None:
    """Write the report as PDF, A4."""
    writer = QPdfWriter(str(path))
    writer.setTitle(tongue.tr("caregiver.report.title", community=community))
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Portrait,
            QMarginsF(*[MARGIN_MM] * 4),
            QPageLayout.Unit.Millimeter,
        )
    )
    draw(report, tongue, community, writer)


def draw(report: Report, tongue: Tongue, community: str, device: QPagedPaintDevice) -> None:
    """Draw the report page by page on a PDF writer or a printer."""
    painter = QPainter(device)
    document = QTextDocument()
    document.documentLayout().setPaintDevice(device)
    font = document.defaultFont()
    font.setFamily(chinese_family())
    font.setPointSizeF(10.5)
    document.setDefaultFont(font)
    document.setHtml(html(report, tongue, community))
    area = QRectF(painter.viewport())
    foot = area.height() * 0.04
    body = QSizeF(area.width(), area.height() - foot)
    document.setPageSize(body)
    pages = document.pageCount()
    for number in range(pages):
        if number:
            device.newPage()
        painter.save()
        painter.translate(0, -number * body.height())
        document.drawContents(painter, QRectF(0, number * body.height(), body.width(), body.height()))
        painter.restore()
        painter.setFont(font)
        line = QRectF(0, body.height(), area.width(), foot)
        painter.drawText(line, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom), community)
        words = tongue.tr("caregiver.report.page", page=number + 1, pages=pages)
        painter.drawText(line, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom), words)
    painter.end()
