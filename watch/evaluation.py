"""The watch: reads new facts, asks the rules, appends what follows. The district runs it, and so does a desktop that is cut off.

Everything it derives has an id that follows from its cause, so reading a fact twice (the crash fell between the fact and the
cursor) changes nothing. What must be looked at later is a row with a time, never a timer.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from domain.assessment import Occurrence, State
from domain.calendars import ORDINARY, Calendar
from domain.careplan import CarePlan
from domain.checkins import EXCUSED, assess
from domain.events import from_ms, moment, to_ms
from domain.incident_kinds import OPENED, SILENCES, Kind
from domain.silences import SILENCE, Learned
from domain.watched import Source
from domain.windows import stamp
from watch.cases import Alarm, Cases, Ladders
from watch.device_news import BlindMeanwhile, DevicesBack
from watch.doubts import Doubts
from watch.falls import CONFIRMED, DOWNGRADED, ROW, FallStages
from watch.ledger import Ledger, Seen
from watch.outages import unheard
from watch.rows import Due, WatchRows
from watch.signs import KIOSK_GAPS, MUTE, SIGN_FACTS, SOURCE_FACTS, sign_of_life, sources

log = logging.getLogger(__name__)

ALARM_FACTS: Mapping[str, Kind] = {
    "sign.sos": Kind.SOS,
    "sign.fall": Kind.FALL,  # a device's own judgement: the clock starts at receipt
    CONFIRMED: Kind.FALL,
    "sign.smoke": Kind.SMOKE,
    "sign.gas": Kind.GAS,
    "sign.water_leak": Kind.WATER_LEAK,
    "sign.tamper": Kind.TAMPER,
    "sign.inactivity": Kind.INACTIVITY,
}
ELDER = "elder"
NEVER = datetime.min.replace(tzinfo=UTC)
HISTORY = timedelta(days=12)  # long enough to hold the last sign of every kind over the longest public holiday
SHORTLY = timedelta(minutes=5)  # after a failure
# Looking at an elder reads twelve days of signs: a quarter of a second where a home is heard a thousand times a day.
LOOKS = 5  # elders in one tick; an alarm that comes meanwhile is dealt with in the next
CALM = timedelta(minutes=5)  # signs of one whom nobody waits for are looked at together
BELIEVED_MS = 3_600_000  # a signal older than this at its receipt was kept on the way, or its clock stands
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)  # what bad data raises
_AGAIN = frozenset({*SIGN_FACTS, *SOURCE_FACTS, MUTE, "careplan.set", "consent.given", "consent.withdrawn"})


class Plans(Ladders, Protocol):
    """What was agreed with an elder, and what was learned of their days."""

    def plan(self, elder: str) -> CarePlan | None: ...

    def learned(self, elder: str, now: datetime) -> Learned | None: ...

    def learned_at(self, elder: str) -> datetime | None:
        """When what is known of an elder's days was learned."""

    def fresh(self) -> Iterable[tuple[str, str]]:
        """Of whom something else is known since this was last asked, and the community."""

    def elders(self) -> list[tuple[str, str]]:
        """Everybody with a plan, and the community it is kept in."""

    def community(self, elder: str) -> str | None:
        """Where the plan of an elder is kept; None without one."""

    def heed(self, fact: Seen) -> None:
        """A fact that may change a plan or what was learned."""


Follower = Callable[[Seen, datetime], None]


class Watch:
    """`tick` is called every second or so, by one scheduler; a second caller does no harm.

    `followers` are asked about every fact, in order and at least once (stages of a fall, for instance); `looks` are asked when
    a row of their kind is due, and answer with the next time or None.
    """

    def __init__(
        self,
        ledger: Ledger,
        rows: WatchRows,
        plans: Plans,
        cases: Cases,
        calendar: Calendar = ORDINARY,
    ) -> None:
        self.ledger, self.rows, self.plans, self.cases = ledger, rows, plans, cases
        self._calendar = calendar
        self._again: dict[str, tuple[str, datetime]] = {}  # elders to look at: where, and from when on
        self._calm: dict[str, datetime] = {}  # when nothing was found that a sign of life would end
        self.behind_gates: dict[str, str] = {}  # of whom nobody sees while a gate is silent, when last looked at: where
        self.kiosks: Callable[[str], Sequence[Source]] = lambda _community: ()  # what stands at a community's gates
        self.followers: list[Follower] = [self._follow]
        # what followers gathered must be durable by then
        self.before_advancing: list[Callable[[datetime], None]] = [self._settle]
        falls = FallStages(ledger, rows)
        self.followers += [falls.follow, Doubts(ledger, cases).follow, BlindMeanwhile(ledger, cases).follow]
        self.followers.append(DevicesBack(ledger, cases).follow)
        self.looks: dict[str, Callable[[Due, datetime], datetime | None]] = {ELDER: self._look, ROW: falls.look}

    def tick(self, now: datetime) -> int:
        """Deal with everything new, and with what is due, of elders `LOOKS` at most; how many facts and rows that was."""
        for elder, _where in self.plans.fresh():
            self._look_again(elder, now)
        self._settle(now)
        return self.cases.tell(now) + self._read(now) + self._due(now)

    def _read(self, now: datetime) -> int:
        count = 0
        while True:
            facts, cursor = self.ledger.since(self.rows.cursor)
            for fact in facts:
                self.follow(fact, now)
            if not facts:
                return count
            for settle in self.before_advancing:
                settle(now)
            self.rows.advance(cursor)
            count += len(facts)

    def follow(self, fact: Seen, now: datetime) -> None:
        """Let everybody who follows see one fact; again does no harm."""
        for follow in self.followers:
            self.ask(follow, fact, now)

    @staticmethod
    def ask(follow: Follower, fact: Seen, now: datetime) -> None:
        """A fact that makes no sense is passed over, or nobody's alarm behind it would ever be heard; what a disk or a
        database says goes up, and the fact is read again."""
        try:
            follow(fact, now)
        except UNREADABLE:
            log.exception("could not follow %s %s", fact.kind, fact.id)

    def _follow(self, fact: Seen, now: datetime) -> None:
        self.plans.heed(fact)
        self.cases.heed(fact)
        if fact.subject is None:
            return
        if (kind := ALARM_FACTS.get(fact.kind)) is not None:
            self.cases.signal(_alarm(fact, kind, fact.subject), fact.community, now)
        elif fact.kind == DOWNGRADED:
            self._add_doubt(fact, fact.subject, now)
        if fact.kind == OPENED:
            self._calm.pop(fact.subject, None)
        if fact.kind in _AGAIN:
            self._look_again(fact.subject, now, fact.kind in SIGN_FACTS)
        elif fact.kind in KIOSK_GAPS:  # everybody who is seen at this gate
            for elder, where in self.plans.elders():
                if where == fact.community:
                    self._look_again(elder, now)

    def _look_again(self, elder: str, now: datetime, sign: bool = False) -> None:
        """A deadline that comes before then is looked at in time, with all signs: nobody is rung for one that waits here.

        Whoever calls for them is of the community that keeps the plan, wherever a door contact was left behind.
        """
        where = self.plans.community(elder)
        if where is None:
            return
        calm = self._calm.get(elder) if sign else None
        at = calm + CALM if calm is not None and calm <= now < calm + CALM else now
        self._again[elder] = (where, min(at, self._again.get(elder, ("", at))[1]))

    def _settle(self, _now: datetime) -> None:
        again, self._again = self._again, {}
        self.rows.set_all([(ELDER, elder, where, to_ms(at)) for elder, (where, at) in again.items()])

    def _add_doubt(self, fact: Seen, elder: str, now: datetime) -> None:
        """A device that takes its word back is told to those who are on their way; only they end the incident."""
        detail = {"reason": "fall_downgraded", "sign": "cancel", "tells": True}
        at, of = from_ms(min(fact.at, fact.received)), fact.payload.get("fall")
        for incident in self.cases.of(elder, now):
            its = (
                of in (None, incident.id) and at >= incident.happened_at
            )  # and not of another fall, or before this one
            if incident.open and incident.kind is Kind.FALL and its:
                self.cases.note(incident, fact.id, from_ms(fact.at), fact.community, detail)

    def _due(self, now: datetime) -> int:
        return self.look_at(self.rows.due(to_ms(now), ELDER, LOOKS), now)

    def look_at(self, rows: Sequence[Due], now: datetime) -> int:
        """Look at what is due; how many rows that was."""
        for row in rows:
            look = self.looks.get(row.kind)
            try:
                following = look(row, now) if look else None
            except Exception:  # one elder's broken data must not silence the others
                log.exception("could not look at %s %s", row.kind, row.key)
                following = now + SHORTLY
            self.rows.done(row, None if following is None else to_ms(following))
        return len(rows)

    def _look(self, row: Due, now: datetime) -> datetime | None:
        """Ask the rules about one elder; when to ask again."""
        elder = row.key
        plan, community = self.plans.plan(elder), self.plans.community(elder)
        if plan is None or community is None:
            self.behind_gates.pop(elder, None)
            return None
        facts = self.ledger.about(elder, tuple(SIGN_FACTS), to_ms(now - HISTORY))
        signs = [sign for fact in facts if (sign := sign_of_life(fact)) is not None]
        mute = self.ledger.about(elder, (MUTE,), to_ms(now - HISTORY))
        seen = [*sources([*self.ledger.about(elder, SOURCE_FACTS), *mute], signs), *self.kiosks(community)]
        silences = [i for i in self.cases.of(elder, now) if i.open and i.kind in SILENCES]
        since = min((i.started_at for i in silences), default=now) - timedelta(hours=48)
        found = assess(
            plan,
            signs,
            now,
            sources=seen,
            calendar=self._calendar,
            learned=self.plans.learned(elder, now),
            since=since,
            unheard=unheard(self.ledger, community, elder, now - HISTORY),
        )
        if found.state is State.BLIND and any(end is None for s in seen if s.kiosk for _, end in s.gaps):
            self.behind_gates[elder] = community
        else:
            self.behind_gates.pop(elder, None)
        late: dict[str, Occurrence] = {}
        # What a rule that was learned or agreed since would have rung for, and has ended: nobody was to be called for it then.
        calm, taught = self._calm.get(elder) or NEVER, self.plans.learned_at(elder) or NEVER
        ruled = {SILENCE: max(calm, taught)}  # since when the rules are what they are, as far as is known
        rung = {i.id for i in silences}
        occurrences = [
            o
            for o in found.occurrences
            if o.resolved_at is None or (o.kind in SILENCES and (o.id in rung or o.ring_at > ruled.get(o.rule, calm)))
        ]
        for o in occurrences:
            detail: dict[str, Any] = {"since": o.since.isoformat(), "deadline": o.at.isoformat(), "plan": plan.revision}
            if o.mute:
                detail["quiet_sensors"] = True
            self.cases.raise_(Alarm(elder, o.kind, o.rule, o.id, o.id, o.at, detail, o.id), community, now)
            if o.resolved_at is not None:
                late[o.id] = o
        for incident in self.cases.of(elder, now) if late else ():
            if incident.id in late and incident.open and not incident.resolved_by_late_evidence:
                self.cases.resolve(incident, late[incident.id], community)
        for reminder in found.reminders:
            payload = {"window": reminder.window, "due": to_ms(reminder.due), "by": "system"}
            self.ledger.add("reminder.due", payload, community, elder, to_ms(reminder.at), reminder.id)
        open_ = [(s, at) for s in seen if not s.kiosk for at, end in s.gaps if end is None and at not in s.shared]
        blind = [at + (max(plan.blind_after, EXCUSED) if at in s.excused else plan.blind_after) for s, at in open_]
        if silences or late or occurrences:
            self._calm.pop(elder, None)
        else:
            self._calm[elder] = now
        meanwhile = [s.at for s in signs if s.at > now]  # heard since this tick began: nothing was made of it yet
        return min(
            (at for at in (found.look_at, *blind, *meanwhile) if at is not None and at > now),
            default=None,
        )


def _alarm(fact: Seen, kind: Kind, elder: str) -> Alarm:
    data = fact.payload
    happened = from_ms(min(fact.at, fact.received))
    detail = {name: data.get(name) for name in ("device", "source", "place", "position", "score")}
    detail["exercise"] = data.get("exercise") is True
    detail |= {"signal": fact.id, "received": fact.received}
    if fact.kind == CONFIRMED:  # the event's time is the impact, the ladder's clock starts at the confirmation
        happened = moment(data.get("impact")) or happened
        return Alarm(elder, kind, kind.value, stamp(happened), fact.id, happened, detail, str(data.get("fall", "")))
    # The time of the press names it, for the same press may come by two roads. A clock that stands still would give every press
    # one name, and the first incident, long closed, would swallow the next: then the time of receipt names it.
    named = fact.at if 0 <= fact.received - fact.at <= BELIEVED_MS else fact.received
    occurrence = stamp(from_ms(named)) if kind is Kind.FALL else str(named)
    rule = f"{kind.value} drill" if detail["exercise"] else kind.value
    return Alarm(elder, kind, rule, occurrence, fact.id, happened, detail)
