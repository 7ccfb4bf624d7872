"""The journal of one node: its own facts with their outbox, and those of others as they come down the feed.

One writer connection a program does all writing; readers are `query_only`. What `append` has returned from survives a power cut.
A second program of the same node (its command line beside its window) goes on where the first one is; `look` hears of its facts.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlite_utils

from domain.errors import Mendable
from offline.journal.chain import Chain
from offline.journal.fact_table import COUNTED, FactTable
from offline.journal.listeners import Changed, Listeners
from offline.journal.others import Others
from offline.journal.outbox import MOST_WAITING, Outbox
from offline.journal.own_facts import OwnFacts
from offline.journal.projections import Projection, Projector, StoredFact
from offline.journal.turns import Turns
from offline.journal.writer import Writer
from offline.node_clock import NodeClock
from offline.wire import Event, FeedItem

_RESERVED_FOR = ("incident.", "consent.", "call.")
SLICE = 50  # of others' facts at once: whoever else wants to write waits 10 to 20 ms


class Journal:
    """Opened for one node; safe to use from any thread. Raises Mendable as `Writer` does."""

    def __init__(
        self,
        path: Path,
        clock: NodeClock,
        projections: Sequence[Projection] = (),
        sign: Callable[[bytes], bytes] | None = None,
        key: bytes | None = None,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self.path = path
        self._listeners = Listeners()
        self._projector = Projector(projections)
        self._writer = Writer(path, key)
        self.file, self._turns = self._writer.file, self._writer.turns
        with self._writer.mendable():
            try:
                self._table = FactTable(self._writer)
                with self._writer.transaction():
                    self._projector.prepare(self._writer.db, self._table.all())
                self._chain = Chain(self._writer, clock, sign)
            except BaseException:
                self._writer.close()
                raise
        self._writer.held, self._writer.written_elsewhere = self._held, self._read_elsewhere
        self._others = Others(self._writer, self._table, self._chain, self._projector)
        self._outbox = Outbox(self._writer, self._chain, most_waiting)
        self._own = OwnFacts(self._writer, self._table, self._chain, self._projector, self._outbox, clock)
        self._rebuilt: list[Callable[[], None]] = []
        self._writer.lay_by()

    def _held(self) -> Callable[[], None]:
        chain, table = self._chain.held(), self._table.held()

        def go_back() -> None:
            chain()
            table()

        return go_back

    # ---- another program of this node -------------------------------------------------------------------------------

    def look(self) -> None:
        """Tell listeners of what another program of this node has written; called now and then, and cheap."""
        if not self._writer.is_behind:
            return
        with self._turns:
            with self._writer.transaction():
                pass  # it is read where a transaction begins
            self._listeners.tell()

    def _read_elsewhere(self) -> None:
        self._chain.read()
        self._listeners.keep(self._table.put_in_elsewhere())

    # ---- who we are -------------------------------------------------------------------------------------------------

    @property
    def device(self) -> str:
        """The id the district gave this node; '' before it is enrolled."""
        return self._chain.device

    @property
    def epoch(self) -> int:
        return self._chain.epoch

    @property
    def community(self) -> str:
        return self._chain.community

    def become(self, device: str, epoch: int, community: str) -> None:
        """Take the identity the district gave at enrolment. What the last district has not acknowledged of this community goes on
        to this one."""
        with self._turns, self._writer.transaction():
            self._own.begin(device, epoch, community)

    def fork(self, epoch: int) -> None:
        """Go on in a new epoch: what the district has not acknowledged is recorded anew there, and once only counted."""
        with self._turns:
            self.become(self.device, epoch, self.community)

    # ---- own facts --------------------------------------------------------------------------------------------------

    def append(
        self,
        kind: str,
        payload: dict[str, Any],
        *,
        subject: str | None = None,
        at: int | None = None,
        id: str | None = None,
    ) -> StoredFact:
        """Record one fact of this node; it is durable on return. `at` in ms, now where it is left out.

        A fact whose `id` is already here is not recorded again: the one that is here is returned.
        """
        return self.append_all([(kind, payload, subject, at, id)])[0]

    def append_all(
        self, facts: Iterable[tuple[str, dict[str, Any], str | None, int | None, str | None]]
    ) -> list[StoredFact]:
        """Record several facts (kind, payload, subject, at, id) together or not at all."""
        with self._turns:
            wanted = list(facts)
            precious = any(kind.startswith(_RESERVED_FOR) for kind, *_ in wanted)
            made = self._writer.durably(lambda: [self._own.add(*fact) for fact in wanted], precious)
            self._listeners.tell(made)
        return made

    def broken(self) -> list[int]:
        """Numbers of this node's facts, in this epoch, at which its chain or a signed head is not what was written."""
        return self._chain.broken()

    # ---- outbox (see `Outbox`) --------------------------------------------------------------------------------------

    @property
    def acked_through(self) -> int:
        return self._outbox.acked_through

    def unsent(self, limit: int, after: int | None = None, families: Sequence[str] = ()) -> list[Event]:
        return self._outbox.unsent(limit, after, families)

    def numbered(self, epoch: int, first: int, last: int, limit: int) -> list[Event]:
        return self._outbox.numbered(epoch, first, last, limit)

    def pending(self) -> int:
        return self._outbox.pending()

    def acknowledged(self, through: int) -> None:
        self._outbox.acknowledged(through)

    def take_back(self, through: int) -> None:
        self._outbox.take_back(through)

    def withheld(self) -> list[str]:
        return self._outbox.withheld()

    def withhold(self, id: str) -> None:
        with self._turns, self._writer.transaction():
            self._outbox.withhold(id)

    def say_anew(self, id: str, anew: str) -> None:
        """Record anew, as `anew`, what was withheld: its own number says nothing any more. Where that was erased, or is here
        already, only that nothing waits."""
        with self._turns, self._writer.transaction():
            if self._own.say_anew(id, anew):
                self._projector.rebuild(self._writer.db, self._table.all())
            self._outbox.offered(id)

    # ---- others' facts (see `Others`) --------------------------------------------------------------------------------

    def absorb(
        self, items: Iterable[FeedItem], cursor: str | None = None, erased: Iterable[str] = ()
    ) -> list[StoredFact]:
        """Take over a page of the feed; facts already here (our own come back) are passed over. It comes in slices, and between
        them whoever waits has their turn; `cursor` moves with the last, so that a page that was cut short is read again. Where the
        disk is too full for a page, what somebody must hear of now is taken out of it before `disk_full` is raised.

        `erased` are ids of facts whose payloads go; see `erase`.
        """
        page = list(items)
        try:
            return self._absorb(page, cursor, erased)
        except Mendable as e:
            precious = [item for item in page if item.event.kind.startswith(_RESERVED_FOR)]
            if e.code == "disk_full" and precious and len(precious) < len(page):
                self._absorb_slice(precious)
            raise

    def _absorb(self, items: Sequence[FeedItem], cursor: str | None, erased: Iterable[str]) -> list[StoredFact]:
        page, fresh = list(items), list[StoredFact]()
        if len(page) <= SLICE:
            return self._absorb_slice(page, cursor, list(erased))
        with self._writer.checkpoint_after():
            while len(page) > SLICE:
                fresh += self._absorb_slice(page[:SLICE])
                del page[:SLICE]
                self._turns.let_pass()
            return fresh + self._absorb_slice(page, cursor, list(erased))

    def _absorb_slice(
        self, items: Sequence[FeedItem], cursor: str | None = None, erased: Sequence[str] = ()
    ) -> list[StoredFact]:
        def work() -> tuple[list[StoredFact], list[StoredFact]]:
            fresh, placed = self._others.take(items)
            gone = [fact for id in erased if (fact := self._erase(id)) is not None]
            if cursor is not None:
                self._others.came_to(cursor)
            self._chain.keep()
            return fresh, gone + placed

        precious = bool(items) and all(item.event.kind.startswith(_RESERVED_FOR) for item in items)
        with self._turns:
            fresh, changed = self._writer.durably(work, precious)
            self._listeners.tell(fresh + changed)
        return fresh

    def forget(self, ids: Iterable[str], cursor: str) -> list[str]:
        """Others' facts that have left this node's scope go, with a page's cursor. Returns people of whom nothing is left here.

        Own facts stay. What was folded from the others is folded anew by `rebuild`, which the caller asks for at the end.
        """
        with self._turns:
            with self._writer.transaction():
                gone = self._others.give_up(ids)
                self._others.came_to(cursor)
            self._listeners.tell([replace(fact, payload=None) for fact in gone])
            people = {f.envelope.subject for f in gone if f.envelope.subject}
            return [person for person in people if not self._others.anything_about(person)]

    def mend(self, items: Iterable[FeedItem]) -> int:
        """Others' facts that are here and are not what the feed says they are give way to it; how many. `absorb` takes them in."""
        with self._turns, self._writer.transaction():
            return self._others.mend(items)

    def sums(self, through: Mapping[str, int]) -> dict[tuple[str, str, int], tuple[int, int]]:
        return self._others.sums(through)

    def greatest_of(self, device: str) -> list[tuple[int, int]]:
        return self._others.greatest_of(device)

    def others_after(self, device: str, epoch: int, seq: int, limit: int) -> list[Event]:
        return self._others.after(device, epoch, seq, limit)

    @property
    def cursor(self) -> str:
        return self._others.cursor

    @property
    def filling(self) -> bool:
        """Whether the feed has never been read to its end yet, over restarts: what is here is a part of what there is."""
        return self._others.filling

    def filled(self) -> None:
        """The feed was read to its end."""
        if self.filling:
            with self._turns, self._writer.transaction():
                self._writer.set(filled=1)

    def note(self, key: str) -> str | None:
        value = self._writer.state(key)
        return None if value is None else str(value)

    def put_note(self, key: str, value: str) -> None:
        with self._turns, self._writer.transaction():
            self._writer.set(**{key: value})

    # ---- erasure ----------------------------------------------------------------------------------------------------

    def erase(self, ids: Iterable[str]) -> int:
        """Null the payloads of these facts; the envelopes stay, and the chain with them. Returns how many had one."""
        with self._turns:
            with self._writer.transaction():
                gone = [fact for id in ids if (fact := self._erase(id)) is not None]
            self._listeners.tell(gone)
        return len(gone)

    def _erase(self, id: str) -> StoredFact | None:
        fact = self._table.erase(id)
        if fact is not None:
            self._projector.apply(self._writer.db, fact)
        return fact

    # ---- reading ----------------------------------------------------------------------------------------------------

    def find(self, id: str) -> StoredFact | None:
        return self._table.find(id)

    def facts(self, kind: str | None = None, subject: str | None = None, since: int = 0) -> list[StoredFact]:
        """Facts in the order they came here, of one kind or of one person, from `since` (ms) on."""
        return list(
            self._table.select(
                f"WHERE (?1 IS NULL OR kind = ?1) AND (?2 IS NULL OR subject = ?2) AND at >= ?3 AND {COUNTED}"
                " ORDER BY facts.rowid",
                (kind, subject, since),
            )
        )

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Rows of a projection, as dictionaries."""
        with self._turns:
            return list(sqlite_utils.Database(self._writer.db, execute_plugins=False).query(sql, parameters))

    def undisturbed(self) -> Turns:
        """As a context: nothing is written meanwhile, so that what is read and what is made of it stay one. Held briefly."""
        return self._turns

    def on_change(self, listener: Changed) -> Callable[[], None]:
        """Call `listener` with the facts that came, lost their payload or got a place that matters, after each commit.

        On the writing thread. Returns what stops it.
        """
        return self._listeners.add(listener)

    def on_rebuild(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` whenever what is folded was folded anew: of anything it may read otherwise now. On the writing thread.
        Returns what stops it."""
        self._rebuilt.append(listener)
        return lambda: self._rebuilt.remove(listener)

    def rebuild(self) -> None:
        """Throw the projections away and fold them again."""
        with self._turns:
            with self._writer.transaction():
                self._projector.rebuild(self._writer.db, self._table.all())
            for listener in list(self._rebuilt):
                listener()

    def close(self) -> None:
        self._writer.close()
