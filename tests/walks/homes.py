"""Ordinary days: elders rise, go about, go out by the gate and sleep, and their sensors speak as Zigbee2MQTT has them speak."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from domain.events import to_ms
from tests.walks.machine import Machine
from tests.walks.people import HOUR, Elder, Span


class Homes(Machine):
    """Everybody's days, from when they move in."""

    def _move_in(self, e: Elder) -> None:
        n = int(e.id.partition("-")[2])
        e.wakes, e.sleeps = e.rng.uniform(6.2, 7.2), e.rng.uniform(21.3, 22.6)
        since = self.now
        e.windows = {
            0: [("m", 7.0, 10.0, "daily", since)],
            1: [("w", 8.0, 11.0, "weekdays", since)],
            2: [],
            3: [("m", 7.0, 10.0, "daily", since), ("f", 16.0, 19.0, "festivals", since)],
            4: [("m", 6.5, 9.5, "daily", since), ("e", 18.0, 21.0, "daily", since)],
        }[n % 5]
        self.tell("consent.given", e.id, purpose="home_monitoring", version="1")
        for letter, kind in (("m", "motion"), ("d", "door"), ("b", "button"), ("w", "wearable")):
            self.tell("home.device_registered", e.id, device=f"{letter}{n}", kind=kind, place="hall")
        self._propose(e)
        self.tick()
        for device, body in ((f"m{n}", {"occupancy": False}), (f"d{n}", {"contact": True})):
            self.say(device, body)

    def _propose(self, e: Elder, away: Sequence[tuple[datetime, datetime]] = ()) -> None:
        n = int(e.id.partition("-")[2])
        base = self.district.watch.plans.standing(e.id)[0]
        plan: dict[str, Any] = {
            "base": base, "by": "ann", "caregiver": "ann", "messages_in": "en",
            "windows": [
                {"id": id, "start": _clock(a), "end": _clock(b), "days": days, "grace_min": 30, "remind_min": 30}
                for id, a, b, days, _ in e.windows
            ],
            "away": [{"start": to_ms(a), "end": to_ms(b), "reason": "family"} for a, b in away],
        }  # fmt: skip
        if n % 5 == 4:
            plan["quiet"] = ["22:00", "06:00"]
        self.tell("careplan.proposed", e.id, **plan)

    def _day(self, e: Elder, begin: datetime) -> None:
        n, r = e.id.partition("-")[2], e.rng
        for hour in (0.5, 12.5):
            for letter in "mdbw":
                self.at(begin + hour * HOUR, partial(self._beat, e, letter + n))
        hour = e.wakes + r.gauss(0, 0.3)
        while hour < e.sleeps:
            self.at(begin + hour * HOUR, lambda: self._stirs(e))
            hour += r.uniform(0.6, 1.15)
        if r.random() < 0.7:
            self.at(begin + r.uniform(1, 4) * HOUR, lambda: self._stirs(e))
        if r.random() < 0.6:
            length = r.uniform(5, 7) if r.random() < 0.04 else r.uniform(0.5, 3.3)
            self.at(begin + (9.5 + r.gauss(0, 0.6)) * HOUR, lambda: self._goes_out(e, length))
        else:
            self.at(begin + r.uniform(9.2, 10.5) * HOUR, lambda: self._door(e))

    def _lives(self, e: Elder, device: str) -> bool:
        return not e.state(f"dead {device}", self.now)

    def _beat(self, e: Elder, device: str) -> None:
        if self._lives(e, device):
            self.say(device, {"battery": 90})

    def _stirs(self, e: Elder) -> None:
        device = "m" + e.id.partition("-")[2]
        if e.absent(self.now) or e.out is not None or not self._lives(e, device):
            return
        if self.stands():
            e.heard.append((self.now, "motion"))
        self.say(device, {"occupancy": True})
        self.at(self.now + timedelta(seconds=90), lambda: self._is_still(e, device))

    def _is_still(self, e: Elder, device: str) -> None:
        if self._lives(e, device):
            self.say(device, {"occupancy": False})

    def _door(self, e: Elder) -> None:
        device = "d" + e.id.partition("-")[2]
        if e.absent(self.now) or not self._lives(e, device):
            return
        for wait, shut in ((0, False), (20, True)):

            def move(shut: bool = shut) -> None:
                if self._lives(e, device):
                    if self.stands():
                        e.heard.append((self.now, "door"))
                    self.say(device, {"contact": shut})

            self.at(self.now + timedelta(seconds=wait), move)

    def _goes_out(self, e: Elder, hours: float) -> None:
        if e.absent(self.now):
            return
        self._door(e)
        e.out = self.now + timedelta(seconds=60)

        def gate(direction: str) -> None:
            e.heard.append((self.now, f"gate {direction}"))
            self.kiosk(
                "passage.recorded",
                e.id,
                direction=direction,
                method="face",
                outcome="identified",
                gate="south",
                person=e.id,
            )

        def back() -> None:
            e.truth.append(Span(e.id, "out", e.out or self.now, self.now))
            gate("in")
            e.out = None
            self._door(e)

        self.at(self.now + timedelta(seconds=80), lambda: gate("out"))
        self.at(self.now + hours * HOUR, back)


def _clock(hour: float) -> str:
    return f"{int(hour):02}:{round(hour % 1 * 60):02}"
