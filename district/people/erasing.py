"""Somebody is erased by two people whose duty it is: nothing brings anybody back, and a home whose elder was erased by mistake is
watched by nobody. The district's own fact, at which every node lets go of them."""

from collections.abc import Sequence
from enum import StrEnum

from district.ledger import StoreLedger
from district.people.account import Account
from district.people.audit import Audit
from district.people.two_people import settled
from district.scope import Duty, may
from district.store.people import ERASED
from district.store.port import Store
from district.store.registry import Registry
from watch.cases import STEPS, incidents_in


class Why(StrEnum):
    SUBJECT_REQUEST = "subject_request"
    MOVED_AWAY = "moved_away"
    DIED = "died"
    MISTAKE = "mistake"  # entered by mistake, or twice


class ErasureRefused(Exception):
    """`code`: `not_found`, `own_request` (one and the same person), `out_of_scope`, `unsettled` (one of the two is new to it:
    `district.people.two_people`), `incident_open` (somebody may be on their way to them, and would lose the name and the place)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Erasing:
    def __init__(self, store: Store, registry: Registry, audit: Audit) -> None:
        self._store, self._registry, self._audit = store, registry, audit

    def erase(
        self, person: str, why: Why, by: Account, second: Account, now: int, also: Sequence[str] = ()
    ) -> list[str]:
        """Wherever the person is known, and those in `also` (their contacts, say) wherever they are; where the person was. `now` in
        ms. Raises ErasureRefused, and then nothing was erased. Of `also`, who is known nowhere is passed over."""
        where = {one: sorted(self._where(one)) for one in (person, *also)}
        if not where[person]:
            raise ErasureRefused("not_found")
        if by.person == second.person:
            raise ErasureRefused("own_request")
        communities = {community for found in where.values() for community in found}
        if not all(may(one.grants, Duty.ERASE, community) for one in (by, second) for community in communities):
            raise ErasureRefused("out_of_scope")
        if not settled(self._audit, by.person, second.person, now):
            raise ErasureRefused("unsettled")
        ledger = StoreLedger(self._store)
        if any(incident.open for one in where for incident in incidents_in(ledger.about(one, STEPS))):
            raise ErasureRefused("incident_open")
        told = {"by": by.person, "with": second.person, "reason": why.value}
        for one, found in where.items():
            for community in found:
                self._audit.note(now, by.person, ERASED, one, community=community, **told)
                self._store.append_own(ERASED, community, one, now, told)
        return where[person]

    def _where(self, person: str) -> set[str]:
        """Where somebody is registered, and wherever else something is said about them; once they are erased, where they are
        registered anew."""
        known = self._registry.communities_of([person]).get(person, set())
        if self._registry.erased(person):
            return known
        return known | {item.event.community for item in self._store.about(person)}
