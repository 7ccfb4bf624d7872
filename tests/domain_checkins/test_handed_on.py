"""A window is handed on to the next one by blindness alone, and never so that a silent home rings for nobody."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.careplan import Away, CarePlan, Window
from domain.checkins import assess
from domain.consent import Purpose
from domain.replay import Past, replay
from domain.signals import Sign, SignOfLife
from domain.watched import Source, Span, watched
from tests.domain_checkins.days import H, M

MIDNIGHT = datetime(2027, 3, 1, 16, tzinfo=UTC)  # in Shanghai
DAY, HALF = timedelta(days=1), 30 * M
clock = st.integers(0, 47).map(lambda half: time(half // 2, half % 2 * 30))


def rung(
    window: Window, days: int, gaps: Sequence[Span] = (), heard: Sequence[datetime] = (), step: timedelta = 15 * M
) -> list[datetime]:
    """When a window rang in as many days, looked at every `step` with what was known by then."""
    plan = CarePlan(
        "e", since=MIDNIGHT, windows=(window,), backstops=(), consents=frozenset({Purpose.HOME_MONITORING}),
        blind_after=100 * DAY,
    )  # fmt: skip
    signs = [SignOfLife(Sign.MOTION, at, "pir") for at in heard]
    found: dict[str, datetime] = {}
    now = MIDNIGHT
    while now < MIDNIGHT + days * DAY:
        known = tuple((a, b if b <= now else None) for a, b in gaps if a <= now)
        pir = Source("pir", frozenset({Sign.MOTION}), MIDNIGHT - 30 * DAY, known)
        for o in assess(plan, [s for s in signs if s.at <= now], now, sources=[pir]).occurrences:
            assert o.id in found or not any(a < now < b for a, b in gaps), "rung while nobody could have been seen"
            found.setdefault(o.id, now)
        now += step
    return sorted(found.values())


def nightly(first: time, last: time, days: int) -> list[Span]:
    """Blind from `first` to `last` of each day, or of the next one."""
    a, b = (timedelta(hours=t.hour, minutes=t.minute) for t in (first, last))
    return [(MIDNIGHT + d * DAY + a, MIDNIGHT + d * DAY + (b if b > a else b + DAY)) for d in range(-1, days)]


@given(clock, clock, st.sampled_from([0, 30, 120, 480, 720]))
@settings(max_examples=25, deadline=None)
def test_a_silent_home_that_is_watched_rings_for_every_window_at_its_deadline(
    start: time, end: time, grace: int
) -> None:
    window = Window("w", start, end, grace=grace * M)
    first = MIDNIGHT + timedelta(hours=start.hour, minutes=start.minute)
    length = timedelta(hours=end.hour - start.hour, minutes=end.minute - start.minute)
    length += DAY if length <= timedelta(0) else timedelta(0)
    deadlines = [first + d * DAY + length + grace * M for d in range(4)]
    assert rung(window, 4, step=HALF) == [at for at in deadlines if at < MIDNIGHT + 4 * DAY]


@given(clock, clock, st.sampled_from([0, 30, 240]), clock, clock)
@settings(max_examples=25, deadline=None)
def test_a_home_that_is_blind_at_the_same_hours_every_day_rings_when_two_windows_could_have_been_heard(
    start: time, end: time, grace: int, dark: time, light: time
) -> None:
    assume(dark != light)
    window, days = Window("w", start, end, grace=grace * M), 6
    gaps = nightly(dark, light, days)
    first = MIDNIGHT + timedelta(hours=start.hour, minutes=start.minute)
    length = timedelta(hours=end.hour - start.hour, minutes=end.minute - start.minute)
    length += DAY if length <= timedelta(0) else timedelta(0)
    seen = watched(first, first + length + grace * M, gaps)
    assume(seen >= (length + grace * M) / 2)  # so that two of them are a whole one
    rings = rung(window, days, gaps, step=HALF)
    assert rings
    assert rings[0] <= first + 4 * DAY + length + grace * M


@given(st.lists(st.integers(0, 4 * 96), max_size=6, unique=True), clock, clock)
@settings(max_examples=40, deadline=None)
def test_whoever_is_heard_in_every_window_is_never_rung_for(outages: list[int], start: time, end: time) -> None:
    """At the first moment of the window in which anybody could be heard."""
    window = Window("w", start, end)
    gaps = [(MIDNIGHT + q * 15 * M, MIDNIGHT + (q + 1) * 15 * M) for q in sorted(outages)]
    first = MIDNIGHT + timedelta(hours=start.hour, minutes=start.minute)
    heard = []
    for d in range(-1, 5):
        at = first + d * DAY
        for a, b in gaps:
            at = b if a <= at < b else at
        heard.append(at)
    assert rung(window, 4, gaps, heard) == []


@pytest.mark.parametrize(
    ("start", "end", "grace"),
    [((0, 0), (23, 59), 30), ((0, 0), (0, 0), 30), ((8, 0), (7, 45), 30), ((6, 0), (22, 0), 480)],
)
def test_a_window_as_long_as_the_day_rings(start: tuple[int, int], end: tuple[int, int], grace: int) -> None:
    window = Window("w", time(*start), time(*end), grace=grace * M)
    assert len(rung(window, 4)) >= 2
    assert rung(window, 4)[0] <= MIDNIGHT + 33 * H


def test_a_long_window_is_not_put_off_for_a_day_by_a_server_that_started_anew() -> None:
    window = Window("w", time(0), time(23, 59))
    restarts = [(MIDNIGHT + d * DAY + 3 * H, MIDNIGHT + d * DAY + 3 * H + 5 * M) for d in range(4)]
    assert rung(window, 3, restarts) == [MIDNIGHT + d * DAY + 45 * M for d in (1, 2)]


def test_a_router_that_is_off_at_night_puts_nobody_off_for_good() -> None:
    window = Window("day", time(7), time(22))
    rings = rung(window, 6, nightly(time(21), time(6), 6))
    assert rings == [MIDNIGHT + d * DAY + 6.5 * H for d in (2, 3, 4, 5)], "after two days, then for each"
    heard = [MIDNIGHT + d * DAY + 20 * H for d in range(6)]
    assert rung(window, 6, nightly(time(21), time(6), 6), heard) == []
    once = [MIDNIGHT + 20 * H]
    assert rung(window, 6, nightly(time(21), time(6), 6), once)[0] == MIDNIGHT + 3 * DAY + 6.5 * H


def test_a_home_blind_for_days_is_waited_for_in_one_window_when_it_is_seen_again() -> None:
    gaps = [(MIDNIGHT + 2 * H, MIDNIGHT + 3 * DAY + 12 * H)]
    assert rung(Window("w", time(9), time(11)), 4, gaps) == [MIDNIGHT + 3 * DAY + 14.5 * H]
    long = rung(Window("w", time(0), time(23, 59)), 6, gaps)
    assert [at for at in long if at < MIDNIGHT + 5 * DAY] == [
        MIDNIGHT + 4 * DAY + 10.5 * H,
        MIDNIGHT + 4 * DAY + 12.5 * H,
    ]


def test_a_replay_tells_which_window_could_never_have_rung() -> None:
    """Whose sensors were dead all the while; not one that is new, nor one that somebody is away in."""
    dead, alive = (
        Source("water", frozenset({Sign.WATER}), MIDNIGHT - 30 * DAY, ((MIDNIGHT - 30 * DAY, None),)),
        Source("pir", frozenset({Sign.MOTION}), MIDNIGHT - 30 * DAY),
    )
    windows = (
        Window("tap", time(9), time(11), counted=frozenset({Sign.WATER})),
        Window("any", time(9), time(11)),
        Window("long", time(0), time(23, 59)),
    )
    plan = CarePlan("e", windows=windows, backstops=(), consents=frozenset({Purpose.HOME_MONITORING}))
    signs = [SignOfLife(Sign.MOTION, MIDNIGHT + n * H, "pir") for n in range(24 * 10)]
    past = Past(plan, signs, MIDNIGHT + 10 * DAY, (dead, alive))
    assert replay(past).never == ("tap",)
    assert replay(replace(past, sources=(alive,))).never == ()
    assert replay(replace(past, now=MIDNIGHT + 2 * DAY)).never == ()
    gone = replace(plan, away=(Away(MIDNIGHT - DAY, MIDNIGHT + 9 * DAY),))
    assert replay(replace(past, plan=gone)).never == ()
