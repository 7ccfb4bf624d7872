"""The ways in of the intake, each with messages in its own language."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from siadc09.util import crc

from district.intake import scaip, sia, webhook, zigbee2mqtt
from district.intake.signals import Heard

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SECRET = b"a shared secret of some length!!"
ACCOUNTS = {"1234": sia.Account("jinxiu")}
UNITS = {"unit-7": scaip.Unit("jinxiu")}


def dc09(body: str) -> bytes:
    raw = body.encode()
    return b"\n%04X0%03X" % (crc(raw), len(raw)) + raw + b"\r"


def sip(body: str, method: str = "MESSAGE", media: str = scaip.CONTENT_TYPE) -> bytes:
    head = [
        f"{method} sip:alarm@example.org SIP/2.0",
        "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1",
        "From: <sip:unit-7@example.org>;tag=a",
        "To: <sip:alarm@example.org>",
        "Call-ID: c1",
        "CSeq: 1 MESSAGE",
        f"Content-Type: {media}",
        f"Content-Length: {len(body.encode())}",
    ]
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


def by_sia(raw: bytes, now: datetime = NOW) -> Heard:
    return sia.receive(raw, ACCOUNTS, now).heard


def by_scaip(raw: bytes) -> Heard:
    return scaip.receive(raw, UNITS, ("192.0.2.1", 5060), "alarm@example.org").heard


def by_webhook(raw: bytes, now: datetime = NOW) -> Heard:
    return webhook.parse(raw, webhook.sign(raw, "k", SECRET, NOW), now, {"k": SECRET}).heard


def by_zigbee(raw: bytes, now: datetime = NOW) -> Heard:
    return zigbee2mqtt.parse("zigbee2mqtt/button", raw, retained=False)


@dataclass(frozen=True)
class Way:
    hear: Callable[..., Heard]
    sos: bytes
    fall: bytes
    nonsense: bytes
    copies_known: bool = True  # MQTT has no mark of a copy: each message is an event, joined at the incident


WAYS = {
    "sia": Way(
        by_sia,
        dc09('"ADM-CID"0001L0#1234[#1234|1101 00 001]'),
        dc09('"ADM-CID"0002L0#1234[#1234|1103 00 001]'),
        dc09('"ADM-CID"0003L0#1234[#1234|1999 00 001]'),
    ),
    "scaip": Way(
        by_scaip,
        sip("<mrq><ref>1</ref><cid>unit-7</cid><dty>0003</dty><stc>0010</stc></mrq>"),
        sip("<mrq><ref>2</ref><cid>unit-7</cid><dty>0005</dty><stc>0009</stc></mrq>"),
        sip("<mrq><cid>unit-7"),
    ),
    "webhook": Way(
        by_webhook,
        b'{"topic":"zigbee2mqtt/b","payload":{"action":"emergency"}}',
        b'{"device":"w","kind":"fall"}',
        b'{"device":"w","kind":"dance"}',
    ),
    "zigbee2mqtt": Way(
        by_zigbee, b'{"action":"emergency"}', b'{"fall_status":"fall_alarm"}', b"[1,2", copies_known=False
    ),
}
