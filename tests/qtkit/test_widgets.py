from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QPushButton, QScrollArea, QVBoxLayout, QWidget

from qtkit.buttons import Button
from qtkit.shots import settle, shoot
from qtkit.theme import STATES, Mode, Theme
from qtkit.widgets import Banner, Card, Chip, EmptyState, text
from tests.fakes.measure import cut_off


@pytest.fixture
def theme(clean_app: QApplication) -> Theme:
    return Theme(clean_app, mode=Mode.LIGHT)


def window(qtbot: Any, *widgets: QWidget, size: tuple[int, int] = (400, 400)) -> QWidget:
    frame = QWidget()
    qtbot.addWidget(frame)
    column = QVBoxLayout(frame)
    for widget in widgets:
        column.addWidget(widget)
    frame.resize(*size)
    frame.show()
    settle(frame)
    return frame


def test_measuring_finds_what_is_cut_off(qtbot: Any, theme: Theme) -> None:
    label = text("一句放不下的话, much too long for its box", wrap=False)
    label.setFixedWidth(60)
    button = QPushButton("This does not fit either")
    button.setFixedWidth(50)
    found = cut_off(window(qtbot, label, button))
    assert [line.split()[0] for line in found] == ["QLabel", "QPushButton"]


def test_measuring_finds_wrapped_text_that_is_too_low_and_what_leaves_the_window(qtbot: Any, theme: Theme) -> None:
    low = text("two words " * 20)
    low.setFixedSize(200, 30)
    frame = window(qtbot, low)
    stray = QPushButton("stray", frame)
    stray.move(380, 10)
    stray.show()
    found = cut_off(frame)
    assert "needs" in found[0]
    assert "leaves the window" in found[-1]


def test_measuring_finds_what_an_ancestor_clips_and_lets_scrolled_things_be(qtbot: Any, theme: Theme) -> None:
    box = QWidget()
    box.setFixedSize(100, 60)
    QPushButton("clipped", box).setGeometry(10, 40, 80, 48)
    area = QScrollArea(widgetResizable=False)
    area.setWidget(text("a long list\n" * 60))
    found = cut_off(window(qtbot, box, area))
    assert len(found) == 1
    assert "'clipped' leaves QWidget" in found[0]


def test_what_fits_is_left_in_peace(qtbot: Any, theme: Theme) -> None:
    chips = [Chip(theme, state, "安好 well") for state in STATES]
    banner = Banner(theme)
    banner.say("没有声音输出，告警不会响铃。请检查音箱。")
    assert cut_off(window(qtbot, *chips, banner, Button(theme, "接警", "check", "primary"), size=(500, 600))) == []


def test_a_chip_changes_state_with_symbol_word_and_colour(qtbot: Any, theme: Theme) -> None:
    chip = Chip(theme, "due", "待报")
    frame = window(qtbot, chip)
    before = chip.grab().toImage()
    chip.show_state("overdue", "逾时")
    settle(frame)
    assert chip.label.text() == chip.accessibleName() == "逾时"
    assert chip.label.property("tone") == "overdue"
    assert chip.grab().toImage() != before


def test_kiosk_buttons_are_never_under_96_px(clean_app: QApplication, qtbot: Any) -> None:
    theme = Theme(clean_app, "kiosk", Mode.LIGHT, scale=0.6)
    assert Button(theme, "刷卡").minimumHeight() == 96


def test_an_empty_banner_takes_no_room(qtbot: Any, theme: Theme) -> None:
    banner = Banner(theme)
    frame = window(qtbot, banner, EmptyState(theme, "people", "还没有老人", Button(theme, "添加")))
    assert not banner.isVisible()
    banner.say("断开")
    assert banner.isVisibleTo(frame)


def test_a_picture_of_a_card_is_written_in_its_size_and_changes_with_the_look(
    qtbot: Any, theme: Theme, tmp_path: Path
) -> None:
    card = Card(theme, edge="blind")
    qtbot.addWidget(card)
    card.body.addWidget(text("王秀兰 82", "title"))
    light = QImage(str(shoot(card, tmp_path / "shots" / "light.png", (300, 120))))
    theme.set_mode(Mode.DARK)
    dark = QImage(str(shoot(card, tmp_path / "dark.png")))
    assert (light.width(), light.height()) == (300, 120)
    assert light.pixelColor(150, 8).lightness() > 200 > 80 > dark.pixelColor(150, 8).lightness()
