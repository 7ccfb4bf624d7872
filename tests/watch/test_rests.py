"""An elder takes their consent back for a while, or pauses a sensor: hours in which nothing was kept are no silence of theirs."""

from datetime import timedelta
from typing import Any

import pytest

from domain.events import to_ms
from tests.watch.benches import ELDER, T0, Bench

H = timedelta(hours=1)


def consent(bench: Bench, after: list[str] | None = None) -> None:
    known: dict[str, Any] = {} if after is None else {"after": after}
    bench.tell("consent.given", purpose="home_monitoring", version="1", **known)


def plan(bench: Bench, revision: int, **more: Any) -> None:
    bench.tell("careplan.set", revision=revision, since=to_ms(T0), windows=[], **more)


def live(bench: Bench, hours: int, kept: bool = True) -> None:
    """Up and about; what the elder does not wish is not kept."""
    for _ in range(2 * hours):
        if kept:
            bench.tell("sign.motion", device="hall")
        bench.tick(H / 2)


@pytest.mark.parametrize("how", ["consent", "sensor", "first consent"])
def test_whoever_is_listened_to_again_is_not_rung_for_at_once_and_is_when_they_are_silent(
    bench: Bench, how: str
) -> None:
    bench.tell("home.device_registered", device="hall", place="hall", kind="motion")
    if how != "first consent":
        consent(bench)
    plan(bench, 1)
    live(bench, 4, kept=how != "first consent")
    if how == "sensor":
        plan(bench, 2, paused=["hall"])
    elif how == "consent":
        withdrawn = bench.tell("consent.withdrawn", purpose="home_monitoring")
    live(bench, 40, kept=False)
    if how == "sensor":
        plan(bench, 3)
    else:
        consent(bench, [withdrawn] if how == "consent" else None)
    for n in range(20):
        bench.tick(timedelta(seconds=20) if n < 3 else H)
        assert bench.incidents() == []
    bench.plans.__init__()  # type: ignore[misc]  # as after a restart
    bench.plans.recall(bench.ledger)
    bench.tick(5 * H)
    bench.tick(2 * H)
    assert [i.rule for i in bench.incidents()] == ["no_motion"], "of which a day has been heard since"


def test_a_pause_of_ten_minutes_puts_nothing_off_by_more(bench: Bench) -> None:
    bench.tell("home.device_registered", device="hall", place="hall", kind="motion")
    consent(bench)
    plan(bench, 1)
    live(bench, 4)
    bench.tick(20 * H)
    plan(bench, 2, paused=["hall"])
    bench.tick(H / 6)
    plan(bench, 3)
    for _ in range(8):
        bench.tick(H)
    (incident,) = bench.incidents()
    assert incident.happened_at == bench.ledger.about(ELDER, ("sign.motion",))[-1].event().at + 24 * H + H / 6
