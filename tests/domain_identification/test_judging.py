"""The gate's verdict: identified, unsure or unknown, and when the evidence suffices."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.identification import (
    Candidate,
    Doubt,
    Liveness,
    Operating,
    Outcome,
    Patience,
    Reason,
    Verdict,
    judge,
    liveness_of,
    ripe,
    tighten,
)

AT = Operating(threshold=0.5, threshold_ci95=(0.48, 0.52), margin=0.05, band=0.06, target_fpir=1e-3, gallery=2)
scores = st.floats(-1, 1)


def two(first: float, second: float) -> tuple[Candidate, ...]:
    return (Candidate("wang", first), Candidate("li", second))


def test_a_clear_best_is_identified() -> None:
    assert judge(two(0.6, 0.3), AT) == Verdict(Outcome.IDENTIFIED, Reason.MATCH, "wang")


def test_look_alikes_are_unsure() -> None:
    assert judge(two(0.60, 0.57), AT).reason is Reason.THIN_MARGIN


def test_a_pair_known_to_be_alike_is_asked_a_wider_margin() -> None:
    pair = Operating(0.5, (0.5, 0.5), 0.05, 0.06, 1e-3, 2, pair_margins={frozenset(("wang", "li")): 0.2})
    assert judge(two(0.6, 0.45), AT).outcome is Outcome.IDENTIFIED
    assert judge(two(0.6, 0.45), pair).reason is Reason.THIN_MARGIN


def test_near_the_threshold_is_unsure_and_below_unknown() -> None:
    assert judge(two(0.5, 0.1), AT).person_id == "wang"
    assert judge(two(0.46, 0.1), AT) == Verdict(Outcome.UNSURE, Reason.NEAR_THRESHOLD)
    assert judge(two(0.40, 0.1), AT) == Verdict(Outcome.UNKNOWN, Reason.NO_MATCH)
    assert judge((), AT) == Verdict(Outcome.UNKNOWN, Reason.EMPTY_GALLERY)


def test_a_stricter_resident_needs_more() -> None:
    assert judge(two(0.55, 0.1), AT, stricter=0.1).outcome is Outcome.UNSURE


@given(scores, scores, st.floats(0, 0.3))
def test_nobody_is_named_below_the_threshold_or_the_margin(a: float, b: float, stricter: float) -> None:
    first, second = max(a, b), min(a, b)
    verdict = judge(two(first, second), AT, stricter=stricter)
    assert (verdict.person_id is not None) == (verdict.outcome is Outcome.IDENTIFIED)
    if verdict.person_id:
        assert first >= AT.threshold + stricter
        assert first - second >= AT.margin


@given(scores, st.integers(1, 9), st.floats(0, 5))
def test_a_decision_is_ripe_in_the_end_and_never_refuses_on_one_frame_at_once(
    best: float, frames: int, waited: float
) -> None:
    patience = Patience()
    verdict = judge((Candidate("wang", best),), AT)
    if frames >= patience.most_frames or waited >= patience.most_s:
        assert ripe(verdict, best, AT, frames, waited, patience)
    elif frames == 1 and verdict.outcome is not Outcome.IDENTIFIED:
        assert not ripe(verdict, best, AT, frames, waited, patience)


def test_one_frame_suffices_only_far_above_the_threshold() -> None:
    found = Verdict(Outcome.IDENTIFIED, Reason.MATCH, "wang")
    assert ripe(found, 0.8, AT, 1, 0.0, Patience())
    assert not ripe(found, 0.55, AT, 1, 0.0, Patience())
    assert ripe(found, 0.55, AT, 3, 0.0, Patience())


def test_a_clear_stranger_is_told_after_two_frames_and_who_is_unsure_after_all_of_them() -> None:
    stranger, perhaps = Verdict(Outcome.UNKNOWN, Reason.NO_MATCH), Verdict(Outcome.UNSURE, Reason.NEAR_THRESHOLD)
    assert ripe(stranger, 0.1, AT, 2, 0.0, Patience())
    assert [ripe(stranger, 0.43, AT, n, 0.0, Patience()) for n in (2, 3)] == [False, True]
    assert [ripe(perhaps, 0.47, AT, n, 0.0, Patience()) for n in (3, 4)] == [False, True]
    assert [ripe(perhaps, 0.47, AT, 1, waited, Patience()) for waited in (0.49, 0.5)] == [False, True]


@given(st.sampled_from(Liveness))
def test_only_a_simulated_source_says_not_assessed(assessed: Liveness) -> None:
    assert liveness_of(True, assessed) is Liveness.NOT_ASSESSED
    assert liveness_of(False, assessed) is not Liveness.NOT_ASSESSED


def test_for_a_doubted_resident_more_is_asked_of_score_and_margin() -> None:
    doubted = replace(AT, tightened={"wang": 0.1})
    assert judge((Candidate("wang", 0.55), Candidate("li", 0.2)), AT).person_id == "wang"
    assert judge((Candidate("wang", 0.55), Candidate("li", 0.2)), doubted).reason is Reason.NEAR_THRESHOLD
    assert judge((Candidate("wang", 0.65), Candidate("li", 0.55)), doubted).reason is Reason.THIN_MARGIN
    assert judge((Candidate("wang", 0.65), Candidate("li", 0.2)), doubted).person_id == "wang"
    assert judge((Candidate("li", 0.55), Candidate("wang", 0.2)), doubted).person_id == "li"


@given(score=st.floats(0.5, 0.64), times=st.integers(1, 9))
def test_what_was_let_in_once_is_not_let_in_again(score: float, times: int) -> None:
    at = replace(AT, tightened=tighten({"wang": Doubt(times, score)}, AT))
    assert judge((Candidate("wang", score),), at).outcome is Outcome.UNSURE
    assert judge((Candidate("wang", 0.8),), at).person_id == "wang"  # and the resident still is


def test_a_doubt_without_a_score_counts_by_how_often() -> None:
    once, often = (tighten({"wang": Doubt(n)}, AT)["wang"] for n in (1, 100))
    assert 0 < once < often <= 3 * AT.band
