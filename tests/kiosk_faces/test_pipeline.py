"""A visit at the gate, frame by frame, with an engine whose faces are told by the test."""

import pytest

from domain.challenge import Turn
from domain.identification import Doubt, Liveness, Outcome, Reason
from domain.liveness import Policy, PolicyPlan
from kiosk.faces.engine import Vector, unit
from kiosk.faces.gallery import Gallery
from kiosk.faces.messages import ChallengeAsked, Sighting, VisitEnded
from kiosk.faces.pipeline import Habits
from tests.kiosk_faces.before_the_camera import (
    FPS,
    LI,
    STRANGER,
    WANG,
    Gate,
    Person,
    decisions,
    simulated,
)


def test_a_resident_is_named_once_and_the_visit_ends_when_they_leave() -> None:
    gate = simulated()
    said = gate.show(Person(WANG), frames=20) + gate.show(frames=15)
    (decision,) = decisions(said)
    assert (decision.outcome, decision.person_id, decision.reason) == (Outcome.IDENTIFIED, "wang", Reason.MATCH)
    assert decision.liveness is Liveness.NOT_ASSESSED
    assert decision.engine == "told 1"
    assert decision.ms < 1000
    assert [m.visit_id for m in said if isinstance(m, VisitEnded)] == [decision.visit_id]


def test_a_stranger_is_unknown() -> None:
    (decision,) = decisions(simulated().show(Person(STRANGER), frames=20))
    assert (decision.outcome, decision.person_id) == (Outcome.UNKNOWN, None)


def test_a_phantom_of_one_frame_is_nobody() -> None:
    gate = simulated()
    gate.show(frames=3)
    said = gate.show(Person(WANG), frames=1) + gate.show(frames=20)
    assert not decisions(said)
    said = gate.show(Person(WANG), frames=5) + gate.show(Person(WANG), Person(STRANGER, x=120, eyes=160), frames=1)
    said += gate.show(Person(WANG), frames=5)
    assert [d.person_id for d in decisions(said)] == ["wang"]
    assert not any(isinstance(m, VisitEnded) for m in said)


def test_two_of_like_size_are_asked_to_come_one_at_a_time() -> None:
    gate = simulated()
    said = gate.show(Person(WANG, x=200), Person(STRANGER, x=440, eyes=66), frames=20)
    assert not decisions(said)
    assert {m.coaching for m in said[-10:] if isinstance(m, Sighting)} == {Reason.SEVERAL_FACES}
    (decision,) = decisions(gate.show(frames=15))
    assert (decision.outcome, decision.reason) == (Outcome.UNKNOWN, Reason.SEVERAL_FACES)


def test_nothing_is_decided_once_a_second_of_like_size_has_come() -> None:
    gate, wang = Gate(policy=PolicyPlan(Policy.CONVENIENT)), like_wang(0.5)
    assert not decisions(gate.show(Person(wang), frames=2))  # a usable frame alone
    said = gate.show(Person(wang), Person(STRANGER, x=520, eyes=68), frames=30)
    assert not decisions(said)
    (decision,) = decisions(gate.show(Person(wang), frames=4))
    assert decision.person_id == "wang"


def test_a_resident_behind_a_stranger_does_not_open_for_the_stranger() -> None:
    said = simulated().show(Person(STRANGER, x=250, eyes=90), Person(WANG, x=450, eyes=40), frames=30)
    assert [d.person_id for d in decisions(said)] == [None]


def test_somebody_else_stepping_into_the_track_starts_over() -> None:
    gate = simulated()
    gate.pipeline.set_gallery(Gallery([("wang", WANG)]), 2)
    said = gate.show(Person(STRANGER), frames=2)  # a single usable frame of the stranger
    said += gate.show(Person(WANG), frames=10)
    (decision,) = decisions(said)
    assert decision.person_id == "wang"
    assert decision.candidates[0].score > 0.9  # nothing of the stranger is in it


@pytest.mark.parametrize("gap", [0, 8], ids=["at once", "within half a second"])
def test_who_steps_into_the_place_of_somebody_decided_has_a_visit_of_their_own(gap: int) -> None:
    gate = simulated()
    said = gate.show(Person(WANG), frames=20) + gate.show(frames=gap)
    said += gate.show(Person(STRANGER), frames=20) + gate.show(frames=gap) + gate.show(Person(LI), frames=40)
    assert [d.person_id for d in decisions(said)] == ["wang", None, "li"]
    first, second = (m for m in said if isinstance(m, VisitEnded))
    assert (first.again, second.again) == (False, False)


def test_whoever_steps_back_and_comes_again_has_another_visit_though_never_out_of_sight() -> None:
    gate = simulated()
    said = gate.show(Person(WANG), frames=20) + gate.show(Person(WANG, eyes=60), frames=20)
    assert len(decisions(said)) == 1  # swaying is not stepping back
    back = [Person(WANG, eyes=eyes) for eyes in (50, 35, 25, 18, 14)]
    aside = [Person(WANG, x=x) for x in (240, 160, 80, 20)]
    for way in (back, aside):
        for step in (*way, *[way[-1]] * 12, *reversed(way)):
            said += gate.show(step, frames=2)
        said += gate.show(Person(WANG), frames=10)
    assert [d.person_id for d in decisions(said)] == ["wang"] * 3


def test_whoever_stays_is_not_taken_for_somebody_else_by_one_poor_picture() -> None:
    gate = simulated()
    said = gate.show(Person(WANG), frames=20)
    for _ in range(4):
        said += gate.show(Person(STRANGER), frames=1) + gate.show(Person(WANG), frames=19)
    assert [d.person_id for d in decisions(said)] == ["wang"]


def test_a_withdrawal_holds_for_the_visit_under_way() -> None:
    gate = Gate(policy=PolicyPlan(Policy.STANDARD))
    said = gate.show(Person(WANG), frames=6)
    assert any(isinstance(m, ChallengeAsked) for m in said)
    asked = next(m for m in said if isinstance(m, ChallengeAsked))
    applied = gate.pipeline.set_gallery(Gallery([("li", LI)]), 7)
    assert (applied.revision, applied.people) == (7, 1)
    said = gate.obey(asked, {Turn.LEFT: 25.0, Turn.RIGHT: -25.0, Turn.CENTRE: 0.0}.__getitem__)
    assert [d.person_id for d in decisions(said)] == [None]


def test_too_far_and_out_of_the_zone_are_coached() -> None:
    gate = simulated()

    def coached(*people: Person, frames: int = 3) -> Reason | None:
        last = gate.show(*people, frames=frames)[-1]
        assert isinstance(last, Sighting)
        return last.coaching

    assert coached(Person(WANG, eyes=10)) is Reason.TOO_FAR
    assert coached(Person(WANG, x=20)) is Reason.OUT_OF_ZONE
    assert coached(frames=15) is Reason.NO_FACE


def test_an_unnamed_visitor_is_looked_at_once_more_and_not_forever() -> None:
    said = simulated().show(Person(STRANGER), frames=int(20 * FPS))
    assert len(decisions(said)) == 2


def like_wang(score: float) -> Vector:
    """Somebody who looks so much like Wang, in the told engine's noise."""
    aside = unit(STRANGER - float(STRANGER @ WANG) * WANG)
    alike = score / 0.947  # of which the noise takes so much
    return unit(alike * WANG + (1 - alike**2) ** 0.5 * aside)


@pytest.mark.parametrize(("by", "named"), [(0.03, None), (0.3, "wang")])
def test_what_was_not_enough_at_first_counts_with_what_is_seen_then_and_has_to_be_surer(
    by: float, named: str | None
) -> None:
    """A stranger who stays would otherwise have two draws at the threshold; a resident whose first look was poor is let in."""
    gate = simulated()
    at = gate.pipeline.operating
    said = gate.show(Person(like_wang(at.threshold - 0.03)), frames=int(3 * FPS))
    said += gate.show(Person(like_wang(at.threshold + by)), frames=int(4 * FPS))
    first, second = decisions(said)
    assert (first.person_id, second.person_id) == (None, named)
    assert second.candidates[0].score > at.threshold, "it would have been enough at first"
    assert second.threshold == at.threshold + at.band
    assert second.frames_used > first.frames_used


@pytest.mark.parametrize(("by", "named"), [(0.03, None), (0.3, "wang")])
def test_a_stranger_who_stays_is_asked_no_less_because_another_face_came_between(by: float, named: str | None) -> None:
    """A neighbour's head for a frame, or one's own turned away, and all that was seen is begun anew: what is asked is not."""
    gate = simulated()
    gate.pipeline.set_gallery(Gallery([("wang", WANG)]), 2)
    at = gate.pipeline.operating
    said = gate.show(Person(like_wang(at.threshold - 0.03)), frames=int(2 * FPS))
    while not any(isinstance(m, VisitEnded) and m.again for m in said):
        said += gate.show(Person(like_wang(at.threshold - 0.03)), frames=1)
    said += gate.show(Person(LI), frames=1) + gate.show(Person(like_wang(at.threshold + by)), frames=int(4 * FPS))
    _, second = decisions(said)
    assert second.person_id == named
    assert second.threshold == at.threshold + at.band
    assert second.candidates[0].score > at.threshold + by / 2, "nothing of what was seen before is in it"


def test_without_pictures_a_visit_is_closed() -> None:
    gate = simulated()
    gate.show(Person(WANG), frames=10)
    assert gate.pipeline.idle() == []
    gate.now += 2
    assert [type(m) for m in gate.pipeline.idle()] == [VisitEnded]
    assert gate.pipeline.idle() == []


def test_a_stranger_whom_the_staff_saw_let_in_is_not_let_in_again() -> None:
    gate = simulated()
    alike = unit(0.62 * WANG + 0.78 * STRANGER)
    first = decisions(gate.show(Person(alike), frames=10) + gate.show(frames=15))[0]
    assert first.person_id == "wang"
    gate.pipeline.set_habits(Habits(doubted={"wang": Doubt(1, first.candidates[0].score)}))
    gate.pipeline.set_gallery(Gallery([("wang", WANG), ("li", LI)]), 2)  # holds for every gallery that follows
    again = decisions(gate.show(Person(alike), frames=10) + gate.show(frames=15))[0]
    assert (again.outcome, again.person_id) == (Outcome.UNSURE, None)
    assert again.candidates[0].score < again.threshold, "what was asked of it stands on the record"
    assert decisions(gate.show(Person(WANG), frames=10))[0].person_id == "wang"
