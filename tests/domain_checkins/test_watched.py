"""Watched time: a blind hour postpones a deadline by an hour, whatever the gaps are."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.signals import Sign
from domain.watched import FOREVER, ZERO, Source, Span, blind_minutes, intersection, reached, union, unseen, watched

T0 = datetime(2026, 11, 23, tzinfo=UTC)
MINUTES = st.integers(0, 600)


def at(minute: int) -> datetime:
    return T0 + timedelta(minutes=minute)


SPANS = st.lists(st.tuples(MINUTES, MINUTES).map(lambda s: (at(s[0]), at(s[1]))), max_size=6)
GAPS = st.lists(st.tuples(MINUTES, st.one_of(MINUTES, st.none())), max_size=4)


def within(moment: datetime, spans: list[Span]) -> bool:
    return any(a <= moment < b for a, b in spans)


def source(gaps: list[tuple[int, int | None]]) -> Source:
    told = tuple((at(a), None if b is None else at(b)) for a, b in gaps)
    return Source("s", frozenset({Sign.MOTION}), T0, told)


@given(SPANS)
def test_a_union_is_sorted_disjoint_and_covers_the_same_minutes(spans: list[Span]) -> None:
    found = union(spans)
    assert all(a < b for a, b in found)
    assert all(b < c for (_, b), (c, _) in pairwise(found)), "what touches is one"
    assert all(within(at(m), found) == within(at(m), spans) for m in range(0, 601, 7))


def test_spans_that_touch_are_one_and_a_device_is_no_gates_kiosk_unless_it_says_so() -> None:
    assert union([(at(0), at(5)), (at(5), at(9))]) == [(at(0), at(9))]
    assert not source([]).kiosk


@given(SPANS, SPANS)
def test_an_intersection_holds_the_minutes_of_both(one: list[Span], other: list[Span]) -> None:
    found = intersection(union(one), union(other))
    assert all(within(at(m), found) == (within(at(m), one) and within(at(m), other)) for m in range(0, 601, 7))


@given(MINUTES, MINUTES, SPANS)
def test_what_was_watched_and_what_was_not_make_the_whole(a: int, b: int, spans: list[Span]) -> None:
    gaps = union(spans)
    blind = sum(within(at(m), gaps) for m in range(a, b))
    assert watched(at(a), at(b), gaps) == max(ZERO, timedelta(minutes=b - a - blind))


@given(MINUTES, st.integers(1, 600), SPANS)
def test_a_deadline_comes_when_as_much_was_watched_as_was_allowed_and_not_a_minute_sooner(
    start: int, needed: int, spans: list[Span]
) -> None:
    gaps, allowed = union(spans), timedelta(minutes=needed)
    due = reached(at(start), allowed, gaps)
    assert watched(at(start), due, gaps) == allowed
    assert watched(at(start), due - timedelta(minutes=1), gaps) < allowed
    assert due >= at(start) + allowed


@given(MINUTES, st.integers(1, 600), MINUTES)
def test_before_the_end_of_a_gap_that_lasts_nothing_becomes_due(start: int, needed: int, begun: int) -> None:
    due = reached(at(start), timedelta(minutes=needed), [(at(begun), FOREVER)])
    assert (due == FOREVER) == (begun - start < needed)


@given(st.lists(GAPS, max_size=3))
def test_a_home_is_unseen_only_while_none_of_its_devices_sees_and_never_without_devices(
    homes: list[list[tuple[int, int | None]]],
) -> None:
    sources = [source(gaps) for gaps in homes]
    gaps = unseen(sources)
    for m in range(0, 601, 11):
        assert within(at(m), gaps) == (bool(sources) and all(within(at(m), s.spans()) for s in sources))
    assert blind_minutes(sources, at(0), at(600)) == sum(within(at(m), gaps) for m in range(600))
    assert blind_minutes(sources, at(600), at(0)) == 0
