"""Changes of a plan that were made at this desk: proposals until the district has taken or refused them. No Qt."""

import json
from dataclasses import dataclass
from typing import Any

from caregiver.memory.reading import Reader
from watch.plans import answer_id


@dataclass(frozen=True, slots=True)
class Proposal:
    """`because` is '' while the district has not answered."""

    id: str
    plan: dict[str, Any]
    because: str

    @property
    def waiting(self) -> bool:
        return not self.because


@dataclass(frozen=True, slots=True)
class Standing:
    """The plan to edit: what is in force, or what was last proposed here and waits. `base` is what a change of it is made from."""

    plan: dict[str, Any]
    base: str
    proposal: Proposal | None = None  # of this person's own, unless it was taken


def standing(reader: Reader, person: str, by: str) -> Standing:
    """What `by` finds when they open the plan of `person`."""
    rows = reader.rows("SELECT plan, id FROM elders_plans WHERE person = ?", (person,))
    plan, base = (json.loads(rows[0][0]), str(rows[0][1])) if rows else ({}, "")
    mine = reader.rows(
        "SELECT id, plan, answer FROM elders_proposals WHERE person = ? AND by = ? ORDER BY fact DESC LIMIT 1",
        (person, by),
    )
    if not mine or mine[0][1] is None or mine[0][2] == "":
        return Standing(plan, base)
    proposal = Proposal(mine[0][0], json.loads(mine[0][1]), mine[0][2] or "")
    if proposal.waiting:
        return Standing(proposal.plan, answer_id(proposal.id), proposal)
    return Standing(plan, base, proposal)
