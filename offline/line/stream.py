"""Listening to the district's stream: incidents arrive as they happen, whatever else waits in the feed."""

import logging
import random
import threading
from collections.abc import Callable
from typing import Protocol

from offline.line.link import backoff_s
from offline.transport.errors import Rejected, TryAgain, Untrusted
from offline.transport.port import Transport
from offline.wire import FeedItem

log = logging.getLogger(__name__)


class Absorbs(Protocol):
    @property
    def cursor(self) -> str:
        """Where the feed has been applied through; '' at the beginning."""

    def absorb(self, items: list[FeedItem]) -> object:
        """Keep these facts; those known are passed over."""


class StreamListener:
    """A thread that reads the stream into the journal and says `news` onward. `live` tells whether the line stands."""

    def __init__(self, journal: Absorbs, transport: Transport, news: Callable[[], None]) -> None:
        self._journal, self._transport, self._news = journal, transport, news
        self._began = False  # the first time, what was before is the feed's to tell
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stream", daemon=True)
        self.session_ended: Callable[[], None] = lambda: None  # called on the stream's thread, as are these
        self.ordered: Callable[[bytes], None] = lambda _order: None
        self.looked: Callable[[bytes], None] = lambda _look: None
        self.lent: Callable[[bytes], None] = lambda _template: None
        self.onward: Callable[[bytes], None] = lambda _letter: None  # at a hub: for a device that is enrolled with it
        self.live = False

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 6.0) -> None:
        """End the thread."""
        self._stop.set()
        self._transport.hang_up()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                for said in self._transport.stream(self._journal.cursor if self._began else ""):
                    failures = 0
                    self.live = self._began = True
                    if isinstance(said, FeedItem):
                        self._journal.absorb([said])
                    elif said.name == "news":
                        self._news()
                    elif said.name == "session":
                        self.session_ended()
                    elif said.name == "order":
                        self.ordered(said.data.encode())
                    elif said.name == "template":
                        self.lent(said.data.encode())
                    elif said.name == "look":
                        self.looked(said.data.encode())
                    elif said.name == "onward":
                        self.onward(said.data.encode())
                    if self._stop.is_set():
                        return
            except (TryAgain, Rejected, Untrusted) as e:
                log.info("stream: %s", e)
            except Exception:
                log.exception("stream")
            self.live = False
            failures += 1
            self._stop.wait(backoff_s(min(failures, 3), random.random()))  # noqa: S311 (jitter, not a secret)
