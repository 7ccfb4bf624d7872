"""A district that lives through weeks in minutes: an agenda, devices that speak, and a server that is killed or stands still."""

import heapq
import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from district.intake import zigbee2mqtt
from district.intake.homes import StoreHomes
from district.watching.nightwatch import Nightwatch, Surroundings
from domain.events import to_ms
from offline.public_holidays import calendar_of
from tests.district_ladder.conftest import HERE, District, Inline
from tests.walks.people import DAY, START, Elder


class Machine:
    """What is said is said at `now`; `at` puts something on the agenda."""

    def __init__(self, folder: Path, elders: int, days: int, seed: int) -> None:
        self.rng, self.days = random.Random(seed), days
        self.district = District(folder)
        self.now = self.district.now = START.astimezone(UTC)
        self.end = self.now + days * DAY
        self._reopen()
        self.elders = [Elder(f"elder-{n}", random.Random(f"{seed}/{n}")) for n in range(elders)]
        self.of = {e.id: e for e in self.elders}
        self.agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._n = 0
        self.down: list[tuple[datetime, datetime]] = []
        self._queued: list[tuple[str, dict[str, Any]]] = []
        self._cursor = ""
        self.crashes = 0

    def close(self) -> None:
        self.district.close()

    def _reopen(self) -> None:
        d = self.district
        around = Surroundings(
            d.ledger, d.store, StoreHomes(d.store), d.town, d.town, d.channels, d.base, calendar_of("CN")
        )
        d.watch = Nightwatch(around, lambda: d.now, Inline(), f"run-{d.runs}")

    def at(self, when: datetime, what: Callable[[], None]) -> None:
        self._n += 1
        heapq.heappush(self.agenda, (when.astimezone(UTC), self._n, what))

    def stands(self) -> bool:
        return not any(a <= self.now < b for a, b in self.down)

    def tick(self) -> None:
        if self.stands():
            self.district.now = self.now
            self.district.watch.tick(self.now)
            self.answer()

    def crash(self) -> None:
        self.district.crash()
        self._reopen()
        self.crashes += 1

    def say(self, device: str, body: dict[str, Any]) -> None:
        """A device says something; what it says while the server stands still waits in the broker's queue."""
        if not self.stands():
            self._queued.append((device, body))
            return
        self.district.now = self.now
        heard = zigbee2mqtt.parse(f"zigbee2mqtt/{device}", json.dumps(body).encode(), False)
        self.district.watch.desk.receive(heard, HERE, self.now)

    def kiosk(self, kind: str, elder: str, /, **payload: Any) -> None:
        """A gate's kiosk writes a fact; it comes when the server is back, with the time at which it was written."""
        at = to_ms(self.now)

        def arrive() -> None:
            self.district.now = self.now
            self.district.ledger.add(kind, payload, HERE, elder, at)

        if self.stands():
            arrive()
        else:
            self.at(self._back() + timedelta(seconds=20), arrive)

    def tell(self, kind: str, elder: str | None, /, **payload: Any) -> None:
        """Somebody at a desk writes a fact, once the server stands."""
        if self.stands():
            self.district.now = self.now
            self.district.ledger.add(kind, payload, HERE, elder, to_ms(self.now))
        else:
            self.at(self._back() + timedelta(seconds=30), lambda: self.tell(kind, elder, **payload))

    def _back(self) -> datetime:
        return max(b for a, b in self.down if a <= self.now < b)

    def _returns(self) -> None:
        """What waited at the broker comes in one go, and when it happened is not known."""
        queued, self._queued = self._queued, []
        for device, body in queued:
            heard = zigbee2mqtt.parse(f"zigbee2mqtt/{device}", json.dumps(body).encode(), False)
            heard = replace(heard, signals=tuple(replace(s, timed=False) for s in heard.signals))
            self.district.watch.desk.receive(heard, HERE, self.now)
        self.tick()

    def answer(self) -> None:
        """What people do once the district has ticked."""
