"""What patrol and comparison have found wrong with the facts that are kept here, told to people: a fact of this server's own a
community, from which the district makes an incident (`district.watching.records`). Said once, and again where there is more.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from district.hubs.drift import Drift, Sides
from district.hubs.giving_way import Copy
from district.hubs.patrol import Patrol
from district.store.port import Store
from district.store.registry import Registry
from domain.subjects import of_gateway
from watch.signs import RECORDS

NOTE = "findings"
MOST_NAMED = 20  # facts that are named one by one; a broken disk has more
SERVER = "server/"  # what the name of a gateway that is a server of ours begins with


@dataclass(frozen=True, slots=True)
class Found:
    """Of one community, by fact id: what is not what its hash says, and what is sound here and above and not the same."""

    altered: frozenset[str] = frozenset()
    differing: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.altered or self.differing)


class Findings:
    """`drift` None where nobody is above. `place` is what this server is called. Any thread but one at a time; times in ms."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        patrol: Patrol,
        drift: Drift | None,
        place: str,
        now_ms: Callable[[], int],
    ) -> None:
        self._store, self._registry, self._patrol, self._drift = store, registry, patrol, drift
        self._place, self._now = place, now_ms

    def standing(self) -> dict[str, int]:
        """How many facts are altered, how many differ, how many give way now and how many are settled."""
        return {
            "altered": len(self._patrol.unsettled), "differing": len(self._drift.differing) if self._drift else 0,
            "giving_way": len(self._patrol.giving_way.copies), "settled": len(self._patrol.settled.all),
        }  # fmt: skip

    def tell(self) -> None:
        """Say what has been found since the last time, or that all is whole again or settled."""
        noted = self._registry.note(NOTE)
        told = {c: Found(*map(frozenset, both)) for c, both in json.loads(noted or "{}").items()}
        found, given_way = self._found(), self._given_way()
        settled = {_name(settlement.copy) for settlement in self._patrol.settled.all}
        after = dict(told)
        for community in sorted(told.keys() | found.keys() | given_way.keys()):
            before, now = told.get(community, Found()), found.get(community, Found())
            anew = now.altered - before.altered or now.differing - before.differing
            if anew or given_way.get(community):
                after[community] = now
                self._say(community, now, given_way=given_way.get(community, 0))
            elif before and not now and self._has_looked(before):
                after.pop(community)
                self._say(community, now, settled=len(before.altered & settled))
        if after != told:
            kept = {c: [sorted(f.altered), sorted(f.differing)] for c, f in after.items()}
            self._registry.put_note(NOTE, json.dumps(kept))

    def _found(self) -> dict[str, Found]:
        altered, differing = dict[str, set[str]](), dict[str, set[str]]()
        for harmed in self._patrol.unsettled:
            altered.setdefault(harmed.community, set()).add(_name(harmed))
        for sides in list(self._drift.differing.values()) if self._drift else []:
            differing.setdefault(sides.community, set()).add(_name(sides))
        return {
            c: Found(frozenset(altered.get(c, ())), frozenset(differing.get(c, ())))
            for c in altered.keys() | differing.keys()
        }

    def _given_way(self) -> dict[str, int]:
        """How many facts gave way to those of the one above since the last time, by community."""
        if self._drift is None:
            return {}
        taken = dict(self._drift.given_way)
        self._drift.given_way.subtract(taken)
        return {c: n for c, n in taken.items() if n}

    def _has_looked(self, before: Found) -> bool:
        """Whether what was found before would have been found again since this program started."""
        again = self._drift is not None and self._drift.compared > 0
        return self._patrol.rounds > 0 and (again or not before.differing)

    def _say(self, community: str, found: Found, given_way: int = 0, settled: int = 0) -> None:
        told: dict[str, Any] = {
            "place": self._place, "altered": len(found.altered), "differing": len(found.differing),
            "given_way": given_way, "which": sorted(found.altered | found.differing)[:MOST_NAMED], "by": "system",
        }  # fmt: skip
        told |= {"settled": settled} if settled else {}
        self._store.append_own(RECORDS, community, of_gateway(community, SERVER + self._place), self._now(), told)


def _name(of: Copy | Sides) -> str:
    """A fact by its number, as people are told of it."""
    return f"{of.device} {of.epoch}/{of.seq}"
