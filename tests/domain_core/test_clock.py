import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clock import MAX_AHEAD_MS, Hlc, rule_time
from domain.events import Clock

MS = st.integers(0, 2**44)
STAMPS = st.builds(Hlc, MS, st.integers(0, 0xFFFF))
NOW = 1_800_000_000_000
DAY = 86_400_000


@given(STAMPS, MS)
def test_the_next_stamp_is_always_later_though_the_clock_goes_back(stamp: Hlc, now: int) -> None:
    assert str(stamp.tick(now)) > str(stamp)


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
    ours = Hlc(NOW, 0)
    assert ours.merge(Hlc(NOW + 1_000, 3), NOW) == Hlc(NOW + 1_000, 3)
    assert ours.merge(Hlc(NOW + MAX_AHEAD_MS + 1, 0), NOW) == ours


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


@given(MS, st.sampled_from(Clock), MS, st.none() | st.integers(-DAY, DAY))
def test_no_fact_counts_later_than_it_was_received(at: int, clock: Clock, received: int, offset: int | None) -> None:
    assert rule_time(at, clock, received, offset).ms <= received
