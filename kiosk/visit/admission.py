"""One attempt judged: the verdict, its record, and the notice to the staff where there is one."""

from datetime import datetime

from domain.identification import Decision
from domain.passages import Attempt, Verdict, judge
from kiosk.visit.effects import GateDid, NotifyStaff, RecordPassage
from kiosk.visit.events import CredentialAccepted
from kiosk.visit.settings import Knows


def admission(
    attempt: Attempt,
    knows: Knows,
    fire: bool,
    now: datetime,
    decision: Decision | None,
    credential: CredentialAccepted | None,
    by: str,
) -> tuple[RecordPassage, Verdict, list[NotifyStaff]]:
    """The record says that the gate stayed shut until the gate itself has answered. `by` is who of the staff opened."""
    last = knows.last(attempt.person_id) if attempt.person_id else None
    verdict = judge(attempt, knows.rules(), knows.blocked(), last, fire, now)
    record = RecordPassage(
        ref=decision.visit_id if decision else knows.new_id(),
        at=now,
        method=attempt.method,
        direction=verdict.direction,
        gate=GateDid.SHUT,
        person_id=attempt.person_id or None,
        ruling=verdict.ruling,
        credential=credential.reference if credential else "",
        once=credential.once if credential else False,
        by=by,
        decision=decision,
    )
    notice = [NotifyStaff(verdict.ruling, attempt.person_id, attempt.method, now)] if verdict.notice else []
    return record, verdict, notice
