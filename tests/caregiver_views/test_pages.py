"""Every page in the real window: nothing cut off, everything named, Qt's rules kept, languages, looks and roles."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QLineEdit, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from caregiver.admin.page import AdminPage
from caregiver.gatelog.page import GateLogPage
from caregiver.main_window import MainWindow
from caregiver.residents.page import ResidentsPage
from domain.people import Role
from qtkit.shots import settle
from qtkit.theme import Mode
from tests.caregiver_views.pages import at
from tests.fakes.measure import cut_off

PAGES = ("board", "incidents", "gatelog", "residents", "reports", "admin")


def visit_all(window: MainWindow, qtbot: QtBot) -> Iterator[str]:
    """Open every page once and tell its name after it has settled."""
    elder = window.state.elders.board.rows()[0].id
    for name in (*PAGES, "elder", "careplan"):
        if name == "elder":
            window.open_elder(elder)
        elif name == "careplan":
            window.open_plan(elder)
        else:
            window.go(name)
        qtbot.waitUntil(lambda: not window.desk.background.busy, timeout=10_000)
        settle(window)
        yield name


def test_a_page_that_was_called_by_a_key_has_the_keyboard(window: MainWindow, qtbot: QtBot) -> None:
    window.alarm.show_work(None)
    for number, name in enumerate(PAGES, 1):
        window.side.nav["board"].setFocus()
        qtbot.keyClick(window, str(number), Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda: not window.desk.background.busy, timeout=10_000)
        page = window.rooms.currentWidget()
        assert window.page == name
        assert page.isAncestorOf(window.focusWidget()), name


def test_one_looks_for_somebody_on_the_page_that_is_open(window: MainWindow, qtbot: QtBot) -> None:
    window.alarm.show_work(None)

    def found(name: str) -> QWidget | None:
        window.go(name)
        qtbot.keyClick(window, "f", Qt.KeyboardModifier.ControlModifier)
        return window.focusWidget()

    residents, log = at(window, "residents", ResidentsPage), at(window, "gatelog", GateLogPage)
    admin = at(window, "admin", AdminPage)
    assert found("residents") is residents.search
    assert found("gatelog") is log.filters.person
    admin.setCurrentWidget(admin.audit)
    assert found("admin") is admin.audit.search
    assert found("reports") is window.board.search
    assert window.page == "board"
    qtbot.waitUntil(lambda: not window.desk.background.busy, timeout=10_000)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_cut_off(open_window: Callable[..., MainWindow], qtbot: QtBot, language: str) -> None:
    window = open_window(language)
    assert cut_off(window.alarm) == []
    window.alarm.show_work(None)
    assert {name: found for name in visit_all(window, qtbot) if (found := cut_off(window))} == {}


def test_every_control_has_a_name_and_a_role(window: MainWindow, qtbot: QtBot) -> None:
    window.alarm.show_work(None)
    nameless = []
    for page in visit_all(window, qtbot):
        for widget in window.findChildren(QWidget):
            if isinstance(
                widget, QPushButton | QLineEdit | QComboBox | QPlainTextEdit | QAbstractItemView
            ) and widget.isVisibleTo(window):
                if widget.objectName().startswith("qt_") or isinstance(widget.parent(), QComboBox):
                    continue
                found = QAccessible.queryAccessibleInterface(widget)
                if not found.text(QAccessible.Text.Name) or found.role() is QAccessible.Role.NoRole:
                    nameless.append((page, type(widget).__name__, widget.objectName()))
    assert nameless == []


def test_every_model_keeps_qts_rules(window: MainWindow, qtbot: QtBot) -> None:
    window.alarm.show_work(None)
    models: set[Any] = set()
    for _ in visit_all(window, qtbot):
        models |= {view.model() for view in window.findChildren(QAbstractItemView) if view.model() is not None}
    ours = [m for m in models if type(m).__module__.startswith("caregiver")]
    assert len(ours) >= 6
    for model in ours:
        tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
        rows = list(getattr(model, "rows", None) or getattr(model, "elders", []))
        model.show([])
        model.show(rows)
        del tester


def test_the_language_switches_while_open(window: MainWindow, qtbot: QtBot) -> None:
    window.alarm.show_work(None)
    han = re.compile("[\u4e00-\u9fff]")
    window.desk.language.set("en")
    settle(window)
    assert window.side.nav["board"].text() == "Board"
    assert not han.search(window.top.total.text())
    window.go("gatelog")
    settle(window)
    model = at(window, "gatelog", GateLogPage).model
    assert model.headerData(0, Qt.Orientation.Horizontal) == "Time"


def test_roles_see_their_pages_only(open_window: Callable[..., MainWindow]) -> None:
    caregiver = open_window(role=Role.CAREGIVER)
    assert list(caregiver.side.nav) == ["board", "incidents", "reports"]


def test_the_look_changes_and_stays_readable(open_window: Callable[..., MainWindow], qtbot: QtBot) -> None:
    window = open_window(mode=Mode.DARK)
    window.alarm.show_work(None)
    window.go("board")
    settle(window)
    image = window.board.list.viewport().grab().toImage()
    dark = sum(image.pixelColor(x, 200).lightness() < 90 for x in range(0, image.width(), 7))
    assert dark > image.width() / 7 * 0.8
