"""Who is known and not let in, in the real window: by the hour, the way, a second coming in, the block list, an order too late."""

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt

from assets.words import say
from domain.events import to_ms
from domain.passages import Direction, GateRules, Group, Hours, Method, Passback, Schedule
from kiosk.screens.pages import MessagePage
from kiosk.visit.view import Screen, Way
from offline.letters.block_list import BLOCKED, UNBLOCKED
from qtkit.shots import settle
from tests.fakes.measure import cut_off
from tests.kiosk_screens.front import Front
from tests.kiosk_screens.shown import page, words


def swipe(qtbot: Any, front: Front) -> None:
    front.swipe()


def refused(front: Front, qtbot: Any, ruling: str) -> None:
    """The screen says why, the other ways in stand there, the relay rests, and it is on record."""
    qtbot.waitUntil(lambda: front.screen() is Screen.REFUSED)
    assert words(front.window).headline.text() == say("en", f"kiosk.refused.{ruling}")
    assert front.window.ways.buttons[Way.GUARD].isVisible()
    assert cut_off(front.window) == []
    qtbot.waitUntil(lambda: [f["ruling"] for f in front.facts("passage.recorded")] == [ruling])
    assert front.wires.switches == []


def opens(front: Front, qtbot: Any) -> None:
    front.now += timedelta(seconds=9)
    qtbot.waitUntil(lambda: front.screen() is Screen.STANDBY)
    swipe(qtbot, front)
    qtbot.waitUntil(lambda: front.screen() is Screen.IDENTIFIED and True in front.wires.switches)


def scheduled(**schedule: Any) -> GateRules:
    return GateRules(Direction.IN, {Group.RESIDENT: Schedule(**schedule)}, open_seconds=0.2)


def test_outside_the_hours_of_their_group(front: Front, qtbot: Any) -> None:
    front.rules = scheduled(hours=(Hours(time(22), time(6)),))
    swipe(qtbot, front)
    refused(front, qtbot, "outside_hours")
    front.rules = scheduled(hours=(Hours(time(6), time(22)),))
    opens(front, qtbot)


def test_on_a_holiday_too(front: Front, qtbot: Any) -> None:
    hours = (Hours(time(6), time(22), on_holidays=False),)
    front.rules = GateRules(Direction.IN, {Group.RESIDENT: Schedule(hours)}, frozenset({front.now.date()}))
    swipe(qtbot, front)
    refused(front, qtbot, "outside_hours")


def test_by_a_way_that_is_not_allowed_now(front: Front, qtbot: Any) -> None:
    front.rules = scheduled(methods=frozenset({Method.FACE, Method.PIN}))
    swipe(qtbot, front)
    refused(front, qtbot, "method_not_now")


@pytest.mark.parametrize("passback", [Passback.REFUSE, Passback.NOTICE])
def test_who_came_in_and_never_went_out(front: Front, qtbot: Any, passback: Passback) -> None:
    """Somebody else may carry the card: it is refused or noticed as the gate is set, and the staff hear of it."""
    front.rules = GateRules(Direction.IN, passback=passback, open_seconds=0.2)
    came_in = {"gate_did": "opened", "direction": "in", "gate": "north", "method": "card"}
    before = to_ms(front.now - timedelta(hours=1))
    front.journal.append("passage.recorded", came_in, subject="p-li", at=before)
    swipe(qtbot, front)
    if passback is Passback.REFUSE:
        qtbot.waitUntil(lambda: front.screen() is Screen.REFUSED)
        assert cut_off(front.window) == []
    else:
        qtbot.waitUntil(lambda: True in front.wires.switches)
    qtbot.waitUntil(lambda: len(front.facts("staff.noticed")) == 1)
    (notice,) = front.facts("staff.noticed")
    assert (notice["ruling"], notice["opened"]) == ("passback", passback is Passback.NOTICE)
    qtbot.waitUntil(lambda: len(front.facts("passage.recorded")) == 2)  # with what the gate has answered
    assert front.facts("passage.recorded")[-1]["ruling"] == ("passback" if passback is Passback.REFUSE else "granted")
    assert bool(front.wires.switches) is (passback is Passback.NOTICE)


def test_whoever_is_on_the_block_list_and_is_taken_off_it(front: Front, qtbot: Any) -> None:
    front.journal.append(BLOCKED, {"by": "s-gus"}, subject="p-li")
    swipe(qtbot, front)
    refused(front, qtbot, "blocked")
    qtbot.waitUntil(lambda: len(front.facts("staff.noticed")) == 1)
    (notice,) = front.facts("staff.noticed")
    assert notice == {"gate": "south", "ruling": "blocked", "method": "card", "opened": False}
    front.journal.append(UNBLOCKED, {"by": "s-gus"}, subject="p-li")
    opens(front, qtbot)


def test_a_way_rests_that_was_too_long_without_word_from_the_district(front: Front, qtbot: Any) -> None:
    """Cards after an hour, faces after three days, as this gate's operator wants it; the PIN goes on."""
    front.rules = GateRules(
        Direction.IN, open_seconds=0.2, unheard={Method.CARD: timedelta(hours=1), Method.FACE: timedelta(days=3)}
    )
    front.silence = timedelta(hours=2)
    card = front.window.ways.buttons[Way.CARD]
    qtbot.waitUntil(lambda: not card.isEnabled())
    assert front.screen() is Screen.STANDBY
    swipe(qtbot, front)
    refused(front, qtbot, "unheard")
    front.silence = timedelta(days=4)
    front.now += timedelta(seconds=9)
    qtbot.waitUntil(lambda: front.screen() is Screen.OUT_OF_ORDER)
    assert page(front.window, Screen.OUT_OF_ORDER, MessagePage).unmended.text() == say(
        "en", "kiosk.out_of_order.unheard"
    )
    assert cut_off(front.window) == []
    front.type("32501\n9081\n")  # on the pad
    qtbot.mouseClick(front.window.ways.buttons[Way.PIN], Qt.MouseButton.LeftButton)
    front.type("32501\n9081\n")
    qtbot.waitUntil(lambda: front.screen() is Screen.IDENTIFIED and True in front.wires.switches)
    front.silence = timedelta(0)
    opens(front, qtbot)


def out(front: Front) -> None:
    front.rules = GateRules(Direction.OUT, {Group.RESIDENT: Schedule(hours=())}, open_seconds=0.2)


def on_fire(front: Front) -> None:
    front.rules = scheduled(hours=())
    front.wires.fire = True


@pytest.mark.parametrize("why", [out, on_fire])
def test_nobody_is_locked_in(front: Front, qtbot: Any, why: Callable[[Front], None]) -> None:
    """Blocked and at no hour: out they go, and in while there is fire."""
    why(front)
    front.journal.append(BLOCKED, {"by": "s-gus"}, subject="p-li")
    if front.wires.fire:
        qtbot.waitUntil(lambda: bool(front.facts("gate.fire")))
    swipe(qtbot, front)
    qtbot.waitUntil(lambda: [f["gate_did"] for f in front.facts("passage.recorded")] == ["opened"])
    assert front.screen() is Screen.IDENTIFIED
    assert True in front.wires.switches


def test_an_order_of_the_guard_that_took_eleven_seconds_opens_nothing(front: Front, qtbot: Any) -> None:
    """It is as good as not given; the call goes on, and the next order opens, once."""
    qtbot.mouseClick(front.window.ways.buttons[Way.GUARD], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(front.facts("call.started")) == 1)
    (started,) = front.facts("call.started")
    for late_s in (11.0, 3600.0, -11.0):
        front.order(started["call"], started["nonce"], late_s=late_s)
    settle(front.window)
    assert front.screen() is Screen.CALLING
    assert front.wires.switches == []
    front.order(started["call"], started["nonce"], late_s=9.0)
    qtbot.waitUntil(lambda: front.screen() is Screen.IDENTIFIED and True in front.wires.switches)
    assert [f["by"] for f in front.facts("passage.recorded")] in ([], ["s-gus"])


def test_an_order_for_a_call_that_was_ended_opens_nothing(front: Front, qtbot: Any) -> None:
    qtbot.mouseClick(front.window.ways.buttons[Way.GUARD], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(front.facts("call.started")) == 1)
    (started,) = front.facts("call.started")
    qtbot.keyClick(front.window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: len(front.facts("call.ended")) == 1)
    front.order(started["call"], started["nonce"])
    settle(front.window)
    assert front.screen() is Screen.STANDBY
    assert front.wires.switches == []
