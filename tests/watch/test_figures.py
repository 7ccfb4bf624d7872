"""The figures of a period, from facts alone."""

from datetime import timedelta

from domain import incident_kinds as k
from domain.events import to_ms
from domain.figures import Share
from tests.watch.benches import ELDER, T0, Bench
from watch.figures import Period, period
from watch.outages import tell

S = timedelta(seconds=1)
ZONE = "Asia/Shanghai"


def figures(bench: Bench) -> Period:
    return period(bench.ledger, [ELDER], [(ELDER, "jinxiu")], T0, bench.now, ZONE)


def alarm(
    bench: Bench, answered_s: float | None, *, there_s: float = 0, drill: bool = False, outcome: str = "helped"
) -> None:
    """One press, answered after so many seconds, with somebody there after so many, or ten minutes later; then closed."""
    bench.now += timedelta(hours=3)
    bench.tell("sign.sos", device="b", **({"exercise": True} if drill else {}))
    bench.tick()
    id = bench.incidents()[-1].id
    if answered_s is None:
        return
    way_s = there_s - answered_s if there_s else 600
    for kind, after, more in (
        (k.ACKNOWLEDGED, answered_s * S, {}), (k.ON_SCENE, way_s * S, {}), (k.FEEDBACK, 60 * S, {"outcome": outcome}),
        (k.CLOSED, 60 * S, {}),
    ):  # fmt: skip
        bench.now += after
        bench.tell(kind, incident=id, by="ann" if kind != k.CLOSED else "bo", **more)
        bench.tick()


def test_answers_and_arrivals_are_held_to_their_times_and_drills_are_timed_apart(bench: Bench) -> None:
    bench.tell("careplan.set", revision=1, windows=[], backstops=[])
    alarm(bench, 30)
    alarm(bench, 100)
    alarm(bench, 5, drill=True)
    alarm(bench, None)
    early = figures(bench).figures
    assert early.answered == (Share(1, 2), Share(2, 2))  # the last one still has its minute
    bench.now += timedelta(hours=2)
    found = figures(bench).figures
    assert (found.incidents, found.answered) == (3, (Share(1, 3), Share(2, 3)))
    assert found.on_scene == (Share(2, 3), Share(2, 3))
    (drill,) = found.drills
    assert (drill.answered_after, drill.arrived_after) == (5 * S, 605 * S)


def test_the_last_second_of_a_target_meets_it_and_the_next_does_not(bench: Bench) -> None:
    bench.tell("careplan.set", revision=1, windows=[], backstops=[])
    for answered_s, there_s in ((60, 2700), (61, 2701), (180, 3600), (181, 3601)):
        alarm(bench, answered_s, there_s=there_s)
    found = figures(bench).figures
    assert found.answered == (Share(1, 4), Share(3, 4))
    assert found.on_scene == (Share(1, 4), Share(3, 4))


def test_a_false_alarm_counts_by_elder_and_month_and_needs_nobody_on_the_spot(bench: Bench) -> None:
    bench.tell("careplan.set", revision=1, windows=[], backstops=[])
    alarm(bench, 10, outcome="false_alarm")
    bench.now += timedelta(hours=1)
    bench.tell("sign.fall", device="w")
    bench.tick()
    bench.tell(k.REJECTED, incident=bench.incidents()[-1].id, by="ann")
    bench.now += timedelta(days=1)
    found = figures(bench)
    assert found.figures.false_alarms == {(ELDER, "2026-11"): 2}
    assert found.figures.on_scene[0] == Share(1, 1)
    assert found.plain()["false_alarms"] == [{"elder": ELDER, "month": "2026-11", "count": 2}]


def test_whoever_only_a_gate_sees_is_blind_while_it_is_silent_from_when_they_are_in_care(bench: Bench) -> None:
    bench.tell("kiosk.silent", "v1", silent=True, since=to_ms(bench.now))
    bench.now += timedelta(hours=5)
    bench.tell("careplan.set", revision=1, windows=[], backstops=[])
    bench.now += timedelta(hours=2)
    bench.tell("careplan.set", revision=2, windows=[], backstops=[])
    assert figures(bench).blind == {ELDER: 120.0}
    bench.tell("kiosk.silent", "v1", silent=False, since=to_ms(T0))
    bench.now += timedelta(hours=9)
    assert figures(bench).blind == {ELDER: 120.0}
    bench.tell("home.device_registered", device="hall", kind="motion")
    bench.tell("kiosk.silent", "v1", silent=True, since=to_ms(bench.now))
    bench.now += timedelta(hours=3)
    assert figures(bench).blind == {ELDER: 0.0}, "and whoever has sensors is by those"


def test_blind_minutes_and_visits_are_counted_for_each_elder(bench: Bench) -> None:
    bench.tell("home.device_registered", device="hall", kind="motion")
    bench.now += timedelta(hours=1)
    bench.tell("device.blind", device="hall", blind=True, since=to_ms(bench.now))
    bench.now += timedelta(hours=2)
    assert figures(bench).blind == {ELDER: 120.0}
    stood = to_ms(T0) + 10 * 60_000
    tell(bench.ledger, ["jinxiu"], stood, stood + 15 * 60_000)
    assert figures(bench).blind == {ELDER: 135.0}, "nobody was heard while the server stood still"
    bench.tell("visit.recorded", how="call", by="ann")
    assert figures(bench).visits_due == (ELDER,)
    bench.tell("visit.recorded", how="visit", by="ann")
    assert (figures(bench).visits, figures(bench).visits_due) == (1, ())
