"""The words of an incident: kinds, severities with their deadlines, levels, states, and the fact kinds on the wire."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum, StrEnum


class Kind(StrEnum):
    """What happened. A silent kiosk is not a missed check-in: one sends a technician, the other a neighbour."""

    SOS = "sos"
    FALL = "fall"
    MISSED_CHECKIN = "missed_checkin"
    INACTIVITY = "inactivity"
    SMOKE = "smoke"
    GAS = "gas"
    WATER_LEAK = "water_leak"
    GATE_CALL = "gate_call"
    GATE_NOTICE = "gate_notice"  # somebody on the block list, or a card that came in twice
    GATE_TROUBLE = "gate_trouble"  # it recognises no face or the wrong one, stands open, or does not move at all
    DEVICE_BLIND = "device_blind"
    KIOSK_SILENT = "kiosk_silent"
    GATEWAY_SILENT = "gateway_silent"  # nobody behind it can be heard, homes and homes of them
    TAMPER = "tamper"
    RECORDS_ALTERED = "records_altered"  # a server's facts are not what was written, or two servers' differ
    RECORDS_WITHHELD = "records_withheld"  # whole, and not taken by the one above as they are


class Severity(IntEnum):
    """Smaller is worse; the wire carries the number."""

    P1 = 1
    P2 = 2
    P3 = 3
    P4 = 4


class Level(IntEnum):
    """Who is being asked, from the nearest to the farthest."""

    HOME = 0  # family and the caregiver (grid worker)
    COMMUNITY = 1
    STREET = 2
    DISTRICT = 3


class State(StrEnum):
    DETECTED = "detected"
    VERIFIED = "verified"
    REJECTED = "rejected"
    MERGED = "merged"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    HANDLING = "handling"
    FEEDBACK = "feedback"
    CHECKED = "checked"
    CLOSED = "closed"
    CLOSED_REVIEW_DUE = "closed_review_due"  # closed by the one who worked on it: somebody else must still look
    EVALUATED = "evaluated"


LIFE_SAFETY = frozenset({Kind.SOS, Kind.FALL, Kind.SMOKE, Kind.GAS})  # no quiet hours, no all-clear by a signal
# about equipment, not about the elder
TECHNICAL = frozenset({
    Kind.DEVICE_BLIND, Kind.KIOSK_SILENT, Kind.GATEWAY_SILENT, Kind.GATE_TROUBLE, Kind.TAMPER, Kind.RECORDS_ALTERED,
    Kind.RECORDS_WITHHELD,
})  # fmt: skip
GATE_STAFFS = TECHNICAL | {Kind.GATE_CALL, Kind.GATE_NOTICE}  # what gate staff work on, and not only answer
# of no elder, in nobody's home
OF_EQUIPMENT = frozenset({
    Kind.GATE_CALL, Kind.GATE_NOTICE, Kind.GATE_TROUBLE, Kind.KIOSK_SILENT, Kind.GATEWAY_SILENT, Kind.RECORDS_ALTERED,
    Kind.RECORDS_WITHHELD,
})  # fmt: skip
SILENCES = frozenset({Kind.MISSED_CHECKIN, Kind.INACTIVITY})  # a late sign of life speaks to these alone
# over by themselves, once what was silent is heard
WELL_AGAIN = frozenset({Kind.DEVICE_BLIND, Kind.KIOSK_SILENT, Kind.GATEWAY_SILENT})
FINAL = frozenset({State.REJECTED, State.MERGED, State.CLOSED, State.CLOSED_REVIEW_DUE, State.EVALUATED})
UNANSWERED = frozenset({State.DETECTED, State.VERIFIED, State.DISPATCHED})

SEVERITY: Mapping[Kind, Severity] = {
    Kind.SOS: Severity.P1,
    Kind.FALL: Severity.P1,
    Kind.SMOKE: Severity.P1,
    Kind.GAS: Severity.P1,
    Kind.MISSED_CHECKIN: Severity.P2,
    Kind.INACTIVITY: Severity.P2,
    Kind.WATER_LEAK: Severity.P2,
    Kind.GATE_CALL: Severity.P2,
    Kind.GATE_NOTICE: Severity.P2,
    Kind.GATE_TROUBLE: Severity.P3,
    Kind.DEVICE_BLIND: Severity.P3,
    Kind.KIOSK_SILENT: Severity.P3,
    Kind.GATEWAY_SILENT: Severity.P2,  # an SOS pressed behind it would not be heard
    Kind.TAMPER: Severity.P3,
    Kind.RECORDS_ALTERED: Severity.P3,
    Kind.RECORDS_WITHHELD: Severity.P3,
}


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Counted from the start of the incident's clock (receipt, or a fall's confirmation)."""

    accept: tuple[timedelta, timedelta, timedelta]  # unanswered: community, street, district are called at
    feedback: timedelta
    on_scene: timedelta | None = None  # aimed at
    on_scene_limit: timedelta | None = None


DEADLINES: Mapping[Severity, Deadlines] = {
    Severity.P1: Deadlines(
        accept=(timedelta(seconds=60), timedelta(seconds=180), timedelta(minutes=10)),
        feedback=timedelta(hours=2),
        on_scene=timedelta(minutes=45),
        on_scene_limit=timedelta(minutes=60),
    ),
    Severity.P2: Deadlines(
        accept=(timedelta(minutes=15), timedelta(minutes=45), timedelta(hours=2)), feedback=timedelta(hours=24)
    ),
    Severity.P3: Deadlines(
        accept=(timedelta(hours=12), timedelta(days=2), timedelta(days=4)), feedback=timedelta(days=7)
    ),
    Severity.P4: Deadlines(
        accept=(timedelta(days=2), timedelta(days=5), timedelta(days=10)), feedback=timedelta(days=15)
    ),
}

# Fact kinds on the wire.
OPENED = "incident.opened"
VERIFIED = "incident.verified"
REJECTED = "incident.rejected"
MERGED = "incident.merged"
DISPATCHED = "incident.dispatched"
ACKNOWLEDGED = "incident.acknowledged"
HANDLING = "incident.handling"
ON_SCENE = "incident.on_scene"
FEEDBACK = "incident.feedback"
CHECKED = "incident.checked"
CLOSED = "incident.closed"
EVALUATED = "incident.evaluated"
TRANSFERRED = "incident.transferred"
EXTENSION_ASKED = "incident.extension_asked"  # until (ms), and why; of P4 alone
EXTENDED = "incident.extended"  # the same moment, by somebody else than the one who asked
EXTENSION_DECLINED = "incident.extension_declined"  # likewise, and why not
GRADED = "incident.graded"  # a graver severity, and why
LOWERED = "incident.lowered"  # another severity, and why: of whoever leads, so that it may be a milder one
STEP_WITHDRAWN = "incident.step_withdrawn"  # one's own answer, by its id: taken by mistake
REOPENED = "incident.reopened"
ESCALATED = "incident.escalated"
EVIDENCE = "incident.evidence"
NOTICE_SENT = "notice.sent"
NOTICE_DELIVERED = "notice.delivered"
NOTICE_FAILED = "notice.failed"
NOTICE_ACKNOWLEDGED = "notice.acknowledged"
