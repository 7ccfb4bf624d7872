"""Facts that a projection or a listener cannot bear: kept, passed over, and nothing behind them is lost."""

import base64
import logging
import sqlite3
from pathlib import Path

import msgspec
import pytest

from caregiver.state import projections
from domain.events import Clock, payload_digest
from offline.journal.journal import Journal
from offline.journal.projections import StoredFact
from offline.node_clock import NodeClock
from offline.wire import Event, FeedItem

SALT = bytes(16)
OPENED = b'{"incident":"i1","elder":"wang","kind":"sos","severity":1}'


def came(position: int, kind: str, body: bytes, subject: str = "wang") -> FeedItem:
    event = Event(
        position, f"{position:032x}", kind, 1, "jinxiu", 1_700_000_000_000, Clock.SYNCED, "018bcfe56800.0000",
        payload_digest(SALT, body), subject, base64.b64encode(SALT).decode(), msgspec.Raw(body),
    )  # fmt: skip
    return FeedItem(position, "d", 1, event, 1_700_000_000_000)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("incident.opened", b'{"incident":["Wang"],"elder":"wang","kind":"sos"}'),
        ("incident.opened", b'{"incident":"i0","elder":"wang","kind":"of another age"}'),
        ("incident.opened", b'{"incident":"i0","elder":"wang","kind":"sos","ladder":{"steps":5}}'),
        ("person.registered", b"{}"),
        ("person.registered", b'{"profile":{},"revision":1}'),
        ("consent.given", b"{}"),
        ("careplan.set", b'{"revision":"x"}'),
        ("visit.recorded", b'{"how":[],"by":{}}'),
        ("passage.recorded", b'{"outcome":["Wang"],"method":{}}'),
        ("verdict.given", b'{"passage":[]}'),
        ("sign.motion", b'{"amount":1e999}'),
        ("sign.motion", b'{"place":"\xff"}'),
    ],
)
def test_the_alarm_behind_a_bad_fact_arrives(
    tmp_path: Path, kind: str, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(tmp_path / "journal.sqlite", NodeClock(), projections())
    try:
        with caplog.at_level(logging.ERROR):
            journal.absorb([came(1, kind, body), came(2, "incident.opened", OPENED)], "2")
        assert journal.cursor == "2"
        assert journal.query("SELECT state FROM incidents_now WHERE incident = 'i1'") == [{"state": "detected"}]
        assert len(journal.facts()) == 2
        assert "Wang" not in caplog.text
        journal.rebuild()
        assert len(journal.query("SELECT 1 FROM incidents_now WHERE open AND incident = 'i1'")) == 1
    finally:
        journal.close()


class Full:
    """A projection whose writes find no room."""

    name, version, kinds = "full", 1, frozenset({"*"})

    def create(self, db: sqlite3.Connection) -> None: ...

    def drop(self, db: sqlite3.Connection) -> None: ...

    def apply(self, db: sqlite3.Connection, fact: StoredFact) -> None:
        raise sqlite3.OperationalError("disk I/O error")


def test_what_the_disk_says_takes_the_fact_back(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite", NodeClock(), [Full()])
    try:
        with pytest.raises(sqlite3.OperationalError):
            journal.append("sign.motion", {})
        assert journal.facts() == []
    finally:
        journal.close()


def test_a_listener_that_fails_keeps_nobody_from_hearing(journal: Journal, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[str] = []

    def fails(_facts: list[StoredFact]) -> None:
        raise RuntimeError("gone")

    journal.on_change(fails)
    journal.on_change(lambda facts: heard.extend(fact.envelope.kind for fact in facts))
    assert journal.append("incident.opened", {"incident": "i1"}).envelope.seq == 1
    assert heard == ["incident.opened"]
    assert "a listener of the journal failed" in caplog.text
