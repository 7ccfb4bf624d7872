"""A call from the gate, above whatever page is open."""

from collections.abc import Callable
from pathlib import Path
from queue import Queue
from typing import Any, cast

import pytest
from PySide6.QtCore import QBuffer, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QScreen
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from caregiver.calls.desk import REASONS
from caregiver.frame.help import Help
from caregiver.invented import Feed, open_incident
from caregiver.main_window import MainWindow
from caregiver.sample import open_sample
from domain.people import Role
from qtkit.alarm import AlarmSound
from qtkit.shots import settle
from tests.caregiver_views.conftest import NOW
from tests.fakes.measure import cut_off
from tests.fakes.players import SilentPlayer


def test_a_call_from_the_gate_stands_above_every_page(window: MainWindow, qtbot: QtBot) -> None:
    window.alarm.show_work(None)
    state = window.state
    item = Feed("jinxiu", 77).item("call.started", {"call": "c9", "gate": "gate-north"}, None, state.now(), "kiosk-c9")
    with qtbot.waitSignal(window.synced, timeout=5000):
        state.journal.absorb([item])
    window.alarm.show_work(None)
    settle(window)
    assert window.call.isVisible()
    assert "北门" in window.call.line.text()
    assert cut_off(window) == []
    window.call.answer.click()
    assert window.call.why.isVisible()
    window.call.refuse.click()
    assert not window.call.isVisible()


@pytest.fixture
def player() -> SilentPlayer:
    return SilentPlayer()


@pytest.fixture
def calm(open_window: Callable[..., MainWindow], player: SilentPlayer, tmp_path: Path, qtbot: QtBot) -> MainWindow:
    window = open_window("en", sound=AlarmSound(player, tmp_path))
    for incident in window.state.incidents.ringing():
        window.ringing.acknowledge(incident.id)
    qtbot.waitUntil(window.isVisible)
    return window


def ring_at_the_gate(window: MainWindow, qtbot: QtBot) -> None:
    began = {"call": "c12", "gate": "gate-north"}
    window.state.journal.absorb([Feed("jinxiu", 81).item("call.started", began, None, window.state.now(), "kiosk-c12")])
    qtbot.waitUntil(window.call.isVisible, timeout=5000)


def test_it_rings_until_it_is_answered(calm: MainWindow, player: SilentPlayer, qtbot: QtBot) -> None:
    assert player.playing == ""
    ring_at_the_gate(calm, qtbot)
    assert player.playing == "call"
    assert player.played[-1] == ("call", True)
    calm.call.answer.click()
    assert player.playing == ""


def test_an_alarm_is_heard_before_it_and_it_is_heard_again_afterwards(
    calm: MainWindow, player: SilentPlayer, qtbot: QtBot
) -> None:
    ring_at_the_gate(calm, qtbot)
    state, elder = calm.state, calm.state.elders.board.rows()[-1].id
    state.journal.absorb(list(open_incident(Feed("jinxiu", 64), "fresh", "sos", elder, state.now(), "")))
    qtbot.waitUntil(lambda: player.playing == "alarm", timeout=5000)
    calm.ringing.acknowledge("fresh")
    assert player.playing == "call"


def test_whoever_signs_in_while_somebody_waits_hears_them(
    open_window: Callable[..., MainWindow], replica: Path, player: SilentPlayer, tmp_path: Path
) -> None:
    state = open_sample(replica, NOW, Role.SUPERVISOR, NOW.tzinfo)
    state.journal.absorb([Feed("jinxiu", 81).item("call.started", {"call": "c12", "gate": "north"}, None, NOW, "k")])
    for part in (state, state.journal, state.keys):
        part.close()
    window = open_window("en", sound=AlarmSound(player, tmp_path))
    for incident in window.state.incidents.ringing():
        window.ringing.acknowledge(incident.id)
    assert window.call.isVisible()
    assert player.playing == "call"


def test_it_brings_the_window_out_from_behind_another(calm: MainWindow, qtbot: QtBot) -> None:
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    ring_at_the_gate(calm, qtbot)
    qtbot.waitUntil(calm.isActiveWindow, timeout=5000)
    assert calm.isVisible()
    assert not calm.isFullScreen(), "a call is no alarm"


def test_an_alarm_while_the_window_comes_for_a_call_fills_the_screen_and_closes_what_stood_open(
    calm: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was taken for a window that nobody has seen yet, and the list of keys came back over the alarm."""
    monkeypatch.setattr(QScreen, "size", lambda _: QSize(1920, 1080))
    calm.go("board")
    calm.board.search.setFocus()
    calm.show_help()
    keys, other = calm._help, QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    gone: list[bool] = []

    def ring() -> None:
        gone.append(calm.isHidden() and keys.isHidden())
        elder = calm.state.elders.board.rows()[-1].id
        calm.state.journal.absorb(list(open_incident(Feed("jinxiu", 64), "fresh", "sos", elder, calm.state.now(), "")))
        calm.arrivals.take()

    calm.call.rings.connect(lambda: QTimer.singleShot(0, calm, ring))
    with qtbot.waitSignal(calm.alarm_painted, timeout=5000):
        ring_at_the_gate(calm, qtbot)
    qtbot.waitUntil(calm.isActiveWindow)
    assert gone == [True]
    assert calm.isFullScreen()
    assert calm.findChildren(Help) == []
    qtbot.keyClick(calm.focusWidget(), Qt.Key.Key_Return)
    assert calm.alarm.isHidden(), "the keyboard is on the alarm"
    assert calm.state.incidents.ringing() == []


def test_who_works_in_a_dialog_of_the_desk_stays_in_it(
    calm: MainWindow, player: SilentPlayer, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    calm.show_help()
    asked = calm._help
    qtbot.waitUntil(asked.isActiveWindow)
    hidden: list[bool] = []
    monkeypatch.setattr(calm, "hide", lambda: hidden.append(True))
    ring_at_the_gate(calm, qtbot)
    qtbot.waitUntil(lambda: player.playing == "call")
    assert asked.isActiveWindow()
    assert hidden == []


def test_the_list_of_reasons_stays_where_somebody_is_in_it_while_the_seconds_go_by(
    calm: MainWindow, qtbot: QtBot
) -> None:
    ring_at_the_gate(calm, qtbot)
    calm.call.answer.click()
    reasons = calm.call.why
    reasons.showPopup()
    for _ in range(2):
        qtbot.keyClick(reasons.view(), Qt.Key.Key_Down)
    calm.call.refresh()  # as once a second
    qtbot.keyClick(reasons.view(), Qt.Key.Key_Return)
    assert reasons.value == REASONS[2]


class TwoGates:
    """A line on which each call's pictures come when the test says so."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []
        self.waiting: dict[str, Queue[tuple[int, bytes]]] = {"c1": Queue(), "c2": Queue()}

    def picture(self, call: str, after: int) -> tuple[int, bytes]:
        self.asked.append((call, after))
        return self.waiting[call].get(timeout=60)


def of_colour(colour: Qt.GlobalColor) -> bytes:
    image, into = QImage(240, 180, QImage.Format.Format_RGB888), QBuffer()
    image.fill(colour)
    into.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(into, "PNG")  # type: ignore[call-overload]  # Qt takes a device too, its stubs a path alone
    return bytes(into.data().data())


def test_who_stands_at_one_gate_is_never_shown_under_the_call_of_another(calm: MainWindow, qtbot: QtBot) -> None:
    """A picture that is on its way when its call ends is nobody's any more; the other gate's come from their first."""
    line, feed, strip, state = TwoGates(), Feed("jinxiu", 62), calm.call, calm.state
    state.calls.line = cast(Any, line)
    for call, gate in (("c1", "gate-south"), ("c2", "gate-north")):
        began = {"call": call, "gate": gate, "nonce": call}
        state.journal.absorb([feed.item("call.started", began, None, state.now(), f"kiosk-{call}")])
    qtbot.waitUntil(lambda: strip.call is not None and strip.call.id == "c1", timeout=5000)
    strip.answer.click()
    line.waiting["c1"].put((40, of_colour(Qt.GlobalColor.red)))
    qtbot.waitUntil(lambda: ("c1", 40) in line.asked, timeout=10_000)
    strip.refuse.click()
    qtbot.waitUntil(lambda: strip.call is not None and strip.call.id == "c2", timeout=5000)
    strip.answer.click()
    qtbot.waitUntil(lambda: ("c2", 0) in line.asked, timeout=10_000)
    line.waiting["c1"].put((41, of_colour(Qt.GlobalColor.red)))
    line.waiting["c2"].put((1, of_colour(Qt.GlobalColor.blue)))
    qtbot.waitUntil(lambda: ("c2", 1) in line.asked, timeout=10_000)
    assert strip.picture.pixmap().toImage().pixelColor(100, 80) == QColor(Qt.GlobalColor.blue)
    for queue in line.waiting.values():  # nobody waits for a picture any more
        queue.put((2, b""))
