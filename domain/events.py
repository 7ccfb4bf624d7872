"""Facts: an immutable envelope and an erasable payload. Everything the system knows is one of these.

The envelope names a person by pseudonymous id only. The payload's digest is salted, so that an envelope whose payload was erased
says nothing about what the payload was.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

SCHEMA = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(StrEnum):
    """What the device knew of the true time when it made the fact."""

    SYNCED = "synced"  # corrected by the district's time
    UNSYNCED = "unsynced"  # its own clock alone: evidence, never an all-clear, unless the district can correct it


def to_ms(at: datetime) -> int:
    """Milliseconds since 1970 UTC; raises ValueError for a time without zone."""
    if at.tzinfo is None:
        raise ValueError("a time without zone is not a time")
    return (at - _EPOCH) // timedelta(milliseconds=1)


def from_ms(ms: int) -> datetime:
    """The aware UTC time of `ms` milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=ms)


def moment(raw: object) -> datetime | None:
    """The aware UTC time of what a payload gives as ms since 1970; None for anything that is no such time."""
    try:
        return from_ms(raw) if isinstance(raw, int) else None
    except OverflowError:
        return None


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stays for ever of a fact. `seq` counts from 1 without gaps per (device, epoch)."""

    id: str  # 32 hex digits, made where the fact is made (`fresh_id`, or derived from what it is about)
    device: str
    epoch: int
    seq: int
    kind: str  # "passage.recorded", "incident.opened", …
    schema: int
    community: str
    subject: str | None  # the person it is about, pseudonymous
    at: int  # when it happened, ms since 1970 UTC
    clock: Clock
    hlc: str  # hybrid logical clock, sorts as text
    digest: str  # SHA-256 of salt + payload bytes, hex

    @property
    def happened(self) -> datetime:
        return from_ms(self.at)

    def content_hash(self) -> str:
        """SHA-256 over every field in order, hex: equal facts have equal hashes, and nothing else has."""
        fields = (
            self.device, self.epoch, self.seq, self.id, self.kind, self.schema,
            self.community, self.subject or "", self.at, self.clock, self.hlc, self.digest,
        )  # fmt: skip
        return hashlib.sha256("\n".join(map(str, fields)).encode()).hexdigest()


def fresh_id(now: int) -> str:
    """A fact's id that nothing else has: 48 bits of time (ms), 80 of chance.

    Ids made at about the same time stand beside each other in an index, so that it need not be in memory as a whole.
    """
    return f"{now:012x}{secrets.token_hex(10)}"


def payload_digest(salt: bytes, body: bytes) -> str:
    """The salted digest an envelope carries of its payload, hex."""
    return hashlib.sha256(salt + body).hexdigest()


def chain_hash(previous: str, content_hash: str) -> str:
    """The next link of a device's hash chain, hex; the first link of a segment follows the last head, or ''."""
    return hashlib.sha256((previous + content_hash).encode()).hexdigest()


def derived_id(*parts: str) -> str:
    """The id of a fact or incident that follows from others: the same wherever it is derived. 32 hex digits."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
