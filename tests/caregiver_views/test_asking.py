"""What somebody has chosen in a step's form stays chosen while more facts about the incident come, or is chosen by nobody."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from caregiver.incidents.actions import ACTIONS
from caregiver.incidents.asking import Asked
from caregiver.invented import Feed
from caregiver.main_window import MainWindow
from caregiver.ui import Choice
from domain.incident_kinds import EXTENSION_ASKED, MERGED
from offline.wire import FeedItem
from qtkit.shots import settle
from tests.caregiver_views.conftest import NOW

FEED = Feed("jinxiu", 80)


@pytest.fixture
def comes(window: MainWindow, qtbot: QtBot) -> Callable[..., None]:
    for incident in window.state.incidents.ringing():
        window.ringing.acknowledge(incident.id)

    def absorb(*items: FeedItem) -> None:
        with qtbot.waitSignal(window.synced, timeout=5000):
            window.state.journal.absorb([*items])
        settle(window)

    return absorb


def opened(window: MainWindow, incident: str, kind: str, severity: int, minutes: int = 0) -> FeedItem:
    elder = window.state.elders.board.rows()[3].id
    told = {
        "incident": incident, "kind": kind, "severity": severity, "elder": elder, "place": "", "rule": incident, "by": "system"
    }  # fmt: skip
    return FEED.item("incident.opened", told, elder, NOW - timedelta(minutes=minutes))


def about(window: MainWindow, incident: str, kind: str, **payload: object) -> FeedItem:
    elder = window.state.elders.board.rows()[3].id
    return FEED.item(kind, {"incident": incident, "by": "p-sun-li", **payload}, elder, NOW)


def asks(window: MainWindow, incident: str, kind: str) -> Asked:
    detail = window.open_incident(incident).detail
    detail.do(next(action for action in ACTIONS if action.kind == kind))
    assert detail.ask.isVisible()
    return detail.ask


def test_the_day_somebody_chose_stays_and_another_incident_begins_at_its_own(
    window: MainWindow, comes: Callable[..., None]
) -> None:
    comes(opened(window, "p4", "device_blind", 4), opened(window, "p3", "inactivity", 3))
    ask = asks(window, "p4", EXTENSION_ASKED)
    assert ask.until.date() == ask.until.maximumDate()
    day = ask.until.minimumDate().addDays(2)
    ask.until.setDate(day)
    comes(about(window, "p4", "notice.sent", person="p-son", channel="sms", level=0))
    assert ask.until.date() == day
    ask = asks(window, "p3", EXTENSION_ASKED)
    assert ask.until.date() == ask.until.maximumDate()


def test_what_is_offered_no_more_leaves_nothing_chosen_and_never_another(
    window: MainWindow, comes: Callable[..., None]
) -> None:
    comes(*(opened(window, f"m{n}", "fall", 1, n) for n in (1, 2, 3, 4)))
    comes(*(about(window, f"m{n}", "incident.acknowledged") for n in (1, 2, 3, 4)))
    ask = asks(window, "m1", MERGED)
    ask.choice.choose("m2")
    comes(about(window, "m2", "incident.merged", into="m3"))
    assert ask.choice.value == ""
    assert not ask.ok.isEnabled()
    comes(about(window, "m4", "incident.merged", into="m3"))
    assert ask.choice.value == "", "nor by the next change"
    ask.choice.choose("m3")
    assert ask.ok.isEnabled()
    comes(about(window, "m1", "notice.sent", person="p-son", channel="sms", level=0))
    assert ask.choice.value == "m3"
    assert ask.ok.isEnabled()


def test_an_open_list_changes_once_it_is_closed(window: MainWindow, qtbot: QtBot) -> None:
    choice = Choice()
    qtbot.addWidget(choice)
    choice.offer([("b", "Bo"), ("c", "Cai")])
    choice.show()
    choice.showPopup()
    choice.view().setCurrentIndex(choice.model().index(1, 0))
    choice.offer([("a", "An"), ("b", "Bo"), ("c", "Cai")])
    assert choice.view().currentIndex().data() == "Cai", "where the hand is"
    qtbot.keyClick(choice.view(), Qt.Key.Key_Return)
    assert choice.value == "c"
    qtbot.waitUntil(lambda: choice.count() == 3)
    assert choice.value == "c"
