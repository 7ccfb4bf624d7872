"""A batch from the wire, read and checked: what is fit to be kept, what is put aside, and why. Pure."""

import json
import re
from binascii import a2b_base64
from collections.abc import Collection
from hashlib import sha256
from typing import Any

import msgspec

from district.scope import DeviceRole, lane_of, may_write, takes_author
from district.store.own import GREATEST, LATEST
from district.store.people import PLACES
from district.store.port import Payload, Poison, Prepared, Row
from domain.clock import rule_time
from domain.consent import APPLIED
from domain.events import Clock
from offline.wire import MAX_BATCH_EVENTS, MAX_PAYLOAD_BYTES, SCHEMAS, Batch, Event
from watch.outages import STOOD

# id, digest, kind, hlc, subject: a person's id, or a thing by the name that people gave it (`domain.subjects`)
_FORM = re.compile(
    r"[0-9a-f]{32} [0-9a-f]{64} [a-z][a-z_]{0,31}\.[a-z][a-z_]{0,31} [0-9a-f]{12}\.[0-9a-f]{4}"
    r" (?:[A-Za-z0-9_.:-]{1,64}|(?:gate|gateway|stray):[^\x00-\x1f\x7f]{1,200})"
)
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
    doubted: list[int] = []


_batches = msgspec.json.Decoder(Batch)
_loose = msgspec.json.Decoder(_Loose)
_events = msgspec.json.Decoder(Event)
_payloads = msgspec.json.Decoder(dict[str, Any])
_values = json.JSONDecoder()
_BLANKS = re.compile(r"[ \t\r\n]+")


def read_batch(body: bytes) -> tuple[Batch, list[Poison]]:
    """The batch, and those of its events that are no events. Raises Unreadable."""
    try:
        batch, poison = _batches.decode(body), list[Poison]()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        batch, poison = _read_loosely(body)
    if not 1 <= batch.epoch <= GREATEST or not 0 <= batch.sent_at <= GREATEST:
        raise Unreadable("bad_request", "epoch or sent_at out of range")
    if len(batch.events) + len(poison) > MAX_BATCH_EVENTS:
        raise Unreadable("too_large", f"more than {MAX_BATCH_EVENTS} events")
    return batch, poison


def _read_loosely(body: bytes) -> tuple[Batch, list[Poison]]:
    try:
        loose = _loose.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        loose = _cut(body)
    events: list[Event] = []
    poison: list[Poison] = []
    for i, raw in enumerate(loose.events):
        try:
            events.append(_events.decode(raw))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
            poison.append(Poison(_seq_of(raw, loose.first_seq + i), f"not a fact: {e}", bytes(raw)))
    return Batch(loose.epoch, loose.schema, loose.first_seq, loose.sent_at, events, loose.doubted), poison


def read_event(raw: bytes) -> Event:
    """One event by itself. Raises ValueError where it is none."""
    try:
        return _events.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        raise ValueError(f"not a fact: {e}") from e


def _cut(body: bytes) -> _Loose:
    """The batch cut into its events where not even that can be read at once: one bad escape (half of a surrogate pair) in
    one event must not keep the others away. The bytes of each event stay as they came."""
    text = body.decode("latin-1")  # byte for byte: what separates JSON is ASCII
    told: dict[str, Any] = {}
    events: list[msgspec.Raw] = []
    try:
        at = _past(text, 0, "{")
        while True:
            key, at = _values.raw_decode(text, _past(text, at))
            at = _past(text, at, ":")
            if key == "events":
                events, at = _cut_list(text, at)
            else:
                told[key], at = _values.raw_decode(text, at)
            at = _past(text, at)
            if text[at : at + 1] == "}":
                break
            at = _past(text, at, ",")
        if _past(text, at + 1) != len(text):
            raise ValueError("something follows the batch")
        return msgspec.convert({**told, "events": events}, _Loose)
    except (ValueError, RecursionError, msgspec.ValidationError) as e:
        raise Unreadable("bad_request", f"not a batch: {e}") from e


def _cut_list(text: str, at: int) -> tuple[list[msgspec.Raw], int]:
    found: list[msgspec.Raw] = []
    at = _past(text, at, "[")
    while text[at : at + 1] != "]":
        if found:
            at = _past(text, at, ",")
        _, end = _values.raw_decode(text, at)
        found.append(msgspec.Raw(text[at:end].encode("latin-1")))
        at = _past(text, end)
    return found, at + 1


def _past(text: str, at: int, mark: str = "") -> int:
    """Beyond blanks, and beyond `mark` and the blanks after it. Raises ValueError where it is not there."""
    if (blanks := _BLANKS.match(text, at)) is not None:
        at = blanks.end()
    if not mark:
        return at
    if text[at : at + 1] != mark:
        raise ValueError(f"{mark} expected at {at}")
    return _past(text, at + 1)


def _seq_of(raw: msgspec.Raw, fallback: int) -> int:
    """The number of an event that cannot be read, by a reader that takes what the strict one does not."""
    try:
        seq = _values.decode(bytes(raw).decode("latin-1"))["seq"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return fallback
    return seq if type(seq) is int else fallback


def prepare(
    batch: Batch,
    poison: list[Poison],
    device: str,
    role: DeviceRole,
    communities: tuple[str, ...],
    received: int,
    vouched: bool = False,
) -> Prepared:
    """Rows for the store. `received` is the district's time, ms; the sender's offset is measured against it.

    `vouched`: a hub hands on what it received itself and has judged each time by its own clock (`Batch.doubted`).
    """
    reader = _Reader(device, batch.epoch, role, communities, received, received - batch.sent_at)
    if vouched:
        reader.doubted = frozenset(batch.doubted)
    facts: list[Row] = []
    payloads: list[Payload] = []
    aside = [p for p in poison if 1 <= p.seq <= GREATEST]
    for event in batch.events:
        try:
            fact, payload = reader.read(event)
        except ValueError as e:
            if not 1 <= event.seq <= GREATEST:
                raise Unreadable("bad_request", f"seq {event.seq}") from e
            aside.append(Poison(event.seq, str(e), msgspec.json.encode(event)))
        else:
            facts.append(fact)
            payloads.append(payload)
    return Prepared(device, batch.epoch, received, facts, payloads, aside, reader.asks, reader.places, reader.claims)


class _Reader:
    """Reads the events of one batch. Runs for every fact there is: what repeats within a batch is judged once."""

    def __init__(
        self, device: str, epoch: int, role: DeviceRole, communities: tuple[str, ...], received: int, offset: int
    ) -> None:
        self._device, self._epoch, self._role, self._communities = device, epoch, role, communities
        self._received, self._offset = received, offset
        self._lanes: dict[tuple[str, str, bool], int] = {}
        self._by = f"{device}\n{epoch}\n"  # what every content hash of the batch begins with
        self.asks = self.places = self.claims = False  # as `Prepared` has them
        self.doubted: Collection[int] | None = None  # numbers whose time the hub before us did not believe

    def read(self, e: Event) -> tuple[Row, Payload]:
        """Row and (salt, body). Raises ValueError with the reason why the fact must be put aside."""
        if not SCHEMAS[0] <= e.schema <= SCHEMAS[1]:
            raise ValueError(f"schema {e.schema} is not one of {SCHEMAS}")
        if not (1 <= e.seq <= GREATEST and 0 <= e.at <= LATEST):
            raise ValueError("seq or time out of range")
        if not _FORM.fullmatch(f"{e.id} {e.digest} {e.kind} {e.hlc} {e.subject or '-'}"):
            raise ValueError("id, digest, kind, hlc or subject is malformed")
        lane = self._lanes.get((e.kind, e.community, e.subject is None))
        if lane is None:
            lane = self._lane(e)
        digest = bytes.fromhex(e.digest)
        payload = _payload(e, digest)
        if e.kind == APPLIED and payload[1] is not None and _payloads.decode(payload[1]).get("below") != self._device:
            raise ValueError("that a withdrawal is applied, a hub says of the gates below it alone")
        trusted = (  # asked for every fact: of what is synced and past there is nothing to weigh
            e.clock is Clock.SYNCED and e.at <= self._received
        ) or rule_time(e.at, e.clock, self._received, self._offset).trusted
        if self.doubted is not None:
            trusted = e.seq not in self.doubted and rule_time(e.at, Clock.SYNCED, self._received, None).trusted
        content = _content_hash(e, self._by)
        row = (
            e.id, self._device, self._epoch, e.seq, e.kind, e.schema, e.community, e.subject, e.at,
            "synced" if e.clock is Clock.SYNCED else "unsynced", e.hlc, digest, content, self._received, int(trusted), lane,
        )  # fmt: skip
        return row, payload

    def _lane(self, e: Event) -> int:
        if not may_write(self._role, self._communities, e.kind, e.community):
            raise ValueError(f"a {self._role} of {self._communities} may not write {e.kind} in {e.community}")
        self.asks = self.asks or takes_author(self._role, e.kind)
        self.places = self.places or e.kind in PLACES
        self.claims = self.claims or e.kind == STOOD
        lane = int(lane_of(e.kind, e.subject, ()))
        self._lanes[e.kind, e.community, e.subject is None] = lane
        return lane


def _content_hash(e: Event, by: str) -> bytes:
    """`domain.events.Envelope.content_hash`, without the envelope; `by`: device and epoch."""
    fields = (
        f"{by}{e.seq}\n{e.id}\n{e.kind}\n{e.schema}\n{e.community}\n{e.subject or ''}\n{e.at}\n"
        f"{'synced' if e.clock is Clock.SYNCED else 'unsynced'}\n{e.hlc}\n{e.digest}"
    )
    return sha256(fields.encode()).digest()


def _payload(e: Event, digest: bytes) -> Payload:
    if e.payload is None or e.salt is None:
        if (e.payload is None) != (e.salt is None):
            raise ValueError("payload and salt come together")
        return None, None
    salt, body = a2b_base64(e.salt, strict_mode=True), bytes(e.payload)
    if len(body) > MAX_PAYLOAD_BYTES:
        raise ValueError("payload too large")
    if body[:1] != b"{":
        raise ValueError("payload is no object")
    if nesting(body) > MAX_NESTING:
        raise ValueError("payload nested too deeply")
    if sha256(salt + body).digest() != digest:
        raise ValueError("payload does not match its digest")
    _payloads.decode(body)  # the batch's decoder skims over it: bad UTF-8 or 1e999 would come up at every reader's
    return salt, body


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
