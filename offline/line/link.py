"""The line to the district: what it is like, and rounds over it when they are due."""

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from offline.node_clock import NodeClock
from offline.transport.errors import Rejected, TryAgain, Untrusted

log = logging.getLogger(__name__)

BACKOFF_BASE_S, BACKOFF_CAP_S = 1.0, 60.0
URGENT_CAP_S = 5.0  # while an answer to an alarm waits here, the ladder goes on calling people
HEARD_WITHIN_MS = (
    60_000  # a round over a line that drips, or a name that is looked up for minutes, leaves the word as it was
)


class Link(StrEnum):
    """What the line to the district is like, in the words of the error catalogue (`error.link_<value>`)."""

    STARTING = "starting"  # no round was completed yet, since the start or since the line is back
    CONNECTED = "connected"
    UNWATCHED = "unwatched"  # it answers, and nobody there looks over the signs of life
    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"  # certificate
    REVOKED = "revoked"
    OUTDATED = "outdated"  # the two cannot talk
    REFUSED = "refused"

    @property
    def answers(self) -> bool:
        """Whether facts go both ways."""
        return self in (Link.CONNECTED, Link.UNWATCHED)


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """What a screen says of the line. Times in ms; `pending` counts own facts not acknowledged."""

    link: Link = Link.STARTING
    last_ok: int | None = None
    since: int | None = None  # since when the link is as it is
    pending: int = 0
    wall_error_ms: int = 0
    detail: str = ""
    wanted: str = ""  # the software version that the district wants here, where it wants one
    filling: bool = False  # this node has just joined: what it holds is a part of what there is


def backoff_s(failures: int, chance: float, asked: float | None = None, cap: float = BACKOFF_CAP_S) -> float:
    """Full jitter (Brooker, "Exponential Backoff and Jitter", AWS 2015); never sooner than the district asked. Seconds."""
    wait = chance * min(cap, BACKOFF_BASE_S * float(2 ** min(failures, 16)))
    return max(wait, asked or 0.0)


def link_of(error: Exception) -> Link:
    """Which state of the line an error means."""
    if isinstance(error, TryAgain):
        return Link.UNREACHABLE
    if isinstance(error, Untrusted):
        return Link.UNTRUSTED
    if isinstance(error, Rejected):
        return {"device_revoked": Link.REVOKED, "upgrade_required": Link.OUTDATED}.get(error.code, Link.REFUSED)
    raise error


class Rounds(Protocol):
    @property
    def wanted(self) -> str:
        """The software version that the district wants here; '' for none."""

    @property
    def watching(self) -> bool:
        """Whether the district looks over the signs of life, as of the last page."""

    def round(self) -> object:
        """One round. Raises TryAgain, Rejected or Untrusted."""


class Outbox(Protocol):
    def pending(self) -> int:
        """How many own facts are not acknowledged."""


class SyncService:
    """Rounds when they are due: a tick asks, a poke hurries, failures back off, less far while something `urgent` waits to be sent.
    Listeners hear every change of status.

    `tick` is called by the program's scheduler (every second is plenty) on a thread that may block.
    """

    def __init__(
        self,
        client: Rounds,
        journal: Outbox,
        clock: NodeClock,
        every_s: float = 2.0,
        chance: Callable[[], float] = random.random,
        urgent: Callable[[], bool] = lambda: False,
        filling: bool = False,
    ) -> None:
        self._client, self._journal, self._clock = client, journal, clock
        self._every_ms, self._chance, self._urgent = every_s * 1000, chance, urgent
        self.hurry: Callable[[], None] = lambda: None  # the program's way to have `tick` called now
        self._due = self._wait = 0.0
        self._failures = 0
        self._poked = threading.Event()
        self._running = threading.Lock()
        self._status = SyncStatus(since=clock.now_ms(), filling=filling)
        self._listeners: list[Callable[[SyncStatus], None]] = []

    @property
    def status(self) -> SyncStatus:
        return replace(self._status, pending=self._journal.pending())

    def stands(self) -> bool:
        """Whether the district watches: it says so, or has not been tried, and was heard of late."""
        status = self._status
        heard = max(status.since or 0, status.last_ok or 0)
        return status.link in (Link.CONNECTED, Link.STARTING) and self._clock.now_ms() - heard <= HEARD_WITHIN_MS

    def on_status(self, listener: Callable[[SyncStatus], None]) -> Callable[[], None]:
        """Call `listener` after each round, on the thread of the tick. Returns what stops it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def poke(self) -> None:
        """Something important waits: a round is due at once, whatever the back-off says."""
        self._poked.set()
        self.hurry()

    def heard(self) -> None:
        """The district has answered in a round that goes on: after a week away one takes minutes, and the line is up."""
        self._become(self._status.link if self._status.link.answers else Link.STARTING, heard=True)

    def tick(self) -> None:
        """Run rounds while one is due; returns at once where another thread is at it."""
        while self._is_due() and self._running.acquire(blocking=False):
            try:
                self._poked.clear()
                self._round()
            finally:
                self._running.release()

    def settle(self, within_s: float) -> None:
        """Return once nothing waits here for the district, or its line does not answer; after `within_s` at the latest."""
        over = threading.Event()

        def heard(status: SyncStatus) -> None:
            if not status.pending or not (status.link.answers or status.link is Link.STARTING):
                over.set()

        stop = self.on_status(heard)
        heard(self.status)
        if not over.is_set():
            self.poke()
            over.wait(within_s)
        stop()

    def _is_due(self) -> bool:
        left = self._due - self._clock.now_ms()
        return self._poked.is_set() or not 0 < left <= self._wait  # more is left than was set: the clock was put back

    def _round(self) -> None:
        try:
            self._client.round()
        except (TryAgain, Rejected, Untrusted) as e:
            self._back_off(e.after if isinstance(e, TryAgain) else None)
            self._become(link_of(e), str(e))
            return
        except Exception as e:  # an answer that is none (a portal's page), a disk that is full: seen, and tried again
            log.exception("a round failed")
            self._back_off()
            self._become(Link.REFUSED, type(e).__name__)
            return
        self._failures = 0
        self._rest(self._every_ms)
        self._become(Link.CONNECTED if self._client.watching else Link.UNWATCHED)

    def _back_off(self, asked: float | None = None) -> None:
        self._failures += 1
        cap = URGENT_CAP_S if self._urgent() else BACKOFF_CAP_S
        self._rest(1000 * backoff_s(self._failures, self._chance(), asked, cap))

    def _rest(self, ms: float) -> None:
        self._due, self._wait = self._clock.now_ms() + ms, ms

    def _become(self, link: Link, detail: str = "", heard: bool = False) -> None:
        now, old = self._clock.now_ms(), self._status
        if link is not old.link:
            log.info("line to the district: %s %s", link.value, detail)
        self._status = SyncStatus(
            link,
            now if heard or link.answers else old.last_ok,
            old.since if link is old.link else now,
            wall_error_ms=self._clock.wall_error_ms(),
            detail=detail,
            wanted=self._client.wanted,
            filling=old.filling and link is not Link.CONNECTED,
        )
        for listener in list(self._listeners):
            try:
                listener(self.status)
            except Exception:
                log.exception("a listener of the line failed")
