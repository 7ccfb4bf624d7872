"""That a server stood still excuses no silence of a home that somebody else heard, and none of a time still to come."""

from datetime import timedelta

import pytest

from caregiver.invented import Feed
from domain.events import to_ms
from tests.watch.benches import ELDER, T0, Bench, lived
from watch.figures import period
from watch.learning import Learner
from watch.ledger import Seen
from watch.outages import STOOD, heard, server_of, unheard_spans
from watch.plan_payloads import plan_of

D, H, M = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SPAN = (T0 - 5 * H, T0 - H)


def stood(server: str = "hub", received: timedelta = timedelta(0), trusted: bool = True) -> Seen:
    told = {"since": to_ms(SPAN[0]), "until": to_ms(SPAN[1]), "by": "system"}
    at = to_ms(T0 + received)
    return Seen(1, "s", STOOD, "jinxiu", server_of("jinxiu"), to_ms(SPAN[1]), at, trusted, told, "", server)


def sign(
    at: timedelta, by: str, received: timedelta | None = None, kind: str = "sign.motion", trusted: bool = True
) -> Seen:
    came = to_ms(T0 + (at if received is None else received))
    told = {} if kind == "sign.link" else {"device": "hall"}
    return Seen(2, "m", kind, "jinxiu", "p1", to_ms(T0 + at), came, trusted, told, "", by)


@pytest.mark.parametrize(
    ("signs", "stands"),
    [
        ([], True),
        ([sign(-6 * H, "district"), sign(-M, "district")], True),
        ([sign(-3 * H, "district")], False),
        ([sign(-3 * H, "district", received=-M)], False),  # it kept it for a while, as one that is cut off does
        ([sign(-3 * H, "district", received=-M, trusted=False)], True),
        ([sign(-3 * H, "hub", received=-M)], True),  # what a gateway kept for it, and told it afterwards
        ([sign(-3 * H, "hub", received=-2 * H)], False),  # it has handed on what it says it could not hear
        ([sign(-5 * H + M / 2, "hub")], True),  # it notes twice a minute that it listens
        ([sign(-3 * H, "gate", received=-M, kind="passage.recorded")], True),  # a gate keeps what it saw
        ([sign(-3 * H, "gate", kind="passage.recorded")], True),  # and may have a line of its own
        ([sign(-3 * H, "desk", kind="visit.recorded")], True),  # so has a desk that notes a call
        ([sign(-3 * H, "district", kind="sign.link")], True),  # pressed on a telephone
    ],
)
def test_what_somebody_heard_of_a_home_disproves_it_for_that_home(signs: list[Seen], stands: bool) -> None:
    assert unheard_spans([stood()], heard(signs)) == ([SPAN] if stands else [])


def test_of_two_that_stood_still_the_one_that_is_not_disproved_counts() -> None:
    assert unheard_spans([stood("hub"), stood("district")], heard([sign(-3 * H, "district", received=-M)])) == [SPAN]
    both = [sign(-3 * H, "district", received=-M), sign(-2 * H, "hub", received=-M)]
    assert unheard_spans([stood("hub"), stood("district")], heard(both)) == []


@pytest.mark.parametrize(("received", "trusted"), [(-2 * H, True), (timedelta(0), False)])
def test_what_is_told_of_a_time_to_come_or_by_a_clock_that_is_not_believed_is_none(
    received: timedelta, trusted: bool
) -> None:
    assert unheard_spans([stood(received=received, trusted=trusted)], []) == []


@pytest.fixture
def claimed(bench: Bench) -> Bench:
    """Three weeks of a home that this server heard, of which a hub says that it stood still for ten days."""
    lived(bench)
    told = {"since": to_ms(T0 + 5 * D), "until": to_ms(T0 + 15 * D), "by": "system"}
    bench.journal.absorb([Feed("jinxiu", 1).item(STOOD, told, server_of("jinxiu"), T0 + 15 * D, "hub")])
    return bench


def test_what_is_learned_of_a_home_leaves_out_no_day_on_which_somebody_heard_it(claimed: Bench) -> None:
    """Of eleven days nothing can be learned."""
    assert Learner(claimed.ledger)(plan_of(ELDER, {"consents": ["home_monitoring"]}), claimed.now, "jinxiu") is not None


def test_nobody_was_blind_on_days_on_which_somebody_heard_them(claimed: Bench) -> None:
    claimed.journal.append("home.device_registered", {"device": "hall", "kind": "motion"}, subject=ELDER, at=to_ms(T0))
    found = period(claimed.ledger, [], [(ELDER, "jinxiu")], T0, claimed.now, "Asia/Shanghai")
    assert found.blind == {ELDER: 0.0}
    told = {"since": to_ms(claimed.now), "until": to_ms(claimed.now + 3 * H), "by": "system"}
    claimed.now += 4 * H
    claimed.journal.absorb([Feed("jinxiu", 9).item(STOOD, told, server_of("jinxiu"), claimed.now, "hub")])
    found = period(claimed.ledger, [], [(ELDER, "jinxiu")], T0, claimed.now, "Asia/Shanghai")
    assert found.blind == {ELDER: 180.0}
