"""SIA DC-09 (ANSI/SIA DC-09-2026): alarm panels over TCP or UDP. `siadc09` is the codec; this is the receiver's judgement.

An event is acknowledged (ACK) only after it is kept; a frame whose time is outside the window is refused with ours (NAK), what
cannot be processed is said so (DUH), and a damaged frame is met with silence, upon which the panel sends it again. A panel that
still calls for help by a wrong clock after we told it the time cannot set it: it is heard, and its time is not believed. Of an
account that nobody has listed a call for help is taken, for somebody pressed a button, and everything else refused.
"""

import hashlib
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from siadc09.account import Account as Panel
from siadc09.dc09 import MAXDIFF, MESSAGES, MINDIFF
from siadc09.message import AckMessage, DuhMessage, Message, NakMessage, parse_frame
from siadc09.util import crc

from district.intake.listener import Answer, Protocol
from district.intake.signals import Heard, Kind, Signal, Value, calls_of

SOURCE = "sia"
MAX_FRAME = 4096
_TOLD_TIME = timedelta(minutes=5)  # how long a panel may take to set its clock by our NAK and send again
_SAME_FRAME_S = 30  # a frame without a time, sent again within this, is a retransmission: panels repeat their numbers

# Contact ID (SIA DC-05): code -> kind, by the qualifier "1" (new) or "6" (still so); "3" restores.
_CID = {
    "100": Kind.SOS, "101": Kind.SOS, "120": Kind.SOS, "121": Kind.SOS, "122": Kind.SOS, "123": Kind.SOS,
    "102": Kind.INACTIVITY, "103": Kind.FALL,
    "110": Kind.SMOKE, "111": Kind.SMOKE, "112": Kind.SMOKE, "114": Kind.SMOKE, "115": Kind.SMOKE, "118": Kind.SMOKE,
    "151": Kind.GAS, "162": Kind.GAS, "113": Kind.WATER_LEAK, "154": Kind.WATER_LEAK,
    "137": Kind.TAMPER, "144": Kind.TAMPER, "145": Kind.TAMPER, "383": Kind.TAMPER,
    "302": Kind.BATTERY_LOW, "338": Kind.BATTERY_LOW, "384": Kind.BATTERY_LOW,
    "381": Kind.ONLINE, "601": Kind.HEARTBEAT, "602": Kind.HEARTBEAT, "603": Kind.HEARTBEAT,
}  # fmt: skip
# medical, fire, panic: whatever else a panel names there
_CID_GROUPS = {"10": Kind.SOS, "11": Kind.SMOKE, "12": Kind.SOS}
# SIA DC-03 data codes -> (kind, value).
_DCS: Mapping[str, tuple[Kind, Value]] = {
    **dict.fromkeys(("MA", "QA", "PA", "HA"), (Kind.SOS, True)),
    **dict.fromkeys(("FA", "KA"), (Kind.SMOKE, True)),
    "GA": (Kind.GAS, True), "GH": (Kind.GAS, False), "WA": (Kind.WATER_LEAK, True), "WH": (Kind.WATER_LEAK, False),
    "FH": (Kind.SMOKE, False), "TA": (Kind.TAMPER, True), "TR": (Kind.TAMPER, False),
    "NA": (Kind.INACTIVITY, True), "YT": (Kind.BATTERY_LOW, True), "YR": (Kind.BATTERY_LOW, False),
    "XT": (Kind.BATTERY_LOW, True), "XR": (Kind.BATTERY_LOW, False),
    "RP": (Kind.HEARTBEAT, True), "RX": (Kind.HEARTBEAT, True),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Account:
    """A panel that may report here; with a `key` (16, 24 or 32 bytes) nothing unencrypted is taken from it."""

    community: str
    key: bytes | None = None


def protocol(
    accounts: Callable[[], Mapping[str, Account]], clock: Callable[[], datetime], unlisted: str = ""
) -> Protocol:
    """For a `Listener`; `unlisted` is the community that an account nobody has listed calls for help, "" for none."""
    refused: dict[str, datetime] = {}
    return Protocol(
        SOURCE, MAX_FRAME, split, lambda frame, _sender: receive(frame, accounts(), clock(), refused, unlisted)
    )


def split(waiting: bytes) -> tuple[bytes, bytes] | None:
    """The first frame of a stream, from its last LF to CR."""
    end = waiting.find(b"\r")
    if end < 0:
        return None
    return waiting[max(waiting.rfind(b"\n", 0, end), 0) : end + 1], waiting[end + 1 :]


def receive(
    frame: bytes,
    accounts: Mapping[str, Account],
    now: datetime,
    refused: MutableMapping[str, datetime] | None = None,
    unlisted: str = "",
) -> Answer:
    """Judge one frame (LF to CR). `accounts` by account number in upper-case hexadecimal without leading zeros.

    `refused` remembers when a panel was last told the time.
    """
    if len(frame) > MAX_FRAME:
        return Answer((), Heard(SOURCE, problem="too_large", raw=frame[:1024]))
    if not _intact(frame):
        return Answer((), Heard(SOURCE, problem="damaged", raw=frame))
    keys = {f"{number}:-:-": account.key for number, account in accounts.items() if account.key}
    try:
        message = parse_frame(frame, _AnyPrefix(keys))
    except Exception:  # the frame is whole and its content is not: the wrong key, or a form nobody knows
        return _unable(None, "unreadable", frame)
    number = f"{message.account.acct:X}"
    account = accounts.get(number, Account(unlisted))
    if message.idtoken not in MESSAGES or message.idtoken in ("ACK", "NAK", "DUH", "RSP"):
        return _unable(message, "unknown_message", frame, account.community)
    if account.key is not None and not message.encrypted:
        return _unable(message, "not_encrypted", frame, account.community)
    if message.encrypted and message.timestamp is None:
        return _unable(message, "no_timestamp", frame, account.community)
    signals, problem = _signals(message, number, _key(message))
    if number not in accounts:
        signals, problem = calls_of(signals), "unknown_account"
        if not signals or not unlisted:
            return _unable(message, problem, frame)
    if message.timestamp is not None and not MINDIFF <= (message.timestamp - now).total_seconds() <= MAXDIFF:
        calls = [replace(s, at=None, timed=False) for s in calls_of(signals)]
        told = None if refused is None else refused.get(number)
        if not calls or told is None or not timedelta(0) <= now - told <= _TOLD_TIME:
            if refused is not None:
                refused[number] = now
            heard = Heard(SOURCE, problem="outside_window", raw=frame)
            return Answer([NakMessage(_panel(message), now.astimezone(UTC)).encode()], heard, account.community)
        signals, problem = calls, "outside_window"
    reply = AckMessage(_panel(message), message.seq, now.astimezone(UTC), message.encrypted)
    heard = Heard(SOURCE, (*signals, Signal(SOURCE, number, Kind.HEARTBEAT)), problem, frame if problem else b"")
    return Answer([reply.encode(encrypt=message.encrypted)], heard, account.community)


class _AnyPrefix(dict[str, bytes]):
    """Keys by account alone: line prefix and receiver number are the line's business, not the panel's."""

    def __contains__(self, id: object) -> bool:
        return super().__contains__(_plain(id))

    def __getitem__(self, id: str) -> bytes:
        return super().__getitem__(_plain(id))


def _plain(id: object) -> str:
    return f"{str(id).partition(':')[0]}:-:-"


def _intact(frame: bytes) -> bool:
    """Envelope, length and CRC; nothing of a damaged frame can be believed, not even whom to answer."""
    if len(frame) < 12 or frame[:1] != b"\n" or frame[-1:] != b"\r":
        return False
    try:
        return int(frame[1:5], 16) == crc(frame[9:-1]) and int(frame[5:9], 16) == len(frame) - 10
    except ValueError:
        return False


def _panel(message: Message) -> Panel:
    return Panel(account=message.account)


def _unable(message: Message | None, problem: str, frame: bytes, community: str = "") -> Answer:
    duh = DuhMessage(_panel(message) if message else Panel(), message.seq if message else 0)
    return Answer([duh.encode()], Heard(SOURCE, problem=problem, raw=frame), community)


def _key(message: Message) -> str:
    """The same for two copies of a frame."""
    clear = b"" if message.data is None else bytes(message.data.content or b"")
    stamp = message.timestamp.isoformat() if message.timestamp is not None else ""
    return hashlib.sha256(b"|".join((str(message.seq).encode(), clear, stamp.encode()))).hexdigest()


def _signals(message: Message, number: str, key: str) -> tuple[list[Signal], str]:
    """What the frame says, and "unknown_code" where part of it is not understood."""
    told = list(_contact_id(message.data) if message.idtoken == "ADM-CID" else _dcs(message.data))
    good = 0 if message.timestamp is not None else _SAME_FRAME_S
    signals = [
        Signal(
            SOURCE,
            number,
            kind,
            value,
            at=message.timestamp,
            key=f"{key}/{n}",
            copies_s=good,
            detail={"zone": zone, "code": code},
        )
        for n, (kind, value, code, zone) in enumerate(told)
        if kind is not None
    ]
    unknown = any(kind is None for kind, *_ in told) or (message.idtoken in ("ADM-CID", "SIA-DCS") and not told)
    return signals, "unknown_code" if unknown else ""


Told = tuple[Kind | None, Value, str, str]


def _contact_id(data: object) -> list[Told]:
    event = getattr(data, "event", None)
    if event is None:
        return []
    kind = _CID.get(event.code) or _CID_GROUPS.get(event.code[:2])
    begins = event.qualifier in ("1", "6")
    if kind is Kind.ONLINE:
        begins = not begins  # supervision lost is what is new
    if kind is Kind.INACTIVITY and event.qualifier != "1":
        return []
    return [(kind, begins, event.code, f"{event.addr or 0:X}")]


def _dcs(data: object) -> list[Told]:
    found: list[Told] = []
    for block in getattr(data, "blocks", ()):
        for event in getattr(block, "events", ()):
            kind, value = _DCS.get(event.code, (None, None))
            found.append((kind, value, event.code, "" if event.addr is None else f"{event.addr:X}"))
    return found
