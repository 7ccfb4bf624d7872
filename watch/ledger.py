"""What the watch asks of whatever keeps the facts: the district's store, or the journal of a desktop that is cut off."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Protocol

from domain.clock import Hlc
from domain.incident import Event
from offline.journal.journal import Journal
from offline.journal.projections import StoredFact, read_payload

_CACHE_KIB = 2048


@dataclass(frozen=True, slots=True)
class Seen:
    """A fact as the rules read it; times in ms. `trusted` False: evidence, never an all-clear."""

    position: int
    id: str
    kind: str
    community: str
    subject: str | None
    at: int
    received: int
    trusted: bool
    payload: Mapping[str, Any]
    hlc: str = ""
    device: str = ""

    @property
    def said(self) -> str:
        """When, as a stamp that sorts; a clock that is ahead says nothing later than its receipt."""
        return min(self.hlc or str(Hlc(self.at, 0)), str(Hlc(self.received, 0xFFFF)))

    def event(self) -> Event:
        """As a step of an incident."""
        at = min(self.at, self.received)
        return Event.of(self.kind, self.payload, at, self.id, self.received, self.community, self.said)


def as_said(facts: Iterable[Seen]) -> list[Seen]:
    """In the order in which they were said, whatever order they came in. Each device's own go by its stamps, which never go back
    though its clock may; those of several by the time."""
    latest: dict[str, str] = {}
    timed: list[tuple[str, Seen]] = []
    for fact in sorted(facts, key=lambda f: f.hlc or f.said):
        said = latest[fact.device] = max(fact.said, latest.get(fact.device, ""))
        timed.append((said, fact))
    return [fact for _, fact in sorted(timed, key=itemgetter(0))]


def said_before(fact: Seen, other: Seen | None) -> bool:
    """Whether it is the older word of the two."""
    return other is not None and as_said((other, fact))[0] is fact


class Ledger(Protocol):
    """Facts in the order in which they came here; those of `device` are its own."""

    @property
    def device(self) -> str: ...

    def since(self, cursor: str, limit: int = 1000) -> tuple[list[Seen], str]:
        """The next facts after `cursor` ('' is the beginning) and the cursor behind them; never skips one."""

    def about(self, subject: str, kinds: Sequence[str] = (), since: int = 0) -> list[Seen]:
        """Everything about one person, of these kinds where any are named, that happened from `since` (ms) on."""

    def told(self, kinds: Sequence[str]) -> list[Seen]:
        """Every fact of these kinds, about anybody; for what is read once, at the start."""

    def add(
        self, kind: str, payload: Mapping[str, Any], community: str, subject: str | None, at: int, id: str | None = None
    ) -> Seen:
        """Durably add a fact. Where `id` is known already the first body stands and is returned."""


class JournalLedger:
    """A node's journal as a ledger, read by a connection of its own: a quarter of somebody's signs takes a second, and an alarm
    that comes, or is answered, meanwhile must not wait for that. Closes it."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._reader, self._turn = journal.file.reader(), threading.Lock()
        self._reader.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")

    @property
    def device(self) -> str:
        return self._journal.device

    def since(self, cursor: str, limit: int = 1000) -> tuple[list[Seen], str]:
        found = self._query("f.rowid > ? ORDER BY f.rowid LIMIT ?", (int(cursor or 0), limit))
        return found, str(found[-1].position) if found else cursor

    def about(self, subject: str, kinds: Sequence[str] = (), since: int = 0) -> list[Seen]:
        among = f"f.kind IN ({', '.join('?' * len(kinds))})" if kinds else "1"
        return self._query(f"{among} AND f.subject = ? AND f.at >= ? ORDER BY f.rowid", (*kinds, subject, since))

    def told(self, kinds: Sequence[str]) -> list[Seen]:
        return self._query(f"f.kind IN ({', '.join('?' * len(kinds))}) ORDER BY f.rowid", kinds)

    def _query(self, where: str, parameters: Sequence[Any]) -> list[Seen]:
        sql = (
            "SELECT f.rowid, f.id, f.kind, f.community, f.subject, f.at, f.received, f.trusted, p.body, f.hlc, f.device"
            f" FROM facts f LEFT JOIN payloads p ON p.fact = f.rowid WHERE {where}"
        )
        with self._turn:
            rows = self._reader.execute(sql, parameters).fetchall()
        return [
            Seen(place, id, kind, where, who, at, received, bool(trusted), read_payload(body) or {}, hlc, device)
            for place, id, kind, where, who, at, received, trusted, body, hlc, device in rows
        ]

    def close(self) -> None:
        self._reader.close()

    def add(
        self, kind: str, payload: Mapping[str, Any], community: str, subject: str | None, at: int, id: str | None = None
    ) -> Seen:
        if community != self._journal.community:
            raise ValueError("a desktop adds facts to its own community only")
        return seen(self._journal.append(kind, dict(payload), subject=subject, at=at, id=id))


def seen(f: StoredFact) -> Seen:
    """A journal's fact as the rules read it."""
    e = f.envelope
    return Seen(
        f.rowid, e.id, e.kind, e.community, e.subject, e.at, f.received, f.trusted, f.payload or {}, e.hlc, e.device
    )
