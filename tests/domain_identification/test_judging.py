"""The gate's verdict: identified, unsure or unknown, and when the evidence suffices."""

from hypothesis import given
from hypothesis import strategies as st

from domain.identification import (
    Candidate,
    Liveness,
    Operating,
    Outcome,
    Patience,
    Reason,
    Verdict,
    judge,
    liveness_of,
    ripe,
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


@given(st.sampled_from(Liveness))
def test_only_a_simulated_source_says_not_assessed(assessed: Liveness) -> None:
    assert liveness_of(True, assessed) is Liveness.NOT_ASSESSED
    assert liveness_of(False, assessed) is not Liveness.NOT_ASSESSED
