"""A desk over a real SQLite store, with one elder's home."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from caregiver.invented import Feed
from district.intake import zigbee2mqtt
from district.intake.desk import Desk
from district.intake.homes import StoreHomes
from district.intake.memory import Listened, Memory
from district.intake.signals import Heard
from district.intake.silence import DeviceSilence
from district.ledger import StoreLedger
from district.store.sqlite import SqliteStore
from domain.events import to_ms
from tests.district_intake.kept import Kept
from watch.ledger import Seen

T0 = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
HERE, ELDER = "jinxiu", "p1"


class Intake:
    def __init__(self, folder: Path) -> None:
        self.now = T0
        self.store = SqliteStore(folder / "district.db", "district", lambda: to_ms(self.now))
        self.ledger = StoreLedger(self.store)
        self.desk = Desk(self.ledger, StoreHomes(self.store), Memory(self.store))

    @cached_property
    def silence(self) -> DeviceSilence:
        """One run's look over the devices, from when it is first asked for."""
        return DeviceSilence(self.ledger, self.desk._homes, self.desk.memory)

    def look(self, after: timedelta = timedelta(0)) -> None:
        """Look over the devices that much later, having listened all the while."""
        listened = self.desk.memory.listened() or Listened(0, 0)
        self.now += after
        self.desk.memory.note_listened(replace(listened, until=to_ms(self.now)))
        self.silence.tick(self.now)

    def furnish(self, *devices: str, consent: bool = True, kind: str = "", position: str = "") -> None:
        if consent:
            self.ledger.add(
                "consent.given", {"purpose": "home_monitoring", "version": "1"}, HERE, ELDER, to_ms(self.now)
            )
        for device in devices:
            told = {"device": device, "place": "hall", "kind": kind, "position": position}
            self.ledger.add("home.device_registered", told, HERE, ELDER, to_ms(self.now))

    def given_back(self, *older: tuple[str, dict[str, Any], datetime]) -> list[Seen]:
        """Facts about the elder that come long after they were said: (kind, payload, when)."""
        given = Feed(HERE, 1)
        self.store.absorb([given.item(kind, told, ELDER, at, "before") for kind, told, at in older])
        return [fact for fact in self.ledger.about(ELDER) if fact.device == "before"]

    def hear(self, heard: Heard, after: float = 0) -> int:
        self.now += timedelta(seconds=after)
        return self.desk.receive(heard, HERE, self.now)

    def recorded(self) -> list[str]:
        """Kinds of the facts that came of it."""
        return [f.kind for f in self.ledger.about(ELDER) if f.kind.partition(".")[0] in ("sign", "checkin", "fall")]


def z2m(name: str, payload: str, retained: bool = False) -> Heard:
    return zigbee2mqtt.parse(f"zigbee2mqtt/{name}", payload.encode(), retained)


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[Intake]:
    found = Intake(tmp_path)
    yield found
    found.store.close()


@pytest.fixture
def kept() -> Kept:
    return Kept()
