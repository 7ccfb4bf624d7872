"""The ladders of the community, drawn as ladders: its own where one was set, the deadlines' otherwise."""

from typing import Any

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from caregiver.admin.page import LADDER_SET, AdminPage, LaddersTab
from caregiver.invented import Feed
from caregiver.main_window import MainWindow
from offline.put_aside import PUT_ASIDE
from qtkit.shots import settle
from tests.caregiver_views.conftest import NOW, Opener
from tests.caregiver_views.pages import at

pytestmark = pytest.mark.qt_log_ignore("does not support")
OWN: dict[str, Any] = {
    "severity": 1,
    "steps": [
        {"do": "notify", "who": ["level:0"]}, {"do": "wait", "seconds": 30}, {"do": "next_level"},
        {"do": "notify", "who": ["level:1"]},
    ],
}  # fmt: skip
USUAL = ["at once", "1 min", "3 min", "10 min", "15 min"]


def ladders(window: MainWindow) -> LaddersTab:
    window.alarm.show_work(None)
    admin = at(window, "admin", AdminPage)
    admin.setCurrentWidget(admin.ladders)
    return admin.ladders


def moments(tab: LaddersTab) -> list[str]:
    """When each rung of the gravest is called, from the nearest up."""
    settle(tab)
    item = tab._cards.itemAt(0)
    card = item.widget() if item is not None else None
    assert card is not None
    said = [label.text() for label in card.findChildren(QLabel)]
    return [words for words in said if words == "at once" or words.endswith((" min", " s"))]


def test_the_rungs_stand_one_above_the_other_with_their_moment(open_window: Opener) -> None:
    assert moments(ladders(open_window("en"))) == USUAL


def test_the_communitys_own_ladder_is_drawn_as_it_comes_and_goes_where_it_was_refused(
    open_window: Opener, qtbot: QtBot
) -> None:
    window = open_window("en")
    tab, journal = ladders(window), window.state.journal
    with qtbot.waitSignal(window.synced, timeout=5000):
        own = journal.append(LADDER_SET, OWN).envelope
    assert moments(tab)[:2] == ["at once", "30 s"]
    told = {"device": own.device, "epoch": own.epoch, "seq": own.seq, "because": "no_duty"}
    with qtbot.waitSignal(window.synced, timeout=5000):
        journal.absorb([Feed(journal.community, own.seq).item(PUT_ASIDE, told, None, NOW)])
    assert moments(tab) == USUAL
