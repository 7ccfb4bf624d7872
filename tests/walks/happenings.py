"""What is no ordinary day: presses, falls, silence, stays elsewhere, sensors that die, plans that change."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from district.intake import zigbee2mqtt
from domain.events import to_ms
from tests.district_ladder.conftest import HERE
from tests.walks.homes import Homes
from tests.walks.people import DAY, EVERY, HOUR, LIE_LATE, START, Elder, Span


class Happenings(Homes):
    """Each leaves its span in the elder's `truth`."""

    def draw(self, e: Elder) -> None:
        """Something every four days."""
        slots = range(2, self.days - 3, 4)
        for day in slots:
            at = START + day * DAY + e.rng.uniform(6, 40) * HOUR
            what = e.rng.choice(
                (self._presses, self._falls, self._is_detected, self._gets_up, self._lies, self._lies, self._goes_away,
                 self._dies, self._rejoins, self._changes_plan, self._dies_all)
            )  # fmt: skip
            self.at(at, partial(what, e))

    def _busy(self, e: Elder) -> bool:
        return e.out is not None or e.absent(self.now)

    def _later(self, what: Callable[[Elder], None], e: Elder) -> bool:
        """Somebody out or away is not at home to fall there: tried again in an hour."""
        if self._busy(e):
            self.at(self.now + HOUR, lambda: what(e))
            return True
        return False

    def _presses(self, e: Elder) -> None:
        if self._later(self._presses, e):
            return
        button = "b" + e.id.partition("-")[2]
        e.truth.append(Span(e.id, "sos", self.now))
        self.say(button, {"action": "emergency"})
        self.say(button, {"action": ""})
        self.tick()
        if e.rng.random() < 0.5:
            self.at(self.now + timedelta(seconds=6), lambda: self._presses_again(button))

    def _presses_again(self, button: str) -> None:
        self.say(button, {"action": "emergency"})
        self.tick()

    def _falls(self, e: Elder) -> None:
        if self._later(self._falls, e):
            return
        e.truth += [Span(e.id, "fall", self.now), Span(e.id, "lies", self.now)]
        self.say("w" + e.id.partition("-")[2], {"action": "fall_detected"})
        self.tick()

    def _suspects(self, e: Elder) -> None:
        device = "w" + e.id.partition("-")[2]
        self.kiosk("fall.suspected", e.id, device=device, origin="detector", impact=to_ms(self.now), score=0.9)
        for wait in (0, 91, 130):
            self.at(self.now + timedelta(seconds=wait), self.tick)

    def _is_detected(self, e: Elder) -> None:
        if self._later(self._is_detected, e):
            return
        e.truth += [Span(e.id, "detected", self.now), Span(e.id, "lies", self.now)]
        self._suspects(e)

    def _gets_up(self, e: Elder) -> None:
        if self._later(self._gets_up, e):
            return
        soon = [self.now, self.now + 2 * EVERY]
        if e.state("dead d" + e.id.partition("-")[2], self.now) or any(a <= t < b for a, b in self.down for t in soon):
            return
        e.truth.append(Span(e.id, "gets up", self.now))
        self._suspects(e)
        self.at(self.now + timedelta(seconds=35), lambda: self._door(e))

    def _lies(self, e: Elder) -> None:
        if self._later(self._lies, e):
            return
        e.truth += [Span(e.id, "silent", self.now), Span(e.id, "lies", self.now)]
        self.at(self.now + LIE_LATE, partial(self._found, e, self.now))

    def _found(self, e: Elder, begin: datetime | None = None) -> None:
        for s in e.truth:
            if s.what == "lies" and s.end is None and (begin is None or s.begin == begin):
                s.end = self.now
                e.heard.append((self.now, "visit"))
                self.tell("visit.recorded", e.id, how="visit", by="ann")

    def _goes_away(self, e: Elder) -> None:
        if self._later(self._goes_away, e):
            return
        until = self.now + e.rng.uniform(20, 80) * HOUR
        e.truth.append(Span(e.id, "away", self.now, until))
        self._propose(e, [(self.now, until)])
        self.tick()
        self.at(until + timedelta(minutes=5), lambda: self._door(e))
        self.at(until + timedelta(minutes=7), lambda: self._stirs(e))

    def _dies(self, e: Elder) -> None:
        self._fails(e, "m" if e.rng.random() < 0.6 else "d")

    def _dies_all(self, e: Elder) -> None:
        self._fails(e, "md")

    def _fails(self, e: Elder, letters: str) -> None:
        for letter in letters:
            e.truth.append(Span(e.id, f"dead {letter}{e.id.partition('-')[2]}", self.now))

    def _rejoins(self, e: Elder) -> None:
        """Paired anew it reports a press that nobody made; and a broker keeps an old one."""
        button = "b" + e.id.partition("-")[2]
        if not self.stands():
            return
        self.district.now = self.now
        desk = self.district.watch.desk
        event = {"type": "device_joined", "data": {"friendly_name": button}}
        desk.receive(zigbee2mqtt.parse("zigbee2mqtt/bridge/event", json.dumps(event).encode(), False), HERE, self.now)
        self.say(button, {"action": "emergency"})
        desk.receive(zigbee2mqtt.parse(f"zigbee2mqtt/{button}", b'{"action":"emergency"}', True), HERE, self.now)

    def _changes_plan(self, e: Elder) -> None:
        if not self.stands():
            return
        e.windows = [(f"{id}x", a + 1, b + 1, days, self.now) for id, a, b, days, _ in e.windows]
        self._propose(e)
        self.tick()
