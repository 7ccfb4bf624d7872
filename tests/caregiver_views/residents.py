"""The page of residents, driven by keys."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from caregiver.invented import Feed
from caregiver.main_window import MainWindow
from caregiver.residents.page import ResidentsPage
from qtkit.buttons import Button
from qtkit.shots import settle
from tests.caregiver_views.pages import at


def residents_of(window: MainWindow) -> ResidentsPage:
    window.alarm.show_work(None)
    page = at(window, "residents", ResidentsPage)
    settle(window)
    return page


def contacts_of(window: MainWindow) -> ResidentsPage:
    page = residents_of(window)
    page.which.choose("contacts")
    settle(page)
    return page


def press(qtbot: QtBot, page: ResidentsPage, button: Button) -> None:
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Return)
    settle(page)


def plan_with(window: MainWindow, elder: str, *contacts: str) -> None:
    plan = dict(window.state.elders.board.plan(elder) or {}) | {"revision": 99}
    plan["contacts"] = [{"person_id": id, "relation": "son", "has_key": False} for id in contacts]
    window.state.journal.absorb(
        [Feed("jinxiu", int(elder[-4:], 16)).item("careplan.set", plan, elder, window.state.now())]
    )
    window.state.take()
