import re
from pathlib import Path

import pytest
from PySide6.QtGui import QFontDatabase, QFontMetrics, QPalette
from PySide6.QtWidgets import QApplication

import qtkit.theme
from assets import asset
from domain.errors import Mendable
from qtkit.fonts import chinese_family
from qtkit.theme import STATES, Mode, Theme, contrast, tokens

MODES = [tokens().light, tokens().dark]
TEXT_ON_GROUND = ("ink", "muted", "lantern", *STATES)
FILLED = (("on_lantern", "lantern"), ("on_well", "well"), ("on_alarm", "alarm_fill"), ("ink", "sunken"))


@pytest.fixture
def theme(clean_app: QApplication) -> Theme:
    return Theme(clean_app, mode=Mode.LIGHT)


def test_contrast_is_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("mode", MODES, ids=["light", "dark"])
@pytest.mark.parametrize("token", TEXT_ON_GROUND)
@pytest.mark.parametrize("ground", ["paper", "surface"])
def test_text_is_readable_on_both_grounds(mode: dict[str, str], token: str, ground: str) -> None:
    assert contrast(mode[token], mode[ground]) >= 5


@pytest.mark.parametrize("mode", MODES, ids=["light", "dark"])
@pytest.mark.parametrize(("words", "fill"), FILLED)
def test_text_is_readable_on_fills(mode: dict[str, str], words: str, fill: str) -> None:
    assert contrast(mode[words], mode[fill]) >= 5


def test_both_looks_have_the_same_tokens() -> None:
    assert tokens().light.keys() == tokens().dark.keys()


def test_the_sheet_has_no_open_token_and_every_file_it_names(theme: Theme) -> None:
    sheet = theme.style_sheet()
    assert "@" not in sheet
    assert "$" not in sheet
    for part in sheet.split("url(")[1:]:
        assert Path(part.split(")")[0]).exists()


def test_switching_the_look_recolours_and_tells(theme: Theme, clean_app: QApplication) -> None:
    heard: list[bool] = []
    theme.changed.connect(lambda: heard.append(theme.dark))
    theme.set_mode(Mode.DARK)
    assert heard == [True]
    assert clean_app.palette().color(QPalette.ColorRole.Window).name().upper() == tokens().dark["paper"]
    theme.set_mode(Mode.DARK)
    assert heard == [True]


def test_two_hundred_percent_doubles_type_space_and_targets(theme: Theme) -> None:
    small, target = theme.type_px("body"), theme.px(48)
    theme.set_scale(2.0)
    assert theme.type_px("body") == 2 * small
    assert theme.px(48) == 2 * target
    assert "border-radius: 24px" in theme.style_sheet()


def test_no_word_on_the_kiosk_is_under_28_px(clean_app: QApplication) -> None:
    theme = Theme(clean_app, "kiosk", Mode.LIGHT, scale=0.4)
    assert theme.type_px("small") == 28
    assert theme.type_px("body") == 28


def test_figures_are_tabular(theme: Theme) -> None:
    metrics = QFontMetrics(theme.font("title"))
    assert len({metrics.horizontalAdvance(figure) for figure in "0123456789"}) == 1


def test_a_machine_without_chinese_type_is_told_what_to_install(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFontDatabase, "families", lambda *_: [])
    with pytest.raises(Mendable, match="font_missing"):
        chinese_family()


def test_every_icon_follows_the_colour_save_those_that_a_style_sheet_names() -> None:
    sheet = (Path(qtkit.theme.__file__).parent / "theme.qss").read_text("utf-8")
    named = [stem.removesuffix("-$mode") for stem in re.findall(r"\$icons/([\w$-]+)\.svg", sheet)]
    assert named
    for path in asset("icons").glob("*.svg"):
        assert "currentColor" in path.read_text("utf-8") or path.stem.startswith(tuple(named))
