"""A district in memory, as small as the protocol allows: for tests of the client side alone."""

from collections.abc import Callable, Iterator

from offline.keys.identity import Identity, b64, unb64
from offline.keys.keystore import person_context
from offline.keys.seal import seal_to, unseal_with
from offline.transport.errors import Forked, Rejected, TryAgain
from offline.transport.port import Poke
from offline.wire import (
    MAX_KEYS,
    Ack,
    Batch,
    Checksums,
    EnrolReply,
    EnrolRequest,
    Event,
    FeedItem,
    FeedPage,
    Hello,
    SealedKey,
)


class FakeDistrict:
    """Implements offline.transport.port.Transport for one device. `down` and `lose_answers` make the line bad."""

    def __init__(self, now: int = 1_800_000_000_000) -> None:
        self.now, self.identity, self.device = now, Identity.create(), "d1"
        self.box = b""
        self.kept: dict[tuple[int, int], Event] = {}
        self.rows: list[FeedItem] = []
        self.erased: list[str] = []
        self.keys: dict[str, bytes] = {}
        self.cursor = ""
        self.batches: list[Batch] = []
        self.down = self.forgot = self.refuses_keys = False
        self.lose_answers = 0
        self.limit = 500
        self.refuses: Callable[[Event], int] = lambda _: 0  # the status by which a batch with this fact is refused
        self.schema = (1, 1)
        self.page = 100
        self.watching = True

    def _line(self) -> None:
        if self.down:
            raise TryAgain("down")

    def _answer(self) -> None:
        if self.lose_answers:
            self.lose_answers -= 1
            raise TryAgain("the answer was lost")

    def hello(self) -> tuple[Hello, float]:
        self._line()
        return Hello((1, 1), self.schema, self.now, self.limit, "district", "test"), 0.01

    def enrol(self, request: EnrolRequest) -> EnrolReply:
        raise NotImplementedError

    def push(self, batch: Batch) -> Ack:
        self._line()
        if len(batch.events) > self.limit:
            raise Rejected("too_large", 413)
        if status := max(map(self.refuses, batch.events), default=0):
            raise Rejected(f"http_{status}", status)
        self.batches.append(batch)
        for event in batch.events:
            key = (batch.epoch, event.seq)
            if key in self.kept and self.kept[key].id != event.id:
                raise Forked(batch.epoch + 1)
            if key not in self.kept:
                self.kept[key] = event
                self.rows.append(FeedItem(len(self.rows) + 1, self.device, batch.epoch, event, self.now))
        self._answer()
        through = 0
        while (batch.epoch, through + 1) in self.kept:
            through += 1
        return Ack(through)

    def relay(self, device: str, batch: Batch) -> Ack:
        raise NotImplementedError

    def feed(self, cursor: str, wait_s: float) -> FeedPage:
        self._line()
        if self.forgot and cursor:
            raise Rejected("cursor", 410)
        after = int(cursor or 0)
        items = self.rows[after : after + self.page]
        more = after + len(items) < len(self.rows)
        return FeedPage(items, str(after + len(items)), more, erased=self.erased, watching=self.watching)

    def put_cursor(self, cursor: str) -> None:
        self._line()
        self.cursor = cursor

    def checksums(self, cursor: str) -> Checksums:
        self._line()
        raise Rejected("not_found", 404)  # as a district of the first version

    def share_keys(self, keys: list[SealedKey]) -> None:
        self._line()
        if len(keys) > MAX_KEYS or self.refuses_keys:
            raise Rejected("too_large", 413)
        for key in keys:
            self.keys[key.person] = unseal_with(self.identity.box, unb64(key.sealed), person_context(key.person))

    def wanted_keys(self, people: list[str]) -> list[SealedKey]:
        self._line()
        if len(people) > MAX_KEYS:
            raise Rejected("too_large", 413)
        context = {p: person_context(p) for p in people if p in self.keys}
        return [SealedKey(p, b64(seal_to(self.box, self.keys[p], c))) for p, c in context.items()]

    def stream(self, after: str) -> Iterator[FeedItem | Poke]:
        raise NotImplementedError

    def hang_up(self) -> None:
        raise NotImplementedError
