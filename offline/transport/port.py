"""What a node asks of its district, whatever carries it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from offline.wire import Ack, Batch, Checksums, EnrolReply, EnrolRequest, FeedItem, FeedPage, Hello, SealedKey


@dataclass(frozen=True, slots=True)
class Poke:
    """Something the stream says besides a fact: `news` (pull the feed), `heartbeat`, or a name the reader may ignore."""

    name: str
    data: str = ""


class Transport(Protocol):
    """What a node asks of its district. Every call raises TryAgain, Rejected or Untrusted."""

    def hello(self) -> tuple[Hello, float]:
        """The district's greeting and how long the trip took, seconds."""

    def enrol(self, request: EnrolRequest) -> EnrolReply: ...

    def push(self, batch: Batch) -> Ack: ...

    def relay(self, device: str, batch: Batch) -> Ack:
        """Hand on facts of another than this node."""

    def feed(self, cursor: str, wait_s: float) -> FeedPage: ...

    def put_cursor(self, cursor: str) -> None: ...

    def checksums(self, cursor: str) -> Checksums:
        """What this node must hold, having applied the feed through `cursor`."""

    def share_keys(self, keys: list[SealedKey]) -> None: ...

    def wanted_keys(self, people: list[str]) -> list[SealedKey]: ...

    def stream(self, after: str) -> Iterator[FeedItem | Poke]:
        """Facts as they happen, from after `after`, a cursor of the feed ('': from now on); ends with an exception when the line
        is lost."""

    def hang_up(self) -> None:
        """End a `stream` that another thread is reading, which then raises TryAgain."""
