"""Runs the ladders: reads the rows that are due, climbs (`domain.ladder.next_steps`), queues what must be handed over.

Facts come first and have ids that follow from the step, rows after them in one transaction with the queued notices: whatever a
crash leaves half done is done again and changes nothing twice. Only the district runs this.
"""

import logging
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from district.reaching.handovers import Handover, Handovers, queue
from domain.events import derived_id, from_ms, to_ms
from domain.incident import Incident
from domain.incident_kinds import ESCALATED, EXTENSION_ASKED, NOTICE_FAILED, NOTICE_SENT, OPENED, Level
from domain.incident_table import FOLDED
from domain.incidents import fold
from domain.ladder import Due, LadderClock, Standing, hurried, next_steps, phase_of
from domain.ladder_steps import ELDER, RESPONSIBLE, Act, everyone_at
from watch.cases import Ladders
from watch.ledger import Ledger, Seen
from watch.rows import Execute, Sql

TABLES = (
    """CREATE TABLE IF NOT EXISTS ladder_rows (
        incident TEXT NOT NULL, community TEXT NOT NULL, elder TEXT NOT NULL, phase TEXT NOT NULL, round BIGINT NOT NULL,
        round_at BIGINT, phase_at BIGINT, from_level BIGINT NOT NULL, position BIGINT NOT NULL, informed BIGINT NOT NULL,
        due BIGINT, rev BIGINT NOT NULL, PRIMARY KEY (incident, community)
    )""",
    "CREATE INDEX IF NOT EXISTS ladder_rows_due ON ladder_rows (due) WHERE due IS NOT NULL",
    "CREATE TABLE IF NOT EXISTS ladder_clock (id BIGINT PRIMARY KEY, shift BIGINT NOT NULL, last BIGINT NOT NULL)",
)
_ROW = "incident, community, elder, phase, round, round_at, phase_at, from_level, position, informed, due, rev"
_BATCH = 500
_KEEP_CLOCK = timedelta(seconds=10)
_AFTER_FAILURE = timedelta(seconds=5)
log = logging.getLogger(__name__)


class People(Protocol):
    """Who stands behind a ladder's words."""

    def on_call(self, word: str, community: str, elder: str, at: datetime) -> Sequence[str]:
        """Person ids for "roster:NAME" or "level:N" at `at`; none is a hole in the rota."""

    def on_leave(self, person: str, community: str, at: datetime) -> bool:
        """Whether somebody whom a ladder names cannot be asked now."""


@dataclass(frozen=True, slots=True)
class Row:
    """One incident's ladder, in the community whose it is: what another one writes under its id climbs, if at all, by itself."""

    incident: str
    community: str
    elder: str
    standing: Standing
    rev: int


@dataclass(frozen=True, slots=True)
class Move:
    """What one look at a ladder came to, to be stored together with what it queued."""

    row: Row
    standing: Standing
    queued: tuple[Handover, ...] = ()
    steps: int = 0
    over: bool = False


class LadderRunner:
    """`follow` is told every incident fact, `tick` is called every second; both from one thread."""

    def __init__(self, ledger: Ledger, sql: Sql, people: People, handovers: Handovers, ladders: Ladders) -> None:
        self._ledger, self._sql, self._people, self._handovers = ledger, sql, people, handovers
        self._ladders = ladders
        sql.write(lambda execute: [execute(statement) for statement in TABLES])
        self._clock = self._stored_clock()
        self._hurried: deque[str] = deque()
        self._changed: dict[tuple[str, str], str] = {}  # incident and community: whose it is

    def follow(self, fact: Seen, _now: datetime) -> None:
        """An incident changed: its ladder will be looked at. Durable after `settle`."""
        incident = fact.payload.get("incident")
        if fact.kind.startswith("incident.") and incident and fact.subject is not None:
            self._changed[str(incident), fact.community] = fact.subject

    def settle(self, _now: datetime) -> None:
        """Keep what was followed; before the reader's cursor moves on."""
        changed, self._changed = self._changed, {}

        def work(execute: Execute) -> None:
            for (incident, community), elder in changed.items():
                execute(
                    f"INSERT INTO ladder_rows ({_ROW}) VALUES (?, ?, ?, '', 0, NULL, NULL, 0, 0, 0, 0, 1)"
                    " ON CONFLICT (incident, community) DO UPDATE SET due = 0, rev = ladder_rows.rev + 1",
                    (incident, community, elder),
                )

        if changed:
            self._sql.write(work)

    def now(self, wall: datetime) -> datetime:
        """The ladder's time; a jump back of the wall clock is stored before anything is done in it."""
        clock = self._clock.read(wall)
        stale = self._clock.last is None or clock.shift != self._clock.shift or wall - self._clock.last > _KEEP_CLOCK
        self._clock = clock
        if stale:
            self._sql.write(
                lambda execute: execute(
                    "INSERT INTO ladder_clock (id, shift, last) VALUES (1, ?, ?)"
                    " ON CONFLICT (id) DO UPDATE SET shift = excluded.shift, last = excluded.last",
                    (clock.shift // timedelta(milliseconds=1), to_ms(wall)),
                )
            )
        return clock.now

    def tick(self, wall: datetime) -> int:
        """Climb every ladder that is due; how many steps were taken."""
        now = self.now(wall)
        steps = 0
        while self._hurried:
            self._hurry(self._hurried.popleft(), now)
        while rows := self._due(to_ms(now)):
            moves = [self._try(row, now) for row in rows]
            self._store(moves)
            steps += sum(move.steps for move in moves)
            for move in moves:
                if move.over:
                    self._handovers.forget(move.row.incident, move.row.community)
        return steps

    def _try(self, row: Row, now: datetime) -> Move:
        try:
            return self._climb(row, now)
        except Exception:  # one incident's broken data must not hold up the others
            log.exception("could not climb the ladder of incident %s", row.incident)
            return Move(row, replace(row.standing, due_at=now + _AFTER_FAILURE))

    def _due(self, now: int) -> list[Row]:
        rows = self._sql.read(
            f"SELECT {_ROW} FROM ladder_rows WHERE due IS NOT NULL AND due <= ? ORDER BY due LIMIT ?", (now, _BATCH)
        )
        return [_row(row) for row in rows]

    def _climb(self, row: Row, now: datetime) -> Move:
        facts = self._history(row)
        history = [f.event() for f in facts]
        incident = fold(history)
        if incident is None:  # erased, or its opening has not come yet
            return Move(row, Standing())
        incident = self._under(incident, facts)
        shift = self._clock.shift
        plan = next_steps(incident, row.standing, now, shift)
        standing, queued = plan.standing, list[Handover]()
        alarmed: set[str] = set()
        for derived in plan.steps:
            step = replace(derived, ref=derived_id(derived.ref, row.community))  # what climbs elsewhere has other names
            if step.act is Act.ESCALATE:
                self._escalate(step, row, now - shift, shift)
                continue
            called = self._called(step, incident, row, now - shift)
            people = [p for p in called if p not in alarmed]
            if step.act is Act.INFORM:  # not of what they did themselves, nor of an alarm they get anyway
                told = next((e for e in history if e.id == step.about), None)
                # those who may allow it, though none of them was called yet
                if told is not None and told.kind == EXTENSION_ASKED:
                    above = self._people.on_call(everyone_at(Level.COMMUNITY), row.community, row.elder, now - shift)
                    people = list(dict.fromkeys([*people, *above]))
                people = [p for p in people if told is None or p != told.by]
            elif step.act is Act.ALARM:
                alarmed |= set(people)
                if not called:
                    self._hole(step, row, now - shift)
                    standing = hurried(incident, standing, now)
            queued += [_handover(step, incident, row, person, now) for person in people]
        return Move(row, standing, tuple(queued), len(plan.steps), over=not phase_of(incident))

    def _called(self, step: Due, incident: Incident, row: Row, wall: datetime) -> list[str]:
        """Whom a step reaches. Where all whom an alarm names are on leave, whoever is on duty at the level stands in for them."""
        people = self._resolve(step, incident, row, wall)
        if step.act is not Act.ALARM:
            return people
        there = [p for p in people if not self._people.on_leave(p, row.community, wall)]
        stand_in = people and not there
        return (
            list(self._people.on_call(everyone_at(step.level), row.community, row.elder, wall)) if stand_in else there
        )

    def _resolve(self, step: Due, incident: Incident, row: Row, wall: datetime) -> list[str]:
        found: list[str] = []
        for word in step.who:
            if word == RESPONSIBLE:
                found += incident.responsible
            elif word == ELDER:
                found.append(incident.elder)
            elif word.startswith(("roster:", "level:")):
                found += self._people.on_call(word, row.community, row.elder, wall)
            else:
                found.append(word)
        return list(dict.fromkeys(found))

    def _escalate(self, step: Due, row: Row, wall: datetime, shift: timedelta) -> None:
        payload = {
            "incident": row.incident, "by": "system", "level": int(step.level), "reason": step.reason,
            "due": to_ms(step.due_at - shift),
        }  # fmt: skip
        self._ledger.add(ESCALATED, payload, row.community, row.elder, to_ms(wall), derived_id(step.ref, "fact"))

    def _hole(self, step: Due, row: Row, wall: datetime) -> None:
        """Nobody stands at this level: written down, and the next level is called at once."""
        payload = {
            "incident": row.incident, "by": "system", "ref": step.ref, "person": None, "channel": None,
            "level": int(step.level), "reason": "nobody_on_call", "permanent": True,
        }  # fmt: skip
        self._ledger.add(NOTICE_FAILED, payload, row.community, row.elder, to_ms(wall), derived_id(step.ref, "hole"))

    def hurry(self, incident: str) -> None:
        """Somebody could not be reached: if nobody at this level was, the next tick calls the next level. Any thread."""
        self._hurried.append(incident)

    def _hurry(self, incident_id: str, now: datetime) -> None:
        rows = self._sql.read(f"SELECT {_ROW} FROM ladder_rows WHERE incident = ?", (incident_id,))
        for row in map(_row, rows):
            history = self._history(row)
            facts = [f.event() for f in history]
            incident = fold(facts)
            if incident is None or self._handovers.untried(row.incident, row.community, int(incident.level)):
                continue
            level = int(incident.level)
            gone = {(f.payload.get("ref"), f.payload.get("channel")) for f in facts if f.payload.get("reported")}
            alarms = (f.payload for f in facts if f.kind == NOTICE_SENT and f.payload.get("act") == Act.ALARM)
            reached = (told for told in alarms if (told.get("ref"), told.get("channel")) not in gone)
            if not any(told.get("level") == level for told in reached):
                self._store([Move(row, hurried(self._under(incident, history), row.standing, now))])

    def _history(self, row: Row) -> list[Seen]:
        facts = self._ledger.about(row.elder, FOLDED)
        return [f for f in facts if f.payload.get("incident") == row.incident and f.community == row.community]

    def _under(self, incident: Incident, facts: Sequence[Seen]) -> Incident:
        """As the district's own opening has its ladder. A desk or a hub that was cut off wrote the one that it knew, or what it
        liked: of its alarms the ladder is what the plan says now."""
        own = next((f for f in facts if f.kind == OPENED and f.device == self._ledger.device), None)
        if own is not None:
            ladder = own.payload.get("ladder")
        else:
            of = self._ladders.ladder(incident.elder, incident.kind, incident.severity, incident.community)
            ladder = of.plain()
        return replace(incident, ladder=ladder if isinstance(ladder, Mapping) else {})

    def _store(self, moves: Sequence[Move]) -> None:
        """Compare and set. If somebody moved a row meanwhile it is due again, and the notices are known by their refs."""

        def work(execute: Execute) -> None:
            for move in moves:
                s = move.standing
                queue(execute, move.queued)
                execute(
                    "UPDATE ladder_rows SET phase = ?, round = ?, round_at = ?, phase_at = ?, from_level = ?, position = ?,"
                    " informed = ?, due = ?, rev = rev + 1 WHERE incident = ? AND community = ? AND rev = ?",
                    (s.phase, s.round, _ms(s.round_at), _ms(s.phase_at), int(s.from_level), s.position, s.informed,
                     _ms(s.due_at), move.row.incident, move.row.community, move.row.rev),
                )  # fmt: skip

        self._sql.write(work)

    def _stored_clock(self) -> LadderClock:
        rows = self._sql.read("SELECT shift, last FROM ladder_clock WHERE id = 1")
        return LadderClock(timedelta(milliseconds=rows[0][0]), from_ms(rows[0][1])) if rows else LadderClock()


def _handover(step: Due, incident: Incident, row: Row, person: str, now: datetime) -> Handover:
    return Handover(
        derived_id(step.ref, person), incident.id, row.community, row.elder, incident.kind.value, int(incident.severity),
        person, step.act.value, int(step.level), step.reason, step.about, incident.exercise, to_ms(now),
    )  # fmt: skip


def _row(r: Sequence[object]) -> Row:
    incident, community, elder, phase, round_, round_at, phase_at, level, position, informed, due, rev = r
    assert isinstance(round_, int)  # the columns are ours and declared so
    assert isinstance(level, int)
    assert isinstance(position, int)
    assert isinstance(informed, int)
    assert isinstance(rev, int)
    standing = Standing(str(phase), round_, _at(round_at), _at(phase_at), Level(level), position, informed, _at(due))
    return Row(str(incident), str(community), str(elder), standing, rev)


def _ms(at: datetime | None) -> int | None:
    return None if at is None else to_ms(at)


def _at(ms: object) -> datetime | None:
    return from_ms(ms) if isinstance(ms, int) else None
