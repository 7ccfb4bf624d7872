"""The whole walk: the days, what happens in them, a server that does not always stand, and people who answer what rings."""

import heapq
from datetime import UTC, timedelta
from functools import partial
from typing import Any

from domain import incident_kinds as k
from domain.incident_kinds import Kind
from tests.walks.happenings import Happenings
from tests.walks.people import DAY, EVERY, HOUR, START, Elder
from watch.ledger import Seen


class Weeks(Happenings):
    """`live`, then `tests.walks.judging.judged`."""

    def _loses_power(self) -> None:
        if self.stands():
            self.crash()

    def live(self) -> None:
        for e in self.elders:
            self._move_in(e)
            self.draw(e)
        for day in range(self.days):
            begin = START + day * DAY
            for e in self.elders:
                self.at(begin + timedelta(seconds=1), partial(self._day, e, begin))
            if self.rng.random() < 0.3:
                a = (begin + self.rng.uniform(0, 23) * HOUR).astimezone(UTC)
                self.down.append((a, a + self.rng.uniform(5, 50) * timedelta(minutes=1)))
                self.at(self.down[-1][1], self._returns)
            for _ in range(self.rng.randint(0, 3)):
                self.at(begin + self.rng.uniform(0, 24) * HOUR, self._loses_power)
        at = self.now
        while at < self.end:
            self.at(at, self.tick)
            at += EVERY
        while self.agenda and self.now < self.end:
            when, _, what = heapq.heappop(self.agenda)
            self.now = max(self.now, when)
            what()
        self.district.now = self.now

    def answer(self) -> None:
        while True:
            facts, self._cursor = self.district.ledger.since(self._cursor)
            if not facts:
                return
            for fact in facts:
                if fact.kind == k.OPENED and fact.subject in self.of:
                    self._works(fact, self.of[fact.subject])

    def _works(self, fact: Seen, e: Elder) -> None:
        mild = fact.payload["severity"] >= 3
        unit = HOUR if mild else timedelta(minutes=1)
        for seconds in () if mild else (61, 181, 601):
            self.at(self.now + timedelta(seconds=seconds), self.tick)
        by = "com" if self.rng.random() < 0.15 else "ann"

        def step(kind: str, who: str, **more: Any) -> None:
            self.tell(kind, e.id, incident=fact.payload["incident"], by=who, **more)
            self.tick()

        def there() -> None:
            step(k.ON_SCENE, by)
            self._found(e)
            if fact.payload["kind"] == Kind.DEVICE_BLIND:
                for s in e.truth:
                    if s.what == f"dead {fact.payload['rule']}" and s.end is None:
                        s.end = self.now
                        self._wakes(fact.payload["rule"])

        self.at(self.now + (0.6 if by == "ann" else 1.8) * unit, lambda: step(k.ACKNOWLEDGED, by))
        self.at(self.now + 15 * unit, there)
        self.at(self.now + 20 * unit, lambda: step(k.FEEDBACK, by, outcome="helped"))
        self.at(self.now + 60 * unit, lambda: step(k.CLOSED, "str"))

    def _wakes(self, device: str) -> None:
        """A new battery: it says how things stand."""
        self.say(device, {"battery": 100, **({"occupancy": False} if device[0] == "m" else {"contact": True})})
