"""Nothing that comes by itself puts another button under a press that is on its way."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from caregiver.incidents.page import IncidentsPage
from caregiver.invented import Feed
from caregiver.main_window import MainWindow
from domain.events import to_ms
from domain.incident_kinds import ON_SCENE
from offline.line.link import Link, SyncStatus
from qtkit.shots import settle
from tests.caregiver_views.conftest import NOW, Opener
from tests.fakes.there import there

LONGEST = (
    "The district answers, but its watch has stopped: it raises no alarms and calls nobody. This desk watches on; answer its "
    "alarms, and ring whoever looks after the server."
)


@pytest.fixture(autouse=True)
def pressed_at_once() -> None:
    """Not here."""


def place(window: MainWindow, part: QWidget) -> QPoint:
    return part.mapTo(window, QPoint(0, 0))


def cut_off(window: MainWindow, qtbot: QtBot, link: Link = Link.UNREACHABLE) -> None:
    ago = 60_000 if link is Link.UNREACHABLE else 0
    window.state._heard(SyncStatus(link, last_ok=to_ms(NOW) - ago, since=to_ms(NOW), pending=3))
    qtbot.waitUntil(lambda: bool(window.line.words))
    settle(window)


@pytest.mark.parametrize("page", ["board", "incidents", "gatelog", "admin"])
def test_no_page_moves_for_what_must_be_known(
    open_window: Opener, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    window = open_window("en")
    window.alarm.show_work(None)
    board = window.state.elders.board  # of two thousand elders, on a bad day
    monkeypatch.setattr(board, "counts", lambda: dict.fromkeys(window.top.counts, 888))
    shown = window.go(page)
    window.top.refresh()
    settle(window)
    before = place(window, shown), shown.size()
    cut_off(window, qtbot, Link.UNWATCHED)
    assert window.line.words.startswith(LONGEST)
    window.say(
        "Something went wrong on our side. The details are kept in the log: /var/lib/somebody/.local/state/caregiver.log"
    )
    window.mute.say("No sound output: alarms will not be heard. Check the speakers.")
    settle(window)
    assert (place(window, shown), shown.size()) == before


def test_one_sentence_at_a_time_the_gravest_first_and_none_is_lost(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("en")
    window.alarm.show_work(None)
    news = window.top.news
    assert window.top.line.isVisible()
    assert not news.more.isVisible()
    window.mute.say("No sound output.")
    assert window.mute.isVisible()
    assert window.top.line.isVisible(), "a dead sound says nothing of the line"
    cut_off(window, qtbot)
    assert window.line.isVisible()
    assert not window.top.line.isVisible(), "the banner says it at length"
    assert not window.mute.isVisible()
    assert news.more.accessibleName() == "Notice 1 of 2: show the next"
    news.more.click()
    assert window.mute.isVisible()
    window.say("The disk is full.")
    assert window.trouble.isVisible(), "what is new and graver comes to the front"
    window.trouble.seen.click()
    assert window.line.isVisible()


def test_a_press_meant_for_what_was_there_before_a_call_came_does_nothing(window: MainWindow, qtbot: QtBot) -> None:
    window.alarm.show_work(None)
    qtbot.waitUntil(lambda: not window.steady.holds)
    call = {"call": "c-steady", "gate": "gate-north"}
    window.state.journal.absorb([Feed("jinxiu", 81).item("call.started", call, None, window.state.now(), "kiosk-s")])
    with qtbot.waitSignal(window.rooms.moved):
        pass
    answer = window.call.answer
    QTest.mouseClick(answer, Qt.MouseButton.LeftButton)
    assert answer.isVisible(), "it was not pressed"
    with qtbot.waitSignal(window.steady.settled):
        pass
    QTest.mouseClick(answer, Qt.MouseButton.LeftButton)
    assert not answer.isVisible()


def test_a_press_on_its_way_takes_no_alarm_that_comes_under_it(window: MainWindow, qtbot: QtBot) -> None:
    first = window.alarm.incident
    assert first is not None
    window.ringing.ring()
    window.steady.hold()
    QTest.mouseClick(window.alarm.take, Qt.MouseButton.LeftButton)
    assert window.alarm.incident == first
    qtbot.waitUntil(lambda: not window.steady.holds)
    QTest.mouseClick(window.alarm.take, Qt.MouseButton.LeftButton)
    second = window.alarm.incident
    assert second is not None
    assert second.id != first.id
    QTest.mouseClick(window.alarm.take, Qt.MouseButton.LeftButton)  # of a double click
    assert window.alarm.incident is not None
    assert window.alarm.incident.id == second.id


def test_a_step_that_has_not_arrived_yet_moves_no_button(window: MainWindow, qtbot: QtBot) -> None:
    for _ in range(2):
        qtbot.waitUntil(lambda: not window.steady.holds)
        qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not window.steady.holds)
    page = window.open_incident("sos-now")
    qtbot.waitUntil(page.detail.pending.isVisible)  # that it was taken has not reached the district
    page.detail.pending.say("")
    settle(window)
    detail = page.detail
    before = place(window, detail.steps)
    detail.add_note.click()
    detail.ask.note.setPlainText("She answers the telephone.")
    detail.ask.ok.click()
    qtbot.waitUntil(detail.pending.isVisible)
    settle(window)
    assert place(window, detail.steps) == before


def test_the_keys_of_the_steps_are_good_where_the_keyboard_is_after_taking_an_alarm(
    window: MainWindow, qtbot: QtBot
) -> None:
    for _ in range(2):
        qtbot.waitUntil(lambda: not window.steady.holds)
        qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not window.steady.holds)
    page = window.rooms.currentWidget()
    assert isinstance(page, IncidentsPage)
    assert window.focusWidget() is page.table
    before = len(window.state.journal.facts(ON_SCENE))
    qtbot.keyClick(page.table, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    assert len(window.state.journal.facts(ON_SCENE)) == before + 1


def taken_elsewhere(window: MainWindow, qtbot: QtBot, incident: str, seed: int) -> None:
    elder = there(window.state.incidents.work(incident)).incident.elder
    told = {"incident": incident, "by": "p-sun-li"}
    taken = Feed("jinxiu", seed).item("incident.acknowledged", told, elder, window.state.now(), "desk-2")
    with qtbot.waitSignal(window.synced, timeout=5000):
        window.state.journal.absorb([taken])


def test_enter_on_its_way_to_an_alarm_that_somebody_else_takes_presses_nothing_else(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.board.list.setCurrentIndex(window.board.model.index(0))
    window.board.list.setFocus()
    window.ringing.ring()
    taken_elsewhere(window, qtbot, "sos-now", 21)
    assert there(window.alarm.incident).id == "inactive-now"
    QTest.keyClick(there(window.focusWidget()), Qt.Key.Key_Return)
    assert there(window.alarm.incident).id == "inactive-now", "nobody has read that one"
    taken_elsewhere(window, qtbot, "inactive-now", 22)
    assert not window.alarm.isVisible()
    window.board.list.setFocus()
    QTest.keyClick(window.board.list, Qt.Key.Key_Return)
    assert window.page == "board", "the line under the keyboard was not meant"
    qtbot.waitUntil(lambda: not window.steady.holds)
    QTest.keyClick(window.board.list, Qt.Key.Key_Return)
    assert window.page == "elder"


def test_a_window_that_a_call_from_the_gate_brings_forward_takes_no_key_meant_for_another(
    open_window: Opener, qtbot: QtBot
) -> None:
    window, other = open_window("en"), QWidget()
    for incident in window.state.incidents.ringing():
        window.ringing.acknowledge(incident.id)
    qtbot.waitUntil(window.isVisible)
    window.go("board")
    find = there(window.board.findChild(QLineEdit))
    window.steady._moment.setInterval(60_000)  # however slow this machine is
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    call = {"call": "c-typed", "gate": "gate-north"}
    window.state.journal.absorb([Feed("jinxiu", 82).item("call.started", call, None, window.state.now(), "kiosk-t")])
    qtbot.waitUntil(lambda: window.call.isVisible() and window.isActiveWindow(), timeout=5000)
    QTest.keyClick(find, Qt.Key.Key_1)
    assert find.text() == ""
    window.steady._moment.timeout.emit()
    QTest.keyClick(find, Qt.Key.Key_1)
    assert find.text() == "1"
