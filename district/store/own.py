"""Facts of the district itself as rows: the same envelope as anybody's, under the node's own id, epoch 1."""

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from district.scope import lane_of
from district.store.port import Row
from domain.events import SCHEMA, Clock, Envelope, payload_digest
from offline.identity import b64
from offline.wire import Event, FeedItem

EPOCH = 1


def own_row(
    node: str, seq: int, hlc: str, kind: str, community: str, subject: str | None, at: int, received: int,
    payload: Mapping[str, Any], id: str | None, trusted: bool,
) -> tuple[Row, bytes, bytes]:  # fmt: skip
    """(row, salt, body) of a new fact of the district's own."""
    salt, body = secrets.token_bytes(16), msgspec.json.encode(payload)
    digest = payload_digest(salt, body)
    e = Envelope(
        id or secrets.token_hex(16), node, EPOCH, seq, kind, SCHEMA, community, subject, at, Clock.SYNCED, hlc, digest
    )
    row = (
        e.id, e.device, e.epoch, e.seq, e.kind, e.schema, e.community, e.subject, e.at, e.clock.value, e.hlc,
        bytes.fromhex(digest), bytes.fromhex(e.content_hash()), received, int(trusted), int(lane_of(kind, subject, ())),
    )  # fmt: skip
    return row, salt, body


def feed_item(position: int, row: Row, salt: bytes | None, body: bytes | None) -> FeedItem:
    """The row as it travels down."""
    (
        id,
        device,
        epoch,
        seq,
        kind,
        schema,
        community,
        subject,
        at,
        clock,
        hlc,
        digest,
        content,
        received,
        trusted,
        _,
    ) = row
    return FeedItem(
        position,
        device,
        epoch,
        Event(
            seq, id, kind, schema, community, at, Clock(clock), hlc, bytes(digest).hex(), subject,
            None if salt is None else b64(bytes(salt)), None if body is None else msgspec.Raw(bytes(body)),
        ),
        received,
        bool(trusted),
        bytes(content).hex(),
    )  # fmt: skip
