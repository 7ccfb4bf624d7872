"""A visit to drive by hand: short ways to make its events, and a memory of what it wanted done."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TypeVar

from domain.identification import Candidate, Decision, Liveness, Outcome, Quality, Reason
from domain.passages import Direction, GateRules, Passed
from kiosk.faces.messages import ChallengeAsked, DecisionMade, FaceBox, Sighting, Turn, VisitEnded
from kiosk.visit.effects import Effect, Speak
from kiosk.visit.events import Event, Press, Pressed, Tick
from kiosk.visit.people import Guest
from kiosk.visit.presenter import Visit
from kiosk.visit.settings import Knows, VisitSettings
from kiosk.visit.view import Screen, View, Way

Kind = TypeVar("Kind")
START = datetime(2026, 11, 23, 9, 41, tzinfo=timezone(timedelta(hours=8)))
WANG = Guest("p-wang", {"zh": "王奶奶", "en": "Mrs Wang"}, elder=True)
LI = Guest("p-li", {"zh": "李先生", "en": "Mr Li"})
SETTINGS = VisitSettings({"zh": "锦绣社区", "en": "Jinxiu"}, {"zh": "南门", "en": "South gate"}, "010-6255 0110")


@dataclass
class Bench:
    """One kiosk on a bench, with a clock that moves only when told."""

    settings: VisitSettings = SETTINGS
    rules: GateRules = field(default_factory=lambda: GateRules(Direction.IN))
    blocked: frozenset[str] = frozenset()
    last: Passed | None = None
    now: datetime = START
    wang: Guest = WANG
    silence: timedelta = timedelta(0)
    strict: bool = True

    def __post_init__(self) -> None:
        people = {guest.person_id: guest for guest in (self.wang, LI)}
        ids = (f"id-{n}" for n in itertools.count(1))
        knows = Knows(
            people.get,
            lambda: self.rules,
            lambda: self.blocked,
            lambda _: self.last,
            lambda: next(ids),
            silence=lambda: self.silence,
            needs_infrared=lambda: self.strict,
        )
        self.visit = Visit(self.settings, knows, self.now)
        self.wanted: list[Effect] = []

    @property
    def view(self) -> View:
        return self.visit.view()

    def screen(self) -> Screen:
        return self.view.screen

    def send(self, *events: Event, after: float = 0.0) -> tuple[Effect, ...]:
        """Let `after` seconds pass, then send the events; returns what they asked for."""
        self.now += timedelta(seconds=after)
        wanted: tuple[Effect, ...] = ()
        for event in events:
            wanted += self.visit.handle(event, self.now)
        self.wanted += wanted
        return wanted

    def press(self, *what: Way | Press | str) -> tuple[Effect, ...]:
        return self.send(*(Pressed(one) for one in what))

    def wait(self, seconds: float, step: float = 0.1) -> tuple[Effect, ...]:
        wanted: tuple[Effect, ...] = ()
        for _ in range(round(seconds / step)):
            wanted += self.send(Tick(), after=step)
        return wanted


def seen(visit_id: str | None = "v1", evidence: float = 0.4, coaching: Reason | None = None) -> Sighting:
    faces = (FaceBox(0.35, 0.25, 0.3, 0.4, chosen=True),) if visit_id else ()
    return Sighting(visit_id, faces, coaching, evidence, None, 1, 0.0, 20.0)


def decided(
    person: str | None = "p-li",
    outcome: Outcome = Outcome.IDENTIFIED,
    reason: Reason = Reason.MATCH,
    visit_id: str = "v1",
    liveness: Liveness = Liveness.LIVE,
    quality: Quality | None = None,
) -> DecisionMade:
    candidates: Iterable[Candidate] = (Candidate(person, 0.71),) if person else ()
    return DecisionMade(
        Decision(visit_id, outcome, reason, person, tuple(candidates), 0.5, 3, quality, liveness, "sface", START, 640.0)
    )


def asked(visit_id: str = "v1") -> ChallengeAsked:
    return ChallengeAsked(visit_id, (Turn.LEFT, Turn.CENTRE, Turn.RIGHT), 1.5, 0.0)


def ended(visit_id: str = "v1") -> VisitEnded:
    return VisitEnded(visit_id)


def only(kind: type[Kind], effects: Iterable[object]) -> Kind:
    """The one effect of this kind."""
    (found,) = (effect for effect in effects if isinstance(effect, kind))
    return found


def kinds(effects: Iterable[object]) -> set[type]:
    return {type(effect) for effect in effects}


def spoken(effects: Iterable[object]) -> list[str]:
    """The prompts, in order."""
    return [effect.prompt for effect in effects if isinstance(effect, Speak)]
