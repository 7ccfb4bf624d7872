"""Random histories of crashes, restarts and clock jumps against a model that knows only the deadlines.

A thousand of them run with `./run test --all` (`SHOUWANG_HISTORIES=1000`), a hundred otherwise.
"""

import os
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from district.intake.homes import Home
from district.reaching.channels import Message
from district.watching.nightwatch import Nightwatch, Surroundings
from domain import incident_kinds as k
from domain.duties import last_answer
from domain.events import to_ms
from domain.incident import Incident
from domain.incident_kinds import Severity
from domain.incidents import fold
from tests.district_ladder.conftest import T0, Inline, Town
from tests.district_ladder.crashing import Crash, Fuse, FusedSql
from tests.fakes.channels import RecordingChannel
from tests.fakes.memory_ledger import MemoryLedger
from watch.rows import SqlFile

S = timedelta(seconds=1)
PEOPLE = ("ann", "com", "str", "dis")
FLOORS = (0, 60, 180, 600)
STALE = 300
LATE = (k.FEEDBACK, k.REJECTED, k.MERGED, k.ACKNOWLEDGED)
UNNOTICED = 10  # seconds that a jump back just before a crash may cost: the clock is stored this often


@dataclass
class Model:
    """One incident as the deadlines see it; times in seconds of the model's clock, which never goes back."""

    elder: str
    opened: float
    accepted: float | None = None
    moving: bool = False
    pressed: float | None = None  # somebody called again while people were at work, and nobody has said that they know
    alarms_at_press: int = 0
    closed: bool = False
    alarms_at_close: int = 0


class Nowhere:
    def home(self, community: str, device: str) -> Home | None:
        return None


class Histories(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.now, self.clock, self.jumps = T0, 0.0, 0
        self.read_at = self.unread = 0.0  # a jump back hides what passed since the clock was last read
        self.fuse = Fuse()
        self.under_way: list[str] = []
        self.channel = RecordingChannel(having_sent=lambda message: self.under_way.append(message.ref))
        self.sql = SqlFile(sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False))
        self.ledger = MemoryLedger(lambda: to_ms(self.now))
        self.ledger.before = self._before
        self.models: dict[str, Model] = {}
        self.gaps: Counter[str] = Counter()
        self.runs = self.crashes = 0
        self.clean = False
        self._open()
        self.somebody_presses(0)
        self._tick(0)

    def _before(self, kind: str, payload: Mapping[str, Any]) -> None:
        ref = str(payload.get("ref", ""))
        try:
            self.fuse.burn()
        except Crash:
            if kind == k.NOTICE_SENT:
                self.gaps[ref] += 1  # handed over, not written down
            raise
        if kind == k.NOTICE_SENT and ref in self.under_way:
            self.under_way.remove(ref)

    def _open(self) -> None:
        self.runs += 1
        town = Town()
        around = Surroundings(self.ledger, FusedSql(self.sql, self.fuse), Nowhere(), town, town, [self.channel])
        self.watch = Nightwatch(around, lambda: self.now, Inline(), f"run-{self.runs}")

    def _restart(self) -> None:
        self.crashes += 1
        self.fuse.left = None
        self._open()

    def _tick(self, wall: float) -> None:
        """The wall clock moves by `wall` seconds. A crash is followed by a restart, which ticks at once."""
        self.now += wall * S
        self.clock += max(0.0, wall)
        try:
            self.watch.tick(self.now)
        except Crash:
            self._restart()
            self.watch.tick(self.now)
        self.clean, self.read_at = True, self.clock

    @rule(elder=st.integers(0, 2))
    def somebody_presses(self, elder: int) -> None:
        name = f"e{elder}"
        if name in self.models and not self.models[name].closed:
            return
        for old in [n for n in self.models if n == name]:
            self.models[f"{old}/{len(self.models)}"] = self.models.pop(old)
        self.ledger.before = lambda kind, payload: None
        self.now += 11 * S
        self.clock += 11
        self.ledger.add("sign.sos", {"device": "b"}, "here", name, to_ms(self.now))
        self.ledger.before = self._before
        self.models[name] = Model(name, self.clock)
        self.clean = False

    def _open_ones(self) -> list[Model]:
        """Those that are followed and not over."""
        return [m for name, m in getattr(self, "models", {}).items() if "/" not in name and not m.closed]

    def _some(self, elder: int) -> Model:
        ones = self._open_ones()
        return ones[elder % len(ones)]

    @precondition(lambda self: any(m.accepted is not None for m in self._open_ones()))
    @rule(elder=st.integers(0, 2), reported=st.booleans(), late=st.sampled_from([None, *LATE]))
    def somebody_presses_again(self, elder: int, reported: bool, late: str | None) -> None:
        """Once the first press was answered, and perhaps reported back on: it is heard again, whatever happens meanwhile, and
        whatever was said before it and comes only now, from a desk that was cut off.

        Where the answer went stale the ladder is ringing anyway; within 10 s by the wall clock it is the same press.
        """
        self._tick(0)
        model = self._some(elder)
        if model.accepted is None:
            return
        if reported and not (model.moving and self._told(model.elder, k.FEEDBACK)):
            return
        before, incident = self._alarms(model.elder), self._incident(model.elder)
        if (
            incident.state in k.UNANSWERED
            or incident.rang_at is None
            or abs(self.now + 11 * S - incident.rang_at) <= 10 * S
        ):
            return
        self.ledger.before = lambda kind, payload: None
        self.now += 11 * S
        self.clock += 11
        self.ledger.add("sign.sos", {"device": "b"}, "here", model.elder, to_ms(self.now))
        self.ledger.before = self._before
        self._tick(0)
        assert self._alarms(model.elder) > before
        if reported:  # an incident of its own; the former one is followed no more
            self.models[f"{model.elder}/{len(self.models)}"] = self.models.pop(model.elder)
            self.models[model.elder] = Model(model.elder, self.clock)
        elif model.moving and model.pressed is None:
            model.pressed, model.alarms_at_press = self.clock, before
        if late and not reported:
            pressed = self._incident(model.elder)
            self._told(model.elder, late, by="bo", at=self.now - 10 * S, into="another")
            after = self._incident(model.elder)
            assert (after.open, after.unheard) == (True, pressed.unheard)

    @rule(seconds=st.sampled_from([1, 5, 20, 59, 60, 61, 119, 121, 299, 301, 421, 601, 3600]))
    def time_passes(self, seconds: int) -> None:
        self._tick(seconds)

    @rule(seconds=st.sampled_from([-86_400, -3600, -600, -60, 600, 86_400]))
    def the_clock_jumps(self, seconds: int) -> None:
        if seconds < 0:
            self.jumps += 1
            self.unread += self.clock - self.read_at
        self._tick(seconds)

    @rule(after=st.integers(0, 40))
    def a_crash_is_coming(self, after: int) -> None:
        self.fuse.left = after

    @rule(down=st.sampled_from([0, 5, 400, 3600]))
    def the_server_restarts(self, down: int) -> None:
        self._restart()
        self._tick(down)

    @precondition(lambda self: self._open_ones())
    @rule(elder=st.integers(0, 2), kind=st.sampled_from([k.ACKNOWLEDGED, k.HANDLING]))
    def somebody_answers(self, elder: int, kind: str) -> None:
        model = self._some(elder)
        if not self._told(model.elder, kind):
            return
        if kind == k.HANDLING:
            model.moving = True
        model.accepted, model.pressed = self.clock, None

    @precondition(lambda self: self._open_ones())
    @rule(elder=st.integers(0, 2))
    def somebody_takes_their_answer_back(self, elder: int) -> None:
        """Whom the ladder had called it calls at once again, and goes on from there."""
        model = self._some(elder)
        self._tick(0)  # whoever was called until now was called
        before = self._alarms(model.elder)
        taken_back = False
        while step := last_answer(self._incident(model.elder), "ann"):
            taken_back = self._told(model.elder, k.STEP_WITHDRAWN, step=step)
        if taken_back:
            model.accepted, model.moving, model.opened, model.pressed = None, False, self.clock, None
            self._tick(0)
            assert self._alarms(model.elder) > before

    @precondition(lambda self: self._open_ones())
    @rule(
        elder=st.integers(0, 2), kind=st.sampled_from([k.GRADED, k.LOWERED]), severity=st.sampled_from(list(Severity))
    )
    def somebody_grades_it(self, elder: int, kind: str, severity: Severity) -> None:
        """Raised or refused: of what depends on a life nobody makes less before somebody was there."""
        model = self._some(elder)
        if self._told(model.elder, kind, severity=severity):
            assert self._incident(model.elder).severity is Severity.P1

    @precondition(lambda self: self._open_ones())
    @rule(elder=st.integers(0, 2))
    def it_is_over(self, elder: int) -> None:
        model = self._some(elder)
        if not model.moving:
            return
        self._told(model.elder, k.FEEDBACK)
        self._told(model.elder, k.CLOSED, by="chief")
        self._tick(0)
        model.closed, model.alarms_at_close = True, self._alarms(model.elder)

    def _told(self, elder: str, kind: str, by: str = "ann", at: datetime | None = None, **more: Any) -> bool:
        opened = [f.payload["incident"] for f in self.ledger.about(elder, [k.OPENED])]
        if not opened:
            return False
        self.ledger.before = lambda kind, payload: None
        self.ledger.add(kind, {"incident": opened[-1], "by": by, **more}, "here", elder, to_ms(at or self.now))
        self.ledger.before = self._before
        self.clean = False
        return True

    def _incident(self, elder: str) -> Incident:
        """The last one opened."""
        last = self.ledger.about(elder, [k.OPENED])[-1].payload["incident"]
        found = fold(f.event() for f in self.ledger.about(elder) if f.payload.get("incident") == last)
        assert found is not None
        return found

    def _people(self, elder: str, since: int = 0) -> set[str]:
        """Whom the alarms about an elder's last incident went to, the first `since` about them left out."""
        last = self.ledger.about(elder, [k.OPENED])[-1].payload["incident"]
        alarms = [f for f in self.ledger.about(elder, [k.NOTICE_SENT]) if f.payload["act"] == "alarm"]
        return {f.payload["person"] for f in alarms[since:] if f.payload["incident"] == last}

    def _alarms(self, elder: str) -> int:
        return sum(f.payload["act"] == "alarm" for f in self.ledger.about(elder, [k.NOTICE_SENT]))

    @invariant()
    @precondition(lambda self: getattr(self, "clean", False))
    def nobody_is_missed(self) -> None:
        slack = UNNOTICED * self.jumps + self.unread + 1
        for name, model in self.models.items():
            if "/" in name or model.closed or model.moving:
                continue
            waited = self.clock - model.opened if model.accepted is None else self.clock - model.accepted - STALE
            first = 0 if model.accepted is None else 1  # a stale acceptance goes on one level higher
            for level in range(first, 4):
                if waited >= FLOORS[level] - FLOORS[first] + slack:
                    assert PEOPLE[level] in self._people(name), (name, level, waited)

    @invariant()
    @precondition(lambda self: getattr(self, "clean", False))
    def a_press_climbs_while_nobody_says_that_they_know(self) -> None:
        slack = UNNOTICED * self.jumps + self.unread + 1
        for name, model in self.models.items():
            if "/" in name or model.closed or model.pressed is None:
                continue
            for level, floor in enumerate(FLOORS):
                if self.clock - model.pressed >= floor + slack:
                    assert PEOPLE[level] in self._people(name, model.alarms_at_press), (name, level)

    @invariant()
    @precondition(lambda self: getattr(self, "clean", False))
    def nobody_hears_twice_without_a_crash_between(self) -> None:
        received: dict[str, list[Message]] = defaultdict(list)
        for message in self.channel.messages:
            received[message.ref].append(message)
        for ref, messages in received.items():
            assert len(messages) - 1 <= self.gaps[ref]
            assert not messages[0].possible_repeat or self.crashes
            assert all(m.possible_repeat for m in messages[1:])

    @invariant()
    @precondition(lambda self: getattr(self, "clean", False))
    def what_is_over_rings_no_more(self) -> None:
        for name, model in self.models.items():
            if model.closed and "/" not in name:
                assert self._alarms(model.elder) == model.alarms_at_close

    def teardown(self) -> None:
        if hasattr(self, "sql"):
            self.sql.close()


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=int(os.environ.get("SHOUWANG_HISTORIES", "100")),
    stateful_step_count=40,
    suppress_health_check=list(HealthCheck),
)
