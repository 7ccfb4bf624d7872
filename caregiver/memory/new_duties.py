"""Who was given a duty that takes two people, as the district tells those who have it too. No Qt."""

from dataclasses import dataclass
from datetime import timedelta

from caregiver.memory.reading import Reader
from offline.journal.projections import read_payload
from offline.letters.duty_given import DUTY_GIVEN, STEPS

TOLD_FOR = timedelta(days=14)  # then they may count as the second person beside whoever made them (decision 62)


@dataclass(frozen=True, slots=True)
class NewDuty:
    """`id` of the fact; `at`, when it was done: ms. `account` and `by` are ids; `step` one of STEPS."""

    id: str
    at: int
    account: str
    by: str
    step: str


def new_duties(reader: Reader, me: str, after: int) -> list[NewDuty]:
    """What was done later than `after` (ms), and neither by `me` nor to me; the oldest first."""
    rows = reader.rows(
        "SELECT f.id, f.at, p.body FROM facts f JOIN payloads p ON p.fact = f.rowid"
        " WHERE f.kind = ? AND f.at > ? ORDER BY f.at, f.rowid",
        (DUTY_GIVEN, after),
    )
    found = []
    for id, at, body in rows:
        told = read_payload(body) or {}
        account, by, step = (str(told.get(name)) for name in ("account", "by", "step"))
        if step in STEPS and me not in (account, by):
            found.append(NewDuty(id, at, account, by, step))
    return found
