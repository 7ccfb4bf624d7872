"""Which incident another may be part of, so that whoever is called for the one is called for both."""

from collections.abc import Mapping

from domain.incident import Incident
from domain.incident_kinds import LIFE_SAFETY, State


def takes_in(into: Incident, one: Incident) -> bool:
    """Whether nobody less would come for `one` if it were part of `into`.

    That is open and as grave at least, no drill for the real thing, and nothing that a sign of life ends for a call for help. Where
    people have reported back on it, what they reported is later than all that was called for in `one`.
    """
    if not into.open or into.severity > one.severity or into.exercise != one.exercise:
        return False
    if one.kind in LIFE_SAFETY and into.kind not in LIFE_SAFETY:
        return False
    if into.resolved_by_late_evidence and not one.resolved_by_late_evidence:
        return False
    if into.state in (State.FEEDBACK, State.CHECKED):
        return into.feedback_at is not None and into.feedback_at >= (one.rang_at or one.opened_at)
    return True


def end_of(one: Incident, known: Mapping[str, Incident]) -> Incident | None:
    """The incident, by id among `known`, that `one` is part of in the end; None where there is none, or they go round in a ring."""
    passed = {one.id}
    while one.state is State.MERGED and one.merged_into is not None:
        found = known.get(one.merged_into)
        if found is None or found.id in passed:
            return None
        passed.add(found.id)
        one = found
    return one
