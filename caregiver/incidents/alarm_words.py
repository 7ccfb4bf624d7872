"""What the alarm says beneath who and where: the one thing to know before one goes, and whom the ladder calls next. No Qt."""

from datetime import datetime

from caregiver.incidents.at_gate import noticed, trouble
from caregiver.incidents.work import LastSign, Work
from caregiver.ui import Desk
from caregiver.wording import clock_span, sign, term
from domain.incident_kinds import TRANSFERRED, UNANSWERED, Kind
from domain.ladder_steps import NOT_ON_SCENE
from domain.subjects import is_crowd, is_stray

_OF_GATES = {Kind.GATE_NOTICE: noticed, Kind.GATE_TROUBLE: trouble, Kind.KIOSK_SILENT: trouble}


def to_know(desk: Desk, work: Work, last_sign: LastSign) -> str:
    """Who asks whoever sits here to go, and what there is to know besides."""
    return "\n".join(words for words in (_asked(desk, work), _besides(desk, work, last_sign)) if words)


def _asked(desk: Desk, work: Work) -> str:
    """Who handed it over or sent them, when, and with which words; '' where nobody did."""
    if (step := work.asked_of(desk.state.session.person)) is None:
        return ""
    key, at = "handed" if step.kind == TRANSFERRED else "sent", f"{desk.state.local(step.at):%H:%M}"
    note = desk.state.open_note(work.incident.elder, step.payload)
    return desk.tr(f"alarm.{key}", who=desk.state.name_of(step.by), at=at, note=note).strip()


def _besides(desk: Desk, work: Work, last_sign: LastSign) -> str:
    """Why it rings though somebody has it, that nobody has confirmed it, what is wrong with a gate or who is at it, or when they
    were last heard, and whether the sensors may have failed."""
    if not work.incident.confirmed:
        return desk.tr("alarm.unconfirmed")
    if is_crowd(work.incident.elder):
        return desk.tr("alarm.crowd", n=work.incident.evidence + 1)
    if is_stray(work.incident.elder):
        return desk.tr("alarm.stray")
    if work.incident.state not in UNANSWERED:  # somebody has it, and it rings all the same
        anew = work.incident.rings > work.incident.rings_heard
        return desk.language.tr(f"incident.reason.{'rings_again' if anew else NOT_ON_SCENE}")
    if (fell := work.fell_through) is not None:
        return desk.tr("alarm.fell_through", who=desk.state.name_of(fell.by), at=f"{desk.state.local(fell.at):%H:%M}")
    if work.incident.kind in _OF_GATES:
        return _OF_GATES[work.incident.kind](desk, work)
    doubt = desk.language.tr("incident.line.quiet_sensors") if work.incident.quiet_sensors else ""
    last = last_sign(work.incident.elder)
    if last is None:
        return doubt
    at, kind, place = last
    ago = desk.language.ago(desk.state.local(at), desk.state.now())
    heard = desk.tr("alarm.last", at=ago, what=sign(desk.language, kind, desk.place(place)))
    return f"{heard}\n{doubt}" if doubt else heard


def who_is_next(desk: Desk, work: Work, now: datetime) -> str:
    """Where the ladder is, and how long until it calls the next level."""
    level = term(desk.language, "level", str(int(work.incident.asks(work.incident.level))))
    leader = work.incident.leader
    if work.incident.state not in UNANSWERED and leader is not None:
        return desk.tr("alarm.taken", level=level, who=desk.state.name_of(leader))
    if work.next_level is None:
        return desk.tr("alarm.ladder_top", level=level)
    above, at = work.next_level
    name = term(desk.language, "level", str(int(above)))
    if at <= now:
        return desk.tr("alarm.ladder_now", level=level, next=name)
    return desk.tr("alarm.ladder", level=level, next=name, left=clock_span(desk.language, at - now))
