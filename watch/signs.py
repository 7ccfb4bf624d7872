"""From facts to what the rules read: signs of life, and the devices that could show one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from domain.events import from_ms, moment
from domain.passages import Direction
from domain.signals import Sign, SignOfLife
from domain.watched import Mute, Source
from offline.letters.gate_card import GATE_DESCRIBED, GATE_REMOVED
from watch.ledger import Seen, as_said

REGISTERED, REMOVED, BLIND = "home.device_registered", "home.device_removed", "device.blind"
MUTE = "device.mute"  # payload: device, mute, since (ms): it said nothing at all, no report of itself either
NOT_WORN, CHARGING = "not_worn", "charging"  # reasons of a blind device that need no technician
CALL_BUTTON = "button"  # the kind of a device every press of which is a call for help, unless it says otherwise
WORN = "wearable"  # the kind of a device that is worn; its record may say where, as `position`
POSITIONS = ("waist", "chest", "pocket", "wrist")
GATEWAY = "gateway"  # the reason of one that cannot be heard for its gateway's silence
GATEWAY_SILENT = "gateway.silent"  # subject: the gateway; payload: as of `KIOSK_SILENT`, place
RECORDS = "gateway.records"  # subject: a server; payload: place, altered, differing, given_way (counts), which
KIOSK_SILENT = "kiosk.silent"  # subject: the kiosk; payload: silent, since (ms)
FACES_LOST, FACES_BACK = "gate.faces_lost", "gate.faces_back"  # subject: the kiosk; payload: gate, since (ms)
KIOSK_SEES = frozenset({Sign.GATE, Sign.BUTTON})
KIOSK_GAPS = (KIOSK_SILENT, FACES_LOST, FACES_BACK)
KIOSK_FACTS = (GATE_DESCRIBED, GATE_REMOVED, *KIOSK_GAPS)
SIGN_FACTS: Mapping[str, Sign] = {
    **{f"sign.{sign}": sign for sign in Sign},
    "checkin.pressed": Sign.BUTTON,
    "visit.recorded": Sign.VISIT,
    "passage.recorded": Sign.GATE,
}
_DIRECTIONS = {direction.value: direction for direction in Direction}
SOURCE_FACTS = (REGISTERED, REMOVED, BLIND)
DEVICE_KINDS: Mapping[str, frozenset[Sign]] = {
    "door": frozenset({Sign.DOOR}),
    "motion": frozenset({Sign.MOTION}),
    "presence": frozenset({Sign.PRESENCE}),
    "radar": frozenset({Sign.PRESENCE}),
    "water": frozenset({Sign.WATER}),
    "power": frozenset({Sign.POWER}),
    "bed": frozenset({Sign.BED}),
    WORN: frozenset({Sign.WEARABLE, Sign.SOS, Sign.PRESS}),
    CALL_BUTTON: frozenset({Sign.SOS, Sign.BUTTON}),
    "plain_button": frozenset({Sign.PRESS, Sign.BUTTON}),
}


def sign_of_life(fact: Seen) -> SignOfLife | None:
    """The sign that a fact is; None where it is none. A time that could not be corrected leaves it evidence."""
    kind = SIGN_FACTS.get(fact.kind)
    if kind is None:
        return None
    data = fact.payload
    if data.get("exercise"):  # a drill shows nothing of the elder
        return None
    if kind is Sign.GATE:
        by_face = data.get("method") == "face" and data.get("outcome") == "identified"
        kind = Sign.GATE if by_face else Sign.GATE_CREDENTIAL
    elif kind is Sign.VISIT and data.get("how") == "call":
        kind = Sign.CALL
    direction = _DIRECTIONS.get(str(data.get("direction")), Direction.UNKNOWN)
    amount = data.get("amount", 0.0)
    return SignOfLife(
        kind,
        from_ms(min(fact.at, fact.received)),
        str(data.get("device", "")),
        direction,
        fact.trusted and data.get("trusted", True) is True,
        float(amount) if isinstance(amount, int | float) else 0.0,
    )


def sources(facts: Iterable[Seen], signs: Iterable[SignOfLife] = ()) -> list[Source]:
    """The devices that stand in one home with their silent spans, from its `SOURCE_FACTS` in whatever order they came, and how long
    they said nothing from its last `MUTE` ones.

    A device yields what its kind does and whatever it has shown in `signs`. One of a kind that is not known, which has shown
    nothing yet, can go blind and is not taken to have watched.
    """
    since: dict[str, datetime] = {}
    yields: dict[str, frozenset[Sign]] = {}
    gaps: dict[str, list[_Gap]] = defaultdict(list)
    excused: dict[str, set[datetime]] = defaultdict(set)
    shared: dict[str, set[datetime]] = defaultdict(set)
    mute: dict[str, list[Mute]] = defaultdict(list)
    for fact in as_said(facts):
        device = str(fact.payload.get("device", ""))
        if not device:
            continue
        if fact.kind == REGISTERED:
            since.setdefault(device, from_ms(fact.at))
            yields[device] = DEVICE_KINDS.get(str(fact.payload.get("kind", "")), frozenset())
        elif fact.kind == REMOVED:
            for known in (since, yields, gaps, excused, shared, mute):
                known.pop(device, None)
        elif fact.kind == MUTE:
            _heed_mute(mute[device], fact)
        elif fact.payload.get("blind", True):
            start = moment(fact.payload.get("since")) or from_ms(fact.at)
            gaps[device].append(_Gap(start, None, fact.device))
            if fact.payload.get("reason") in (NOT_WORN, CHARGING):
                excused[device].add(start)
            elif fact.payload.get("reason") == GATEWAY:
                shared[device].add(start)
        else:
            gaps[device] = _ended(gaps[device], fact)
    for sign in signs:
        if sign.source in mute:
            mute[sign.source] = [_spoke(span, sign.at) for span in mute[sign.source]]
        if sign.trusted and sign.source in yields:
            yields[sign.source] |= {sign.kind}
    return [
        Source(
            d, yields[d], since[d], tuple((gap.start, gap.end) for gap in gaps[d]), excused=frozenset(excused[d]),
            shared=frozenset(shared[d]), mute=tuple(mute[d]),
        )
        for d in since
    ]  # fmt: skip


def _heed_mute(told: list[Mute], fact: Seen) -> None:
    at = from_ms(fact.at)
    since = moment(fact.payload.get("since")) or at
    if fact.payload.get("mute"):
        told.append(Mute(since, at, None))
    else:
        told[:] = [span._replace(end=at) if span.since == since else span for span in told]


def _spoke(span: Mute, at: datetime) -> Mute:
    return span._replace(end=at) if span.since < at and (span.end is None or at < span.end) else span


@dataclass(frozen=True, slots=True)
class _Gap:
    """When a device could not be heard; `by`: the server that told of it."""

    start: datetime
    end: datetime | None
    by: str


def _ended(gaps: Sequence[_Gap], back: Seen) -> list[_Gap]:
    """The gaps once a device sees again. A hub and the district may each have told of one and each ends its own: all of them, for
    one that was put back has told of one twice. Else it is the newest, of a server that has another name now."""
    began, at = moment(back.payload.get("since")), from_ms(back.at)
    open_ = [gap for gap in gaps if gap.end is None]
    over = [gap for gap in open_ if gap.by == back.device or gap.start == began] or open_[-1:]
    return [replace(gap, end=max(gap.start, at)) if gap in over else gap for gap in gaps]


def put_up(facts: Iterable[Seen], device: str, *saying: str) -> Mapping[str, Any]:
    """What was said last of a device as it was put up, from `REGISTERED` facts in whatever order they came: the last word that says
    all of `saying`. Empty where there is none."""
    told = [f for f in facts if f.payload.get("device") == device and all(f.payload.get(name) for name in saying)]
    return as_said(told)[-1].payload if told else {}


def silent_spans(facts: Iterable[Seen]) -> tuple[tuple[datetime, datetime | None], ...]:
    """When a kiosk or a gateway said nothing, from its facts of silence in whatever order they came; None: it still does.

    That it is heard ends every silence told of before, whoever told of it: a district that was put back tells of one anew.
    """
    spans: list[tuple[datetime, datetime | None]] = []
    for fact in as_said(facts):
        if fact.payload.get("silent", True):
            spans.append((silent_since(fact), None))
        else:
            spans = [(start, end or max(start, from_ms(fact.at))) for start, end in spans]
    return tuple(spans)


def silent_since(fact: Seen) -> datetime:
    """When the silence that a fact tells of began."""
    return moment(fact.payload.get("since")) or from_ms(fact.at)


def faceless_spans(facts: Iterable[Seen]) -> tuple[tuple[datetime, datetime | None], ...]:
    """When a kiosk could recognise nobody, from its `FACES_LOST` and `FACES_BACK`, in whatever order; None: it still cannot.

    Its button is shown to whoever was recognised, so that it shows nobody then who comes by face. By a clock that nobody can
    correct it counts from when the word came.
    """
    spans: list[tuple[datetime, datetime | None]] = []
    for fact in as_said(facts):
        told = from_ms(min(fact.at, fact.received) if fact.trusted else fact.received)
        lasts = bool(spans) and spans[-1][1] is None
        if fact.kind == FACES_LOST and not lasts:
            since = moment(fact.payload.get("since")) if fact.trusted else None
            spans.append((min(since or told, told), None))
        elif fact.kind == FACES_BACK and lasts:
            spans[-1] = (spans[-1][0], max(spans[-1][0], told))
    return tuple(spans)


def kiosk_source(id: str, since: datetime, facts: Sequence[Seen]) -> Source:
    """A kiosk as the rules see it, from its `KIOSK_GAPS`: silent or without faces it shows nobody. That it has no faces is its own
    word alone: by another's, everybody whom it sees would be missed by nobody."""
    silent = silent_spans(fact for fact in facts if fact.kind == KIOSK_SILENT)
    faceless = faceless_spans(fact for fact in facts if fact.kind != FACES_LOST or fact.device == id)
    return Source(id, KIOSK_SEES, since, (*silent, *faceless), kiosk=True)


def kiosks(facts: Iterable[Seen]) -> list[Source]:
    """The kiosks in service as sources, from all `KIOSK_FACTS` in whatever order they came: one that sees keeps the watch."""
    since: dict[str, datetime] = {}
    gaps: dict[str, list[Seen]] = defaultdict(list)
    for fact in as_said(facts):
        if fact.kind == GATE_REMOVED:
            since.pop(str(fact.payload.get("device")), None)
        else:
            kiosk = (fact.device if fact.kind == GATE_DESCRIBED else fact.subject) or ""
            since.setdefault(kiosk, from_ms(fact.at))
            if fact.kind in KIOSK_GAPS:
                gaps[kiosk].append(fact)
    return [kiosk_source(kiosk, at, gaps[kiosk]) for kiosk, at in since.items() if kiosk]
