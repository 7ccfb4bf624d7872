"""Every page and window of the desktop for somebody who sees little or nothing, has no mouse, or reads text twice its size."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

import caregiver
import qtkit
from caregiver.main_window import MainWindow
from caregiver.pictured import TABLE
from caregiver.signin.joining import JoiningWindow
from caregiver.signin.window import SignInWindow
from caregiver.ui import LEAST_SCREEN
from qtkit.i18n import Language
from qtkit.shots import settle
from qtkit.theme import Mode, Theme
from qtkit.widgets import Card, text
from tests.caregiver_views.walk import everything
from tests.fakes.inspecting import missed_by_tab, nameless, out_of_reach, unseen_focus
from tests.fakes.measure import cut_off, sideways
from tests.fakes.painted import too_faint, words

WCAG_AA = 4.5  # WCAG 2.2, 1.4.3
BEFORE = (SignInWindow, JoiningWindow)
NARROW = QSize(1024, 700)  # what an old screen leaves of itself, and a window beside another

pytestmark = [
    pytest.mark.timeout(300),
]


def made_here() -> set[type[QWidget]]:
    """Every widget that the desktop's code makes a class of its own for."""
    found = set()
    for package in (caregiver, qtkit):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if not module.name.endswith("__main__"):
                things = vars(importlib.import_module(module.name)).values()
                found |= {
                    t for t in things if inspect.isclass(t) and issubclass(t, QWidget) and t.__module__ == module.name
                }
    return found


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(TABLE, "utf-8")
    return path


def test_the_walk_comes_by_everything_there_is(
    window: MainWindow, qapp: QApplication, qtbot: QtBot, table: Path
) -> None:
    """A window, page, card or field that nobody opens here would never be looked at."""
    met: set[type[QWidget]] = set()

    def meet(shown: QWidget) -> None:
        met.update(type(w) for w in (shown, *shown.findChildren(QWidget)) if w is shown or w.isVisibleTo(shown))

    meet(window)
    for _, shown in everything(window, qtbot, table):
        meet(shown)
    for kind in BEFORE:
        before = kind(window.desk.theme, window.desk.language)
        qtbot.addWidget(before)
        before.show()
        meet(before)
    left_out = {kind.__name__ for kind in made_here() if not any(issubclass(one, kind) for one in met)}
    assert left_out == set()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_twice_the_text_size_cuts_nothing_and_leaves_everything_in_reach(
    open_window: Callable[..., MainWindow], qtbot: QtBot, table: Path, language: str
) -> None:
    window = open_window(language, scale=2.0)
    settle(window)
    assert window.size() == LEAST_SCREEN, "it fits the smallest screen it is made for"
    assert cut_off(window.alarm) == []
    for button in (window.alarm.take, window.alarm.call, window.alarm.emergency):
        assert button.visibleRegion().boundingRect() == button.rect(), "what one does is in sight without scrolling"
    found = {}
    for name, shown in everything(window, qtbot, table):
        found[name] = cut_off(shown) + sideways(shown) + out_of_reach(shown)
        assert window.size() == LEAST_SCREEN, name
        assert QSize(shown.size()).boundedTo(LEAST_SCREEN) == shown.size(), name
    assert (bad := {name: lines for name, lines in found.items() if lines}) == {}, bad


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [LEAST_SCREEN, NARROW])
def test_no_window_cuts_anything_or_scrolls_sideways(
    open_window: Callable[..., MainWindow], qtbot: QtBot, table: Path, language: str, size: QSize
) -> None:
    window = open_window(language)
    window.resize(size)
    settle(window)
    found = {"alarm": cut_off(window.alarm) + sideways(window.alarm)}
    for name, shown in everything(window, qtbot, table):
        found[name] = cut_off(shown) + sideways(shown) + out_of_reach(shown)
        assert window.size() == size, name
        assert QSize(shown.size()).boundedTo(size) == shown.size(), name
    assert (bad := {name: lines for name, lines in found.items() if lines}) == {}, bad


def test_what_is_made_larger_while_it_is_open_is_not_cut_either(
    open_window: Callable[..., MainWindow], qtbot: QtBot, table: Path
) -> None:
    """As people do it, with Ctrl and +, on pages that stand already."""
    window = open_window("en")
    window.alarm.show_work(None)
    for name in (*window.side.nav, "account"):
        window.go(name)
    elder = window.state.elders.board.rows()[0].id
    window.open_elder(elder)
    window.open_plan(elder)
    window.desk.theme.set_scale(2.0)
    settle(window)
    found = {name: cut_off(shown) + sideways(shown) for name, shown in everything(window, qtbot, table)}
    assert (bad := {name: lines for name, lines in found.items() if lines}) == {}, bad


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("kind", BEFORE)
def test_what_stands_before_the_desk(
    qapp: QApplication, qtbot: QtBot, kind: type[SignInWindow | JoiningWindow], scale: float, language: str
) -> None:
    window = kind(Theme(qapp, "desktop", Mode.LIGHT, scale), Language(language))
    qtbot.addWidget(window)
    window.show()
    settle(window)
    assert cut_off(window) + sideways(window) + nameless(window) == []
    assert missed_by_tab(window) + unseen_focus(window) + out_of_reach(window) == []
    assert QSize(window.size()).boundedTo(LEAST_SCREEN) == window.size()
    qapp.setStyleSheet("")


def test_every_control_has_a_name_and_a_role(window: MainWindow, qtbot: QtBot, table: Path) -> None:
    window.alarm.send.click()
    found = {"alarm": nameless(window)}
    window.alarm.ask.leave()
    found |= {name: nameless(shown) for name, shown in everything(window, qtbot, table)}
    assert (bad := {name: lines for name, lines in found.items() if lines}) == {}, bad


def test_tab_comes_to_everything_and_out_again(window: MainWindow, qtbot: QtBot, table: Path) -> None:
    window.alarm.send.click()
    settle(window)
    found = {"alarm": missed_by_tab(window, window.alarm)}
    window.alarm.ask.leave()
    found |= {name: missed_by_tab(shown) for name, shown in everything(window, qtbot, table)}
    assert (bad := {name: lines for name, lines in found.items() if lines}) == {}, bad


@pytest.mark.parametrize("mode", [Mode.LIGHT, Mode.DARK])
def test_one_sees_where_the_keyboard_is(
    open_window: Callable[..., MainWindow], qtbot: QtBot, table: Path, mode: Mode
) -> None:
    window = open_window("zh", mode)
    window.alarm.send.click()
    settle(window)
    found = {"alarm": unseen_focus(window, window.alarm)}
    window.alarm.ask.leave()
    found |= {name: unseen_focus(shown) for name, shown in everything(window, qtbot, table)}
    assert (bad := {name: lines for name, lines in found.items() if lines}) == {}, bad


@pytest.mark.parametrize("mode", [Mode.LIGHT, Mode.DARK])
def test_every_painted_word_stands_out_from_what_is_really_behind_it(
    open_window: Callable[..., MainWindow], qtbot: QtBot, table: Path, mode: Mode
) -> None:
    window = open_window("en", mode)
    assert len(words(window.alarm)) > 8, "words are found"
    found = {"alarm": too_faint(window.alarm, WCAG_AA)}
    for name, shown in everything(window, qtbot, table):
        found[name] = too_faint(shown, WCAG_AA)
        assert len(words(shown)) > 3, name
    assert (bad := {name: lines for name, lines in found.items() if lines}) == {}, bad


def test_a_faint_word_is_found(qapp: QApplication, qtbot: QtBot) -> None:
    theme = Theme(qapp, "desktop", Mode.LIGHT)
    page = Card(theme)
    for words_, tone in (("今天安好", "muted"), ("看不清", "line")):
        label = text(words_)
        label.setStyleSheet(f"color: {theme.hex(tone)};")
        page.body.addWidget(label)
    qtbot.addWidget(page)
    page.show()
    settle(page)
    assert [line.split(" 1.")[0] for line in too_faint(page, WCAG_AA)] == ["'看不清'"]
    qapp.setStyleSheet("")
