"""A plan with one window, on days in March 2027, and what could see the elder."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from domain.assessment import Assessment
from domain.careplan import CarePlan, Window
from domain.checkins import assess
from domain.consent import Purpose
from domain.signals import Sign, SignOfLife
from domain.watched import Source

H = timedelta(hours=1)
M = timedelta(minutes=1)


def at(hour: float, day: int = 3) -> datetime:
    """Local time in Shanghai (UTC+8, no summer time) in March 2027; the 3rd is a Wednesday."""
    return datetime(2027, 3, day, tzinfo=UTC) + timedelta(hours=hour - 8)


def sign(kind: Sign, hour: float, day: int = 3, **more: Any) -> SignOfLife:
    return SignOfLife(kind, at(hour, day), **more)


MORNING = Window("morning", time(9), time(11))
PLAN = CarePlan("e1", since=at(0), windows=(MORNING,), backstops=(), consents=frozenset({Purpose.HOME_MONITORING}))
KIOSK = Source("kiosk", frozenset({Sign.GATE, Sign.BUTTON}), at(0, 1), kiosk=True)
MOTION = Source("pir", frozenset({Sign.MOTION}), at(0, 1))


def state(now: float, *signs: SignOfLife, plan: CarePlan = PLAN, day: int = 3, **more: Any) -> Assessment:
    return assess(plan, signs, at(now, day), **more)
