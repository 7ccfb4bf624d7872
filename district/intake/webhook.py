"""Signals over HTTP, signed with a shared secret. Pure: the district's API hands it body, headers and the time.

Headers: ``X-Shouwang-Key`` (whose secret), ``X-Shouwang-Time`` (Unix seconds), ``X-Shouwang-Signature`` = "sha256=" and the hex
HMAC-SHA256 over ``<time>.<body>``. Body: ``{"topic": "zigbee2mqtt/NAME", "payload": {…}}``, or
``{"device": NAME, "kind": KIND, "value": …, "at": ISO 8601}``, or ``{"device": NAME, "accelerometer": {…}}`` with some seconds of a
worn device's samples (`pieces.piece_of`), or a list of these. A gateway that has judged a stream itself adds "score" to the kind
`fall_suspected` and "since" (ISO 8601) to `fall_still`.

A time outside ±300 s is answered 401, with ours in the head of the answer. A bridge that still calls for help by a wrong clock
after it was told cannot set it: it is heard, as a panel is (`district.intake.sia`), and its time is not believed.
"""

import hashlib
import hmac
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from district.intake import zigbee2mqtt
from district.intake.pieces import piece_of
from district.intake.signals import PERHAPS_CALLS, Heard, Kind, Piece, Signal, Value, number
from domain.events import to_ms

SOURCE = "webhook"
KEY, TIME, SIGNATURE = "x-shouwang-key", "x-shouwang-time", "x-shouwang-signature"
WINDOW = timedelta(seconds=300)
TOLD_TIME = timedelta(minutes=5)  # how long a bridge may take to set its clock by our answer and send again
MAX_BYTES = 256 * 1024
MAX_ITEMS = 200
_OWN_KINDS = frozenset(Kind) - {Kind.JOINED}


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is what HTTP answers; `heard` what to record, problems included."""

    status: int
    heard: Heard


class WrongClocks:
    """Bridges that were told what time it is. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: dict[str, tuple[datetime, str]] = {}

    def told(self, key: str, signature: str, now: datetime) -> bool:
        """Whether this bridge was told by another message just before; a copy of that message says nothing of its clock."""
        with self._lock:
            at, before = self._told.get(key, (None, ""))
            again = at is not None and timedelta(0) <= now - at <= TOLD_TIME and before != signature
            self._told[key] = (now, signature)
            return again


def sign(body: bytes, key: str, secret: bytes, now: datetime) -> dict[str, str]:
    """The headers that a sender adds."""
    time = str(int(now.timestamp()))
    return {KEY: key, TIME: time, SIGNATURE: f"sha256={_mac(secret, time, body)}"}


def parse(
    body: bytes,
    headers: Mapping[str, str],
    now: datetime,
    secrets: Mapping[str, bytes],
    clocks: WrongClocks | None = None,
) -> Answer:
    """401 for a wrong signature, key or time; 413, 400 for what cannot be read; else 202, also for a repeat. Without `clocks` a
    wrong time is refused however often it comes.

    A replayed request carries the same `Signal.key`s, by which the desk knows it.
    """
    if len(body) > MAX_BYTES:
        return Answer(413, Heard(SOURCE, problem="too_large", raw=body[:1024]))
    given = {k.lower(): v for k, v in headers.items()}
    time, signature = given.get(TIME, ""), given.get(SIGNATURE, "").removeprefix("sha256=")
    key = given.get(KEY, "")
    secret = secrets.get(key)
    expected = _mac(secret or b"no such key", time, body)
    if not hmac.compare_digest(expected.encode(), signature.lower().encode()) or secret is None:
        return Answer(401, Heard(SOURCE, problem="bad_signature", raw=body))
    if not time.isascii() or not time.isdigit() or len(time) > 12 or abs(now.timestamp() - int(time)) > WINDOW.seconds:
        late = Answer(401, Heard(SOURCE, problem="outside_window", raw=body))
        if clocks is None or not clocks.told(key, signature, now):
            return late
        heard = _read(body, key, signature).heard
        told = (s for s in heard.signals if s.kind in PERHAPS_CALLS and s.value)
        calls = tuple(replace(s, at=None, timed=False) for s in told)
        return Answer(202, replace(late.heard, signals=calls, gateway=heard.gateway)) if calls else late
    return _read(body, key, signature)


def _read(body: bytes, key: str, signature: str) -> Answer:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return Answer(400, Heard(SOURCE, problem="not_json", raw=body))
    items = data if isinstance(data, list) else [data]
    if not items or len(items) > MAX_ITEMS:
        return Answer(400, Heard(SOURCE, problem="wrong_count", raw=body))
    signals: list[Signal] = []
    pieces: list[Piece] = []
    problem = ""
    for n, item in enumerate(items):
        heard = _item(item, zigbee2mqtt.gateway(key))
        problem = problem or heard.problem
        pieces += heard.pieces
        signals += [replace(s, key=f"{signature}/{n}/{s.kind}") for s in heard.signals]
    return Answer(
        400 if problem and not signals else 202,
        Heard(SOURCE, tuple(signals), problem, body if problem else b"", zigbee2mqtt.gateway(key), tuple(pieces)),
    )


def _item(item: object, gateway: str) -> Heard:
    if not isinstance(item, dict):
        return Heard(SOURCE, problem="not_an_object")
    if isinstance(item.get("topic"), str):
        raw = item.get("payload")
        payload = raw if isinstance(raw, str) else json.dumps(raw)
        return zigbee2mqtt.parse(item["topic"], payload.encode(), item.get("retain") is True, gateway=gateway)
    device, kind, value = item.get("device"), item.get("kind"), item.get("value", True)
    if not isinstance(device, str) or not 0 < len(device) <= zigbee2mqtt.MAX_NAME:
        return Heard(SOURCE, problem="unknown_form")
    if isinstance(stream := item.get("accelerometer"), dict):
        piece = piece_of(stream, SOURCE, device, gateway)
        if isinstance(piece, str):
            return Heard(SOURCE, problem=piece)
        return Heard(SOURCE, (Signal(SOURCE, device, Kind.HEARTBEAT),), pieces=(piece,))
    if kind not in _OWN_KINDS:
        return Heard(SOURCE, problem="unknown_form")
    if not isinstance(value, bool) and number(value) is None:
        return Heard(SOURCE, problem="unknown_value")
    try:
        when, since = _time(item.get("at")), _time(item.get("since"))
    except ValueError:
        return Heard(SOURCE, problem="unreadable_time")
    if any(t is not None and t.tzinfo is None for t in (when, since)):
        return Heard(SOURCE, problem="time_without_zone")
    detail: dict[str, Value] = {}
    if kind == Kind.FALL_SUSPECTED and (score := number(item.get("score"))) is not None:
        detail = {"origin": "detector", "score": score}
    elif kind == Kind.FALL_STILL and since is not None:
        detail = {"kind": "still", "since": to_ms(since)}
    elif kind == Kind.FALL_MOVING:
        detail = {"kind": "movement"}
    return Heard(SOURCE, (Signal(SOURCE, device, Kind(kind), value, at=when, detail=detail),))


def _time(told: object) -> datetime | None:
    """Raises ValueError."""
    return datetime.fromisoformat(told) if isinstance(told, str) else None


def _mac(secret: bytes, time: str, body: bytes) -> str:
    return hmac.new(secret, time.encode("utf-8", "replace") + b"." + body, hashlib.sha256).hexdigest()
