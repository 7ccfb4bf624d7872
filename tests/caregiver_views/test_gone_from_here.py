"""Who leaves this desk's scope, or is erased, leaves its screens at once: name, number, alarm."""

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from caregiver.elders.page import ElderPage
from caregiver.invented import Feed, open_incident
from caregiver.main_window import MainWindow
from qtkit.shots import settle
from tests.caregiver_views.conftest import NOW
from tests.caregiver_views.pages import here


def said(window: MainWindow) -> str:
    return " ".join(label.text() for label in window.findChildren(QLabel) if label.isVisible())


@pytest.mark.parametrize("looks_first", [True, False])
def test_an_elder_who_leaves_the_scope_rings_no_more_and_is_nowhere_named(
    open_window: Callable[..., MainWindow], qtbot: QtBot, looks_first: bool
) -> None:
    """The window may look before what is folded was folded anew, and before the keys have gone."""
    window = open_window("zh")
    state = window.state
    for incident in state.incidents.ringing():
        window.ringing.acknowledge(incident.id)
    elder = state.elders.board.rows()[3]
    state.journal.absorb(list(open_incident(Feed("jinxiu", 61), "gone", "fall", elder.id, NOW, "kitchen", device="d7")))
    qtbot.waitUntil(window.alarm.isVisible, timeout=10_000)
    gone = state.journal.forget([f.envelope.id for f in state.journal.facts(subject=elder.id)], "c2")
    if looks_first:
        qtbot.waitUntil(lambda: not state.more, timeout=10_000)
    for person in gone:
        state.keys.destroy(person)
    state.journal.rebuild()
    qtbot.waitUntil(lambda: not window.alarm.isVisible(), timeout=10_000)
    qtbot.waitUntil(lambda: not state.more, timeout=10_000)
    assert state.people.find(elder.id) is None
    assert state.elders.board.find(elder.id) is None
    assert "gone" not in [i.id for i in state.incidents.ringing()]
    assert len(state.elders.board.rows()) > 3, "the others are there"


def test_the_page_of_whoever_is_erased_is_left_and_empty(window: MainWindow, qtbot: QtBot) -> None:
    for incident in window.state.incidents.ringing():
        window.ringing.acknowledge(incident.id)
    elder = window.state.elders.board.rows()[3]
    window.open_elder(elder.id)
    page = here(window, ElderPage)
    assert elder.person.name in said(window)
    window.state.keys.destroy(elder.id)
    with qtbot.waitSignal(window.synced, timeout=10_000):
        window.state.journal.absorb([Feed("jinxiu", 79).item("person.erased", {"reason": "died"}, elder.id, NOW)])
    settle(window)
    assert not page.isVisible()
    assert elder.person.name not in " ".join(label.text() for label in page.findChildren(QLabel))
    assert elder.person.profile.phone not in said(window)
