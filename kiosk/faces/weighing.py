"""What proof of life a visit has given, what speaks for asking more, and what the policy of the hour makes of both."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from random import Random
from statistics import fmean

from domain.challenge import Answer
from domain.identification import Candidate, Liveness, Operating
from domain.liveness import Demand, Evidence, Infrared, Risk, demand, turns_asked
from kiosk.faces.engine import Face, Image
from kiosk.faces.passive_pack import PassivePack
from kiosk.faces.proofs import Proofs
from kiosk.faces.visit import Habits, Settings, Visit


def shown_in_infrared(counted: Sequence[bool | None], turned: Sequence[bool | None] | None) -> Infrared:
    """What an infrared camera showed at the frames that count, and at the looks of a challenge (None before one): a face at every
    one of the first and at half of the others, which turn and are missed now and then (once in 335 looks at made pairs)."""
    looks = [True] if turned is None else turned
    if False in counted or looks.count(False) > len(looks) / 2:
        return Infrared.NO_FACE
    whole = bool(counted) and None not in counted and bool(looks) and looks.count(True) >= len(looks) / 2
    return Infrared.FACE if whole else Infrared.MISSING


class Weighing:
    """By one gate's settings, by what it knows of residents' habits and by their proofs; `random` draws whom to ask at random.

    Raises Mendable where an operator's network is named that cannot be used.
    """

    def __init__(self, settings: Settings, proofs: Proofs, random: Random) -> None:
        self._settings, self._proofs, self._random = settings, proofs, random
        self._pack = PassivePack(Path(settings.passive_pack)) if settings.passive_pack else None
        self.habits = Habits()

    def slow(self, person: str | None, local: datetime) -> bool:
        """Whether a challenge at this hour, of somebody taken for `person`, is one for the old."""
        return person in self.habits.elders or any(hours.cover(local, ()) for hours in self._settings.elder_hours)

    def vote(self, visit: Visit, image: Image, face: Face) -> None:
        """Let the operator's network, where there is one, vote on a frame that counts."""
        if self._pack is not None:
            visit.votes.append(self._pack.attack(image, face))

    def weigh(
        self,
        visit: Visit,
        candidates: Sequence[Candidate],
        at: Operating,
        local: datetime,
        now: float,
        answer: Answer | None = None,
    ) -> tuple[Demand, Liveness, int]:
        """What follows for a visit with a verdict, what may be recorded of its liveness, and how many turns a challenge would ask.

        `candidates` are the best of the gallery at `at`, `local` the hour, `now` monotonic seconds, `answer` that of a challenge.
        """
        person = (visit.verdict and visit.verdict.person_id) or ""
        policy, evidence = self._settings.policy.at(local), self._evidence(visit, person, now, answer)
        what, liveness = demand(policy, evidence, self._risk(person, candidates, at, local))
        return what, liveness, turns_asked(policy, evidence)

    def _evidence(self, visit: Visit, person: str, now: float, answer: Answer | None) -> Evidence:
        infrared = Infrared.ABSENT
        if self._settings.infrared is not None:
            infrared = shown_in_infrared(visit.infrared, None if answer is None else visit.turned)
        voted = self._pack is not None and bool(visit.votes) and fmean(visit.votes) >= self._pack.threshold
        failed = self._proofs.failed_lately(person, now)
        return Evidence(visit.passive.cues().refuses or voted, infrared, answer, failed)

    def _risk(self, person: str, candidates: Sequence[Candidate], at: Operating, local: datetime) -> Risk:
        hours = self.habits.usual_hours.get(person)
        first, second = (*(c.score for c in candidates), -1.0, -1.0)[:2]
        return Risk(
            unusual_hour=hours is not None and local.hour not in hours,
            thin_margin=first - second < 2 * at.margin or first < at.threshold + at.band / 2,
            first_today=person not in self.habits.passed_today and not self._proofs.passed_on(person, local.date()),
            drawn=self._random.random() < self._settings.challenge_share,
            proved_today=self._proofs.proved_on(person, local.date()),
        )
