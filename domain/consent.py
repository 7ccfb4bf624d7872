"""The consent ledger as a fold over facts: a purpose holds for a person from its grant until its withdrawal."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

GUARDIAN_BELOW_AGE = 14  # PRC measures on face recognition, in force 2025-06-01: under 14 the guardian consents


class Purpose(StrEnum):
    """What a person may agree to, each on its own."""

    FACE_AT_GATE = "face_at_gate"
    ENROLMENT_PHOTOS = "enrolment_photos"  # kept sealed so that another engine can be tried
    FACE_AT_OTHER_GATES = "face_at_other_gates"  # lent to the community's other gates
    PASSAGE_PICTURE = "passage_picture"  # a small picture of each passage by face, at the gate, for some days
    HOME_MONITORING = "home_monitoring"
    FOREIGN_CHANNEL = "foreign_channel"  # a message service outside the country


BESIDE_FACE = (Purpose.FACE_AT_OTHER_GATES, Purpose.PASSAGE_PICTURE)  # asked at the gate with the face, each on its own

GIVEN = "consent.given"
WITHDRAWN = "consent.withdrawn"
APPLIED = "consent.applied"  # a server's receipt: every gate of the community (of a hub: those below it) has applied a withdrawal


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """One line of the ledger. `order` sorts (hlc, device, seq); `by` is the person who agreed, or the guardian."""

    person_id: str
    purpose: Purpose
    given: bool
    version: str
    by: str
    at: int
    order: tuple[str, str, int]
    id: str = ""
    after: frozenset[str] | None = None  # a grant's: ids of the withdrawals it was given in the knowledge of


@dataclass(frozen=True, slots=True)
class Consent:
    """What holds now for one person and purpose."""

    version: str
    by: str
    since: int


def outlives(grant: ConsentEvent, withdrawal: ConsentEvent) -> bool:
    """Whether a grant stands against a withdrawal: only where it was given after it, knowing it.

    Clocks do not decide: one that is ahead would let a consent outlast what was withdrawn later. A grant that does not say what it
    knew (recorded by an older program) counts by its order.
    """
    if grant.after is not None:
        return withdrawal.id in grant.after
    return grant.order[0] > withdrawal.order[0]


def ledger(events: Iterable[ConsentEvent]) -> dict[tuple[str, Purpose], Consent]:
    """Everything that holds, from events in any order. A withdrawal wins over every grant that was not given after it."""
    told: dict[tuple[str, Purpose], list[ConsentEvent]] = {}
    for e in events:
        told.setdefault((e.person_id, e.purpose), []).append(e)
    holding: dict[tuple[str, Purpose], Consent] = {}
    for key, words in told.items():
        withdrawals = [w for w in words if not w.given]
        standing = [g for g in words if g.given and all(outlives(g, w) for w in withdrawals)]
        if standing:
            newest = max(standing, key=lambda g: g.order)
            holding[key] = Consent(newest.version, newest.by, newest.at)
    return holding


def may_consent(age: int, by_guardian: bool) -> bool:
    """Whether a consent given by the person alone (or by the guardian) is valid at this age."""
    return by_guardian or age >= GUARDIAN_BELOW_AGE
