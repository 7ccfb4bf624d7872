import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clock import Hlc, rule_time
from domain.events import Clock

MS = st.integers(0, 2**44)
STAMPS = st.builds(Hlc, MS, st.integers(0, 0xFFFF))
NOW = 1_800_000_000_000
DAY = 86_400_000


@given(STAMPS, MS)
def test_the_next_stamp_is_always_later_though_the_clock_goes_back(stamp: Hlc, now: int) -> None:
    assert str(stamp.tick(now)) > str(stamp)


@pytest.mark.parametrize(
    ("stamp", "now", "following"),
    [
        (Hlc(5, 3), 9, Hlc(9, 0)),
        (Hlc(9, 3), 9, Hlc(9, 4)),
        (Hlc(9, 3), 5, Hlc(9, 4)),
        (Hlc(9, 0xFFFF), 5, Hlc(10, 0)),
    ],
)
def test_a_stamp_goes_with_the_clock_and_counts_on_while_that_stands_still_or_goes_back(
    stamp: Hlc, now: int, following: Hlc
) -> None:
    assert stamp.tick(now) == following


@given(STAMPS)
def test_a_stamp_survives_as_text(stamp: Hlc) -> None:
    assert Hlc.parse(str(stamp)) == stamp


@given(STAMPS, STAMPS)
def test_stamps_sort_as_text(a: Hlc, b: Hlc) -> None:
    assert (str(a) < str(b)) == ((a.ms, a.counter) < (b.ms, b.counter))


@pytest.mark.parametrize("text", ["", "0.0", "0" * 17, "x" * 12 + ".0000"])
def test_what_is_not_a_stamp_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Hlc.parse(text)


def test_merging_follows_a_faster_clock_but_not_a_broken_one() -> None:
    ours, five_minutes = Hlc(NOW, 0), 300_000
    assert ours.merge(Hlc(NOW + 1_000, 3), NOW) == Hlc(NOW + 1_000, 3)
    assert ours.merge(Hlc(NOW + five_minutes, 0), NOW) == Hlc(NOW + five_minutes, 0)
    assert ours.merge(Hlc(NOW + five_minutes + 1, 0), NOW) == ours


def test_a_synced_fact_is_believed_and_never_from_the_future() -> None:
    assert rule_time(NOW - DAY, Clock.SYNCED, NOW, None).trusted
    late = rule_time(NOW + DAY, Clock.SYNCED, NOW, None)
    assert late.ms == NOW
    assert not late.trusted


def test_a_kiosk_a_day_ahead_gives_evidence_and_no_all_clear() -> None:
    judged = rule_time(NOW + DAY, Clock.UNSYNCED, NOW, sender_offset=-DAY)
    assert judged.ms == NOW
    assert not judged.trusted


def test_an_unsynced_clock_that_agrees_with_ours_is_believed() -> None:
    assert rule_time(NOW - 60_000, Clock.UNSYNCED, NOW, sender_offset=1_200).trusted
    assert not rule_time(NOW - 60_000, Clock.UNSYNCED, NOW, sender_offset=None).trusted


@pytest.mark.parametrize("ahead", [5_000, 5_001])
def test_five_seconds_are_within_what_clocks_may_differ_and_no_more(ahead: int) -> None:
    believed = ahead == 5_000
    assert rule_time(NOW + ahead, Clock.SYNCED, NOW, None).trusted is believed
    assert rule_time(NOW + ahead, Clock.UNSYNCED, NOW, 0).trusted is believed
    assert rule_time(NOW, Clock.UNSYNCED, NOW, ahead).trusted is believed
    assert rule_time(NOW, Clock.UNSYNCED, NOW, -ahead).trusted is believed


@given(MS, st.sampled_from(Clock), MS, st.none() | st.integers(-DAY, DAY))
def test_no_fact_counts_later_than_it_was_received(at: int, clock: Clock, received: int, offset: int | None) -> None:
    assert rule_time(at, clock, received, offset).ms <= received
