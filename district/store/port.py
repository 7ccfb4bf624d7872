"""The port of the store: what the district asks of whatever keeps its facts."""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from district.scope import Scope
from offline.wire import FeedItem

T = TypeVar("T")
Row = tuple[Any, ...]
Payload = tuple[bytes | None, bytes | None]  # salt, body


class Busy(Exception):
    """The queue of writes is full: the caller should come back in `retry_after` seconds."""

    retry_after = 2.0


# what a driver raises for a number or a word that the database cannot take
UNBOUND = (OverflowError, UnicodeEncodeError)


class Unkeepable(ValueError):
    """It is the fact that no database keeps: trying again brings nothing. A fault of ours is none: the sender keeps what it has."""


# The columns of a fact as a row carries them; the store adds the position.
COLUMNS = (
    "id", "device", "epoch", "seq", "kind", "schema", "community", "subject", "at", "clock", "hlc", "digest", "hash",
    "received", "trusted", "lane",
)  # fmt: skip
GLIMPSE = ("position", "id", "kind", "community", "subject", "at", "received", "trusted", "body", "hlc", "device")
ID, DEVICE, EPOCH, SEQ, KIND, SCHEMA, COMMUNITY, SUBJECT, AT, CLOCK, HLC, DIGEST, HASH, RECEIVED, TRUSTED, LANE = range(
    len(COLUMNS)
)


@dataclass(frozen=True, slots=True)
class Poison:
    """A fact that cannot be read: put aside with the reason, so that it never blocks the queue."""

    seq: int
    reason: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Prepared:
    """One batch, read and checked. `facts` in the order sent; `payloads` beside them as (salt, body)."""

    device: str
    epoch: int
    received: int
    facts: Sequence[Row] = ()
    payloads: Sequence[Payload] = ()
    poison: Sequence[Poison] = ()
    asks: bool = False  # some of it takes a person with a role: `district.people.authors` must judge first
    places: bool = False  # some of it says where somebody belongs: `district.people.belonging` must judge first
    claims: bool = (
        False  # some of it says that a server stood still: `district.watching.outage_claims` must judge first
    )
    released: bool = False  # these were put aside before: they leave quarantine in the same transaction

    @property
    def urgent(self) -> bool:
        kinds = {fact[KIND] for fact in self.facts}  # a batch of hundreds has few
        return any(kind.startswith(("incident.", "consent.", "call.")) for kind in kinds)


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of a batch; durable when it is returned."""

    through: int
    missing: tuple[tuple[int, int], ...] = ()
    quarantined: tuple[int, ...] = ()
    fork_epoch: int | None = None  # other facts are known under these numbers: nothing was kept, this is the next epoch
    fresh: int = 0


@dataclass(frozen=True, slots=True)
class Fresh:
    """What a commit added, told to listeners after it: heads of the feeds that grew, lanes, and the streamed facts."""

    heads: Mapping[str, int]
    lanes: Mapping[str, frozenset[int]]
    streamed: Sequence[FeedItem] = ()
    erased: Sequence[tuple[str, str]] = ()  # (person, community)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the feed. `positions` is where each community has been read through."""

    items: list[FeedItem]
    positions: dict[str, int]
    more: bool = False
    erased: list[str] = field(default_factory=list)


Execute = Callable[..., list[Row]]
Listener = Callable[[Fresh], None]


class Sql(Protocol):
    """Statements with `?` in the part of SQL that both databases share."""

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]: ...

    def write(self, work: Callable[[Execute], T]) -> T:
        """Run `work` in one durable transaction; it is handed a way to execute statements."""


class Store(Sql, Protocol):
    """Raises Busy where the queue is full, Mendable `disk_full`, `disk_readonly`, `database_down`."""

    node: str
    secret: bytes  # by which its own facts are known again where they come back; drawn by lot until somebody sets it
    doubted: Collection[str]  # ids of facts here that are not what their hash says, or give way: never an all-clear

    def read_within(self, communities: Sequence[str], sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """A statement about facts. Where the database has a second wall, it sees those of these communities alone, and `read`
        sees none at all."""

    def append_batch(self, batch: Prepared) -> "Future[Appended]":
        """Keep a batch; the future is done after the commit is durable."""

    def append_own(
        self,
        kind: str,
        community: str,
        subject: str | None,
        at: int,
        payload: Mapping[str, Any],
        id: str | None = None,
        trusted: bool = True,
    ) -> FeedItem:
        """Keep a fact of the district's own. Where `id` is known already, the first body stands and is returned."""

    def absorb(self, items: Sequence[FeedItem]) -> int:
        """Keep facts that came down from upstream under their own numbers; what is known is passed over. How many were new."""

    def mend(self, batches: Sequence[Prepared], source: bool = False) -> int:
        """Facts that are here and are no longer what their hash says are what these say again, in their old places; the rows as
        they were found are kept as evidence. A payload that is gone comes back, other than of the erased.
        `source`: whoever says them is whom this store has them from, so that another fact under the same number gives way, sound
        or not. How many it took."""

    def put_in_place(self, misplaced: Sequence[str] = ()) -> int:
        """Facts that stand nowhere in their feed (their position is none that was given out, or their lane is none) stand at its
        end from now on, and so do those of these ids that lie in a lane that is not their kind's; how many, of a few hundred.
        Looks at every fact there is: for the end of a walk through them."""

    def forget(self, ids: Sequence[str]) -> int:
        """Null the payloads of these facts; their envelopes stay. How many had one."""

    def leave(self, community: str) -> list[str]:
        """Nothing is known of the people and homes of a community any more; who among them is known nowhere else."""

    def begin_epoch(self, epoch: int) -> None:
        """From here on this node's own facts are numbered anew, under `epoch`."""

    def feed_after(self, scope: Scope, positions: Mapping[str, int], limit: int) -> Page:
        """What the scope may read beyond `positions`, in the order of each community's feed. Never skips."""

    def about(self, subject: str, kinds: Sequence[str] = (), since: int = 0) -> list[FeedItem]:
        """Everything about one person that happened from `since` (ms) on, as it came, whatever the lane."""

    def glimpses(self, subject: str, kinds: Sequence[str] = (), since: int = 0) -> list[Row]:
        """As `about`, in the columns of `GLIMPSE`: for the rules, which read days of somebody's facts at every sign and need no
        envelope."""

    def told(self, kinds: Sequence[str]) -> list[FeedItem]:
        """Every fact of these kinds, about anybody, community by community in the feed's order."""

    def heads(self) -> dict[str, int]:
        """The newest position of every community's feed."""

    def erase(self, person: str, community: str) -> int:
        """Know a person as erased there, and null the payloads of everything about them; how many had one."""

    def expire(self, lanes: Sequence[int], before: int, limit: int) -> int:
        """Null up to `limit` payloads of these lanes that happened before `before` (ms); how many there were."""

    def prove(self) -> None:
        """Take whatever keeping a fact takes, and keep none: returns once that was to be had. Raises as a write does."""

    @property
    def waiting(self) -> int:
        """Facts queued for their commit."""

    def on_fresh(self, listener: Listener) -> None:
        """Call `listener` after each commit that added facts, on the writing thread."""

    def counts(self) -> dict[str, int]:
        """Rows of facts, payloads, quarantine, evidence."""

    def close(self) -> None: ...
