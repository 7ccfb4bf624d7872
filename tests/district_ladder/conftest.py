"""A whole nightwatch over a real SQLite store, with time and channels in the test's hands."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from district.intake.homes import StoreHomes
from district.ledger import StoreLedger
from district.reaching.channels import Channel
from district.reaching.messages import Described, Recipient
from district.store.port import Store
from district.store.postgresql import PostgresqlStore
from district.store.sqlite import SqliteStore
from district.watching.nightwatch import Nightwatch, Surroundings
from domain.events import to_ms
from domain.incident import Incident
from domain.incidents import fold
from tests.fakes.channels import RecordingChannel

T0 = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ELDER, HERE = "p1", "jinxiu"


@dataclass
class Box:
    """A kiosk or a hub that is enrolled."""

    id: str
    name: str
    via: str | None = None
    communities: tuple[str, ...] = (HERE,)
    enrolled: int = 0


class Inline(Executor):
    """Runs at once, on the caller's thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


@dataclass
class Town:
    """People and their rota: everybody is on call at their level around the clock unless the test says otherwise."""

    rota: dict[str, Sequence[str]] = field(
        default_factory=lambda: {"level:0": ["ann"], "level:1": ["com"], "level:2": ["str"], "level:3": ["dis"]}
    )
    addresses: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    allowed_abroad: bool = False
    languages: Mapping[str, str] = field(default_factory=dict)
    responders: frozenset[str] = frozenset({"ann"})
    leave: frozenset[str] = frozenset()

    def on_call(self, word: str, community: str, elder: str, at: datetime) -> Sequence[str]:
        return self.rota.get(word, [])

    def on_leave(self, person: str, community: str, at: datetime) -> bool:
        return person in self.leave

    def recipient(self, person: str) -> Recipient | None:
        addresses = self.addresses.get(person, (("recording", person),))
        return Recipient(person, self.languages.get(person, "en"), person in self.responders, addresses)

    def describe(self, elder: str) -> Described:
        return Described("Ms Zhang", "3-2-501", (39.9998, 116.3206), "010-1234", "key under the mat", "on warfarin")

    def abroad_allowed(self, elder: str) -> bool:
        return self.allowed_abroad


class District:
    """Everything that survives a crash is in the folder; `crash` drops the rest."""

    watch: Nightwatch

    def __init__(
        self, folder: Path, channels: Sequence[Channel] = (), base: str = "https://watch.example/", database: str = ""
    ) -> None:
        """`database` is the URL of an empty one on PostgreSQL; '' keeps everything in a file of the folder."""
        self.now, self.town, self.folder, self.base, self.database = T0, Town(), folder, base, database
        self.recording = RecordingChannel()
        self.channels = [self.recording, *channels]
        self.runs = 0
        self.open()

    def surround(self, **more: Any) -> None:
        """The same district watched with more around it: kiosks, hubs, a line upstream."""
        self.watch.close()
        around = Surroundings(
            self.ledger, self.store, StoreHomes(self.store), self.town, self.town, self.channels, self.base, **more
        )
        self.watch = Nightwatch(around, lambda: self.now, Inline(), "run")

    def open(self) -> None:
        self.runs += 1
        self.store: Store = (
            PostgresqlStore(self.database, "district", lambda: to_ms(self.now))
            if self.database
            else SqliteStore(self.folder / "district.db", "district", lambda: to_ms(self.now))
        )
        self.ledger = StoreLedger(self.store)
        around = Surroundings(
            self.ledger, self.store, StoreHomes(self.store), self.town, self.town, self.channels, self.base
        )
        self.watch = Nightwatch(around, lambda: self.now, Inline(), f"run-{self.runs}")

    def crash(self) -> None:
        """As after a SIGKILL: nothing is finished, the store is opened again."""
        self.store.close()
        self.open()

    def tell(self, kind: str, subject: str | None = ELDER, /, **payload: Any) -> str:
        return self.ledger.add(kind, payload, HERE, subject, to_ms(self.now)).id

    def step(self, kind: str, by: str, **more: Any) -> None:
        self.tell(kind, incident=self.incident().id, by=by, **more)

    def tick(self, after: timedelta = timedelta(0)) -> None:
        """That much later, having listened all the while."""
        self.now += after
        listened = self.watch.memory.listened()
        if listened is not None:
            self.watch.memory.note_listened(replace(listened, until=to_ms(self.now)))
        self.watch.tick(self.now)

    def stands_still(self, length: timedelta) -> None:
        """Suspended, or before a database that took nothing; then it goes on."""
        self.now += length
        self.watch.tick(self.now)

    def incident(self) -> Incident:
        (found,) = self.incidents()
        return found

    def incidents(self) -> list[Incident]:
        events: dict[str, list[Any]] = {}
        for fact in self.ledger.about(ELDER):
            if "incident" in fact.payload:
                events.setdefault(fact.payload["incident"], []).append(fact.event())
        return [i for e in events.values() if (i := fold(e)) is not None]

    def told(self, act: str = "alarm") -> list[str]:
        """Whom notices of this kind were sent to, in order."""
        facts = self.ledger.about(ELDER, ["notice.sent"])
        return [f.payload["person"] for f in facts if f.payload["act"] == act]

    def failures(self) -> list[Mapping[str, Any]]:
        return [f.payload for f in self.ledger.about(ELDER, ["notice.failed"])]

    def close(self) -> None:
        self.watch.close()
        self.store.close()


@pytest.fixture
def district(tmp_path: Path) -> Iterator[District]:
    found = District(tmp_path)
    yield found
    found.close()


def of_gate(district: District, gate: str) -> list[Incident]:
    """The incidents of a gate, a kiosk or a gateway."""
    return district.watch.watch.cases.of(gate, district.now)
