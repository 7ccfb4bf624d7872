"""Names with signs that the program's own type has not: no box stands where a person's name should."""

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QTextLayout
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtkit.buttons import Button
from qtkit.fonts import chinese_family
from qtkit.shots import settle
from qtkit.theme import Mode, Theme
from qtkit.widgets import Card, text
from tests.fakes.measure import cut_off

RARE = {
    "of the table of common names": "𬎆𫘝㛃",  # in the type itself
    "of CJK extension B, in no type of ours": "𠁣𪛖",
    "of CJK extensions D and E": "𫝀𬺰",
    "an emoji": "🌸",
    "an emoji of two and of three code points": "👵🏼❤️‍🔥",
}


def boxes(words: str, font: QFont) -> list[str]:
    """The parts of a line for which there is no sign in any type that Qt finds."""
    layout = QTextLayout(words, font)
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(10_000)
    layout.endLayout()
    return [run.rawFont().familyName() for run in layout.glyphRuns() if 0 in run.glyphIndexes()]


@pytest.mark.parametrize("words", RARE.values(), ids=RARE)
def test_no_name_is_a_box(qapp: QApplication, words: str) -> None:
    font = QFont(chinese_family())
    font.setPixelSize(28)
    assert boxes(words, font) == [], "fonts-noto-color-emoji, fonts-hanazono (installer/packages.txt)"


def test_a_box_is_found(qapp: QApplication) -> None:
    assert boxes("\u0378", QFont(chinese_family()))


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_taller_signs_of_another_type_are_not_cut(qapp: QApplication, qtbot: QtBot, scale: float) -> None:
    theme = Theme(qapp, "desktop", Mode.LIGHT, scale)
    page = Card(theme)
    name = "王" + "".join(RARE.values())
    for step in ("small", "body", "title", "display"):
        page.body.addWidget(text(name, step, wrap=False))
    page.body.addWidget(Button(theme, name))
    qtbot.addWidget(page)
    page.show()
    settle(page)
    assert cut_off(page) == []
    font = theme.font("body")
    layout = QTextLayout(name, font)
    layout.beginLayout()
    line = layout.createLine()
    line.setPosition(QPointF(0, 0))
    layout.endLayout()
    assert line.height() <= theme.px(64), "it stands in a line of the board"
    qapp.setStyleSheet("")
