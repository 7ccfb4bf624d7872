"""Facts of the district itself as rows: the same envelope as anybody's, under the node's own id."""

import hmac
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any

import msgspec

from district.scope import lane_of
from district.store.port import HASH, LANE, RECEIVED, TRUSTED, Payload, Prepared, Row, Unkeepable
from domain.clock import Hlc
from domain.events import SCHEMA, Clock, Envelope, fresh_id, payload_digest
from offline.keys.identity import b64, unb64
from offline.wire import Event, FeedItem

LATEST = 253_402_214_399_999  # the last ms of 9999-12-30: a day on, and the calendar ends east of Greenwich
GREATEST = 2**53 - 1  # what every reader of JSON can count to
_CHANCE, _MARK = 16, 16  # bytes of a salt
_CLOCKS = {clock.value: clock for clock in Clock}  # asked for with every fact that is read
STAMP_NOTE = "newest_stamp"  # in `notes`: of what came from above; what is said here is said after it
EPOCH_NOTE = "own_epoch"  # in `notes`: a hub that was told of a fork goes on in the epoch that it was given


def own_row(
    node: str, epoch: int, seq: int, hlc: str, kind: str, community: str, subject: str | None, at: int, received: int,
    payload: Mapping[str, Any], id: str | None, trusted: bool, secret: bytes,
) -> tuple[Row, bytes, bytes]:  # fmt: skip
    """(row, salt, body) of a new fact of the district's own; by `secret` it is known again (`known_again`)."""
    chance, body = secrets.token_bytes(_CHANCE), msgspec.json.encode(payload)
    e = Envelope(
        id or fresh_id(received), node, epoch, seq, kind, SCHEMA, community, subject, at, Clock.SYNCED, hlc, ""
    )
    salt = chance + _mark(secret, e, chance, body, trusted)
    digest = payload_digest(salt, body)
    e = replace(e, digest=digest)
    row = (
        e.id, e.device, e.epoch, e.seq, e.kind, e.schema, e.community, e.subject, e.at, e.clock.value, e.hlc,
        bytes.fromhex(digest), bytes.fromhex(e.content_hash()), received, int(trusted), int(lane_of(kind, subject, ())),
    )  # fmt: skip
    return row, salt, body


def _mark(secret: bytes, e: Envelope, chance: bytes, body: bytes, trusted: bool) -> bytes:
    """Over all that a fact of this server's own says, and whether its time was believed."""
    said = replace(e, digest=payload_digest(chance, body)).content_hash()
    return hmac.digest(secret, f"own fact|{said}|{int(trusted)}".encode(), "sha256")[:_MARK]


def known_again(secret: bytes, node: str, epoch: int, e: Event) -> FeedItem | None:
    """A fact that this very server recorded, as it was; None where it is somebody else's word, or says nothing any more. Half of
    its salt is chance and half a mark that nobody makes without the secret."""
    if e.payload is None or e.salt is None or not e.payload_matches() or (hlc := Hlc.of(e.hlc)) is None:
        return None
    try:
        salt, body = unb64(e.salt), bytes(e.payload)
    except ValueError:
        return None
    for trusted in (True, False):
        mark = _mark(secret, e.envelope(node, epoch), salt[:_CHANCE], body, trusted)
        if hmac.compare_digest(salt[_CHANCE:], mark):
            return FeedItem(0, node, epoch, e, hlc.ms, trusted)
    return None


def item_row(item: FeedItem) -> tuple[Row, Payload]:
    """(row, (salt, body)) of a fact that came down a feed. Raises Unkeepable where it is not what its hash says."""
    e = item.event
    content = e.envelope(item.device, item.epoch).content_hash()
    if (item.hash and content != item.hash) or not e.payload_matches():
        raise Unkeepable(f"{e.id} is not what its hash says")
    try:
        digest, salt = bytes.fromhex(e.digest), None if e.salt is None else unb64(e.salt)
    except ValueError as nonsense:
        raise Unkeepable(f"{e.id}: {nonsense}") from nonsense
    row = (
        e.id, item.device, item.epoch, e.seq, e.kind, e.schema, e.community, e.subject, e.at, e.clock.value, e.hlc,
        digest, bytes.fromhex(content), item.received, int(item.trusted),
        int(lane_of(e.kind, e.subject, ())),
    )  # fmt: skip
    if e.payload is None or salt is None:
        return row, (None, None)
    return row, (salt, bytes(e.payload))


def is_sound(row: Row, salt: bytes | None, body: bytes | None) -> bool:
    """Whether a fact as it is stored is what its hash says, and its payload what the digest says."""
    try:
        return is_sound_item(feed_item(0, row, salt, body))
    except ValueError:  # not even its words are those of a fact
        return False


def is_sound_item(item: FeedItem) -> bool:
    """Whether a fact on its way down is what its hash says, and its payload what the digest says."""
    try:
        item_row(item)
    except ValueError:
        return False
    return True


def mended(found: Row, kept: Payload, fact: Row, payload: Payload, source: bool) -> tuple[Row, Payload] | None:
    """(row, (salt, body)) to put in the place of `found`, which is stored with `kept`; None where that may stand as it is.

    When it was received, and whether its time was believed then, is this server's own word and stays.
    """
    if is_sound(found, *kept):
        stands = not source if found[HASH] != fact[HASH] else kept[1] is not None or payload[1] is None
        if stands:
            return None
    fact = (*fact[:RECEIVED], found[RECEIVED], found[TRUSTED], fact[LANE])
    return fact, kept if payload[1] is None and is_sound(fact, *kept) else payload


def runs(items: Iterable[FeedItem], received: int) -> Iterator[Prepared]:
    """Facts of a feed in its order, those of one device and epoch that follow each other together."""
    for (device, epoch), run in groupby(items, key=lambda i: (i.device, i.epoch)):
        rows = [item_row(item) for item in run]
        yield Prepared(device, epoch, received, [row for row, _ in rows], [payload for _, payload in rows])


def feed_item(position: int, row: Row, salt: bytes | None, body: bytes | None) -> FeedItem:
    """The row as it travels down; of one that was altered as much as can be told, for it must not keep the others from it."""
    id, device, epoch, seq, kind, schema, community, subject, at, clock, hlc, digest, content, received, trusted, _ = (
        row
    )
    at, received, trusted = times_of(at, received, trusted)
    return FeedItem(
        number_of(position),
        word_of(device),
        number_of(epoch),
        Event(
            number_of(seq), word_of(id), word_of(kind), number_of(schema), word_of(community), at,
            _CLOCKS.get(clock, Clock.UNSYNCED), word_of(hlc), blob_of(digest).hex(),
            None if subject is None else word_of(subject),
            None if salt is None else b64(blob_of(salt)), None if body is None else msgspec.Raw(blob_of(body)),
        ),
        received,
        trusted,
        blob_of(content).hex() or "00",  # none at all would be taken for one that was not told
    )  # fmt: skip


# SQLite keeps whatever a bad disk leaves in a column; PostgreSQL has types for them.


def number_of(found: object) -> int:
    """A number as it is stored; 0 where it is none, which fits no hash."""
    return found if type(found) is int and 0 <= found <= GREATEST else 0


def word_of(found: object) -> str:
    """A word as it is stored, or whatever stands there in words."""
    return found if isinstance(found, str) else str(found)


def blob_of(found: object) -> bytes:
    """Bytes as they are stored, though something else may stand there."""
    return bytes(found) if isinstance(found, bytes | memoryview) else str(found).encode()


def times_of(at: object, received: object, trusted: object) -> tuple[int, int, bool]:
    """When it happened, when it came, and whether that is believed. Where one is no time the other one tells; it clears nothing."""
    known = [t for t in (at, received) if type(t) is int and 0 <= t <= LATEST]
    if len(known) == 2:
        return known[0], known[1], trusted == 1
    told = known[0] if known else 0
    return told, told, False
