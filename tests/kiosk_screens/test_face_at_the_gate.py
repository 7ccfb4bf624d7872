"""A face from the first frame in which it is seen to the relay: the real pipeline, window, hands and journal."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint

from assets.words import say
from domain.challenge import Turn
from domain.liveness import Policy, PolicyPlan
from kiosk.faces.engine import unit
from kiosk.faces.gallery import Gallery
from kiosk.faces.infrared import Offset
from kiosk.faces.messages import ChallengeAsked, Message
from kiosk.faces.pipeline import Habits
from kiosk.faces.quality import OFF
from kiosk.faces.recogniser import Recogniser
from kiosk.faces.visit import Settings
from kiosk.screens.pages import MessagePage
from kiosk.visit.effects import RecordPassage
from kiosk.visit.view import Screen, Way
from qtkit.shots import settle
from tests.fakes.measure import cut_off
from tests.kiosk_faces.before_the_camera import FPS, LI, STRANGER, WANG, Person, towards
from tests.kiosk_faces.before_the_camera import Gate as Seeing
from tests.kiosk_screens.front import Front
from tests.kiosk_screens.shown import page, words
from tests.kiosk_visit.visits import START

FOLLOW = {Turn.LEFT: 25.0, Turn.RIGHT: -25.0, Turn.CENTRE: 0.0}.__getitem__


class Before:
    """Whoever stands before the camera of a whole front; time passes as frames are shown."""

    def __init__(self, front: Front, **settings: Any) -> None:
        self.front, self.seeing = front, Seeing(**settings)
        self.seeing.pipeline.set_gallery(Gallery([("p-li", WANG), ("p-chen", LI)]), 1)
        self.seeing.pipeline.set_habits(Habits(passed_today=frozenset({"p-li", "p-chen"})))
        self.screens: list[Screen] = []

    def show(self, *people: Person, seconds: float = 0.5, infrared: tuple[Person, ...] | None = None) -> list[Message]:
        said: list[Message] = []
        for _ in range(round(seconds * FPS)):
            said += self._tell(self.seeing.show(*people, frames=1, infrared=infrared))
        return said

    def obey(self, asked: ChallengeAsked, act: Callable[[Turn], float]) -> None:
        yaw = 0.0
        while self.seeing.now < asked.started + len(asked.turns) * asked.step_s + 0.6:
            step = int((self.seeing.now - 0.3 - asked.started) // asked.step_s)
            yaw = towards(act(asked.turns[step]) if 0 <= step < len(asked.turns) else 0.0, yaw, 1 / FPS)
            self.show(Person(WANG, yaw=yaw), seconds=1 / FPS)

    def _tell(self, said: list[Message]) -> list[Message]:
        self.front.now = START + timedelta(seconds=self.seeing.now - 100)
        for message in said:
            self.front.tell(message)
        settle(self.front.window)
        screen = self.front.screen()
        if screen is not None and self.screens[-1:] != [screen]:
            self.screens.append(screen)
        return said

    @property
    def headline(self) -> str:
        return words(self.front.window).headline.text()


def asking(said: list[Message]) -> ChallengeAsked:
    return next(m for m in said if isinstance(m, ChallengeAsked))


def faces(front: Front) -> list[dict[str, Any]]:
    return [f for f in front.facts("passage.recorded") if f["method"] == "face"]


def test_a_resident_walks_up_and_the_gate_opens_with_everything_on_record(front: Front, qtbot: Any) -> None:
    before = Before(front, policy=PolicyPlan(Policy.CONVENIENT))
    before.show(Person(WANG))
    assert before.screens[-1] is Screen.IDENTIFIED
    assert before.headline.startswith("Good morning, Mr")
    qtbot.waitUntil(lambda: True in front.wires.switches)
    qtbot.waitUntil(lambda: [f["gate_did"] for f in faces(front)] == ["opened"])
    (record,) = faces(front)
    assert record["scores"][0] > record["threshold"] > 0
    assert record["quality"]["inter_eye_px"] == pytest.approx(70, abs=1)
    assert (record["engine"], record["liveness"], record["outcome"]) == ("told 1", "undecided", "identified")


def test_the_lantern_is_followed_and_the_gate_opens(front: Front, qtbot: Any) -> None:
    before = Before(front)
    asked = asking(before.show(Person(WANG)))
    assert front.screen() is Screen.CHALLENGE
    assert before.headline == "Follow the lantern"
    assert cut_off(front.window) == []
    assert front.wires.switches == []
    before.obey(asked, FOLLOW)
    assert front.screen() is Screen.IDENTIFIED
    qtbot.waitUntil(lambda: True in front.wires.switches)
    qtbot.waitUntil(lambda: [f["liveness"] for f in faces(front)] == ["live"])


def test_a_picture_that_does_not_follow_is_asked_for_another_way_and_the_relay_rests(front: Front, qtbot: Any) -> None:
    before = Before(front)
    before.obey(asking(before.show(Person(WANG))), lambda _: 0.0)
    assert front.screen() is Screen.UNSURE
    assert before.headline == "Nearly there"
    assert "Wang" not in before.headline + words(front.window, Screen.UNSURE).second.text()
    assert front.wires.switches == []
    qtbot.waitUntil(lambda: [f["reason"] for f in faces(front)] == ["challenge_failed"])
    front.swipe()  # who it was all the same has a card
    qtbot.waitUntil(lambda: True in front.wires.switches)


def test_a_picture_held_up_three_times_bars_a_resident_until_they_come_by_card(front: Front, qtbot: Any) -> None:
    before = Before(front)
    pipeline = before.seeing.pipeline
    front.window.effect.connect(
        lambda e: pipeline.came_otherwise(e.by_own) if isinstance(e, RecordPassage) and e.by_own else None
    )
    for _ in range(3):
        asking(before.show(Person(WANG)))
        before.show(seconds=10)
    before.show(Person(WANG))
    assert (front.screen(), before.headline) == (Screen.UNSURE, "Nearly there")
    assert all(button.isEnabled() for button in front.window.ways.buttons.values())
    front.swipe()
    qtbot.waitUntil(lambda: front.screen() is Screen.IDENTIFIED)
    qtbot.waitUntil(lambda: [f["gate_did"] for f in front.facts("passage.recorded")][-1] == "opened")
    before.show(seconds=10)
    asked = asking(before.show(Person(WANG)))
    before.obey(asked, FOLLOW)
    assert front.screen() is Screen.IDENTIFIED
    qtbot.waitUntil(lambda: front.wires.switches.count(True) == 2)


def test_a_face_without_its_infrared_picture_opens_nothing(front: Front) -> None:
    before = Before(front, infrared=Offset(0.05, 0.0, 1.0))
    before.show(Person(WANG), infrared=())
    assert front.screen() is Screen.UNSURE
    assert front.wires.switches == []


@pytest.mark.parametrize(
    ("vector", "screen", "words", "reason"),
    [
        (STRANGER, Screen.UNKNOWN, "We have not met yet", "no_match"),
        (WANG, Screen.UNSURE, "Nearly there", "thin_margin"),
    ],
    ids=["stranger", "look-alike"],
)
def test_who_is_not_known_for_sure_is_offered_every_other_way(
    front: Front, qtbot: Any, vector: np.ndarray, screen: Screen, words: str, reason: str
) -> None:
    before = Before(front)
    before.seeing.pipeline.set_gallery(Gallery([("p-li", WANG), ("p-chen", unit(WANG + 0.05 * LI))]), 2)
    before.show(Person(vector), seconds=1)
    assert front.screen() is screen
    assert before.headline == words
    assert all(button.isEnabled() for button in front.window.ways.buttons.values())
    assert front.wires.switches == []
    qtbot.waitUntil(lambda: [f["reason"] for f in faces(front)] == [reason])
    assert [f.envelope.subject for f in front.journal.facts("passage.recorded")] == [None]


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ((Person(WANG, eyes=40),), "Step a little closer"),
        ((Person(WANG, x=20),), "Stand inside the ring"),
        ((Person(WANG, x=200), Person(STRANGER, x=440, eyes=66)), "One at a time, please"),
        ((Person(WANG, eyes=110, yaw=50),), "Face the screen"),
    ],
    ids=["far", "aside", "two", "turned"],
)
def test_after_two_seconds_it_is_said_what_to_do_and_nothing_else_moves(
    front: Front, people: tuple[Person, ...], words: str
) -> None:
    before = Before(front, limits=replace(OFF, inter_eye_px=60, yaw_deg=35))
    places = [button.mapTo(front.window, QPoint()) for button in front.window.ways.buttons.values()]
    before.show(*people, seconds=1.9)
    assert {*before.screens} <= {Screen.STANDBY, Screen.APPROACHING}
    before.show(*people, seconds=0.4)
    assert before.screens[-1] is Screen.COACHING
    assert before.headline == words
    assert [button.mapTo(front.window, QPoint()) for button in front.window.ways.buttons.values()] == places
    assert cut_off(front.window) == []
    assert front.wires.switches == []


@pytest.fixture
def recogniser(front: Front) -> Iterator[Recogniser]:
    made = Recogniser(Settings(simulated=True), front.tell)
    made.start()
    yield made
    made.stop()


def test_a_recogniser_that_dies_pauses_faces_and_nothing_else_until_it_is_back(
    front: Front, recogniser: Recogniser, qtbot: Any
) -> None:
    qtbot.waitUntil(lambda: recogniser.pid is not None, timeout=30_000)
    assert recogniser.pid
    os.kill(recogniser.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: front.screen() is Screen.OUT_OF_ORDER, timeout=30_000)
    assert page(front.window, Screen.OUT_OF_ORDER, MessagePage).unmended.text() == say("en", "error.recogniser_down")
    assert cut_off(front.window) == []
    assert front.window.ways.buttons[Way.CARD].isEnabled()
    assert front.window.ways.buttons[Way.GUARD].isEnabled()
    qtbot.waitUntil(lambda: front.screen() is Screen.STANDBY, timeout=60_000)
