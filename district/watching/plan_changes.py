"""Changes of care plans, compared and set: a proposal made from the plan that stands becomes the next revision; any other is
refused with the reason, and what stands stays. Both answers are facts with one id: a proposal read twice is answered once."""

from collections.abc import Callable
from datetime import datetime

from domain.calendars import ORDINARY, Calendar
from domain.events import to_ms
from watch.ledger import Ledger, Seen
from watch.plan_payloads import begun
from watch.plans import NOT_THEIRS, PROPOSED, REFUSED, SET, SUPERSEDED, FactPlans, answer_id


class PlanChanges:
    """`follow` is told every fact in order, after the plans; `allowed(proposal)`: whether its author may change plans there."""

    def __init__(
        self, ledger: Ledger, plans: FactPlans, allowed: Callable[[Seen], bool] = lambda _proposal: True,
        calendar: Calendar = ORDINARY,
    ) -> None:  # fmt: skip
        self._ledger, self._plans, self._allowed, self._calendar = ledger, plans, allowed, calendar

    def follow(self, fact: Seen, now: datetime) -> None:
        if fact.kind != PROPOSED or fact.subject is None or not fact.payload:  # erased before it was answered
            return
        data, (standing, revision) = fact.payload, self._plans.standing(fact.subject)
        if not self._allowed(fact):
            because = NOT_THEIRS
        elif data.get("base") != standing:
            because = SUPERSEDED
        else:
            because = ""
        if because:
            told = {
                "proposal": fact.id,
                "because": because,
                "standing": standing,
                "revision": revision,
                "by": data.get("by"),
            }
        else:
            plan = {name: value for name, value in data.items() if name != "base"}
            plan = begun(plan, self._plans.payload(fact.subject), to_ms(now), self._calendar)
            told = {**plan, "revision": revision + 1, "proposal": fact.id}
        kind, id = REFUSED if because else SET, answer_id(fact.id)
        answer = self._ledger.add(kind, told, fact.community, fact.subject, to_ms(now), id)
        self._plans.heed(answer)  # the next proposal is compared with this one, not with what was read so far
