"""Who gets what: every fact travels in one lane, and a role reads the lanes its work needs. The only place that says so."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from domain.consent import APPLIED
from domain.incident_kinds import (
    ACKNOWLEDGED,
    CHECKED,
    CLOSED,
    EVALUATED,
    EXTENDED,
    EXTENSION_DECLINED,
    FEEDBACK,
    HANDLING,
    LOWERED,
    MERGED,
    ON_SCENE,
    REJECTED,
)
from domain.people import Role
from offline.letters.access_orders import GIVEN_OUT, OF_DESKS, OF_GATES
from offline.letters.block_list import BLOCKED, UNBLOCKED
from offline.letters.gate_card import GATE_DESCRIBED, GATE_REMOVED
from watch.signs import KIOSK_SILENT


class DeviceRole(StrEnum):
    """What a device is enrolled as."""

    KIOSK = "kiosk"
    CAREGIVER = "caregiver"
    HUB = "hub"


class Lane(IntEnum):
    """What a fact is about, as far as its audience goes. Stored with the fact; what lies elsewhere is put here by the patrol."""

    ROSTER = 0  # people, consents, plans, configuration
    URGENT = 1  # incidents: streamed
    CARE = 2  # signs of an elder's life
    ELDER_PASSAGE = 3  # at the gate, by somebody whose home is watched: a sign of life
    PASSAGE = 4  # at the gate, by anybody else: for those who review the gate's log
    OPERATIONS = 5  # machines about themselves
    CALL = 6  # calls from the gate, and whom it reminds to check in: streamed


STREAMED = (Lane.URGENT, Lane.CALL)
LANES: dict[str, Lane] = {
    "person": Lane.ROSTER, "consent": Lane.ROSTER, "careplan": Lane.ROSTER, "plan": Lane.ROSTER, "config": Lane.ROSTER,
    "template": Lane.ROSTER, "home": Lane.ROSTER, "margin": Lane.ROSTER,  # "not this person": for the kiosks that let in
    "incident": Lane.URGENT, "notice": Lane.OPERATIONS,  # notices come with the feed: nobody waits for them
    "passage": Lane.PASSAGE, "verdict": Lane.PASSAGE, "call": Lane.CALL, "reminder": Lane.CALL,
    "kiosk": Lane.OPERATIONS, "gate": Lane.OPERATIONS, "staff": Lane.OPERATIONS, "device": Lane.OPERATIONS,
}  # fmt: skip

_CARE = frozenset({Lane.ROSTER, Lane.URGENT, Lane.CARE, Lane.ELDER_PASSAGE, Lane.OPERATIONS, Lane.CALL})
_GATE = frozenset({Lane.ROSTER, Lane.URGENT, Lane.ELDER_PASSAGE, Lane.PASSAGE, Lane.OPERATIONS, Lane.CALL})
DEVICE_READS: dict[DeviceRole, frozenset[Lane]] = {
    DeviceRole.KIOSK: frozenset({Lane.ROSTER, Lane.CALL}),
    DeviceRole.CAREGIVER: _CARE,
    DeviceRole.HUB: frozenset(Lane),
}


class Duty(StrEnum):
    """What a person may ask of the district over HTTP. `DUTIES` says who may, in which communities is the grant's to say."""

    READ_ACCOUNTS = "read_accounts"
    CHANGE_ACCOUNTS = "change_accounts"
    READ_DEVICES = "read_devices"
    CHANGE_DEVICES = "change_devices"
    READ_AUDIT = "read_audit"
    EXPORT_AUDIT = "export_audit"  # takes two people
    READ_QUARANTINE = "read_quarantine"
    OPEN_GATE = "open_gate"
    READ_COLLEAGUES = "read_colleagues"  # the names of those who work in one's own communities
    SEE_PASSAGE = "see_passage"  # the picture of one, kept at the gate
    ADMIT = "admit"  # give residents cards and PINs, their visitors passes
    READ_MEDICAL_NOTE = "read_medical_note"  # who goes there
    ERASE = "erase"  # a resident, for good; takes two people


_RUNS = frozenset({Role.ADMINISTRATOR})
_LEADS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
_GUARDS = frozenset({Role.GATE_STAFF, Role.SUPERVISOR, Role.ADMINISTRATOR})
DUTIES: dict[Duty, frozenset[Role]] = {
    Duty.READ_ACCOUNTS: _LEADS,
    Duty.CHANGE_ACCOUNTS: _RUNS,
    Duty.READ_DEVICES: _LEADS,
    Duty.CHANGE_DEVICES: _RUNS,
    Duty.READ_AUDIT: _LEADS,
    Duty.EXPORT_AUDIT: _LEADS,
    Duty.READ_QUARANTINE: _RUNS,
    Duty.OPEN_GATE: _GUARDS,
    Duty.READ_COLLEAGUES: _GUARDS | {Role.CAREGIVER},
    Duty.SEE_PASSAGE: _GUARDS,
    Duty.ADMIT: _GUARDS,
    Duty.READ_MEDICAL_NOTE: frozenset({Role.CAREGIVER, Role.SUPERVISOR}),
    Duty.ERASE: _LEADS,
}
Grants = dict[str, frozenset[Role]]
EVERYWHERE = "*"  # a grant for every community


def granted(grants: Grants, community: str) -> frozenset[Role]:
    """The roles somebody has in a community."""
    return grants.get(community, frozenset()) | grants.get(EVERYWHERE, frozenset())


def may(grants: Grants, duty: Duty, community: str | None = None) -> bool:
    """Whether a duty is somebody's in `community`, or in any at all where none is named."""
    if community is not None:
        return bool(granted(grants, community) & DUTIES[duty])
    return any(roles & DUTIES[duty] for roles in grants.values())


def communities_for(grants: Grants, duty: Duty) -> frozenset[str]:
    """Where somebody has a duty; EVERYWHERE among them means everywhere."""
    return frozenset(c for c, roles in grants.items() if roles & DUTIES[duty])


# Facts that take a person with one of these roles, signed in at the desk that writes them (`district.people.authors`); kinds by
# how they begin. Consents and the steps by which help comes are not among them: no mistake about a role may keep either away. What
# lets an alarm end in another, ring less gravely or wait longer takes its person: refused, people are only called more.
# That help has come (HELP) is believed in whatever role; at a desk where people sign in, of whoever has signed in there.
_READS_GATE = frozenset({Role.GATE_STAFF, *_LEADS})
_WORKS = frozenset({Role.CAREGIVER, *_READS_GATE})
AUTHORS: dict[str, frozenset[Role]] = {
    "config.": _LEADS,
    "home.": _LEADS,
    "careplan.proposed": frozenset({Role.CAREGIVER, *_LEADS}),
    BLOCKED: _READS_GATE,
    UNBLOCKED: _READS_GATE,
    "verdict.": _READS_GATE,
    "margin.": _READS_GATE,
    REJECTED: _WORKS,
    CHECKED: _WORKS,
    CLOSED: _WORKS,
    MERGED: _LEADS,
    EXTENDED: _LEADS,
    EXTENSION_DECLINED: _LEADS,
    LOWERED: _LEADS,
    EVALUATED: _LEADS,
}
HELP = frozenset({ACKNOWLEDGED, HANDLING, ON_SCENE, FEEDBACK})
_DISTRICTS_OWN = ("district", "audit")
_KIOSKS_CONFIG = frozenset({"config.gate_described", "config.staff_pin_set", "config.staff_pin_cleared"})
_NOT_A_KIOSKS = ("careplan", "verdict", "margin", "home", "visit", "record", "notice")
# The district's word alone, on a proposal and on an order that two people have signed; hubs bring it down, never up.
_ITS_WORD = frozenset({"careplan.set", "careplan.refused", "person.erased"})
_KIOSK_INCIDENTS = frozenset({"incident.opened", "incident.evidence"})


@dataclass(frozen=True, slots=True)
class Scope:
    """What one reader may read: these lanes of these communities."""

    communities: tuple[str, ...]
    lanes: frozenset[Lane]

    def reads(self, community: str, lane: int) -> bool:
        return community in self.communities and lane in self.lanes


def lane_of(kind: str, subject: str | None, elders: Iterable[str]) -> Lane:
    """The lane of a fact; `elders` are those whose homes are watched."""
    lane = LANES.get(kind.partition(".")[0])
    if lane is None:
        return Lane.CARE if subject else Lane.OPERATIONS
    if lane is Lane.PASSAGE and subject is not None and subject in elders:
        return Lane.ELDER_PASSAGE
    return lane


def may_lie_in(lane: int, kind: str, subject: str | None) -> bool:
    """Whether a fact may be in this lane: the kind says which, but whether somebody's home was watched when they passed."""
    its = lane_of(kind, subject, ())
    return lane == its or (its is Lane.PASSAGE and lane == Lane.ELDER_PASSAGE and subject is not None)


def lanes_of(kinds: Iterable[str]) -> list[int]:
    """The lanes in which facts of these kinds may be."""
    found: set[Lane] = set()
    for kind in kinds:
        lane = LANES.get(kind.partition(".")[0])
        if lane is None:
            found |= {Lane.CARE, Lane.OPERATIONS}
        else:
            found |= {lane, Lane.ELDER_PASSAGE} if lane is Lane.PASSAGE else {lane}
    return sorted(map(int, found))


def device_scope(role: DeviceRole, communities: tuple[str, ...], gate_log: bool = False) -> Scope:
    """`gate_log`: this desktop stands where the gate's log is reviewed."""
    lanes = DEVICE_READS[role]
    return Scope(communities, lanes | _GATE if gate_log and role is DeviceRole.CAREGIVER else lanes)


def may_write(role: DeviceRole, communities: tuple[str, ...], kind: str, community: str) -> bool:
    """Whether a device may add a fact of this kind to this community."""
    family = kind.partition(".")[0]
    if (
        community not in communities
        or family in _DISTRICTS_OWN
        or kind in _ITS_WORD
        or (kind == APPLIED and role is not DeviceRole.HUB)
    ):
        return False
    # what opens a gate is put on record by the district, which knows the person who asked
    if kind in GIVEN_OUT or kind == GATE_REMOVED:
        return role is DeviceRole.HUB
    if family == "gateway" or kind == KIOSK_SILENT:  # whether others are heard from, the server they speak to knows
        return role is DeviceRole.HUB
    # desks seal secrets to what a gate says of itself; what gates hold, let in by and have done, gates say
    if role is DeviceRole.CAREGIVER and (kind == GATE_DESCRIBED or kind in OF_GATES or family == "template"):
        return False
    if role is not DeviceRole.KIOSK:
        return True
    if family == "incident":
        return kind in _KIOSK_INCIDENTS
    return family not in _NOT_A_KIOSKS and kind not in OF_DESKS and (family != "config" or kind in _KIOSKS_CONFIG)


def takes_author(role: DeviceRole, kind: str) -> bool:
    """Whether it matters who wrote such a fact, and not the device alone."""
    return author_roles(role, kind) is not None or (role is DeviceRole.CAREGIVER and kind in HELP)


def author_roles(role: DeviceRole, kind: str) -> frozenset[Role] | None:
    """The roles one of which the author of such a fact must hold; None where a device's word is enough."""
    if role is not DeviceRole.CAREGIVER:
        return None
    return next((roles for begins, roles in AUTHORS.items() if kind.startswith(begins)), None)
