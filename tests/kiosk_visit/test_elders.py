"""Elders at the gate: time, larger words, the voice first, and the button that says that they are well."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from domain.identification import Outcome, Reason
from domain.passages import Hours, Method
from kiosk.faces.messages import ChallengeAsked, Turn
from kiosk.visit.effects import (
    OpenGate,
    ReportWell,
    Speak,
)
from kiosk.visit.events import (
    CredentialRefused,
    GateAnswered,
    Press,
    StaffAccepted,
    Tick,
)
from kiosk.visit.view import Screen, Way, Well
from tests.kiosk_visit.visits import SETTINGS, START, WANG, Bench, decided, ended, only, seen, spoken


def test_an_elder_gets_time_and_the_button_while_standing_there() -> None:
    bench = Bench()
    bench.send(seen())
    opened = only(OpenGate, bench.send(decided("p-wang")))
    assert opened == OpenGate("v1", 10.0)
    assert bench.view.elder
    assert bench.view.well is Well.OFFERED
    bench.wait(8)
    assert bench.screen() is Screen.IDENTIFIED
    assert only(ReportWell, bench.press(Press.WELL)) == ReportWell("p-wang", Method.FACE, bench.now)
    assert bench.visit.view().well is Well.SAID
    assert bench.press(Press.WELL) == ()
    bench.wait(2.6)
    assert bench.screen() is Screen.STANDBY


def test_an_elder_hears_how_to_say_that_they_are_well() -> None:
    bench = Bench()
    assert only(Speak, bench.send(seen(), decided("p-wang"))) == Speak("welcome_elder", WANG.greeting)


def test_at_the_hours_of_elders_the_voice_begins_words_are_large_and_screens_stay() -> None:
    """Before anybody is known, to whoever is not known at once; and at no other hour."""
    mornings = replace(SETTINGS, elder_hours=(Hours(time(6), time(11)),))
    elders, others = Bench(mornings), Bench(mornings, now=START.replace(hour=11))
    assert spoken(elders.send(seen(), Tick())) == spoken(elders.send(seen(), Tick(), after=0.9)) == []
    assert spoken(elders.send(seen(), Tick(), after=0.1)) == ["look"]
    assert spoken(others.send(seen())) == spoken(others.send(seen(), Tick(), after=1)) == []
    for bench in (elders, others):
        bench.send(decided(None, Outcome.UNKNOWN, Reason.NO_MATCH), after=0.5)
        bench.send(ended())
    assert (elders.view.large, others.view.large) == (True, False)
    elders.press(Way.PIN)
    others.press(Way.PIN)
    elders.wait(31, step=1)
    others.wait(31, step=1)
    assert (elders.view.screen, others.view.screen) == (Screen.PIN, Screen.STANDBY)
    elders.wait(15, step=1)
    assert elders.view.screen is Screen.STANDBY


def test_who_is_asked_slowly_hears_every_turn_as_the_lantern_begins_it() -> None:
    bench = Bench()
    bench.send(seen())
    bench.send(ChallengeAsked("v1", (Turn.LEFT, Turn.CENTRE, Turn.LEFT), 3.0, 102.6, slow=True))
    heard = []
    for tenth in range(120):
        for prompt in spoken(bench.send(replace(seen(), monotonic=100 + tenth / 10), after=0.1)):
            heard.append((prompt, 100 + tenth / 10))
    assert heard == [("turn_left", 102.6), ("turn_centre", 105.6), ("turn_left", 108.6)]
    bench.send(ended())
    bench.send(seen("v2"))
    bench.send(ChallengeAsked("v2", (Turn.LEFT, Turn.RIGHT), 2.0, 120.6))
    assert spoken(bench.send(replace(seen("v2"), monotonic=121.0))) == []


def test_of_a_wrong_pin_one_hears_too_and_elders_are_led_from_the_flat_to_the_pin() -> None:
    for hours, led in (((), []), ((Hours(),), ["pin_secret"])):
        bench = Bench(replace(SETTINGS, elder_hours=hours))
        assert spoken(bench.press(Way.PIN)) == ["pin"]
        assert spoken(bench.press(*"32501", Press.ENTER)) == led
        bench.press(*"1234", Press.ENTER)
        assert spoken(bench.send(CredentialRefused(Method.PIN, "pin_wrong", pad=1))) == ["pin_wrong"]
        bench.press(*"1234", Press.ENTER)
        assert spoken(bench.send(CredentialRefused(Method.PIN, "pin_wrong", wait_s=30, pad=1), after=3)) == ["pin_wait"]
    bench.press(Press.STAFF, *"4711", Press.ENTER)
    assert spoken(bench.send(CredentialRefused(Method.PIN, "staff_wrong", pad=2))) == []


def test_the_staff_are_signed_in_no_longer_for_it() -> None:
    bench = Bench(replace(SETTINGS, elder_hours=(Hours(),)))
    bench.press(Press.STAFF)
    bench.send(StaffAccepted("张工", 1))
    assert not bench.view.large
    bench.wait(301, step=10)
    assert bench.screen() is Screen.STANDBY


@pytest.mark.parametrize(("minutes", "key"), [(30, "kiosk.identified.awaited"), (-30, "kiosk.identified.come_in")])
def test_an_elder_who_was_not_heard_from_today_is_asked_to_press(minutes: int, key: str) -> None:
    bench = Bench(wang=replace(WANG, awaited_until=START + timedelta(minutes=minutes)))
    bench.send(seen(), decided("p-wang"), GateAnswered("v1", True))
    assert bench.view.second is not None
    assert bench.view.second.key == key
    bench.press(Press.WELL)
    assert bench.view.second.key == "kiosk.identified.come_in"


def test_an_elder_who_walked_on_is_not_waited_for() -> None:
    bench = Bench()
    bench.send(seen(), decided("p-wang"), ended())
    bench.wait(4.8)
    assert bench.screen() is Screen.IDENTIFIED
    bench.wait(0.3)
    assert bench.screen() is Screen.STANDBY
