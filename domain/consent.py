"""The consent ledger as a fold over facts: a purpose holds for a person from its grant until its withdrawal."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

GUARDIAN_BELOW_AGE = 14  # PRC measures on face recognition, in force 2025-06-01: under 14 the guardian consents


class Purpose(StrEnum):
    """What a person may agree to, each on its own."""

    FACE_AT_GATE = "face_at_gate"
    ENROLMENT_PHOTOS = "enrolment_photos"  # kept sealed so that another engine can be tried
    HOME_MONITORING = "home_monitoring"
    FOREIGN_CHANNEL = "foreign_channel"  # a message service outside the country


GIVEN = "consent.given"
WITHDRAWN = "consent.withdrawn"


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


@dataclass(frozen=True, slots=True)
class Consent:
    """What holds now for one person and purpose."""

    version: str
    by: str
    since: int


def ledger(events: Iterable[ConsentEvent]) -> dict[tuple[str, Purpose], Consent]:
    """Everything that holds, from events in any order. A withdrawal wins over a grant of the same moment."""
    holding: dict[tuple[str, Purpose], Consent] = {}
    for e in sorted(events, key=lambda e: (e.order[0], not e.given, e.order)):
        if e.given:
            holding[e.person_id, e.purpose] = Consent(e.version, e.by, e.at)
        else:
            holding.pop((e.person_id, e.purpose), None)
    return holding


def may_consent(age: int, by_guardian: bool) -> bool:
    """Whether a consent given by the person alone (or by the guardian) is valid at this age."""
    return by_guardian or age >= GUARDIAN_BELOW_AGE
