"""Every way in, from the hand at the gate through the real window to the relay and the record."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt

from domain.passages import Group
from kiosk.screens.pin_page import PinPage
from kiosk.visit.events import Press
from kiosk.visit.view import CallState, PinStage, Screen, Way
from offline.letters.passes import Kind, Pass, issue
from qtkit.shots import settle
from tests.fakes.measure import cut_off
from tests.fakes.readers import frame_of
from tests.kiosk_screens.front import CARD, Front
from tests.kiosk_screens.shown import labels, page, words


def opened(front: Front) -> Callable[[], bool]:
    """The screen says so, the relay has switched, and it is on record."""
    return lambda: (
        front.screen() is Screen.IDENTIFIED
        and True in front.wires.switches
        and [f["gate_did"] for f in front.facts("passage.recorded")][-1:] == ["opened"]
    )


def shows(front: Front, *wanted: str) -> Callable[[], bool]:
    def said() -> bool:
        shown = words(front.window)
        return all(w in shown.headline.text() + shown.second.text() for w in wanted)

    return said


# ---------------------------------------------------------------- card


def test_a_card_whose_reader_types_opens_the_gate(front: Front, qtbot: Any) -> None:
    front.swipe()
    qtbot.waitUntil(opened(front))
    (record,) = front.facts("passage.recorded")
    assert (record["method"], record["ruling"]) == ("card", "granted")
    assert CARD not in str(record)
    assert shows(front, "Good morning, Mr")()


def test_a_card_nobody_knows_is_refused_in_words_and_the_relay_rests(front: Front, qtbot: Any) -> None:
    qtbot.mouseClick(front.window.ways.buttons[Way.CARD], Qt.MouseButton.LeftButton)
    front.swipe("99887766")
    qtbot.waitUntil(lambda: front.screen() is Screen.REFUSED)
    assert shows(front, "Card not registered", "Guard")()
    assert front.wires.switches == []


@pytest.mark.parametrize("digits", ["", "32501\n90"], ids=["flat", "secret"])
def test_a_card_held_to_the_reader_while_a_pin_is_typed_opens_all_the_same(
    front: Front, qtbot: Any, digits: str
) -> None:
    """Its digits land in the PIN's field too, but its Enter confirms no PIN: none is tried, and none counts as wrong."""
    qtbot.keyClick(front.window, Qt.Key.Key_F2)
    front.type(digits)
    front.swipe()
    qtbot.waitUntil(opened(front))
    front.hands._desk_thread.submit(lambda: None).result(5)
    settle(front.window)
    assert front.screen() is Screen.IDENTIFIED
    assert [f["method"] for f in front.facts("passage.recorded")] == ["card"]


def test_a_card_is_read_whole_by_a_window_that_is_busy_and_a_finger_is_no_card(front: Front, qtbot: Any) -> None:
    """What counts is when the keys went down, not when the window comes to them: halves with a pause, or all at once."""
    front.window.press(Way.PIN)
    front.type("325017\n")
    assert front.window.shown is not None
    assert front.window.shown.pin is not None
    assert front.window.shown.pin.stage is PinStage.SECRET
    front.typed_ms += 1000
    front.type(CARD[:5], 10)
    qtbot.wait(100)
    front.type(f"{CARD[5:]}\n", 10)
    qtbot.waitUntil(opened(front))


def test_a_card_in_a_reader_of_its_own_opens_the_gate(front: Front, qtbot: Any) -> None:
    front.input.type(CARD + "\n")
    qtbot.waitUntil(opened(front))


# ---------------------------------------------------------------- PIN


def test_flat_and_pin_by_touch_open_the_gate(front: Front, qtbot: Any) -> None:
    qtbot.mouseClick(front.window.ways.buttons[Way.PIN], Qt.MouseButton.LeftButton)
    pad = page(front.window, Screen.PIN, PinPage)
    for key in (*"32501", Press.ENTER, *"9081", Press.ENTER):
        qtbot.mouseClick(pad.keys[key], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(opened(front))
    assert "9081" not in str(front.facts("passage.recorded"))


# ---------------------------------------------------------------- QR


def visitor(front: Front, **changes: Any) -> str:
    now = int(front.now.timestamp())
    plain: dict[str, Any] = {
        "id": "v1", "community": "jinxiu", "person_id": "v1", "group": Group.VISITOR, "kind": Kind.ONCE,
        "not_before": now - 60, "expires": now + 3600,
    }  # fmt: skip
    return issue(Pass(**(plain | changes)), front.district)


def test_a_pass_before_the_camera_opens_once(front: Front, qtbot: Any) -> None:
    text = visitor(front)
    front.frame = frame_of(text)
    settle(front.window)
    assert front.screen() is Screen.STANDBY  # nobody asked to have codes read
    qtbot.mouseClick(front.window.ways.buttons[Way.QR], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(opened(front))
    assert shows(front, "Welcome")()
    front.frame = None
    front.now += timedelta(seconds=10)
    qtbot.waitUntil(lambda: front.screen() is Screen.STANDBY)
    front.passes.stop()  # four seconds before the same code is read again are not waited for
    front.passes._end.clear()
    front.passes.look(False)
    front.passes.start(front.hands.present, front.hands.reader_trouble)
    front.frame = frame_of(text, 1)
    qtbot.keyClick(front.window, Qt.Key.Key_F3)
    qtbot.waitUntil(lambda: front.screen() is Screen.REFUSED)
    assert shows(front, "This code has been used")()
    assert front.wires.switches.count(True) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"expires": 1}, "This code has expired"),
        ({"gates": ("north",)}, "This code is for another gate"),
        ({"community": "elsewhere"}, "This code is for another gate"),
    ],
)
def test_a_pass_that_is_no_good_says_why(front: Front, qtbot: Any, changes: dict[str, object], words: str) -> None:
    front.frame = frame_of(visitor(front, **changes))
    qtbot.keyClick(front.window, Qt.Key.Key_F3)
    qtbot.waitUntil(lambda: front.screen() is Screen.REFUSED)
    assert shows(front, words)()
    assert front.wires.switches == []


# ---------------------------------------------------------------- the guard


def ring(front: Front, qtbot: Any) -> tuple[str, str]:
    """Press "Guard"; the call and its nonce as they stand in the record."""
    qtbot.mouseClick(front.window.ways.buttons[Way.GUARD], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(front.facts("call.started")) > 0)
    (started,) = front.facts("call.started")
    return started["call"], started["nonce"]


def test_the_guard_answers_and_opens(front: Front, qtbot: Any) -> None:
    call, nonce = ring(front, qtbot)
    front.journal.append("call.answered", {"call": call, "by": "s-gus"})
    qtbot.waitUntil(lambda: shows(front, "The guard is here")())
    front.order(call, nonce)
    qtbot.waitUntil(opened(front))
    (record,) = front.facts("passage.recorded")
    assert (record["method"], record["by"]) == ("guard", "s-gus")
    front.now += timedelta(seconds=10)
    qtbot.waitUntil(lambda: front.screen() is Screen.STANDBY)
    front.order(call, nonce)  # the same once more
    settle(front.window)
    assert front.screen() is Screen.STANDBY
    assert front.wires.switches.count(True) == 1


def test_the_guard_refuses_and_a_telephone_number_stands_there(front: Front, qtbot: Any) -> None:
    call, _nonce = ring(front, qtbot)
    front.journal.append("call.refused", {"call": call, "by": "s-gus"})
    qtbot.waitUntil(lambda: shows(front, "The guard cannot open")())
    view = front.window.shown
    assert view is not None
    assert view.call is not None
    assert view.call.phone == "010-6255 0110"
    assert front.wires.switches == []
    front.now += timedelta(seconds=9)
    qtbot.waitUntil(lambda: front.screen() is Screen.STANDBY)
    qtbot.waitUntil(lambda: front.facts("call.ended") == [{"call": call, "gate": "south"}])


def test_nobody_answers_so_the_next_is_rung_and_a_telephone_number_stands_there(front: Front, qtbot: Any) -> None:
    call, _nonce = ring(front, qtbot)
    front.now += timedelta(seconds=31)
    qtbot.waitUntil(lambda: front.facts("call.rang") == [{"call": call, "gate": "south", "rung": 1}])
    assert any("010-6255 0110" in text for text in labels(front.window))
    assert front.screen() is Screen.CALLING
    assert cut_off(front.window) == []


def test_a_call_that_nobody_can_hear_says_so_at_once(front: Front, qtbot: Any) -> None:
    front.online = False
    ring(front, qtbot)
    qtbot.waitUntil(lambda: shows(front, "No line to the guard")())
    view = front.window.shown
    assert view is not None
    assert view.call is not None
    assert (view.call.state, view.call.phone) == (CallState.LOST, "010-6255 0110")
