"""The feed's cursor as clients hand it back, and the bell that tells waiting requests of news."""

import asyncio
import base64
import threading
import zlib
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from district.right_of_way import RightOfWay
from district.scope import LANES, STREAMED, Lane, Scope
from district.store.own import GREATEST
from district.store.port import Fresh
from offline.wire import FeedItem, dump

KEEP_STREAMED = (
    2_000  # facts a community's stream remembers for those who come back; older ones are read from the store
)


STREAMS = 4  # a device at once: one that comes anew may not have noticed yet that the former ended
MOST_LETTERS = 100  # that wait for one stream
MARK_DIGITS = 8  # hex
MOST_CURSOR = 8_000  # letters, as it comes in an address
_UNMARKED = "-" * MARK_DIGITS
_SHORT, _LONGEST = 1_000, 1 << 20  # bytes
_SQUEEZED = b"x"  # how zlib begins


class _Cursor(msgspec.Struct, frozen=True, array_like=True):
    scope_epoch: int
    positions: dict[str, int]
    leaving: dict[str, int] = {}  # while tombstones are told: how far, by community and lane
    marks: str = ""  # of the facts at the positions, in their order (`district.feeds.marks`)


def write_cursor(
    scope_epoch: int,
    positions: dict[str, int],
    leaving: dict[str, int] | None = None,
    marks: dict[str, str] | None = None,
) -> str:
    """`marks` of the positions, by community. Three hundred communities go into an address."""
    known = "".join((marks or {}).get(c) or _UNMARKED for c in positions) if marks else ""
    told = dump(_Cursor(scope_epoch, positions, leaving or {}, known))
    if len(told) > _SHORT:
        told = zlib.compress(told, 9)
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def read_cursor(text: str) -> tuple[int, dict[str, int]]:
    """(scope epoch, positions); ('' is the beginning). Raises ValueError for what no district wrote."""
    found = _read(text)
    return found.scope_epoch, found.positions


def read_leaving(text: str) -> dict[str, int]:
    """How far the tombstones have been told. Raises as `read_cursor`."""
    return _read(text).leaving


def is_marked(text: str) -> bool:
    """Whether its places can be known again; an older version's cannot. Raises as `read_cursor`."""
    found = _read(text)
    return bool(found.marks) or not any(found.positions.values())


def read_marks(text: str) -> dict[str, str]:
    """The marks of its places; none in a cursor that an older version wrote. Raises as `read_cursor`."""
    found = _read(text)
    marks = [found.marks[i : i + MARK_DIGITS] for i in range(0, len(found.marks), MARK_DIGITS)]
    return {c: mark for c, mark in zip(found.positions, marks, strict=False) if mark != _UNMARKED}


def _read(text: str) -> _Cursor:
    if not text:
        return _Cursor(0, {})
    try:
        told = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if told[:1] == _SQUEEZED:
            told = zlib.decompressobj().decompress(told, _LONGEST)
        found = msgspec.json.decode(told, type=_Cursor)
    except (ValueError, RecursionError, zlib.error) as e:
        raise ValueError("not a cursor") from e
    numbers = (found.scope_epoch, *found.positions.values(), *found.leaving.values())
    if not all(0 <= n <= GREATEST for n in numbers):
        raise ValueError("not a cursor")
    return found


@dataclass
class _Community:
    head: int = 0
    streamed: deque[tuple[int, int, bytes]] = field(default_factory=lambda: deque(maxlen=KEEP_STREAMED))
    # positions from here on that were streamed are all in `streamed`
    complete_from: int = 0
    bells: set["Bell"] = field(default_factory=set)


class Bell:
    """Rung when something in its lanes came. Belongs to one waiting request."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.rung = False
        self.lanes: set[int] = set()  # what came since the last answer
        self._waiter: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """On the loop."""
        self.rung = True
        _wake(self._waiter)

    async def within(self, seconds: float) -> bool:
        """Whether it rings within that time. A bare future: `asyncio.wait_for` makes a task a wait, for a thousand streams."""
        if not self.rung:
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            end = loop.call_later(seconds, _wake, self._waiter)
            try:
                await self._waiter
            finally:
                end.cancel()
                self._waiter = None
        return self.rung

    def answer(self) -> set[int]:
        """What came; the bell is quiet again."""
        came, self.lanes = self.lanes, set()
        self.rung = False
        return came


@dataclass(eq=False)
class Letters:
    """What a device gets on its stream beside facts, and keeps nowhere."""

    bell: Bell
    waiting: list[tuple[str, bytes]] = field(default_factory=list)  # the event's name, and what it says
    over: bool = False  # other streams of the device have taken its place

    def take(self) -> list[tuple[str, bytes]]:
        taken, self.waiting = self.waiting, []
        return taken


def _wake(waiter: asyncio.Future[None] | None) -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)


class Hub:
    """Told of every commit on the store's thread, tells requests on the loop's. One a process."""

    def __init__(self, heads: dict[str, int]) -> None:
        self._communities = {c: _Community(head=head, complete_from=head) for c, head in heads.items()}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()
        self.way = RightOfWay()
        self.listening = 0  # streams that stand
        self._letters: dict[str, list[Letters]] = {}  # the streams of each device, the newest last
        self.present: Counter[str] = Counter()  # people signed in at a desk whose stream stands

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.way.attach(loop)

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The loop on which this is served; None where nothing is."""
        return self._loop

    def detach(self) -> None:
        """The loop ends: from here on nobody is told."""
        self.way.detach()
        with self._lock:
            self._loop = None

    def heard(self, fresh: Fresh) -> None:
        """A commit of the store; from any thread."""
        encoded = [(item.event.community, item, dump(item)) for item in fresh.streamed]
        with self._lock:
            if self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._tell, fresh, encoded)

    def forget(self, community: str) -> None:
        """What was streamed of a community is to be read from the store again, as that has it now; from any thread."""
        with self._lock:
            if self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._forget, community)

    def _forget(self, community: str) -> None:
        here = self._community(community)
        here.streamed.clear()
        here.complete_from = here.head

    def _tell(self, fresh: Fresh, encoded: Sequence[tuple[str, FeedItem, bytes]]) -> None:
        for community, item, raw in encoded:
            kept = self._community(community).streamed
            if kept.maxlen is not None and len(kept) == kept.maxlen:
                self._community(community).complete_from = kept[0][0]
            kept.append((item.position, _lane(item), raw))
        for community, head in fresh.heads.items():
            here = self._community(community)
            here.head = max(here.head, head)
            came = fresh.lanes.get(community, frozenset())
            for bell in here.bells:
                if came & bell.scope.lanes:
                    bell.lanes |= came
                    bell.ring()
        for _, community in fresh.erased:
            self._forget(community)
        if encoded:
            asyncio.get_running_loop().call_soon(self.way.give)  # behind those who were just woken

    def bell(self, scope: Scope) -> Bell:
        """A bell that rings for this scope, until `drop`."""
        bell = Bell(scope)
        for community in scope.communities:
            self._community(community).bells.add(bell)
        return bell

    def drop(self, bell: Bell) -> None:
        for community in bell.scope.communities:
            self._community(community).bells.discard(bell)

    def letters(self, device: str, bell: Bell) -> "Letters":
        """What is handed to a device whose stream stands, until `withdraw`; a newer stream of the same device takes over, and the
        oldest of too many ends."""
        here = self._letters.setdefault(device, [])
        here.append(Letters(bell))
        for old in here[:-STREAMS]:
            old.over = True
            old.bell.ring()
        return here[-1]

    def withdraw(self, device: str, letters: "Letters") -> None:
        here = self._letters.get(device, [])
        if letters in here:
            here.remove(letters)
        if not here:
            self._letters.pop(device, None)

    def hand(self, device: str, letter: bytes, event: str = "order") -> bool:
        """Hand something to a device now, as an `event` of its stream. On the loop.

        False where it does not listen, or does not take what is handed to it, and nothing is kept.
        """
        if not (streams := self._letters.get(device)):
            return False
        here = streams[-1]
        if len(here.waiting) >= MOST_LETTERS:
            return False
        here.waiting.append((event, letter))
        here.bell.ring()
        return True

    def ring_all(self) -> None:
        """Wake everybody who waits; on the loop."""
        for here in self._communities.values():
            for bell in here.bells:
                bell.ring()

    def head(self, community: str) -> int:
        return self._community(community).head

    def streamed_after(self, scope: Scope, community: str, after: int) -> list[tuple[int, bytes]] | None:
        """Streamed facts beyond `after` as (position, JSON); None where they must be read from the store."""
        here = self._community(community)
        if after < here.complete_from:
            return None
        found: list[tuple[int, bytes]] = []
        for position, lane, raw in reversed(here.streamed):
            if position <= after:
                break
            if lane in scope.lanes:
                found.append((position, raw))
        found.reverse()
        return found

    def _community(self, name: str) -> _Community:
        return self._communities.setdefault(name, _Community())


def _lane(item: FeedItem) -> int:
    return int(LANES.get(item.event.kind.partition(".")[0], Lane.URGENT))


def streamed_scope(scope: Scope) -> Scope:
    """The part of a scope that goes over the stream."""
    return Scope(scope.communities, scope.lanes & frozenset(STREAMED))
