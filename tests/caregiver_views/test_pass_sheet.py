"""A visitor's pass leaves the desk as a picture or on paper, and each of them can be read at the gate."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QFileDialog

from caregiver.main_window import MainWindow
from caregiver.residents.pass_sheet import SENT_PX, PassSheet
from caregiver.residents.passes_card import PassesCard
from kiosk.credentials.pass_reader import codes
from qtkit.shots import settle
from tests.fakes.measure import cut_off

pytestmark = pytest.mark.qt_log_ignore("Returned false")
WORDS = "SW1" + "A7K2" * 40  # as long as a real one


def read(image: QImage) -> list[str]:
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(bytes(plain.constBits()), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return codes(np.ascontiguousarray(rows[:, : plain.width() * 3].reshape(plain.height(), plain.width(), 3)))


@pytest.fixture
def sheet(window: MainWindow) -> Iterator[PassSheet]:
    made = PassSheet(window.desk)
    made.show_pass(WORDS, "王秀兰 · 24 日 09:00–18:00")
    settle(made)
    yield made
    made.close()


def test_it_is_copied_as_a_picture_that_a_gate_can_read(sheet: PassSheet) -> None:
    sheet.copy.click()
    assert read(QGuiApplication.clipboard().image()) == [WORDS]
    assert sheet.said.label.text() == "图片已复制，可粘贴到消息里发送。"
    assert cut_off(sheet) == []
    sheet.show_pass("SW1BBB", "another")
    assert sheet.said.isHidden(), "that was the last one's"


def test_it_is_saved_whole_or_not_at_all(sheet: PassSheet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = [str(tmp_path / "gone" / "pass.png"), "", str(tmp_path / "pass.png")]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (chosen.pop(0), ""))
    sheet.save.click()
    assert "gone" in sheet.said.label.text()
    assert "王秀兰" in sheet.about.text(), "what the pass is for still stands there"
    sheet.save.click()  # thought better of it
    assert list(tmp_path.glob("*.png")) == []
    sheet.save.click()
    assert [p.name for p in tmp_path.iterdir() if p.suffix in (".png", ".part")] == ["pass.png"]
    assert read(QImage(str(tmp_path / "pass.png"))) == [WORDS]
    assert str(tmp_path / "pass.png") in sheet.said.label.text()


def test_what_it_is_for_is_written_out_however_long(sheet: PassSheet) -> None:
    """Sixty characters, as many as the form takes, and the days and hours beneath."""
    short = sheet.picture()
    sheet.show_pass(WORDS, "护" * 60, "周一 周三 08:00–24:00 · 2026-11-23 – 2026-12-20")
    long = sheet.picture()
    assert long.width() == short.width()
    assert long.height() > short.height() + 2 * SENT_PX
    rim = [long.pixelColor(x, y) for x in range(long.width() - SENT_PX + 1, long.width()) for y in range(long.height())]
    assert {c.name() for c in rim} == {"#ffffff"}, "nothing runs over the edge"
    foot = long.copy(0, long.height() - 2 * SENT_PX, long.width(), 2 * SENT_PX)
    inked = [foot.pixelColor(x, y).lightness() for x in range(foot.width()) for y in range(foot.height())]
    assert min(inked) < 80, "the last line is the hours"
    assert read(long) == [WORDS]


def test_the_form_says_when_the_pass_would_open_before_it_is_made(window: MainWindow) -> None:
    card = PassesCard(window.desk)
    assert card.holds.text() == "可开门的时间：今天 08:00–20:00。"
    card.first.setDate(card.first.date().addDays(1))
    assert card.holds.text() == "可开门的时间：明天 08:00–20:00。在这之前打不开。", "the last day goes with the first"
    card.last.setDate(card.last.date().addDays(-1))
    assert card.holds.text().startswith("结束时间要晚于开始时间")
    card.last.setDate(card.first.date())
    window.desk.language.toggle()
    assert card.holds.text() == "Opens the gate: tomorrow 08:00–20:00. Not before."
    card.close()


def test_on_paper_it_can_be_read_and_says_whose_it_is(
    sheet: PassSheet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    papers = [tmp_path / "pass.pdf", tmp_path / "gone" / "pass.pdf"]

    def choose(dialog: QPrintDialog) -> bool:
        dialog.printer().setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        dialog.printer().setOutputFileName(str(papers.pop(0)))
        return True

    monkeypatch.setattr(QPrintDialog, "exec", choose)
    paper = papers[0]
    sheet.paper.click()
    document = QPdfDocument()
    assert document.load(str(paper)) is QPdfDocument.Error.None_
    assert read(document.render(0, QSize(1240, 1754)).convertedTo(QImage.Format.Format_RGB888)) == [WORDS]
    said = document.getAllText(0).text()
    assert "锦绣社区" in said
    assert "王秀兰" in said
    document.close()
    sheet.paper.click()
    assert sheet.said.label.text().startswith("打印机没有接收。")
