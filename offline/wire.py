"""What travels between nodes: the shapes of docs/PROTOCOL.md as msgspec structs.

A payload travels as the very bytes its digest was made over (`msgspec.Raw`), so nobody has to agree on a canonical form of JSON.
"""

import base64
import zlib
from typing import TYPE_CHECKING, Any

import msgspec
import zstandard

from domain.events import Clock, Envelope, payload_digest

PROTOCOL = 1
SCHEMAS = (1, 1)  # oldest and newest fact schema this build reads
MAX_BATCH_EVENTS = 500
MAX_KEYS = 500  # persons' keys a request
MAX_BODY_BYTES = 4 * 1024 * 1024
MAX_PAYLOAD_BYTES = 256 * 1024
MAX_PAGE_BYTES = 256 * 1024 * 1024  # of the feed, inflated: nobody's page is that long, and a liar's is not read


if TYPE_CHECKING:
    Body = msgspec.Raw | None
else:  # msgspec reads `Raw | None` as None alone
    Body = msgspec.Raw | msgspec.UnsetType


class Event(msgspec.Struct, frozen=True):
    """One fact on its way up. `payload` and `salt` are absent once erased."""

    seq: int
    id: str
    kind: str
    schema: int
    community: str
    at: int
    clock: Clock
    hlc: str
    digest: str
    subject: str | None = None
    salt: str | None = None  # base64
    payload: Body = None

    def __post_init__(self) -> None:
        if self.payload is not None and (not self.payload or bytes(self.payload) == b"null"):
            msgspec.structs.force_setattr(self, "payload", None)

    def envelope(self, device: str, epoch: int) -> Envelope:
        return Envelope(
            self.id, device, epoch, self.seq, self.kind, self.schema, self.community,
            self.subject, self.at, self.clock, self.hlc, self.digest,
        )  # fmt: skip

    def payload_matches(self) -> bool:
        """Whether the payload is what the digest was made over; an erased payload has nothing left to match, one whose salt is
        gone or is none does not."""
        if self.payload is None:
            return True
        try:
            salt = None if self.salt is None else base64.b64decode(self.salt)
        except ValueError:
            return False
        return salt is not None and payload_digest(salt, bytes(self.payload)) == self.digest


class Batch(msgspec.Struct, frozen=True):
    """POST /v1/devices/{id}/events. `sent_at` is the sender's machine clock at sending, ms."""

    epoch: int
    schema: int
    first_seq: int
    sent_at: int
    events: list[Event]
    doubted: list[int] = []  # a hub's batch: numbers whose time the hub did not believe when it received them


class SignedIn(msgspec.Struct, frozen=True):
    """Answer to POST /v1/sign-in and GET /v1/me (without a token). `lease_until`: how long a desk may go on by itself, ms;
    `stamp`: by which the district knows the account again as it was (`POST /v1/leases`)."""

    person: str
    login: str
    name: str
    language: str
    grants: dict[str, list[str]]
    lease_until: int
    token: str = ""
    stamp: str = ""
    second_factor: bool = False


class Ack(msgspec.Struct, frozen=True):
    """`acked_through` is the contiguous durable prefix; `missing` are inclusive ranges to send again."""

    acked_through: int
    missing: list[tuple[int, int]] = []
    quarantined: list[int] = []


class FeedItem(msgspec.Struct, frozen=True):
    """One change on its way down."""

    position: int
    device: str
    epoch: int
    event: Event
    received: int  # district's time of receipt, ms
    trusted: bool = True  # False: evidence, never an all-clear
    hash: str = ""


class FeedPage(msgspec.Struct, frozen=True):
    """GET /v1/feed. `cursor` is opaque to the client: it is handed back as it is."""

    items: list[FeedItem]
    cursor: str
    more: bool = False
    tombstones: list[str] = []  # ids of facts that have left the reader's scope: they must go
    erased: list[str] = []  # fact ids whose payloads must be nulled
    communities: list[str] = []  # whose feeds the reader is given
    pass_keys: int = 0  # the number of the list in force: whoever has greeted under another one greets again
    watching: bool = True  # False: the server answers, and its watch stands still


class Checksum(msgspec.Struct, frozen=True):
    """What a reader must hold of one device's facts: how many, and the XOR of `fold_hash` over their content hashes."""

    community: str
    device: str
    epoch: int
    count: int
    sum: int


class Checksums(msgspec.Struct, frozen=True):
    """GET /v1/checksums. `through` are the feed positions of the cursor that was asked with; `lost` ranges of the caller's own
    facts, (epoch, first, last), that were acknowledged and are not there any more; `own` the greatest number that the server has of
    its own facts, (epoch, seq): whoever has later ones gives them back."""

    sums: list[Checksum]
    through: dict[str, int]
    lost: list[tuple[int, int, int]] = []
    own: list[tuple[int, int]] | None = None  # None: a server of an older version, which takes none back


class Hello(msgspec.Struct, frozen=True):
    """GET /v1/hello, unauthenticated."""

    protocol: tuple[int, int]
    schema: tuple[int, int]
    time: int  # ms; clients sign with it
    batch_limit: int
    district: str  # id of the node
    version: str
    sign_key: str = ""  # the district's Ed25519 key
    pins: list[str] = []  # of its TLS keys, in use and in reserve (`offline.letters.pins`)
    pins_signature: str = ""
    wanted: str = ""  # the software version that nodes should run; '': whichever they have
    pass_keys: str = ""  # by which passes are signed (`offline.letters.pass_keys`)
    pass_keys_signature: str = ""
    keep_days: dict[
        str, int
    ] = {}  # for how long a replica keeps what (`domain.retention`); none while the clock is doubted


class EnrolRequest(msgspec.Struct, frozen=True):
    """POST /v1/enroll. Keys are base64 of 32 raw bytes; `box_signature` is the Ed25519 signature over `box_key`. `epoch` is the
    last in which this key has numbered facts, wherever it was enrolled then; 0 for none."""

    code: str
    role: str
    name: str
    sign_key: str
    box_key: str
    box_signature: str
    epoch: int = 0


class EnrolReply(msgspec.Struct, frozen=True):
    device: str
    epoch: int
    community: str
    district: str
    district_sign_key: str
    district_box_key: str
    time: int


class Below(msgspec.Struct, frozen=True):
    """A device that is enrolled with a hub, as the hub tells of it upstream. Times in ms, of the hub's clock."""

    id: str
    role: str
    name: str
    communities: list[str]
    gate_log: bool
    sign_key: str
    box_key: str
    epoch: int
    enrolled: int
    revoked: int | None = None
    heard: int | None = None  # when it last signed a request
    via: str = ""  # the hub further down that it is enrolled with; "": the one that tells of it


class SealedKey(msgspec.Struct, frozen=True):
    """A person's key sealed to one device's X25519 key (offline.keys.seal)."""

    person: str
    sealed: str  # base64


def fold_hash(content: bytes) -> int:
    """The first 56 bits of a content hash: what checksums are made of. They find accidents, not attacks."""
    return int.from_bytes(content[:7], "big")


def apart(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """What is between two (count, sum): (0, 0) where nothing is, and the same for as long as both sides gain the same facts."""
    return one[0] - other[0], one[1] ^ other[1]


_encoder = msgspec.json.Encoder()


def dump(value: Any) -> bytes:
    """JSON bytes of any of the shapes above."""
    return _encoder.encode(value)


def compress(body: bytes) -> bytes:
    return zstandard.compress(body, 3)


def unpacked(body: bytes, encoding: str, limit: int = MAX_PAGE_BYTES) -> bytes:
    """An answer as it was before it was compressed. Raises ValueError where it is not what it says, or more than `limit` bytes."""
    if encoding != "zstd":
        return body  # whatever else there is, the line has inflated
    try:
        if not 0 <= zstandard.frame_content_size(body) <= limit:
            raise ValueError("too large, or does not say how large")
        return zstandard.ZstdDecompressor(max_window_size=2**27).decompress(body)
    except zstandard.ZstdError as e:
        raise ValueError(f"not zstd: {e}") from e


def decompress(body: bytes, encoding: str, limit: int = MAX_BODY_BYTES) -> bytes:
    """The plain body; raises ValueError for an unknown encoding, broken data or more than `limit` bytes."""
    if encoding in ("", "identity"):
        if len(body) > limit:
            raise ValueError("body too large")
        return body
    if encoding == "zstd":
        try:
            told, inflater = zstandard.frame_content_size(body), zstandard.ZstdDecompressor(max_window_size=2**24)
            if told > limit:
                raise ValueError("body too large")
            if told >= 0:
                return inflater.decompress(body)  # a reader takes the room of the largest body for the smallest
            with inflater.stream_reader(body) as reader:
                plain = reader.read(limit + 1)
        except zstandard.ZstdError as e:
            raise ValueError(f"not zstd: {e}") from e
    elif encoding == "gzip":
        try:
            plain = zlib.decompressobj(wbits=31).decompress(body, limit + 1)
        except zlib.error as e:
            raise ValueError(f"not gzip: {e}") from e
    else:
        raise ValueError(f"unknown encoding {encoding!r}")
    if len(plain) > limit:
        raise ValueError("body too large")
    return plain
