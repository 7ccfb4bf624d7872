"""The plans of everybody, and their communities' ladders, as a fold over facts (`watch.plan_payloads`: what is in a plan)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from domain.careplan import CarePlan
from domain.consent import GIVEN, WITHDRAWN, Purpose
from domain.events import derived_id
from domain.incident_kinds import OF_EQUIPMENT, TECHNICAL, Kind, Level, Severity
from domain.ladder_steps import Ladder, default_ladder, everyone_at
from domain.routine import Routine
from domain.silences import Learned
from domain.subjects import is_stray
from offline.roster import ERASED
from watch.consents import Consents
from watch.learning import Learner
from watch.ledger import Ledger, Seen, said_before
from watch.plan_payloads import home_of, or_else, plan_of, rest_of, revision_of

PROPOSED = (
    "careplan.proposed"  # by a desk: the plan, and `base`, the id of the `careplan.set` it was made from ('': of none)
)
SET = "careplan.set"  # by the district alone: a proposal that was taken; `proposal` names it
REFUSED = "careplan.refused"  # by the district: `proposal`, `because`, and which plan stands (`standing`, `revision`)
LADDER_SET = (
    "config.ladder_set"  # payload: name, and the ladder in `Ladder.plain`'s form; severity where it is for one only
)
SUPERSEDED = "superseded"  # because: somebody else's change was taken first
NOT_THEIRS = "out_of_scope"  # because: who proposed it may not change plans there


def answer_id(proposal: str) -> str:
    """The id of the district's answer to a proposal: of the plan itself, where it is taken."""
    return derived_id(proposal, "careplan.answer")


class FactPlans:
    """Everybody's plan, consents and ladder as the facts so far have it; fed by the watch in the order of the ledger.

    The district decides which plan stands (`district.watching.plan_changes`); a later revision wins, the first of its number stays.
    Consents come from the ledger of consents and not from the plan's own list.
    """

    def __init__(self, learner: Learner | None = None) -> None:
        self._plans: dict[str, Mapping[str, Any]] = {}
        self._where: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._rests: dict[
            str, dict[str, tuple[int, int | None]]
        ] = {}  # of each paused device, from when until when (ms)
        self._consents = Consents()
        self._ladders: dict[tuple[str, str, Severity | None], Ladder] = {}  # by community, name and severity
        self._drawn: dict[tuple[str, str, Severity | None], Seen] = {}
        self._learner = learner

    def recall(self, ledger: Ledger) -> None:
        """Take in what was agreed before this program started."""
        for fact in ledger.told((SET, GIVEN, WITHDRAWN, LADDER_SET, ERASED)):
            self.heed(fact)
        self._forget_the_gone()

    def heed(self, fact: Seen) -> None:
        elder, data = fact.subject, fact.payload
        if fact.kind == SET and elder is not None and data:  # else the elder is erased
            before = self._plans.get(elder, {})
            if not before or revision_of(data) > revision_of(before):
                self._plans[elder], self._where[elder], self._ids[elder] = data, fact.community, fact.id
                self._note_rests(elder, min(fact.at, fact.received))
        elif fact.kind in (GIVEN, WITHDRAWN) and elder is not None:
            self._consents.heed(fact)
        elif fact.kind == ERASED and elder is not None and self._where.get(elder) == fact.community:
            for known in (self._plans, self._where, self._ids, self._rests):
                known.pop(elder, None)
            self._consents.forget(elder)
            self._forget_the_gone()
        elif fact.kind == LADDER_SET:
            which = (fact.community, str(data.get("name", "")), or_else(lambda: Severity(data["severity"]), None))
            if not said_before(fact, self._drawn.get(which)):
                self._ladders[which], self._drawn[which] = Ladder.of(data), fact

    def elders(self) -> list[tuple[str, str]]:
        """Everybody with a plan, and the community it is kept in."""
        return sorted(self._where.items())

    def community(self, elder: str) -> str | None:
        """Where the plan of an elder is kept; None without one."""
        return self._where.get(elder)

    def standing(self, elder: str) -> tuple[str, int]:
        """Which plan is in force: the id of its fact and its revision; ('', 0) where there is none."""
        found = self._plans.get(elder)
        return ("", 0) if found is None else (self._ids[elder], revision_of(found))

    def payload(self, elder: str) -> Mapping[str, Any] | None:
        """The plan in force as it was written."""
        return self._plans.get(elder)

    def plan(self, elder: str) -> CarePlan | None:
        found = self._plans.get(elder)
        if found is None:
            return None
        rests = [(device, a, b) for device, (a, b) in self._rests.get(elder, {}).items() if b is not None]
        if (lapse := self._consents.lapse(elder, Purpose.HOME_MONITORING)) is not None:
            rests.append(("", *lapse))
        spans = [or_else(partial(rest_of, *rest), None) for rest in rests]
        return replace(plan_of(elder, found), consents=self._consents.of(elder), rests=tuple(filter(None, spans)))

    def _note_rests(self, elder: str, now: int) -> None:
        """Note which devices are paused from `now` on, and which are listened to again."""
        rests, paused = self._rests.setdefault(elder, {}), self.paused(elder)
        for device in paused:
            if device not in rests or rests[device][1] is not None:
                rests[device] = now, None
        for device, (begun, end) in list(rests.items()):
            if end is None and device not in paused:
                rests[device] = begun, now

    def paused(self, elder: str) -> frozenset[str]:
        """The devices that the elder does not want to be heard by now. Any thread."""
        return frozenset(map(str, self._plans.get(elder, {}).get("paused") or ()))

    def ladder(self, elder: str, kind: Kind, severity: Severity, community: str) -> Ladder:
        """The plan's own ladder, that of its name, or the default with the plan's caregiver and contacts first.

        Named, and a community's own, are those of the community that keeps the plan; without one, of the alarm's `community`.
        """
        data = self._plans.get(elder, {})
        name = data.get("ladder") or ""
        if isinstance(name, Mapping):
            return Ladder.of(name)
        where = self._where.get(elder, community)
        for key in ((where, str(name), severity), (where, str(name), None)):
            if key in self._ladders:
                return self._ladders[key]
        if kind in OF_EQUIPMENT or is_stray(elder):  # those of the community are asked first
            return default_ladder(severity, (everyone_at(Level.COMMUNITY),))
        home = () if kind in TECHNICAL else home_of(data)
        return default_ladder(severity, home, bool(data.get("call_elder_first")) and kind not in TECHNICAL)

    def learned(self, elder: str, now: datetime) -> Learned | None:
        plan = self.plan(elder)
        if plan is None or self._learner is None:
            return None
        return self._learner(plan, now, self._where[elder])

    def learn_ahead(self, elder: str, now: datetime) -> bool:
        """Learn somebody's days before they are asked about; whether there was anything to learn."""
        plan = self.plan(elder)
        if plan is None or not plan.watches_home or self._learner is None:
            return False
        return self._learner.renew(plan, now, self._where[elder])

    def learned_at(self, elder: str) -> datetime | None:
        """When what is known of an elder's days was learned; None where nothing is."""
        return None if self._learner is None else self._learner.learned_at(elder)

    def routine(self, elder: str) -> Routine | None:
        """What was learned of somebody's days. Any thread."""
        return None if self._learner is None else self._learner.routine(elder)

    def fresh(self) -> list[tuple[str, str]]:
        """Of whom something else is known since this was last asked, and where: their days were learned beside the watch."""
        found = list(self._learner.fresh()) if self._learner is not None else []
        if not self._where.keys() >= set(found):  # erased while their days were learned
            self._forget_the_gone()
        return [(elder, self._where[elder]) for elder in found if elder in self._where]

    def _forget_the_gone(self) -> None:
        if self._learner is not None:
            self._learner.keep_only(self._plans)
