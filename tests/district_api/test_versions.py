"""Versions that meet: a district that is one ahead serves the clients that are one behind, and a gap too wide is said, not lost."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from domain.events import SCHEMA, Clock, payload_digest
from offline.journal.projections import StoredFact
from offline.keys.identity import b64
from offline.line.link import Link, link_of
from offline.line.sync import COMPARE_EVERY_MS
from offline.node import Node
from offline.transport.errors import Rejected
from offline.wire import Ack, Batch, Checksums, Event, FeedPage, Hello
from tests.fakes.serving import Joined, Serving

NEXT = SCHEMA + 1


class Passages:
    """How many passages a screen would show."""

    name, version, kinds = "passages", 1, frozenset({"passage.recorded"})

    def create(self, db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE passages (id TEXT PRIMARY KEY)")

    def drop(self, db: sqlite3.Connection) -> None:
        db.execute("DROP TABLE IF EXISTS passages")

    def apply(self, db: sqlite3.Connection, fact: StoredFact) -> None:
        db.execute("INSERT OR IGNORE INTO passages VALUES (?)", (fact.envelope.id,))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, int], None]:
    """Which fact schemas the district reads, as another version of it would."""

    def set_to(oldest: int, newest: int) -> None:
        for module in ("district.ingest", "district.api.sync", "district.api.greeting"):
            monkeypatch.setattr(f"{module}.SCHEMAS", (oldest, newest))

    return set_to


def newer(joined: Joined, seq: int, kind: str) -> Event:
    """A fact as the next version of a client would make it."""
    body, salt = json.dumps({"gate": {"id": "north", "lane": 2}, "seen_by": ["a", "b"]}).encode(), b"s" * 16
    now = joined.node.clock.now_ms()
    return Event(
        seq, f"{seq:032x}", kind, NEXT, "jinxiu", now, Clock.SYNCED, f"{now:012x}.0000", payload_digest(salt, body), None,
        b64(salt), msgspec.Raw(body),
    )  # fmt: skip


def shown(node: Node) -> list[str]:
    with closing(node.journal.file.reader()) as db:
        return [id for (id,) in db.execute("SELECT id FROM passages ORDER BY id")]


def test_an_old_client_goes_on_beside_newer_ones_and_reads_their_facts_once_it_has_caught_up(
    tmp_path: Path,
    district: Serving,
    join: Callable[..., Joined],
    reads: Callable[[int, int], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old, ahead = join("kiosk"), join("kiosk")
    node = Node(tmp_path / "desk", [Passages()])
    node.enrol(district.url, district.code("caregiver", gate_log=True), "caregiver", "desk")
    desk = Joined(node)
    reads(SCHEMA, NEXT)
    mine = old.journal.append("passage.recorded", {"outcome": "identified"}).envelope.id
    old.client.round()
    assert old.journal.pending() == 0
    later = [newer(ahead, 1, "passage.recorded"), newer(ahead, 2, "gate.lane_closed")]
    assert ahead.transport.push(Batch(1, NEXT, 1, ahead.node.clock.wall_ms(), later)).acked_through == 2

    desk.client.round()
    assert {e.id for e in later} <= {f.envelope.id for f in node.journal.facts()}, "kept, whatever they say"
    assert shown(node) == [mine]
    desk.client._compared = desk.node.clock.now_ms() - COMPARE_EVERY_MS
    desk.client.round()
    assert not desk.client._mending, "and it holds what the district holds"

    node.close()
    monkeypatch.setattr("offline.journal.projections.SCHEMA", NEXT)
    node = Node(tmp_path / "desk", [Passages()])
    assert shown(node) == sorted([mine, later[0].id])
    node.close()


@pytest.mark.parametrize("served", [(NEXT, NEXT), (SCHEMA - 1, SCHEMA - 1)])
def test_where_the_two_cannot_talk_it_is_said_and_nothing_is_lost(
    join: Callable[..., Joined], reads: Callable[[int, int], None], served: tuple[int, int]
) -> None:
    kiosk = join("kiosk")
    kiosk.client.round()
    kiosk.journal.append("passage.recorded", {"outcome": "identified"})
    reads(*served)
    for _ in range(2):
        with pytest.raises(Rejected) as refused:
            kiosk.client.round()
        assert link_of(refused.value) is Link.OUTDATED
        kiosk.client._last_hello = None  # asked again, as after an hour
    assert kiosk.journal.pending() == 1
    reads(SCHEMA, SCHEMA)
    kiosk.client.round()
    assert kiosk.journal.pending() == 0


@pytest.mark.parametrize(
    "answer",
    [Ack(3), FeedPage([], "c"), Hello((1, 1), (1, 1), 0, 500, "d", "1"), Checksums([], {})],
)
def test_what_a_newer_district_adds_to_an_answer_is_passed_over(answer: msgspec.Struct) -> None:
    told = msgspec.json.decode(msgspec.json.encode(answer), type=dict[str, Any]) | {"later": {"a": [1]}}
    assert msgspec.json.decode(msgspec.json.encode(told), type=type(answer)) == answer
