"""Somebody being enrolled at the gate, as far as the flat or as far as their yes."""

from dataclasses import replace
from typing import Any

from domain.identification import Quality
from kiosk.faces.messages import Turn
from kiosk.visit.events import (
    Chosen,
    Press,
    Pressed,
    ResidentsFound,
    StaffAccepted,
)
from kiosk.visit.people import Newcomer
from kiosk.visit.view import EnrolView
from tests.kiosk_visit.visits import Bench, seen

GOOD = Quality(80.0, 0.8, 0.0, 0.0, 0.0, 0.9, 1.0, 0.9)

YAWS = {Turn.CENTRE: 0.0, Turn.LEFT: 16.0, Turn.RIGHT: -16.0}

LI = Newcomer("p-li", {"zh": "李先生", "en": "Mr Li"})

CHILD = Newcomer("p-child", {"zh": "李同学", "en": "Young Li"}, minor=True)


def looking(**quality: float) -> Any:
    return replace(seen(), quality=replace(GOOD, **quality))


def at_the_flat() -> Bench:
    bench = Bench()
    bench.send(Pressed(Press.STAFF), StaffAccepted("张工", 1))
    bench.press(Press.ENROL, *"32501")
    return bench


def agreed(who: Newcomer = LI) -> Bench:
    bench = at_the_flat()
    bench.press(Press.ENTER)
    bench.send(ResidentsFound((LI, CHILD)), Chosen(who.person_id))
    bench.press(Press.AGREE)
    return bench


def enrol(bench: Bench) -> EnrolView:
    assert bench.view.enrol is not None
    return bench.view.enrol
