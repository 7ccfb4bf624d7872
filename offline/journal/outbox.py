"""What the district has not acknowledged of a node's own facts, and what gives way where that becomes too much."""

import json
import logging
from collections.abc import Sequence
from typing import Any

from offline.journal.chain import Chain
from offline.journal.fact_table import ENVELOPE, envelope_of, event_of
from offline.journal.writer import Writer
from offline.wire import Event

log = logging.getLogger(__name__)

SHED = "journal.shed"  # payload: first, last (numbers), count, because
MOST_WAITING = 200_000  # facts that the district has not acknowledged, before the oldest give up what they say
_MAY_GO = ("passage", "sign", "device", "kiosk", "gate", "reminder")  # never incidents, consents, people's own words


class Outbox:
    """Facts of `chain` beyond what is acknowledged."""

    def __init__(self, writer: Writer, chain: Chain, most: int) -> None:
        self._writer, self._chain, self._most = writer, chain, most

    @property
    def acked_through(self) -> int:
        return int(self._writer.state("acked") or 0)

    def unsent(self, limit: int, after: int | None = None, families: Sequence[str] = ()) -> list[Event]:
        """Own facts beyond `after` (or what is acknowledged), oldest first; only of these families where any are named."""
        only = " AND (" + " OR ".join("kind LIKE ? || '.%'" for _ in families) + ")" if families else ""
        rows = self._writer.read(
            f"SELECT {ENVELOPE}, p.salt, p.body FROM facts LEFT JOIN payloads p ON p.fact = facts.rowid"
            f" WHERE device = ? AND epoch = ? AND seq > ?{only} ORDER BY seq LIMIT ?",
            (self._chain.device, self._chain.epoch, self.acked_through if after is None else after, *families, limit),
        )
        return [event_of(envelope_of(row), row[-2], row[-1]) for row in rows]

    def numbered(self, epoch: int, first: int, last: int, limit: int) -> list[Event]:
        """Up to `limit` own facts under these numbers, acknowledged or not."""
        rows = self._writer.read(
            f"SELECT {ENVELOPE}, p.salt, p.body FROM facts LEFT JOIN payloads p ON p.fact = facts.rowid"
            " WHERE device = ? AND epoch = ? AND seq BETWEEN ? AND ? ORDER BY seq LIMIT ?",
            (self._chain.device, epoch, first, last, limit),
        )
        return [event_of(envelope_of(row), row[-2], row[-1]) for row in rows]

    def pending(self) -> int:
        """How many own facts the district has not acknowledged."""
        return int(self._chain.seq) - self.acked_through

    def acknowledged(self, through: int) -> None:
        """The district has durably kept everything up to and including `through`."""
        with self._writer.turns, self._writer.transaction():
            if through > self.acked_through:
                self._writer.set(acked=min(through, self._chain.seq))

    def take_back(self, through: int) -> None:
        """The district has lost what came after `through` (an older backup was restored): it is to be sent again."""
        with self._writer.turns, self._writer.transaction():
            self._writer.set(acked=min(through, self.acked_through))

    def withheld(self) -> list[str]:
        """Ids of facts whose envelopes went alone, because nobody takes what they say."""
        return list(json.loads(self._writer.state("withheld") or "[]"))

    def withhold(self, id: str) -> None:
        """Part of the caller's transaction."""
        self._writer.set(withheld=json.dumps([*(one for one in self.withheld() if one != id), id]))

    def offered(self, id: str) -> None:
        """It waits no longer; part of the caller's transaction."""
        self._writer.set(withheld=json.dumps([one for one in self.withheld() if one != id]))

    def shed(self) -> dict[str, Any] | None:
        """Where too much waits for the district, the oldest tenth gives up what it says, and numbers, times and the chain stay
        whole. What is then to be recorded of it (`SHED`); looked at only now and then, as numbers go by."""
        if self._chain.seq % max(1, self._most // 100):
            return None
        first = max(self.acked_through, int(self._writer.state("shed") or 0)) + 1
        if self._chain.seq - first < self._most:
            return None
        last = first + max(1, self._most // 10) - 1
        going = " OR ".join("kind LIKE ? || '.%'" for _ in _MAY_GO)
        count = self._writer.db.execute(
            "UPDATE payloads SET salt = NULL, body = NULL WHERE body IS NOT NULL AND fact IN"
            f" (SELECT rowid FROM facts WHERE device = ? AND epoch = ? AND seq BETWEEN ? AND ? AND ({going}))",
            (self._chain.device, self._chain.epoch, first, last, *_MAY_GO),
        ).rowcount
        self._writer.set(shed=last)
        if not count:
            return None
        log.error(
            "%d facts waited for the district: %d of %d to %d have given up what they say",
            self._most, count, first, last,
        )  # fmt: skip
        return {"first": first, "last": last, "count": count, "because": "too_many"}
