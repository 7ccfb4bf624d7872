"""A batch from the wire, read and checked: what is fit to be kept, what is put aside, and why. Pure."""

import re

import msgspec

from district.scope import DeviceRole, lane_of, may_write
from district.store.port import Poison, Prepared, Row
from domain.clock import Hlc, rule_time
from domain.events import from_ms
from offline.identity import unb64
from offline.wire import MAX_BATCH_EVENTS, MAX_PAYLOAD_BYTES, SCHEMAS, Batch, Event

_ID = re.compile(r"[0-9a-f]{32}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_KIND = re.compile(r"[a-z][a-z_]{0,31}\.[a-z][a-z_]{0,31}")
_SUBJECT = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_GREATEST = 2**53 - 1  # what every reader of JSON can count to
MAX_NESTING = 32


class Unreadable(Exception):
    """The batch as a whole says nothing that can be kept; `code` for the sender, the text for the log."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


class _Loose(msgspec.Struct, frozen=True):
    """A batch some of whose events cannot be read."""

    epoch: int
    schema: int
    first_seq: int
    sent_at: int
    events: list[msgspec.Raw]


class _Numbered(msgspec.Struct, frozen=True):
    seq: int


_batches = msgspec.json.Decoder(Batch)
_loose = msgspec.json.Decoder(_Loose)
_events = msgspec.json.Decoder(Event)
_numbers = msgspec.json.Decoder(_Numbered)


def read_batch(body: bytes) -> tuple[Batch, list[Poison]]:
    """The batch, and those of its events that are no events. Raises Unreadable."""
    try:
        batch, poison = _batches.decode(body), list[Poison]()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        batch, poison = _read_loosely(body)
    if not 1 <= batch.epoch <= _GREATEST or not 0 <= batch.sent_at <= _GREATEST:
        raise Unreadable("bad_request", "epoch or sent_at out of range")
    if len(batch.events) + len(poison) > MAX_BATCH_EVENTS:
        raise Unreadable("too_large", f"more than {MAX_BATCH_EVENTS} events")
    return batch, poison


def _read_loosely(body: bytes) -> tuple[Batch, list[Poison]]:
    try:
        loose = _loose.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        raise Unreadable("bad_request", f"not a batch: {e}") from e
    events: list[Event] = []
    poison: list[Poison] = []
    for i, raw in enumerate(loose.events):
        try:
            events.append(_events.decode(raw))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
            poison.append(Poison(_seq_of(raw, loose.first_seq + i), f"not a fact: {e}", bytes(raw)))
    return Batch(loose.epoch, loose.schema, loose.first_seq, loose.sent_at, events), poison


def _seq_of(raw: msgspec.Raw, fallback: int) -> int:
    try:
        return _numbers.decode(raw).seq
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return fallback


def prepare(
    batch: Batch,
    poison: list[Poison],
    device: str,
    role: DeviceRole,
    communities: tuple[str, ...],
    received: int,
) -> Prepared:
    """Rows for the store. `received` is the district's time, ms; the sender's offset is measured against it."""
    offset = received - batch.sent_at
    facts: list[Row] = []
    payloads: list[tuple[bytes | None, bytes | None]] = []
    aside = [p for p in poison if 1 <= p.seq <= _GREATEST]
    for event in batch.events:
        try:
            fact = _row(event, device, batch.epoch, role, communities, received, offset)
            salt = unb64(event.salt) if event.salt is not None else None
        except ValueError as e:
            if not 1 <= event.seq <= _GREATEST:
                raise Unreadable("bad_request", f"seq {event.seq}") from e
            aside.append(Poison(event.seq, str(e), msgspec.json.encode(event)))
        else:
            facts.append(fact)
            payloads.append((salt, bytes(event.payload) if event.payload is not None else None))
    return Prepared(device, batch.epoch, received, facts, payloads, aside)


def _row(
    e: Event, device: str, epoch: int, role: DeviceRole, communities: tuple[str, ...], received: int, offset: int
) -> Row:
    """Raises ValueError with the reason why the fact must be put aside."""
    if not SCHEMAS[0] <= e.schema <= SCHEMAS[1]:
        raise ValueError(f"schema {e.schema} is not one of {SCHEMAS}")
    if not (1 <= e.seq <= _GREATEST and 0 <= e.at <= _GREATEST):
        raise ValueError("seq or time out of range")
    from_ms(e.at)
    if not (_ID.fullmatch(e.id) and _DIGEST.fullmatch(e.digest) and _KIND.fullmatch(e.kind)):
        raise ValueError("id, digest or kind is malformed")
    Hlc.parse(e.hlc)
    if e.subject is not None and not _SUBJECT.fullmatch(e.subject):
        raise ValueError("subject is malformed")
    if not may_write(role, communities, e.kind, e.community):
        raise ValueError(f"a {role} of {communities} may not write {e.kind} in {e.community}")
    _check_payload(e)
    time = rule_time(e.at, e.clock, received, offset)
    content = e.envelope(device, epoch).content_hash()
    return (
        e.id, device, epoch, e.seq, e.kind, e.schema, e.community, e.subject, e.at, e.clock.value, e.hlc,
        bytes.fromhex(e.digest), bytes.fromhex(content), received, int(time.trusted), int(lane_of(e.kind, e.subject, ())),
    )  # fmt: skip


def _check_payload(e: Event) -> None:
    if (e.payload is None) != (e.salt is None):
        raise ValueError("payload and salt come together")
    if e.payload is None:
        return
    if len(bytes(e.payload)) > MAX_PAYLOAD_BYTES:
        raise ValueError("payload too large")
    if not bytes(e.payload).lstrip()[:1] == b"{":
        raise ValueError("payload is no object")
    if nesting(bytes(e.payload)) > MAX_NESTING:
        raise ValueError("payload nested too deeply")
    if not e.payload_matches():
        raise ValueError("payload does not match its digest")


def nesting(body: bytes) -> int:
    """An upper bound of how deeply JSON nests: cheap where there is little of it, exact where it matters."""
    if body.count(b"{") + body.count(b"[") <= MAX_NESTING:
        return 1
    depth = deepest = 0
    quoted = escaped = False
    for c in body:
        if quoted:
            escaped, quoted = (not escaped and c == 0x5C), (escaped or c != 0x22)
        elif c == 0x22:
            quoted = True
        elif c in b"{[":
            depth += 1
            deepest = max(deepest, depth)
        elif c in b"}]":
            depth -= 1
    return deepest
