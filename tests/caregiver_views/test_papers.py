"""Reports on paper, rendered and looked at, and in workbooks."""

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from pytestqt.qtbot import QtBot

from caregiver.gatelog.log import Figures
from caregiver.gatelog.rates import exact
from caregiver.main_window import MainWindow
from caregiver.parts.period import Period
from caregiver.parts.save_as import save_as
from caregiver.parts.working import Stopped, Told
from caregiver.reports.figures import Report
from caregiver.reports.page import ReportsPage
from caregiver.reports.paper import html, pdf
from caregiver.reports.sheet import workbook
from domain.figures import Share
from qtkit.i18n import Language
from tests.caregiver_views.pages import at
from tests.fakes.there import there

COMMUNITY = "锦绣社区"


def month() -> Report:
    first = date(2026, 10, 1)
    days = {first + timedelta(days=n): {1: n % 3, 2: n % 5, 3: 1} for n in range(62)}
    none = exact(0, 0)
    return Report(
        Period(first, first + timedelta(days=61)), 340, {"sos": 40, "fall": 12, "missed_checkin": 288}, days,
        (12.0, 28.0, 55.0, 58.0, 110.0, 400.0), Share(96, 100), Share(99, 100), Share(9, 10), Share(10, 10), 17, 320, 210,
        Share(180, 200), 98_213, Share(97_001, 98_213), Figures(300, 280, 4, exact(3, 260), exact(0, 20), none),
    )  # fmt: skip


class Heard(Language):
    """A language that remembers which pages were numbered."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.numbered: list[tuple[object, object]] = []

    def tr(self, key: str, **details: object) -> str:  # type: ignore[override]  # of QObject, as in `Language`
        if key == "caregiver.report.page":
            self.numbered.append((details["page"], details["pages"]))
        return super().tr(key, **details)


def rendered(path: Path) -> tuple[QPdfDocument, list[QImage]]:
    document = QPdfDocument()
    assert document.load(str(path)) is QPdfDocument.Error.None_
    return document, [document.render(page, QSize(620, 877)) for page in range(document.pageCount())]


def inked(image: QImage, top: float, bottom: float) -> float:
    """The share of dark or coloured pixels in a band of the page, white and nothing being 0."""
    flat = image.convertToFormat(QImage.Format.Format_ARGB32)
    rows = range(int(flat.height() * top), int(flat.height() * bottom))
    seen = [flat.pixelColor(x, y) for y in rows for x in range(0, flat.width(), 2)]
    return sum(c.alpha() > 128 and c.lightness() < 215 for c in seen) / len(seen)


@pytest.mark.parametrize("code", ["zh", "en"])
def test_a_report_is_several_pages_with_name_number_and_plots(window: MainWindow, tmp_path: Path, code: str) -> None:
    path = tmp_path / "report.pdf"
    language = Heard(code)
    pdf(month(), language, COMMUNITY, path)
    document, pages = rendered(path)
    assert len(pages) >= 3
    assert language.numbered == [(n + 1, len(pages)) for n in range(len(pages))]
    for number, page in enumerate(pages):
        assert COMMUNITY in document.getAllText(number).text(), "the foot of every page"
        half = page.width() // 2
        foot = page.copy(half, 0, page.width() - half, page.height())
        assert inked(foot, 0.9, 1.0) > 0.001, "and its number to the right"
    said = "".join(document.getAllText(number).text() for number in range(len(pages)))
    assert "96.0% (96/100)" in said
    days = [f"2026-{day:%m-%d}" for day in month().per_day]
    assert [day for day in days if day not in said] == [], "no row is lost between pages"
    head = language.tr("caregiver.column.day")
    going_on = [text for n in range(1, len(pages)) if "2026-1" in (text := document.getAllText(n).text())]
    assert len(going_on) > 1
    assert all(text.startswith(head) for text in going_on), "the table's head stands wherever it goes on"
    assert all(inked(page, 0.0, 0.5) > 0.0005 for page in pages)
    last = pages[-1]
    colours = {last.pixelColor(x, y).name() for x in range(0, last.width(), 3) for y in range(0, last.height() // 2, 3)}
    assert len({c for c in colours if c not in ("#ffffff", "#000000")}) > 3, "bars in the colours of their severity"
    document.close()


def test_chinese_is_set_in_chinese_type_and_no_boxes(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    pdf(month(), Language("zh"), COMMUNITY, path)
    fonts = path.read_bytes()
    assert b"NotoSansCJK" in fonts or b"SourceHan" in fonts or b"/CIDFontType" in fonts
    document, pages = rendered(path)
    assert "锦绣社区" in document.getAllText(0).text()
    assert inked(pages[0], 0.0, 0.12) > 0.01, "the title is drawn"
    document.close()


def test_a_stopped_report_leaves_what_was_there_before(tmp_path: Path, window: MainWindow) -> None:
    def stop(share: float) -> None:
        if share > 0.3:
            raise Stopped

    for write, name in ((pdf, "r.pdf"), (workbook, "r.xlsx")):
        path = tmp_path / name
        path.write_bytes(b"last month's")
        with pytest.raises(Stopped):
            write(month(), Language("zh"), COMMUNITY, path, stop)
        assert path.read_bytes() == b"last month's"
    assert sorted(p.name for p in tmp_path.glob("r.*")) == ["r.pdf", "r.xlsx"]


@pytest.mark.parametrize(("button", "name"), [("xlsx", "r.xlsx"), ("pdf", "r.pdf")])
def test_the_window_writes_beside_itself_and_says_where_or_why_not(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, button: str, name: str
) -> None:
    page = reports(window, qtbot)
    thread: list[str] = []
    whole = page.working.run

    def said(path: Path) -> bool:
        return str(path) in page.said.label.text()

    def run(words: str, work: Callable[[Told], object], *rest: Any) -> None:
        def noted(told: Told) -> object:
            thread.append(threading.current_thread().name)
            return work(told)

        whole(words, noted, *rest)

    monkeypatch.setattr(page.working, "run", run)
    for folder, tone in ((tmp_path, "well"), (tmp_path / "gone", "alarm")):
        path = folder / name
        monkeypatch.setattr("caregiver.parts.save_as.QFileDialog.getSaveFileName", lambda *_, p=path: (str(p), ""))
        getattr(page, button).click()
        qtbot.waitUntil(partial(said, path), timeout=20_000)
        assert path.exists() == (tone == "well")
    assert all(each.startswith("background") for each in thread)
    assert len(thread) == 2


def reports(window: MainWindow, qtbot: QtBot) -> ReportsPage:
    window.alarm.show_work(None)
    page = at(window, "reports", ReportsPage)
    qtbot.waitUntil(lambda: page._report is not None, timeout=10_000)
    return page


def test_a_long_report_is_drawn_in_a_thread_without_a_complaint_of_qt(window: MainWindow, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:  # a warning fails the test
        pool.submit(pdf, month(), Language("zh"), COMMUNITY, tmp_path / "r.pdf").result(60)
    document, pages = rendered(tmp_path / "r.pdf")
    assert len(pages) >= 3
    document.close()


@pytest.mark.parametrize("kinds", range(8, 13))
def test_no_heading_stands_at_the_foot_of_a_page_without_a_line_of_its_table(
    window: MainWindow, tmp_path: Path, kinds: int
) -> None:
    counted = {f"kind-{number}": 1 for number in range(kinds)}  # the next heading comes to the foot with ten of them
    pdf(replace(month(), by_kind=counted), Language("zh"), COMMUNITY, tmp_path / "r.pdf")
    document, pages = rendered(tmp_path / "r.pdf")
    said = [document.getAllText(number).text().splitlines() for number in range(len(pages))]
    document.close()
    [on] = [lines for lines in said if "按日" in lines]
    assert any(line.startswith("2026-10-01 0") for line in on)


def test_a_report_without_an_incident_has_no_heading_over_nothing() -> None:
    quiet = html(replace(month(), by_kind={}), Language("en"), COMMUNITY)
    assert "By kind" not in quiet
    assert "By kind" in html(month(), Language("en"), COMMUNITY)


@pytest.mark.qt_log_ignore("QPainter::begin..: Returned false")
def test_a_report_is_printed_or_it_is_said_that_the_printer_took_nothing(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = reports(window, qtbot)
    papers = [tmp_path / "gone" / "r.pdf", tmp_path / "r.pdf"]

    def begins(said: str) -> bool:
        return page.said.label.text().startswith(said)

    def choose(dialog: QPrintDialog) -> bool:
        dialog.printer().setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        dialog.printer().setOutputFileName(str(papers.pop(0)))
        return True

    monkeypatch.setattr(QPrintDialog, "exec", choose)
    for said in ("打印机没有接收。", "已发送到打印机。"):
        page.printer.click()
        qtbot.waitUntil(partial(begins, said), timeout=20_000)
    document, pages = rendered(tmp_path / "r.pdf")
    assert len(pages) >= 2
    assert window.state.session.community in document.getAllText(0).text()
    document.close()


def test_the_three_ways_out_look_different(window: MainWindow, qtbot: QtBot) -> None:
    page = reports(window, qtbot)
    icons = [b.icon().pixmap(24, 24).toImage() for b in (page.xlsx, page.pdf, page.printer)]
    assert icons[0] != icons[1] != icons[2] != icons[0]


def test_a_report_goes_to_paper_and_to_a_workbook(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    from openpyxl import load_workbook
    from pypdf import PdfReader

    from caregiver.reports.paper import pdf
    from caregiver.reports.sheet import workbook

    window.alarm.show_work(None)
    page = at(window, "reports", ReportsPage)
    qtbot.waitUntil(lambda: page._report is not None, timeout=10_000)
    report = there(page._report)
    assert report.incidents == sum(report.by_kind.values()) > 0
    workbook(report, window.desk.language, "锦绣社区", tmp_path / "r.xlsx")
    pdf(report, window.desk.language, "锦绣社区", tmp_path / "r.pdf")
    book = load_workbook(tmp_path / "r.xlsx")
    assert "锦绣社区" in str(book.worksheets[0]["A1"].value)
    told = [(line.month, line.name, line.false_alarms, line.blind_min) for line in report.by_elder]
    assert list(book["按老人和月份"].iter_rows(min_row=2, values_only=True)) == told != []
    book.close()
    paper = PdfReader(tmp_path / "r.pdf")
    pages = [page.extract_text() for page in paper.pages]
    for number, said in enumerate(pages, 1):
        assert "锦绣社区" in said, "every page says whose it is"
        assert f"第{number}页，共{len(pages)}页" in re.sub(r"\s", "", said)
    whole = "".join(pages)
    for words in (
        "看护与门禁报告",
        "误报",
        "居民未被认出",
        "生人被认作居民",
        "失联",
        "一级",
        "危及生命",
        "四级",
        "按老人和月份",
        report.by_elder[0].name,
    ):
        assert words in whole, "what is set in Chinese is found and copied as it was written"
    assert not re.search("[\u2e80-\u2fdf]", whole), "no radical stands for an ideograph"
    assert paper.metadata is not None
    assert paper.metadata.title == "锦绣社区 看护与门禁报告"
    paper.close()


def test_a_file_ends_as_its_kind_does_and_replaces_none_unasked(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "old.pdf").touch()
    answers = [str(tmp_path / "new"), str(tmp_path / "NEW.PDF"), str(tmp_path / "old"), str(tmp_path / "old.pdf"), ""]
    proposed = []

    def ask(_parent: object, _title: str, name: str, _kinds: str) -> tuple[str, str]:
        proposed.append(Path(name).name)
        return answers.pop(0), ""

    monkeypatch.setattr("caregiver.parts.save_as.QFileDialog.getSaveFileName", ask)
    found = [Path(save_as(window, "", "report.pdf", "")).name for _ in range(4)]
    assert found == ["new.pdf", "NEW.PDF", "old.pdf", ""]
    assert proposed == ["report.pdf", "report.pdf", "report.pdf", "old.pdf", "report.pdf"]


def test_the_month_before_is_chosen_by_its_name(window: MainWindow, qtbot: QtBot) -> None:
    page = reports(window, qtbot)
    page.period.choose("last_month")
    assert page.period.currentText() == "上个月（2026-10）"
    qtbot.waitUntil(lambda: there(page._report).period == Period(date(2026, 10, 1), date(2026, 10, 31)))
    assert page.first.isHidden()
