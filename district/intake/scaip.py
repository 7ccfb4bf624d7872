"""SCAIP (SS 91100:2014, CLC/TS 50134-9): social alarms as SIP MESSAGE with ``application/scaip+xml``.

A request ``<mrq>`` is met by a SIP final response at once (RFC 3428: without a body) and by a MESSAGE of ours with ``<mrs>``: the
same ``ref``, and the status number ``snu``. A caller that gets neither sends again, under the same ``ref``. Of a unit that nobody
has listed a call for help is taken, for somebody pressed a button, and everything else refused.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring  # builds only; parsing is defused

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from district.intake.listener import Address, Answer, Protocol
from district.intake.signals import Heard, Kind, Signal, Value, calls_of

SOURCE = "scaip"
CONTENT_TYPE = "application/scaip+xml"
MAX_MESSAGE = 16 * 1024
MAX_TEXT = 200
OK, TOO_LONG, INVALID_FORMAT, WRONG_CONTENT, NOT_TREATED, TAG_MISSING = 0, 1, 2, 3, 5, 7
_CRLF = b"\r\n\r\n"

# dty, what sort of device speaks, where the answer to it differs; every other device that alarms is a call for help.
_DEVICES = {"0003": Kind.SOS, "0005": Kind.FALL, "0010": Kind.INACTIVITY}
# stc: what it says.
_STATES: Mapping[str, tuple[Kind, Value]] = {"0016": (Kind.BATTERY_LOW, True)}
_ALARMING = frozenset({"", "0009", "0010"})  # by itself, by hand; a unit that does not say alarms too
_PERSONAL = frozenset({"0003", "0005"})  # worn by somebody: whatever these say that is not known to be harmless rings
_SAME_REF_S = 300  # a caller repeats itself for minutes; later, a unit that was restarted counts from the start again
_HEARTBEAT = "PI"  # mty of a periodic test; ME and what is unknown is a message


@dataclass(frozen=True, slots=True)
class Sip:
    """One request of RFC 3261. `headers` keep every Via."""

    method: str
    headers: Message
    body: bytes


@dataclass(frozen=True, slots=True)
class Unit:
    """A social alarm unit that may report here."""

    community: str


def protocol(units: Callable[[], Mapping[str, Unit]], ours: str, unlisted: str = "") -> Protocol:
    """For a `Listener`; `ours` is the address in our From, "alarm@example.org".

    `unlisted` is the community that a unit nobody has listed calls for help, "" for none.
    """
    return Protocol(SOURCE, MAX_MESSAGE, split, lambda raw, sender: receive(raw, units(), sender, ours, unlisted))


def split(waiting: bytes) -> tuple[bytes, bytes] | None:
    """The first SIP message of a stream, by its Content-Length; keep-alive line ends before it are dropped."""
    text = waiting.lstrip(b"\r\n")
    head, gap, rest = text.partition(_CRLF)
    if not gap:
        return None
    length = _length(head)
    if length is None or length > MAX_MESSAGE:
        return text, b""  # where it ends cannot be known: judged as it is
    if len(rest) < length:
        return None
    size = len(head) + len(gap) + length
    return text[:size], text[size:]


def receive(raw: bytes, units: Mapping[str, Unit], sender: Address, ours: str, unlisted: str = "") -> Answer:
    """Judge one SIP message."""
    if not raw.strip():
        return Answer((), Heard(SOURCE))  # a keep-alive
    sip = _read(raw)
    if sip is None:
        return Answer((), Heard(SOURCE, problem="not_sip", raw=raw[:MAX_MESSAGE]))
    if sip.method in (
        "",
        "ACK",
    ):  # a response to a MESSAGE of ours, or to a 405: nothing is ever said to it (RFC 3261, 17)
        return Answer((), Heard(SOURCE))
    if len(raw) > MAX_MESSAGE:
        return Answer([_final(sip, "513 Message Too Large")], Heard(SOURCE, problem="too_large", raw=raw[:1024]))
    if sip.method == "OPTIONS":
        return Answer([_final(sip, "200 OK", f"Allow: MESSAGE, OPTIONS\r\nAccept: {CONTENT_TYPE}\r\n")], Heard(SOURCE))
    if sip.method != "MESSAGE":
        return Answer(
            [_final(sip, "405 Method Not Allowed", "Allow: MESSAGE, OPTIONS\r\n")],
            Heard(SOURCE, problem="method", raw=raw),
        )
    if sip.headers.get_content_type() != CONTENT_TYPE:
        final = _final(sip, "415 Unsupported Media Type", f"Accept: {CONTENT_TYPE}\r\n")
        return Answer([final], Heard(SOURCE, problem="media_type", raw=raw))
    status, tags, heard, community = _judge(sip.body, units, unlisted)
    if tags is not None and heard.problem == "a_response":
        return Answer([_final(sip, "200 OK")], Heard(SOURCE))
    reply = _mrs(tags.get("ref", "") if tags else "", status, heard.problem)
    return Answer([_final(sip, "200 OK"), _message(sip, reply, sender, ours)], heard, community)


def _judge(body: bytes, units: Mapping[str, Unit], unlisted: str) -> tuple[int, Mapping[str, str] | None, Heard, str]:
    """(status number, tags, heard, community)"""
    try:
        root = defusedxml.ElementTree.fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return INVALID_FORMAT, None, Heard(SOURCE, problem="not_xml", raw=body), ""
    tags = {_local(e.tag): (e.text or "").strip()[:MAX_TEXT] for e in root.iter() if isinstance(e.tag, str)}
    name = _local(root.tag)
    if name == "mrs":
        return OK, tags, Heard(SOURCE, problem="a_response"), ""
    if name not in ("mrq", "scaip"):
        return INVALID_FORMAT, tags, Heard(SOURCE, problem="not_a_request", raw=body), ""
    unit = tags.get("cid", "")
    if not unit or not tags.get("ref"):
        return TAG_MISSING, tags, Heard(SOURCE, problem="tag_missing", raw=body), ""
    kind, value = _meaning(tags)
    detail = {name: tags[name] for name in ("dty", "did", "dco", "stc", "pri", "lco") if tags.get(name)}
    signal = (
        None
        if kind is None
        else Signal(SOURCE, unit, kind, value, key=tags["ref"], copies_s=_SAME_REF_S, detail=detail)
    )
    said = () if signal is None else (signal,)
    if unit not in units:
        if unlisted and calls_of(said):
            return OK, tags, Heard(SOURCE, said, "unknown_unit", body), unlisted
        return NOT_TREATED, tags, Heard(SOURCE, problem="unknown_unit", raw=body), ""
    community, beat = units[unit].community, Signal(SOURCE, unit, Kind.HEARTBEAT)
    if not said:
        return WRONG_CONTENT, tags, Heard(SOURCE, (beat,), "unknown_code", body), community
    return OK, tags, Heard(SOURCE, (*said, beat)), community


def _meaning(tags: Mapping[str, str]) -> tuple[Kind | None, Value]:
    if tags.get("mty") == _HEARTBEAT:
        return Kind.HEARTBEAT, True
    status = tags.get("stc", "")
    if status in _STATES:
        return _STATES[status]
    if status not in _ALARMING and tags.get("dty") not in _PERSONAL:
        return None, None
    return _DEVICES.get(tags.get("dty", ""), Kind.SOS), True


def _local(tag: str) -> str:
    return tag.rpartition("}")[2].lower()


def _mrs(ref: str, status: int, text: str) -> bytes:
    root = Element("mrs")
    for name, value in (("ref", ref), ("snu", str(status)), ("ste", text)):
        SubElement(root, name).text = value
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


# ---- as much of SIP as a receiver of MESSAGE needs (RFC 3261, 3428) ----------------------------------------------------


def _read(raw: bytes) -> Sip | None:
    head, gap, body = raw.partition(_CRLF)
    start, _, fields = head.partition(b"\r\n")
    words = start.split(b" ")
    if not gap or len(words) < 3 or b"SIP/2.0" not in (words[0], words[-1]):
        return None
    headers = BytesHeaderParser().parsebytes(fields + _CRLF)
    for short, name in _COMPACT.items():
        for value in headers.get_all(short, []):
            headers[name] = value
    if words[0] == b"SIP/2.0":
        return Sip("", headers, body)
    if any(headers.get(name) is None for name in ("Via", "From", "To", "Call-ID", "CSeq")):
        return None
    length = _length(head)
    return Sip(words[0].decode("ascii", "replace"), headers, body if length is None else body[:length])


_COMPACT = {
    "v": "Via",
    "f": "From",
    "t": "To",
    "i": "Call-ID",
    "c": "Content-Type",
    "l": "Content-Length",
    "m": "Contact",
}


def _length(head: bytes) -> int | None:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() in (b"content-length", b"l"):
            digits = value.strip()
            return int(digits) if digits.isdigit() and len(digits) < 9 else None
    return None


def _clean(value: object) -> str:
    """A header of theirs as it may stand in a message of ours."""
    return " ".join(str(value).split())[:1000]


def _final(sip: Sip, status: str, more: str = "") -> bytes:
    to = _clean(sip.headers["To"])
    tagged = to if ";tag=" in to else f"{to};tag={secrets.token_hex(4)}"
    lines = [f"SIP/2.0 {status}", *(f"Via: {_clean(via)}" for via in sip.headers.get_all("Via", []))]
    lines += [f"From: {_clean(sip.headers['From'])}", f"To: {tagged}"]
    lines += [f"Call-ID: {_clean(sip.headers['Call-ID'])}", f"CSeq: {_clean(sip.headers['CSeq'])}"]
    return ("\r\n".join(lines) + f"\r\n{more}Content-Length: 0\r\n\r\n").encode("utf-8", "replace")


def _message(sip: Sip, body: bytes, sender: Address, ours: str) -> bytes:
    """Our MESSAGE back to the address theirs came from; the transport is the one it came by."""
    transport = "TCP" if "/TCP" in _clean(sip.headers["Via"]).upper() else "UDP"
    host = f"[{sender[0]}]" if ":" in sender[0] else sender[0]
    them = _clean(sip.headers["From"]).partition(";tag=")[0]
    lines = [
        f"MESSAGE sip:{host}:{sender[1]};transport={transport.lower()} SIP/2.0",
        f"Via: SIP/2.0/{transport} {ours.rpartition('@')[2]};branch=z9hG4bK{secrets.token_hex(8)};rport",
        "Max-Forwards: 70",
        f"From: <sip:{ours}>;tag={secrets.token_hex(4)}",
        f"To: {them}",
        f"Call-ID: {secrets.token_hex(12)}",
        "CSeq: 1 MESSAGE",
        f"Content-Type: {CONTENT_TYPE}",
        f"Content-Length: {len(body)}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace") + body
