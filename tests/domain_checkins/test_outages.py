"""What an outage of the server costs somebody who lay there before it, by the learned rule: examples on one day's clock."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.assessment import Occurrence
from domain.careplan import Backstop, CarePlan
from domain.checkins import assess
from domain.consent import Purpose
from domain.signals import Sign, SignOfLife
from domain.watched import Source

H = timedelta(hours=1)
PLAN = CarePlan("e1", backstops=(), consents=frozenset({Purpose.HOME_MONITORING}))
HALL = Source("hall", frozenset({Sign.MOTION}), datetime(2027, 3, 1, tzinfo=UTC))


def at(hour: float) -> datetime:
    return datetime(2027, 3, 3, tzinfo=UTC) + hour * H


def learned(sign: SignOfLife) -> datetime:
    """Ten hours are allowed from the evening on, three by day."""
    return sign.at + (10 if sign.at.hour >= 20 or sign.at.hour < 6 else 3) * H


def rings(last: float, *outages: tuple[float, float], plan: CarePlan = PLAN) -> datetime:
    """By the plan's fixed rules, else by the learned one."""
    unheard, taught = [(at(a), at(b)) for a, b in outages], None if plan.backstops else learned
    found: tuple[Occurrence, ...] = assess(
        plan, [SignOfLife(Sign.MOTION, at(last))], at(72), sources=[HALL], learned=taught, since=at(0), unheard=unheard
    ).occurrences
    (one,) = found
    return one.ring_at


@pytest.mark.parametrize(
    ("last", "outage", "expected", "why"),
    [
        (22, (23, 33), 34.8, "lying since the night: 0.6 of three hours from nine on, and not until six in the evening"),
        (9, (10, 15), 16.8, "by day as well"),
        (9, (10, 10.2), 12.0, "a short one costs nothing"),
        (9, (18, 30), 12.0, "one that came after it rang costs nothing"),
        (9, (10, 22), 27.0, "whoever may have gone to bed meanwhile is let sleep, and no longer than six hours that were watched"),
        (22, (23, 25), 32.0, "and never sooner than without one"),
    ],
)  # fmt: skip
def test_an_outage_costs_what_somebody_heard_at_its_end_would_be_allowed_in_part(
    last: float, outage: tuple[float, float], expected: float, why: str
) -> None:
    assert rings(last, outage) == at(expected), why


def test_a_server_that_stands_still_again_and_again_does_not_put_an_alarm_off_for_ever() -> None:
    every_hour = [(hour, hour + 0.2) for hour in range(10, 40)]
    watched_in_an_hour = 0.8
    assert at(9 + 6) < rings(9, *every_hour) <= at(9 + 6 / watched_in_an_hour)


@pytest.mark.parametrize(
    ("hours", "last", "outage", "expected", "why"),
    [
        (24, 9, (10, 15), 33.0, "whoever is well is heard in the eighteen hours that are left"),
        (24, 9, (16, 26), 40.0, "fourteen hours from its end hold a night"),
        (24, 9, (28, 33), 38.0, "and no more than those that were agreed, of hours that were watched"),
        (24, 9, (34, 39), 33.0, "one that came after it rang costs nothing"),
        (12, 9, (12, 17), 26.0, "a shorter rule is watched for as long as was agreed, or nights would ring"),
    ],
)  # fmt: skip
def test_a_fixed_rule_waits_fourteen_hours_from_the_end_of_an_outage_at_most(
    hours: int, last: float, outage: tuple[float, float], expected: float, why: str
) -> None:
    rule = Backstop("no_motion", frozenset({Sign.MOTION}), hours * H)
    assert rings(last, outage, plan=replace(PLAN, backstops=(rule,))) == at(expected), why
