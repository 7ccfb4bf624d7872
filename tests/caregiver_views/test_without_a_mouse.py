"""Every page and window of the desktop for somebody who sees little or nothing, has no mouse, or reads text twice its size."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from caregiver.admin.page import AdminPage
from caregiver.elders.page import ElderPage
from caregiver.main_window import MainWindow
from caregiver.residents.page import ResidentsPage
from caregiver.screens import TABLE
from caregiver.signin.joining import JoiningWindow
from caregiver.signin.window import SignInWindow
from caregiver.tables import Table
from caregiver.ui import LEAST_SCREEN
from qtkit.i18n import Language
from qtkit.measure import cut_off
from qtkit.shots import settle
from qtkit.theme import Mode, Theme
from qtkit.widgets import Card, text
from tests.fakes.inspecting import missed_by_tab, nameless, out_of_reach, unseen_focus
from tests.fakes.painted import too_faint, words

WCAG_AA = 4.5  # WCAG 2.2, 1.4.3

pytestmark = [
    pytest.mark.qt_log_ignore("This plugin does not support"),  # the off-screen one cannot raise or hint
    pytest.mark.timeout(300),
]


def everything(window: MainWindow, qtbot: QtBot, tmp_path_file: str) -> Iterator[str]:
    """Open every page, tab and form once, and say its name after it has settled."""

    def rest() -> None:
        qtbot.waitUntil(lambda: not window.desk.background.busy, timeout=20_000)
        settle(window)

    window.alarm.show_work(None)
    elder = window.desk.state.board.rows()[0].id
    for name in ("board", "incidents", "gatelog", "residents", "reports"):
        window.go(name)
        rest()
        yield name
    window.open_elder(elder)
    page = window.stack.currentWidget()
    assert isinstance(page, ElderPage)
    page.visit_button.click()
    page.medical_button.click()
    rest()
    yield "elder, a visit and the medical note"
    window.open_plan(elder)
    rest()
    yield "careplan"
    admin = window.go("admin")
    assert isinstance(admin, AdminPage)
    for number in range(admin.count()):
        admin.setCurrentIndex(number)
        rest()
        yield f"admin, {admin.tabText(number)}"
    residents = window.go("residents")
    assert isinstance(residents, ResidentsPage)
    residents.read(tmp_path_file)
    rest()
    yield "import"
    window.go("board")
    window.tour.begin()
    rest()
    yield "tour"


@pytest.fixture
def table(tmp_path) -> str:  # type: ignore[no-untyped-def]
    path = tmp_path / "people.csv"
    path.write_text(TABLE, "utf-8")
    return path  # type: ignore[no-any-return]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_twice_the_text_size_cuts_nothing_and_leaves_everything_in_reach(
    open_window, qtbot: QtBot, table: str, language: str
) -> None:  # type: ignore[no-untyped-def]
    window = open_window(language, scale=2.0)
    settle(window)
    assert window.size() == LEAST_SCREEN, "it fits the smallest screen it is made for"
    assert cut_off(window.alarm) == []
    for button in (window.alarm.take, window.alarm.call, window.alarm.emergency):
        assert button.visibleRegion().boundingRect() == button.rect(), "what one does is in sight without scrolling"
    found = {}
    for name in everything(window, qtbot, table):
        found[name] = cut_off(window) + out_of_reach(window)
        assert window.size() == LEAST_SCREEN, name
    assert (bad := {name: lines for name, lines in found.items() if lines}) == {}, bad
    window.show_help()
    settle(window._help)
    assert cut_off(window._help) == []
    assert QSize(window._help.size()).boundedTo(LEAST_SCREEN) == window._help.size()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_at_the_usual_size_no_table_goes_beyond_its_edge(open_window, qtbot: QtBot, table: str, language: str) -> None:  # type: ignore[no-untyped-def]
    window = open_window(language)
    wide = {}
    for name in everything(window, qtbot, table):
        shown = [t for t in window.findChildren(Table) if t.isVisibleTo(window)]
        wide[name] = [t.accessibleName() for t in shown if t.horizontalScrollBar().maximum() > 0]
    assert (bad := {name: tables for name, tables in wide.items() if tables}) == {}, bad


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("kind", [SignInWindow, JoiningWindow])
def test_what_stands_before_the_desk(
    qapp: QApplication, qtbot: QtBot, kind: type[QWidget], scale: float, language: str
) -> None:
    window = kind(Theme(qapp, "desktop", Mode.LIGHT, scale), Language(language))
    qtbot.addWidget(window)
    window.show()
    settle(window)
    assert (
        cut_off(window) + nameless(window) + missed_by_tab(window) + unseen_focus(window) + out_of_reach(window) == []
    )
    assert QSize(window.size()).boundedTo(LEAST_SCREEN) == window.size()
    qapp.setStyleSheet("")


def test_every_control_has_a_name_and_a_role(window: MainWindow, qtbot: QtBot, table: str) -> None:
    found = {"alarm": nameless(window)}
    found |= {name: nameless(window) for name in everything(window, qtbot, table)}
    window.show_help()
    found["help"] = nameless(window._help)
    assert (bad := {name: lines for name, lines in found.items() if lines}) == {}, bad


def test_tab_comes_to_everything_and_out_again(window: MainWindow, qtbot: QtBot, table: str) -> None:
    found = {"alarm": missed_by_tab(window, window.alarm)}
    found |= {name: missed_by_tab(window) for name in everything(window, qtbot, table)}
    assert (bad := {name: lines for name, lines in found.items() if lines}) == {}, bad


def test_one_sees_where_the_keyboard_is(window: MainWindow, qtbot: QtBot, table: str) -> None:
    found = {name: unseen_focus(window) for name in everything(window, qtbot, table)}
    assert (bad := {name: lines for name, lines in found.items() if lines}) == {}, bad


@pytest.mark.parametrize("mode", [Mode.LIGHT, Mode.DARK])
def test_every_painted_word_stands_out_from_what_is_really_behind_it(
    open_window, qtbot: QtBot, table: str, mode: Mode
) -> None:  # type: ignore[no-untyped-def]
    window = open_window("en", mode)
    assert len(words(window.alarm)) > 8, "words are found"
    found = {"alarm": too_faint(window.alarm, WCAG_AA)}
    for name in everything(window, qtbot, table):
        found[name] = too_faint(window, WCAG_AA)
        assert len(words(window)) > 20, name
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
