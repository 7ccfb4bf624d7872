"""Merges looked at where the ladders run: one that would call nobody any more is undone.

Whoever merges sees what their desk knows. Two who merge crosswise, or into what was closed a moment before, ended a real call for
help between them. A fold sees one incident; only here are both known.
"""

from collections.abc import Mapping
from datetime import datetime

from domain.events import derived_id, to_ms
from domain.incident import SYSTEM, Incident
from domain.incident_kinds import CLOSED, EVIDENCE, FEEDBACK, MERGED, REJECTED, REOPENED, State
from domain.merging import end_of, takes_in
from watch.cases import Cases
from watch.ledger import Ledger, Seen, said_before

MERGED_IN, VOID = "merged_in", "merge_void"  # reasons
_OVER = frozenset({FEEDBACK, REJECTED, CLOSED})


class Merges:
    """`follow` is told every fact. A merge that stands is noted at what took it in: what was said there before ends it no more."""

    def __init__(self, ledger: Ledger, cases: Cases) -> None:
        self._ledger, self._cases = ledger, cases

    def follow(self, fact: Seen, now: datetime) -> None:
        if fact.kind not in (MERGED, *_OVER) or fact.subject is None:
            return
        known = {i.id: i for i in self._cases.of(fact.subject, now) if i.community == fact.community}
        one = known.get(str(fact.payload.get("incident")))
        if one is None:
            return
        if fact.kind in _OVER:
            self._look_again(one, fact, known, now)
        elif one.state is State.MERGED and one.merged_into == fact.payload.get("into") and not self._note(one, fact):
            self._look(one, fact, known, now)

    def _look(self, one: Incident, merge: Seen, known: Mapping[str, Incident], now: datetime) -> None:
        into = end_of(one, self._stood(merge, now))
        if into is None or not takes_in(into, one):
            self._undo(one, merge, now)
            return
        for part, its in self._parts(one):  # what this one had taken in goes with it
            if part in known and not takes_in(into, known[part]):
                self._undo(known[part], its, now)
        # `said`: from when on it calls; the note itself comes later.
        taken_in = {"reason": MERGED_IN, "merged": one.id, "kind": one.kind.value, "said": merge.said}
        detail = {**taken_in, "rings": False, "tells": True}
        self._cases.note(into, _marker(merge), now, merge.community, detail)

    def _look_again(self, over: Incident, end: Seen, known: Mapping[str, Incident], now: datetime) -> None:
        """An end that came in while a merge into it was looked at: it was said of the one alone."""
        for part, merge in self._parts(over):
            note = self._note(known[part], merge) if part in known else None
            if note is not None and said_before(end, merge):
                into = end_of(known[part], self._stood(merge, now))
                if into is None or not takes_in(into, known[part]):
                    self._undo(known[part], merge, now)

    def _stood(self, merge: Seen, now: datetime) -> dict[str, Incident]:
        """The incidents as they stood at the merge, by id: what was ended after it was ended for both."""
        ends = self._ledger.about(str(merge.subject), tuple(_OVER))
        later = {end.id for end in ends if said_before(merge, end)}
        found = self._cases.of(str(merge.subject), now, later)
        return {i.id: i for i in found if i.community == merge.community}

    def _parts(self, into: Incident) -> list[tuple[str, Seen]]:
        """Which incidents are part of it, each with the fact that made it so."""
        merges = [f for f in self._ledger.about(into.elder, (MERGED,)) if f.community == into.community]
        latest = {str(f.payload.get("incident")): f for f in merges}
        return [(id, f) for id, f in latest.items() if f.payload.get("into") == into.id]

    def _note(self, one: Incident, merge: Seen) -> Seen | None:
        id = derived_id("raised", _marker(merge))
        return next((f for f in self._ledger.about(one.elder, (EVIDENCE,)) if f.id == id), None)

    def _undo(self, one: Incident, merge: Seen, now: datetime) -> None:
        if one.state is State.MERGED:
            told = {"incident": one.id, "by": SYSTEM, "reason": VOID}
            id = derived_id(merge.id, "reopened")
            self._ledger.add(REOPENED, told, merge.community, one.elder, to_ms(now), id)


def _marker(merge: Seen) -> str:
    return f"{merge.id} {MERGED_IN}"
