"""Who is called next about an incident, and when: one pure function that climbs a ladder.

`next_steps` answers from (incident, where its ladder stands, now). Nothing waits in a timer: the moment of the next step is
`Standing.due_at`, a stored column that a tick reads. Time here is the ladder's own, which never runs backwards (`LadderClock`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.events import derived_id
from domain.incident import Incident
from domain.incident_kinds import DEADLINES, SILENCES, UNANSWERED, Level, Severity, State
from domain.ladder_steps import (
    AGAIN,
    CHECK_EVERY,
    NOT_ON_SCENE,
    RESPONSIBLE,
    RINGS_AGAIN,
    SECOND,
    STALE,
    Act,
    Ladder,
    Rung,
    everyone_at,
    unroll,
    zone_of,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one incident's ladder stands: a row. Times are the ladder's."""

    phase: str = ""
    round: int = 0  # of the clock: `Incident.starts`
    round_at: datetime | None = None
    phase_at: datetime | None = None
    from_level: Level = Level.HOME
    position: int = 0
    informed: int = 0
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A step to take now. `ref` is the same after a crash, so that a repeat can be recognised as one."""

    ref: str
    incident: str
    act: Act
    level: Level
    who: tuple[str, ...]
    reason: str
    due_at: datetime
    about: str = ""  # INFORM: the id of the fact to tell of


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps that are due, and the standing once they are committed."""

    steps: tuple[Due, ...]
    standing: Standing


@dataclass(frozen=True, slots=True)
class LadderClock:
    """A clock that never runs backwards: what the wall clock loses in a jump back is added to `shift`.

    So a deadline set before the jump still comes when its wait is over; a jump forward makes steps early, never late.
    """

    shift: timedelta = timedelta(0)
    last: datetime | None = None

    def read(self, wall: datetime) -> "LadderClock":
        lost = self.last - wall if self.last is not None and wall < self.last else timedelta(0)
        return LadderClock(self.shift + lost, wall)

    @property
    def now(self) -> datetime:
        """The ladder's time at the last reading; raises ValueError before the first."""
        if self.last is None:
            raise ValueError("the clock was never read")
        return self.last + self.shift


def phase_of(incident: Incident) -> str:
    """What the ladder waits for now, and for the how-manieth time; '' when nothing is awaited any more."""
    n = f"{incident.round}.{incident.sought}.{incident.rings_heard}" + (f".{incident.turns}" if incident.turns else "")
    if incident.state in UNANSWERED:
        return f"resolved/{n}" if incident.resolved_by_late_evidence else f"seek/{n}"
    if incident.state is State.ACCEPTED:
        return f"accepted/{n}"
    if incident.state is State.HANDLING:
        unheard = "!" if incident.unheard else ""  # nobody at work on it has said that they know
        return f"moving/{n}{unheard}" if incident.on_scene_at is None else f"report/{n}{unheard}"
    if incident.state in (State.FEEDBACK, State.CHECKED, State.CLOSED_REVIEW_DUE):
        return f"{incident.state.value}/{incident.round}"
    return ""


def next_steps(incident: Incident, standing: Standing, now: datetime, shift: timedelta = timedelta(0)) -> Plan:
    """Everything due at the ladder's time `now`, and when to look again.

    `shift` is the ladder clock's, by which the receive times in the incident are read. Of steps that were missed together
    (the server was down) each different one comes once; the district's alarm goes on for as long as nobody answers.
    """
    news = tuple(step for id in incident.news[standing.informed :] for step in _news(incident, id, now))
    phase = phase_of(incident)
    if phase == standing.phase and not news and standing.due_at is not None and standing.due_at > now:
        return Plan((), standing)
    here = standing if phase == standing.phase else _entered(incident, standing, phase, now, shift)
    here = replace(here, informed=len(incident.news))
    if not phase:
        return Plan(news, replace(here, due_at=None))
    rungs, again = _rungs(incident, here)
    due: dict[tuple[Act, Level, tuple[str, ...], str], Due] = {}
    position = here.position
    while (at := _at(rungs, again, position, here)) <= now:
        if position >= len(rungs):  # of the repeats at the top only the latest counts
            position += (now - at) // again
        rung = rungs[min(position, len(rungs) - 1)]
        if _hour_fits(rung, incident, at - shift):
            ref = derived_id(incident.id, phase, str(position))
            due[rung.act, rung.level, rung.who, rung.reason] = Due(
                ref, incident.id, rung.act, rung.level, rung.who, rung.reason, at
            )
        position += 1
        if rung.act is Act.ESCALATE and phase.startswith("accepted"):
            break  # the acceptance is void, and the next phase begins with the fact
    following = _at(rungs, again, position, here)
    return Plan((*due.values(), *news), replace(here, position=position, due_at=following))


def hurried(incident: Incident, standing: Standing, now: datetime) -> Standing:
    """The same ladder with its next escalation due now: nobody at this level could be reached."""
    if not standing.phase.startswith("seek") or standing.phase_at is None:
        return standing
    rungs, again = _rungs(incident, standing)
    for position in range(standing.position, len(rungs)):
        if rungs[position].act is Act.ESCALATE:
            early = _at(rungs, again, position, standing) - now
            if early <= timedelta(0):
                return standing
            return replace(standing, phase_at=standing.phase_at - early, due_at=now)
    return standing


def _news(incident: Incident, id: str, now: datetime) -> Iterator[Due]:
    """A step of somebody's: whom it sends is rung, whatever the ladder says, and everyone responsible hears of it. A further press
    rings all of them, and whoever is on call where the ladder stands."""
    if id in incident.rung_by:
        ref, who = derived_id(incident.id, "rung", id), (RESPONSIBLE, everyone_at(incident.asks(incident.level)))
        yield Due(ref, incident.id, Act.ALARM, incident.level, who, RINGS_AGAIN, now)
        return
    to = next((people for step, people in incident.sent if step == id), ())
    if to and incident.state in UNANSWERED:
        ref = derived_id(incident.id, "sent", id)
        yield Due(ref, incident.id, Act.ALARM, incident.level, to, "assigned", now)
    ref = derived_id(incident.id, "news", id)
    yield Due(ref, incident.id, Act.INFORM, incident.level, (RESPONSIBLE,), "news", now, id)


def _entered(incident: Incident, before: Standing, phase: str, now: datetime, shift: timedelta) -> Standing:
    fresh = before.round != incident.starts or before.round_at is None
    # of presses that nobody answers the first counts: each further one would put the next level off
    began = incident.unheard_since if phase.endswith("!") and incident.unheard_since else incident.changed_at
    return Standing(
        phase=phase,
        round=incident.starts,
        round_at=min(incident.started_at + shift, now) if fresh else before.round_at,
        phase_at=min(began + shift, now),
        from_level=incident.from_level,
        informed=before.informed,
    )


def _at(rungs: Sequence[Rung], again: timedelta, position: int, standing: Standing) -> datetime:
    rung = rungs[min(position, len(rungs) - 1)]
    base = standing.round_at if rung.whole else standing.phase_at
    assert base is not None
    return base + rung.after + again * max(0, position - len(rungs) + 1)


def _hour_fits(rung: Rung, incident: Incident, wall: datetime) -> bool:
    if rung.hours is None or incident.severity is Severity.P1:  # quiet hours never hold a life-safety alarm
        return True
    hour = wall.astimezone(zone_of(incident.ladder)).hour
    first, last = rung.hours
    return first <= hour < last if first <= last else hour >= first or hour < last


def _rungs(incident: Incident, here: Standing) -> tuple[tuple[Rung, ...], timedelta]:
    severity, level = incident.severity, here.from_level
    ladder, again = Ladder.of(incident.ladder), AGAIN[severity]
    deadlines = DEADLINES[severity]
    feedback = deadlines.feedback
    if incident.extended_until is not None:
        feedback = max(feedback, incident.extended_until - incident.started_at)
    remind_feedback = Rung(feedback, Act.REMIND, level, (RESPONSIBLE, everyone_at(level)), "feedback_due", whole=True)
    match here.phase.partition("/")[0]:
        case "seek":
            return unroll(ladder, severity, level), again
        case "resolved":
            told = Rung(timedelta(0), Act.REMIND, level, (RESPONSIBLE,), "resolved_by_late_evidence")
            return (*([told] if incident.kind in SILENCES else []), remind_feedback), CHECK_EVERY
        case "accepted" | "moving" | "report" as name:
            rungs = [remind_feedback]
            if here.phase.endswith("!"):
                rungs += _pressed_again(severity, incident.asks(level))
            if name == "accepted":
                stale = STALE[severity] if ladder.stale_after_s is None else ladder.stale_after_s * SECOND
                rungs.append(Rung(stale, Act.ESCALATE, _above(level), (), "stale"))
            if name != "report" and deadlines.on_scene is not None and deadlines.on_scene_limit is not None:
                rungs.append(Rung(deadlines.on_scene, Act.REMIND, level, (RESPONSIBLE,), NOT_ON_SCENE, whole=True))
                late, above = _limit(deadlines.on_scene, deadlines.on_scene_limit, here), _above(level)
                rungs.append(Rung(late, Act.ESCALATE, above, (), NOT_ON_SCENE, whole=True))
                rungs.append(Rung(late, Act.ALARM, above, (everyone_at(above),), NOT_ON_SCENE, whole=True))
            return tuple(sorted(rungs, key=lambda r: _base(here, r) + r.after)), max(again, 900 * SECOND)
        case _:
            who = (RESPONSIBLE, everyone_at(Level.COMMUNITY))
            return (Rung(CHECK_EVERY, Act.REMIND, Level.COMMUNITY, who, "check_due"),), CHECK_EVERY


def _limit(aimed: timedelta, limit: timedelta, here: Standing) -> timedelta:
    """How long after the start those above are called. Whoever took it only after that has as long as lies between the aim and the
    limit: called away at once, nobody could take it any more, and the desks would ring on whatever was answered."""
    assert here.round_at is not None
    assert here.phase_at is not None
    spent = here.phase_at - here.round_at
    return limit if spent < limit else spent + limit - aimed


def _pressed_again(severity: Severity, level: Level) -> list[Rung]:
    """Called again while people are at work: they may have left, so it climbs until somebody says that they know."""
    floors = (timedelta(0), *DEADLINES[severity].accept)
    rungs: list[Rung] = []
    for higher in list(Level)[level:]:
        after = floors[higher] - floors[level]
        if higher > level:
            rungs.append(Rung(after, Act.ESCALATE, higher, (), RINGS_AGAIN))
        rungs.append(Rung(after, Act.ALARM, higher, (RESPONSIBLE, everyone_at(higher)), RINGS_AGAIN))
    return rungs


def _base(standing: Standing, rung: Rung) -> datetime:
    base = standing.round_at if rung.whole else standing.phase_at
    assert base is not None
    return base


def _above(level: Level) -> Level:
    return Level(min(level + 1, Level.DISTRICT))
