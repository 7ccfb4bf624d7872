"""What the watch asks of whatever keeps the facts: the district's store, or the journal of a desktop that is cut off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from domain.incident import Event
from offline.journal import Journal
from offline.projections import StoredFact, read_payload


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

    def event(self) -> Event:
        """As a step of an incident."""
        return Event.of(self.kind, self.payload, min(self.at, self.received), self.id, self.received, self.community)


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
    """A node's journal as a ledger."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

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
        rows = self._journal.query(
            "SELECT f.rowid AS position, f.id, f.kind, f.community, f.subject, f.at, f.received, f.trusted, f.hlc, f.device, p.body"
            f" FROM facts f LEFT JOIN payloads p ON p.fact = f.rowid WHERE {where}",
            parameters,
        )
        return [
            Seen(
                r["position"], r["id"], r["kind"], r["community"], r["subject"], r["at"], r["received"], bool(r["trusted"]),
                read_payload(r["body"]) or {}, r["hlc"], r["device"],
            )
            for r in rows
        ]  # fmt: skip

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
