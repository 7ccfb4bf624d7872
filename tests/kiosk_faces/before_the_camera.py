"""Somebody before the camera, frame by frame, with an engine whose faces are told by the test."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import numpy as np

from domain.challenge import Turn
from domain.identification import Decision
from kiosk.camera import Frame
from kiosk.faces.engine import Face, Image, Vector, unit
from kiosk.faces.gallery import Gallery
from kiosk.faces.messages import ChallengeAsked, DecisionMade, Message
from kiosk.faces.pipeline import Habits, Pipeline, Settings
from kiosk.faces.quality import HEAD, OFF
from kiosk.faces.second import Second
from kiosk.faces.tail import shipped_tail

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

RNG = np.random.default_rng(3)

WANG, LI, STRANGER = unit(RNG.normal(size=(3, 128)))

FPS = 20.0
FASTEST = 200.0  # degrees a second, of a head


@dataclass(frozen=True)
class Person:
    """Somebody before the camera: centre x, y and inter-eye distance in pixels, head turned by `yaw` degrees."""

    vector: Vector
    x: float = 320
    y: float = 200
    eyes: float = 70
    yaw: float = 0

    def face(self) -> Face:
        a = np.radians(self.yaw)
        turn = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
        points = (HEAD @ turn.T)[:, :2] * self.eyes + (self.x, self.y)
        size = 2.2 * self.eyes
        return Face((self.x - size / 2, self.y - size / 3, size, size), points.astype(np.float32), 0.95)


class Told:
    """An engine that finds whoever the test has put before it. Vectors carry a little noise, as frames do."""

    name, version, dim = "told", "1", 128
    tail = shipped_tail("sface")

    def __init__(self) -> None:
        self.people: list[Person] = []
        self.infrared: list[Person] = []
        self.noise = np.random.default_rng(1)

    def detect(self, image: Image) -> list[Face]:
        here = self.infrared if image[0, 0, 0] == 1 else self.people
        return sorted((p.face() for p in here), key=lambda f: -f.area)

    def embed(self, image: Image, face: Face) -> Vector:
        person = min(self.people, key=lambda p: abs(p.face().centre[0] - face.centre[0]))
        return unit(person.vector + 0.03 * self.noise.normal(size=128))


class Gate:
    """A pipeline with a clock that runs only while frames are shown."""

    def __init__(self, second: Callable[[Told], Second] | None = None, **settings: Any) -> None:
        """`second` makes an engine on trial from the one that is used."""
        self.engine, self.now, self.index, self.fps = Told(), 100.0, 0, FPS
        base = Settings(simulated=False, limits=OFF, challenge_share=0.0)
        self.pipeline = Pipeline(
            self.engine, replace(base, **settings), clock=lambda: self.now, random=Random(4),
            second=None if second is None else second(self.engine),
        )  # fmt: skip
        self.pipeline.set_gallery(Gallery([("wang", WANG), ("li", LI)]), 1)
        self.pipeline.set_habits(Habits(passed_today=frozenset({"wang", "li"})))
        self.texture = np.random.default_rng(0).integers(60, 200, (480, 640, 3), np.uint8)

    def show(self, *people: Person, frames: int = 10, infrared: tuple[Person, ...] | None = None) -> list[Message]:
        said: list[Message] = []
        for _ in range(frames):
            self.engine.people = list(people)
            second = None
            if infrared is not None:
                self.engine.infrared = list(infrared)
                second = self.texture.copy()
                second[0, 0] = 1
            image = self.texture
            image[0, 0] = 0
            frame = Frame(image, START + timedelta(seconds=self.now - 100), self.now, self.index)
            said += self.pipeline.step(frame, second) + self.pipeline.afterwards()
            self.now, self.index = self.now + 1 / self.fps, self.index + 1
        return said

    def obey(
        self,
        asked: ChallengeAsked,
        act: Callable[[Turn], float],
        vector: Vector = WANG,
        infrared: tuple[Person, ...] | None = None,
        beside: tuple[Person, ...] = (),
    ) -> list[Message]:
        said: list[Message] = []
        yaw, before = 0.0, self.now
        while self.now < asked.started + len(asked.turns) * asked.step_s + 0.6:
            step = int((self.now - 0.3 - asked.started) // asked.step_s)
            wanted = act(asked.turns[step]) if 0 <= step < len(asked.turns) else 0.0
            yaw, before = towards(wanted, yaw, self.now - before), self.now
            said += self.show(Person(vector, yaw=yaw), *beside, frames=1, infrared=infrared)
        return said


def towards(wanted: float, yaw: float, seconds: float) -> float:
    """How a head is turned `seconds` later that is to be turned by `wanted`."""
    return yaw + max(-FASTEST * seconds, min(FASTEST * seconds, wanted - yaw))


def decisions(said: list[Message]) -> list[Decision]:
    return [m.decision for m in said if isinstance(m, DecisionMade)]


def simulated(**more: Any) -> Gate:
    return Gate(simulated=True, **more)
