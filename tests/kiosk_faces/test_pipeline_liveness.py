"""Whether it is a person who stands there: the challenge, infrared and the policies, frame by frame."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.challenge import Turn
from domain.identification import Liveness, Outcome, Patience, Reason
from domain.liveness import Policy, PolicyPlan
from domain.passages import Hours
from kiosk.faces.engine import Vector
from kiosk.faces.gallery import Gallery
from kiosk.faces.infrared import Offset
from kiosk.faces.messages import ChallengeAsked, Message
from kiosk.faces.pipeline import Habits
from tests.kiosk_faces.before_the_camera import (
    LI,
    STRANGER,
    WANG,
    Gate,
    Person,
    decisions,
    simulated,
    towards,
)


def asked_at(gate: Gate) -> ChallengeAsked:
    said = gate.show(Person(WANG), frames=6)
    assert not decisions(said)
    return next(m for m in said if isinstance(m, ChallengeAsked))


FOLLOW = {Turn.LEFT: 25.0, Turn.RIGHT: -25.0, Turn.CENTRE: 0.0}.__getitem__


def test_the_challenge_is_passed_by_following() -> None:
    gate = Gate()
    (decision,) = decisions(gate.obey(asked_at(gate), FOLLOW))
    assert (decision.outcome, decision.person_id, decision.liveness) == (
        Outcome.IDENTIFIED,
        "wang",
        Liveness.LIVE,
    )
    gate.show(frames=15)
    (again,) = decisions(gate.show(Person(WANG), frames=6))  # proved today, calm: standard asks no more
    assert again.person_id == "wang"
    assert again.liveness is Liveness.UNDECIDED


@pytest.mark.parametrize(
    "act", [lambda t: 0.0, lambda t: -FOLLOW(t), lambda t: 25.0], ids=["still", "mirrored", "always left"]
)
def test_the_challenge_is_failed_by_anything_else(act: Callable[[Turn], float]) -> None:
    gate = Gate()
    (decision,) = decisions(gate.obey(asked_at(gate), act))
    assert (decision.outcome, decision.reason) == (Outcome.UNSURE, Reason.CHALLENGE_FAILED)
    assert decision.person_id is None


def test_an_elder_is_asked_slowly_and_so_is_everybody_at_the_hours_of_elders() -> None:
    usual, known, gate = Gate(), Gate(), Gate(elder_hours=(Hours(),))
    known.pipeline.set_habits(Habits(passed_today=frozenset({"wang", "li"}), elders=frozenset({"wang"})))
    assert [asked_at(one).slow for one in (usual, known)] == [False, True]
    began = gate.now
    asked = asked_at(gate)
    assert asked.slow
    assert asked.step_s >= 2.4
    assert asked.started - began > 2.5  # the voice has spoken by then
    (decision,) = decisions(gate.obey(asked, FOLLOW))
    assert decision.person_id == "wang"


def test_another_person_cannot_answer_for_a_resident() -> None:
    gate = Gate()
    (decision,) = decisions(gate.obey(asked_at(gate), FOLLOW, vector=LI))
    assert decision.reason is Reason.CHALLENGE_FAILED


def held(gate: Gate, asked: ChallengeAsked, print: Callable[[Turn], Person], away_s: float) -> list[Message]:
    """Pictures held before the camera, each in the time of its turn, `away_s` without any while they are exchanged."""
    said: list[Message] = []
    before, hidden = Turn.CENTRE, 0
    while gate.now < asked.started + len(asked.turns) * asked.step_s + 0.6:
        step = int((gate.now - 0.4 - asked.started) // asked.step_s)
        turn = asked.turns[step] if 0 <= step < len(asked.turns) else Turn.CENTRE
        hidden = round(away_s * gate.fps) if turn is not before else max(0, hidden - 1)
        before = turn
        said += gate.show(*(() if hidden else (print(turn),)), frames=1)
    return said


@pytest.mark.parametrize("fps", [6.0, 12.0, 20.0])
@pytest.mark.parametrize("degrees", [16.0, 25.0, 38.0, 48.0, 58.0])
def test_a_residents_picture_exchanged_for_a_face_that_is_turned_already_opens_nothing(
    degrees: float, fps: float
) -> None:
    """It is the resident that looks straight ahead, and somebody else that looks aside."""
    for away_s in (0.0, 0.2):
        gate = Gate()
        gate.fps = fps
        asked = asked_at(gate)
        aside = {Turn.LEFT: Person(STRANGER, yaw=degrees), Turn.RIGHT: Person(STRANGER, yaw=-degrees)}
        (decision,) = decisions(held(gate, asked, lambda turn, aside=aside: aside.get(turn, Person(WANG)), away_s))  # type: ignore[misc]
        assert (decision.outcome, decision.reason) == (Outcome.UNSURE, Reason.CHALLENGE_FAILED)


@pytest.mark.parametrize(
    ("degrees", "away_s"),
    [(25.0, 0.0), (25.0, 0.2), (18.0, 0.2), (25.0, 0.4)],
    ids=["at once", "by a hand", "so little", "slowly"],
)
def test_a_residents_pictures_from_three_sides_that_are_exchanged_before_a_quick_camera_open_nothing(
    degrees: float, away_s: float
) -> None:
    gate = Gate()
    asked = asked_at(gate)
    way = {Turn.LEFT: degrees, Turn.RIGHT: -degrees, Turn.CENTRE: 0.0}
    (decision,) = decisions(held(gate, asked, lambda turn: Person(WANG, yaw=way[turn]), away_s))
    assert (decision.outcome, decision.reason) == (Outcome.UNSURE, Reason.CHALLENGE_FAILED)


@pytest.mark.parametrize("fps", [5.0, 6.5, 8.0, 12.0, 20.0])
@pytest.mark.parametrize("degrees", [18.0, 25.0, 40.0, 58.0])
def test_who_follows_passes_before_a_slow_camera_too(degrees: float, fps: float) -> None:
    gate = Gate()
    gate.fps = fps
    way = {Turn.LEFT: degrees, Turn.RIGHT: -degrees, Turn.CENTRE: 0.0}
    (decision,) = decisions(gate.obey(asked_at(gate), way.__getitem__))
    assert (decision.person_id, decision.liveness) == ("wang", Liveness.LIVE)


def test_a_face_that_turns_too_far_to_be_seen_and_comes_back_is_the_same() -> None:
    gate = Gate()
    asked = asked_at(gate)
    yaw, said = 0.0, list[Message]()
    while gate.now < asked.started + len(asked.turns) * asked.step_s + 0.6:
        step = int((gate.now - 0.4 - asked.started) // asked.step_s)
        turn = asked.turns[step] if 0 <= step < len(asked.turns) else Turn.CENTRE
        yaw = towards({Turn.LEFT: 66.0, Turn.RIGHT: -66.0, Turn.CENTRE: 0.0}[turn], yaw, 1 / gate.fps)
        hidden = abs(yaw) > 62 and (gate.now * gate.fps) % 8 > 1  # a detector loses it for a moment
        said += gate.show(*(() if hidden else (Person(WANG, yaw=yaw),)), frames=1)
    (decision,) = decisions(said)
    assert decision.person_id == "wang"


def test_walking_away_from_the_challenge_opens_nothing() -> None:
    gate = Gate()
    asked_at(gate)
    (decision,) = decisions(gate.show(frames=20))
    assert decision.reason is Reason.CHALLENGE_FAILED


def test_after_a_challenge_that_was_not_passed_more_is_asked_and_after_three_the_face_is_not_asked() -> None:
    gate = Gate()
    asked = []
    for act in (lambda _: 0.0, FOLLOW):
        asked.append(asked_at(gate))
        gate.obey(asked[-1], act)
        gate.show(frames=15)
    assert [len(challenge.turns) for challenge in asked] == [4, 6]
    gate.now += 24 * 3600  # a new day: who followed proved it, and what was tried before is forgotten
    for turns in (4, 6, 6):
        assert len(asked_at(gate).turns) == turns
        gate.show(frames=20)  # whoever sees at the first turn that it does not fit walks away
    (decision,) = decisions(gate.show(Person(WANG), frames=6))
    assert (decision.outcome, decision.reason) == (Outcome.UNSURE, Reason.NOT_LIVE)
    gate.show(frames=20)
    gate.now += 1801
    assert len(asked_at(gate).turns) == 4


def test_a_residents_own_card_ends_the_bar_for_one_wary_challenge_each_time() -> None:
    """Somebody held up Wang's picture three times; Wang comes in by card, and each card is good for one try, of six turns."""
    gate = Gate()
    for _ in range(3):
        asked_at(gate)
        gate.show(frames=20)
    gate.pipeline.came_otherwise("li")
    (decision,) = decisions(gate.show(Person(WANG), frames=6))
    assert decision.reason is Reason.NOT_LIVE
    for _ in range(2):
        gate.show(frames=20)
        gate.pipeline.came_otherwise("wang")
        assert len(asked_at(gate).turns) == 6
        gate.show(frames=20)
        (decision,) = decisions(gate.show(Person(WANG), frames=6))
        assert decision.reason is Reason.NOT_LIVE
    gate.show(frames=20)
    gate.pipeline.came_otherwise("wang")
    (decision,) = decisions(gate.obey(asked_at(gate), FOLLOW))
    assert decision.person_id == "wang"


def test_what_was_tried_for_one_resident_is_not_held_against_another() -> None:
    gate = Gate()
    gate.obey(asked_at(gate), lambda _: 0.0)
    gate.show(frames=15)
    said = gate.show(Person(LI), frames=6)
    assert [len(m.turns) for m in said if isinstance(m, ChallengeAsked)] == [4]


def test_the_strict_policy_asks_for_more_turns() -> None:
    gate = Gate(policy=PolicyPlan(Policy.STRICT), infrared=Offset(0.05, 0.0, 1.0))
    said = gate.show(Person(WANG), infrared=(Person(WANG, x=352),), frames=6)
    assert [len(m.turns) for m in said if isinstance(m, ChallengeAsked)] == [6]


def test_infrared_a_face_there_is_alive_none_there_is_refused_always() -> None:
    settings: dict[str, Any] = {"infrared": Offset(0.05, 0.0, 1.0)}
    (live,) = decisions(Gate(**settings).show(Person(WANG), infrared=(Person(WANG, x=352),), frames=6))
    assert live.liveness is Liveness.LIVE
    for second in ((), (Person(WANG, x=60),), (Person(WANG, x=352, eyes=20),)):
        (refused,) = decisions(Gate(**settings).show(Person(WANG), infrared=second, frames=6))
        assert refused.outcome is Outcome.UNSURE
        assert (refused.reason, refused.liveness) == (Reason.NOT_LIVE, Liveness.ATTACK)


HERE: tuple[Person, ...] = (Person(WANG, x=352),)


@pytest.mark.parametrize("policy", Policy)
def test_an_infrared_camera_that_gives_nothing_accuses_nobody_and_proves_nothing(policy: Policy) -> None:
    gate = Gate(policy=PolicyPlan(policy), infrared=Offset(0.05, 0.0, 1.0))
    said = gate.show(Person(WANG), frames=6)
    if policy is Policy.STRICT:
        (refused,) = decisions(said)
        assert (refused.reason, refused.liveness) == (Reason.NOT_LIVE, Liveness.UNDECIDED)
        return
    asked = next(m for m in said if isinstance(m, ChallengeAsked))
    (decision,) = decisions(gate.obey(asked, FOLLOW))
    assert (decision.person_id, decision.liveness) == ("wang", Liveness.LIVE)


def test_one_infrared_picture_does_not_stand_for_those_that_did_not_come() -> None:
    gate = Gate(infrared=Offset(0.05, 0.0, 1.0), patience=Patience(early_surplus=100))
    said = gate.show(Person(WANG), frames=1)
    said += gate.show(Person(WANG), frames=1, infrared=HERE) + gate.show(Person(WANG), frames=6)
    assert not decisions(said)
    assert any(isinstance(m, ChallengeAsked) for m in said)


def test_infrared_that_ends_when_the_lantern_begins_opens_nothing_strict_and_is_held_against_nobody() -> None:
    gate = Gate(policy=PolicyPlan(Policy.STRICT), infrared=Offset(0.05, 0.0, 1.0))
    for _ in range(4):  # three challenges that were failed would bar the face
        said = gate.show(Person(WANG), frames=6, infrared=HERE)
        asked = next(m for m in said if isinstance(m, ChallengeAsked))
        (decision,) = decisions(gate.obey(asked, FOLLOW))
        assert (decision.reason, decision.liveness) == (Reason.NOT_LIVE, Liveness.UNDECIDED)
        gate.show(frames=15)


def test_a_face_is_judged_again_by_the_gallery_in_force_when_the_lantern_has_been_followed() -> None:
    """Withdrawn, the last one withdrawn, corrected to another face, another of the same face: nobody is let in by what was."""
    for people, outcome in (
        ([("li", LI)], Outcome.UNKNOWN),
        ([], Outcome.UNKNOWN),
        ([("li", LI), ("wang", STRANGER)], Outcome.UNKNOWN),
        ([("li", LI), ("zhao", WANG)], Outcome.UNSURE),
    ):
        gate = Gate()
        asked = asked_at(gate)
        gate.pipeline.set_gallery(Gallery(people), 2)
        (decision,) = decisions(gate.obey(asked, FOLLOW))
        assert (decision.outcome, decision.person_id) == (outcome, None)


def test_nobody_is_let_in_by_the_lantern_while_another_face_of_like_size_is_there() -> None:
    gate = Gate()
    asked = asked_at(gate)
    said = gate.obey(asked, FOLLOW, beside=(Person(STRANGER, x=520),))
    assert not decisions(said)
    (decision,) = decisions(gate.show(Person(WANG), frames=2))
    assert decision.person_id == "wang"


BESIDE = (Person(STRANGER, x=520),)


def test_a_face_that_is_lost_for_a_moment_after_its_last_turn_is_still_the_one_that_followed() -> None:
    """Somebody has stepped beside them, and the decision waits; the answer was given before."""
    gate = Gate()
    said = gate.obey(asked_at(gate), FOLLOW, beside=BESIDE) + gate.show(Person(WANG), *BESIDE, frames=6)
    said += gate.show(frames=3) + gate.show(Person(WANG), *BESIDE, frames=3)
    assert not decisions(said)
    (decision,) = decisions(gate.show(Person(WANG), frames=2))
    assert (decision.person_id, decision.liveness) == ("wang", Liveness.LIVE)


@pytest.mark.parametrize(
    ("act", "vector", "turns"),
    [(FOLLOW, WANG, 4), (lambda _: 0.0, WANG, 6), (FOLLOW, LI, 6)],
    ids=["followed", "still", "another's turns"],
)
def test_whoever_followed_and_leaves_with_who_stood_beside_them_is_held_to_nothing(
    act: Callable[[Turn], float], vector: Vector, turns: int
) -> None:
    """And whoever did not follow, or held a picture up first, has nothing from somebody else's standing there."""
    gate = Gate()
    said = gate.obey(asked_at(gate), act, vector=vector, beside=BESIDE)
    assert not decisions(said)
    (decision,) = decisions(gate.show(frames=20))
    assert (decision.outcome, decision.person_id) == (Outcome.UNSURE, None)
    assert decision.reason is (Reason.TIMED_OUT if turns == 4 else Reason.CHALLENGE_FAILED)
    assert len(asked_at(gate).turns) == turns


def test_a_living_face_in_infrared_does_not_vouch_for_a_picture_held_before_it() -> None:
    """A stranger stands there with the head turned away, then holds a resident's picture where the face was."""
    gate = Gate(infrared=Offset(0.05, 0.0, 1.0))
    said = gate.show(Person(STRANGER, yaw=75), infrared=(Person(STRANGER, x=352),), frames=12)
    assert not decisions(said)
    (refused,) = decisions(gate.show(Person(WANG), infrared=(), frames=12))
    assert (refused.outcome, refused.reason) == (Outcome.UNSURE, Reason.NOT_LIVE)


def test_infrared_is_looked_at_while_the_lantern_is_followed() -> None:
    """A print that shows in infrared, and then a screen that turns its head and does not."""
    gate = Gate(policy=PolicyPlan(Policy.STRICT), infrared=Offset(0.05, 0.0, 1.0))
    for second, who in ((Person(WANG, x=352),), "wang"), ((), None):
        said = gate.show(Person(WANG), infrared=(Person(WANG, x=352),), frames=6)
        asked = next(m for m in said if isinstance(m, ChallengeAsked))
        (decision,) = decisions(gate.obey(asked, FOLLOW, infrared=second))
        assert decision.person_id == who
        gate.show(frames=15)


def test_the_strict_policy_needs_infrared_and_an_answered_challenge() -> None:
    gate = Gate(policy=PolicyPlan(Policy.STRICT))
    (decision,) = decisions(gate.show(Person(WANG), frames=6))
    assert decision.reason is Reason.NOT_LIVE  # no infrared camera: fails closed


def test_a_first_passage_of_the_day_is_challenged_even_at_a_convenient_gate() -> None:
    gate = Gate(policy=PolicyPlan(Policy.CONVENIENT))
    assert decisions(gate.show(Person(WANG), frames=6))[0].person_id == "wang"
    gate.show(frames=15)
    gate.pipeline.set_habits(Habits())
    assert any(isinstance(m, ChallengeAsked) for m in gate.show(Person(WANG), frames=6))


def test_without_a_word_from_the_journal_the_second_passage_of_the_day_is_calm() -> None:
    gate = Gate()
    gate.pipeline.set_habits(Habits())
    (first,) = decisions(gate.obey(asked_at(gate), FOLLOW))
    gate.show(frames=15)
    (second,) = decisions(gate.show(Person(WANG), frames=6))
    assert (first.liveness, second.liveness) == (Liveness.LIVE, Liveness.UNDECIDED)
    assert second.person_id == "wang"


def test_it_rests_while_nobody_waits_and_never_while_somebody_does() -> None:
    gate = simulated()
    gate.show(frames=2)
    assert gate.pipeline.rest > 0
    gate.show(Person(WANG), frames=1)
    assert gate.pipeline.rest == 0
    assert decisions(gate.show(Person(WANG), frames=10))
    assert gate.pipeline.rest > 0
    asked = Gate(policy=PolicyPlan(Policy.STANDARD))
    asked.show(Person(WANG), frames=10)
    assert asked.pipeline.rest == 0  # the lantern is watched as closely as can be
