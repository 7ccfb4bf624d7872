"""Frames of a visitor whom nobody knew: whose they are, how many, how long, and that the staff's own face is not among them."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from domain.identification import Decision, Liveness, Outcome, Quality, Reason
from kiosk.camera.port import Frame
from kiosk.enrolling.visitor import KEPT_S, MOST, VisitorFrames
from kiosk.faces.messages import DecisionMade, FaceBox, Sighting, VisitEnded

GOOD = Quality(80.0, 0.8, 0.0, 0.0, 0.0, 0.9, 1.0, 0.9)
NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
BOX = FaceBox(0.4, 0.3, 0.1, 0.2, True)


class Camera:
    """Every frame is as bright as the visit's number."""

    def __init__(self) -> None:
        self.clock, self.shade = 0.0, 0
        self.visitor = VisitorFrames(
            lambda: Frame(np.full((90, 160, 3), self.shade, np.uint8), NOW, 0.0, 0), lambda: self.clock
        )

    def see(self, visit: int, frames: int = 3, faces: int = 1, unified: float = 0.9) -> None:
        self.shade = visit
        for _ in range(frames):
            self.clock += 0.4
            boxes = (BOX, *(replace(BOX, chosen=False),) * (faces - 1))
            self.visitor.hear(Sighting(f"v{visit}", boxes, None, 0.5, replace(GOOD, unified=unified), 0, 0.0, 5.0))

    def decide(self, visit: int, outcome: Outcome = Outcome.UNKNOWN, reason: Reason = Reason.NO_MATCH) -> None:
        person = "p-li" if outcome is Outcome.IDENTIFIED else None
        self.visitor.hear(
            DecisionMade(
                Decision(f"v{visit}", outcome, reason, person, (), 0.5, 3, None, Liveness.LIVE, "sface", NOW, 1.0)
            )
        )

    def ended(self, visit: int, again: bool = False) -> None:
        self.visitor.hear(VisitEnded(f"v{visit}", again))

    def gone(self) -> None:
        self.visitor.hear(Sighting(None, (), None, 0.0, None, 0, 0.0, 5.0))

    def shades(self) -> set[int]:
        return {int(image[0, 0, 0]) for image in self.visitor.take()}


@pytest.fixture
def camera() -> Camera:
    return Camera()


def test_the_best_frames_of_who_was_not_known_wait_for_the_staff(camera: Camera) -> None:
    camera.see(1, frames=9)
    camera.decide(1)
    camera.gone()
    assert not camera.visitor.waits()  # nobody of the staff is here
    camera.visitor.hold()
    assert camera.visitor.waits()
    best = camera.visitor.best()
    assert best is not None
    assert best.shape == (54, 48, 3)
    assert len(camera.visitor.take()) == MOST
    assert camera.visitor.take() == []  # handed over once


def test_the_staff_who_touch_the_screen_are_not_the_visitor(camera: Camera) -> None:
    camera.see(1)
    camera.decide(1)
    camera.gone()
    camera.see(2)  # the guard comes, and the gate does not know them either
    camera.decide(2)
    camera.visitor.hold()
    camera.see(3)
    camera.decide(3)
    assert camera.shades() == {1}


def test_a_visitor_who_stands_there_alone_is_the_visitor(camera: Camera) -> None:
    camera.see(1)
    camera.decide(1)
    camera.visitor.hold()
    assert camera.shades() == {1}


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [(Outcome.IDENTIFIED, Reason.MATCH), (Outcome.UNSURE, Reason.NEAR_THRESHOLD), (Outcome.UNKNOWN, Reason.TOO_FAR)],
)
def test_a_resident_somebody_like_one_and_a_passer_by_are_forgotten(
    camera: Camera, outcome: Outcome, reason: Reason
) -> None:
    camera.see(1)
    camera.decide(1, outcome, reason)
    camera.visitor.hold()
    assert not camera.visitor.waits()


def test_no_frame_with_somebody_else_in_it(camera: Camera) -> None:
    camera.see(1, faces=2)
    camera.decide(1)
    camera.visitor.hold()
    assert not camera.visitor.waits()


def test_after_two_minutes_nothing_is_left_held_or_not(camera: Camera) -> None:
    camera.see(1)
    camera.decide(1)
    camera.visitor.hold()
    camera.clock += KEPT_S + 1
    assert not camera.visitor.waits()
    assert camera.visitor.best() is None
    camera.see(2)  # and the next visitor is heard again
    camera.decide(2)
    camera.clock += KEPT_S + 1
    camera.gone()
    assert camera.visitor._unknown == []


def test_what_is_dropped_is_gone(camera: Camera) -> None:
    camera.see(1)
    camera.decide(1)
    camera.visitor.hold()
    camera.visitor.drop()
    assert camera.visitor.take() == []


def test_the_staff_who_are_looked_at_twice_are_still_the_staff(camera: Camera) -> None:
    """A gate tries an unknown face once more, as a visit of its own; nobody has moved meanwhile."""
    for visit in (1, 2, 3, 4):
        camera.see(visit)
        camera.decide(visit)
        camera.ended(visit, again=visit in (1, 3))
    camera.visitor.hold()
    assert camera.shades() == {1, 2}


def test_a_resident_who_is_known_at_the_second_look_is_forgotten(camera: Camera) -> None:
    camera.see(1)
    camera.decide(1)
    camera.ended(1, again=True)
    camera.see(2)
    camera.decide(2, Outcome.IDENTIFIED, Reason.MATCH)
    camera.gone()
    camera.visitor.hold()
    assert not camera.visitor.waits()


def test_a_decision_that_comes_before_its_first_sighting_counts(camera: Camera) -> None:
    camera.decide(1)
    camera.see(1)
    camera.visitor.hold()
    assert camera.shades() == {1}


@pytest.mark.parametrize("told", [True, False], ids=["in the same place", "after the recogniser was started anew"])
def test_somebody_who_steps_in_front_is_somebody_else(camera: Camera, told: bool) -> None:
    camera.see(1)
    camera.decide(1)
    if told:
        camera.ended(1)
    camera.see(2)
    camera.decide(2)
    camera.visitor.hold()
    assert camera.shades() == {1}
