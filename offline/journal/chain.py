"""The line of a node's own facts: who the node is, the next number, time and link, and the signed head of each day."""

import time
from collections.abc import Callable
from contextlib import closing

from domain.clock import Hlc
from domain.events import SCHEMA, Envelope, chain_hash, from_ms
from offline.journal.fact_table import ENVELOPE, envelope_of
from offline.journal.writer import Writer
from offline.node_clock import NodeClock

ALTERED = "journal.altered"  # payload: altered (count), which (numbers of the first of them)


class Chain:
    """Held in memory as it is in the file; `held` goes back with a transaction that fails."""

    def __init__(self, writer: Writer, clock: NodeClock, sign: Callable[[bytes], bytes] | None = None) -> None:
        self._writer, self._clock, self._sign = writer, clock, sign
        self.read()

    def read(self) -> None:
        """As it is in the file."""
        self._hlc = Hlc.parse(self._writer.state("hlc") or str(Hlc(0, 0)))
        self.seq: int = self._writer.read(
            "SELECT coalesce(max(seq), 0) FROM facts WHERE device = ? AND epoch = ?", (self.device, self.epoch)
        )[0][0]
        self.head: str = self._writer.state("chain") or ""
        self._day: str = self._writer.state("day") or ""

    @property
    def device(self) -> str:
        return str(self._writer.state("device") or "")

    @property
    def epoch(self) -> int:
        return int(self._writer.state("epoch") or 0)

    @property
    def community(self) -> str:
        return str(self._writer.state("community") or "")

    def held(self) -> Callable[[], None]:
        """How to go back to what is held now."""
        seq, hlc, head, day = self.seq, self._hlc, self.head, self._day

        def go_back() -> None:
            self.seq, self._hlc, self.head, self._day = seq, hlc, head, day

        return go_back

    def begin(self, device: str, epoch: int, community: str) -> None:
        """A line of its own, from number 1."""
        self._writer.set(device=device, epoch=epoch, community=community, acked=0, chain="", day="")
        self.seq, self.head, self._day = 0, "", ""

    def next(
        self, id: str, kind: str, subject: str | None, at: int | None, digest: str, now: int
    ) -> tuple[Envelope, str]:
        """The envelope of the next fact, recorded at `now` (ms), and its link; `keep` makes both last."""
        self._close_segment(now)
        self._hlc = self._hlc.tick(now)
        self.seq += 1
        envelope = Envelope(
            id, self.device, self.epoch, self.seq, kind, SCHEMA, self.community, subject,
            now if at is None else at, self._clock.state, str(self._hlc), digest,
        )  # fmt: skip
        self.head = chain_hash(self.head, envelope.content_hash())
        return envelope, self.head

    def seen(self, stamp: str) -> None:
        """Another's fact was stamped so: ours come after it."""
        self._hlc = self._hlc.merge(Hlc.parse(stamp), self._clock.now_ms())

    def keep(self) -> None:
        """Into the file."""
        self._writer.set(hlc=str(self._hlc), chain=self.head)

    def _close_segment(self, now_ms: int) -> None:
        """At the first fact of a new day, sign the head of the day before."""
        day = from_ms(now_ms).date().isoformat()
        if day != self._day:
            if self._day:
                signature = self._sign(_head(self._day, self.seq, self.head)) if self._sign else None
                self._writer.db.execute(
                    "INSERT OR REPLACE INTO segments VALUES (?, ?, ?, ?)", (self._day, self.seq, self.head, signature)
                )
            self._day = day
            self._writer.set(day=day)

    def broken(self) -> list[int]:
        """Walk the hash chain of this node's facts and the signed heads: the numbers at which something is not what was written."""
        found, chain = set[int](), ""
        with closing(self._writer.file.reader()) as db:
            mine = "FROM facts WHERE device = ? AND epoch = ? AND chain IS NOT NULL"
            rows = db.execute(f"SELECT {ENVELOPE}, chain {mine} ORDER BY seq", (self.device, self.epoch))
            for n, row in enumerate(rows):
                if n % 250 == 249:
                    time.sleep(0.001)  # nobody waits for this, and windows want the interpreter
                envelope, link = envelope_of(row), row[-1]
                if chain_hash(chain, envelope.content_hash()) != link:
                    found.add(envelope.seq)
                chain = link  # what follows is held against what stands here
            for day, seq, head, signature in db.execute("SELECT * FROM segments").fetchall():
                said = self._sign(_head(day, seq, head)) if self._sign else None
                ends = "SELECT 1 FROM facts WHERE device = ? AND seq = ? AND chain = ?"  # of an earlier epoch too
                if signature != said or db.execute(ends, (self.device, seq, head)).fetchone() is None:
                    found.add(seq)
        return sorted(found)


def _head(day: str, seq: int, head: str) -> bytes:
    """What is signed of a day."""
    return f"{day} {seq} {head}".encode()
