"""Intake, watch, ladder and courier of one district, put together; one thread ticks them."""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from district.intake.announcer import Announcer, Releases
from district.intake.desk import Desk
from district.intake.homes import Homes
from district.intake.lines import Lines, LineSettings
from district.intake.memory import Memory
from district.intake.silence import EVERY_MS, DeviceSilence
from district.intake.streams import Streams
from district.intake.webhook import WrongClocks
from district.reaching.arrivals import Arrivals, which_of
from district.reaching.channels import Channel, Outcome, WithinTime
from district.reaching.courier import Courier, Directory
from district.reaching.dead_ends import DeadEnds
from district.reaching.handovers import Handovers
from district.reaching.ladder import LadderRunner, People
from district.reaching.reminders import Reminders
from district.reaching.replies import Replies
from district.watching.gates import LASTING_ROW, Gates
from district.watching.gates import ROW as CALL_ROW
from district.watching.gateways import ROW as GATEWAY_ROW
from district.watching.gateways import Gateways
from district.watching.hub_silence import HubSilence
from district.watching.kiosks import Enrolled, KioskSilence
from district.watching.merges import Merges
from district.watching.plan_changes import PlanChanges
from district.watching.pulse import Pulse, where
from district.watching.records import Records
from district.watching.unseen import Unseen
from domain.calendars import ORDINARY, Calendar
from domain.incident_kinds import Severity
from watch import outages
from watch.cases import Cases
from watch.evaluation import Follower, Watch
from watch.learning import Learner
from watch.ledger import Ledger, Seen
from watch.plans import FactPlans
from watch.routines import Routines
from watch.rows import Sql, WatchRows
from watch.standby import Standby

log = logging.getLogger(__name__)
_HANDS = 16  # messages under way at once
_ROUNDS = 8  # in a tick
OUTAGE_MS = 5 * 60_000  # what is lost in less puts no deadline off
PROVE_S = 10.0  # a watch that only reads would go on while nothing can be kept
KEPT_WITHIN_S = 5.0  # a call for help that is not durable by then rings nobody: whoever is there has to know


def _never(_device: str) -> int | None:
    return None


def _anybody(_proposal: Seen) -> bool:
    return True


def _nothing() -> None:
    return None


def _standby(around: "Surroundings", apart: Executor, silence: DeviceSilence) -> Standby:
    """A hub's watch while the line upstream is down: over its own gateways too, behind which an SOS would not be heard."""
    ledger = around.ledger
    standby = Standby(ledger, around.sql, around.calendar, apart, hears=True)
    gateways = Gateways(ledger, standby.rows, standby.cases)
    standby.watch.followers.append(gateways.follow)
    standby.watch.looks[GATEWAY_ROW] = gateways.look
    standby.heedful.append(silence.heed)
    return standby


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a nightwatch stands on. `base` is the district's public address for reply links, '' for none."""

    ledger: Ledger
    sql: Sql
    homes: Homes
    people: People
    directory: Directory
    channels: Sequence[Channel] = ()
    base: str = ""
    calendar: Calendar = ORDINARY
    lines: LineSettings = field(default_factory=LineSettings)
    kiosks: Callable[[], Sequence[Enrolled]] = tuple  # in service
    hubs: Callable[[], Sequence[Enrolled]] = tuple  # in service
    heard: Callable[[str], int | None] = _never  # when a device last spoke, ms
    upstream: Callable[[], bool] | None = None  # of a hub: whether the line to the one that watches stands
    followers: Sequence[Follower] = ()  # told every fact beside the watch itself
    may_change_plans: Callable[[Seen], bool] = _anybody
    named: Callable[[str], str] = str  # what a device is called
    prove: Callable[[], None] = _nothing  # returns once a call for help could be kept
    passed: Callable[[], float] | None = None  # seconds on a clock that nobody sets


class Nightwatch:
    """`desk` takes signals in, `replies` answers the links (`directory` says for whom), `arrivals` hears message services; `tick`
    does the rest.

    `start` ticks every second until `close`.
    """

    def __init__(
        self, around: Surroundings, clock: Callable[[], datetime], executor: Executor | None = None, owner: str = ""
    ) -> None:
        self._clock, self._around = clock, around
        self._executor = executor or ThreadPoolExecutor(_HANDS, thread_name_prefix="courier")
        sql, ledger = around.sql, around.ledger
        memory = self.memory = Memory(sql)
        self.desk = Desk(ledger, around.homes, memory)
        self.silence = DeviceSilence(ledger, around.homes, memory)
        self.streams = Streams(ledger, around.homes, self.desk)
        self.wrong_clocks = WrongClocks()
        self._learners = executor or ThreadPoolExecutor(1, thread_name_prefix="learner")
        plans = self.plans = FactPlans(Learner(ledger, around.calendar, self._learners, Routines(sql)))
        plans.recall(ledger)
        self.desk.paused = lambda elder, device: device in plans.paused(elder)
        rows, cases = WatchRows(sql), Cases(ledger, plans)
        self.watch = Watch(ledger, rows, plans, cases, around.calendar)
        self.hubs = HubSilence(memory, around.hubs, around.heard)
        self.kiosks = KioskSilence(ledger, cases, around.kiosks, around.heard, self.hubs.out_of_reach)
        self.watch.kiosks = self.kiosks.sources
        self.unseen = Unseen(ledger, cases, lambda: self.watch.behind_gates, self.kiosks.closed)
        self.silence.stood_still, self.silence.unheard = self._stood_still, self.desk.unheard
        gates = Gates(ledger, rows, cases)
        gateways = Gateways(ledger, rows, cases)
        self.watch.looks |= {CALL_ROW: gates.look, LASTING_ROW: gates.look_again, GATEWAY_ROW: gateways.look}
        self.handovers = Handovers(sql, owner or secrets.token_hex(8))
        self.ladder = LadderRunner(ledger, sql, around.people, self.handovers, plans)
        reminders, releases = Reminders(sql), Releases(ledger, self.desk.release)
        changes = PlanChanges(ledger, plans, around.may_change_plans, around.calendar)
        self.watch.followers += [
            changes.follow, self.ladder.follow, reminders.follow, self.silence.follow, self.hubs.follow,
            self.kiosks.follow, gates.follow, gateways.follow, Records(ledger, cases, around.named).follow, releases.follow,
            Merges(ledger, cases).follow, *around.followers,
        ]  # fmt: skip
        self.watch.before_advancing += [self.ladder.settle, reminders.settle]
        self.replies, self.directory = Replies(ledger, sql, around.base), around.directory
        channels = [WithinTime(channel) for channel in around.channels]
        keys = {channel.name: channel.key for channel in channels if channel.key}
        self.dead_ends = DeadEnds(sql)
        self.arrivals = Arrivals(ledger, self.handovers, around.base, keys, self._settled)
        self.courier = Courier(
            ledger, self.handovers, around.directory, channels, self.replies, self.arrivals, self.dead_ends,
            self._executor, self.ladder.hurry,
        )  # fmt: skip
        self._standby = None if around.upstream is None else _standby(around, self._learners, self.silence)
        self._wake, self._closing = threading.Event(), False
        self._thread: threading.Thread | None = None
        self._lines: Lines | None = None
        self._ticked = self._refold = self._said_still = False
        self._before: float | None = None  # when the tick before this one began, and this one
        self._began: float | None = None
        self.pulse = Pulse()

    def tick(self, now: datetime) -> None:
        """Everything that is new and everything that is due; what the ladder itself wrote is read on in the same tick.

        A hub runs no ladder: that is the district's, and while the line is down what it raises is *unconfirmed*.
        """
        self._before, self._began = self._began, None if self._around.passed is None else self._around.passed()
        if self._standby is not None and self._around.upstream is not None:
            if self._refold:
                self._refold = False
                self._standby = _standby(self._around, self._learners, self.silence)
            self.silence.tick(now)
            self.streams.tick(now)
            self._standby.tick(now, self._around.upstream())
            return
        if not self._ticked:  # not before: a command of the operator may look in while another process is on watch
            self.handovers.recover()
            self._ticked = True
        looks = (
            self.silence.listen, self.hubs.tick, self.silence.tick, self.kiosks.tick, self.unseen.tick, self.streams.tick,
        )  # fmt: skip
        for look in looks:
            try:
                look(now)
            except Exception:  # what is wrong with a device's row keeps no alarm away
                log.exception("could not look over the devices")
        for _ in range(_ROUNDS):
            moved = self.watch.tick(now) + self.ladder.tick(now)
            if not moved:
                break
            self.courier.carry(now, self.ladder.now(now), Severity.P1)
        else:
            self.wake()  # elders are still to be looked at
        self.courier.carry(now, self.ladder.now(now))  # what is no danger to life comes together: it may be a storm

    def _stood_still(self, since: int, until: int) -> None:
        """Nobody was heard between the two, ms; the clock was set back where the second is the earlier.

        A clock that was put ahead has skipped hours in which everybody was heard: no elder waits for those.
        """
        if self._before is not None and self._began is not None and until > since:
            since = max(since, until - int((self._began - self._before) * 1000) - EVERY_MS)
        if not 0 <= until - since < OUTAGE_MS:
            homes = {d.community for d in self.memory.devices()} | {where for _, where in self.plans.elders()}
            outages.tell(self._around.ledger, sorted(homes), since, until)
        self.kiosks.listen_anew(until)
        self.hubs.listen_anew(until)

    def _settled(self, person: str, channel: str, which: str, outcome: Outcome, at: int) -> None:
        """What a service says in the end of a message that it had taken, to one of the person's addresses. `at` in ms."""
        to = self.directory.recipient(person)
        for name, address in to.addresses if to is not None else ():
            if name == channel and which_of(person, name, address) == which:
                self.dead_ends.heed(person, channel, address, outcome, at)

    def left(self, community: str) -> None:
        """A hub no longer serves this community: nothing is kept in mind of its homes. Any thread."""
        self.memory.leave(community)
        self.refold()

    def refold(self) -> None:
        """Facts that had been read have gone or come back: a hub's own watch begins anew from what is there. Any thread."""
        self._refold = True
        self.wake()

    def expire(self, now: int) -> None:
        """Forget what can no longer matter; for the hourly job. `now` in ms."""
        for kept in (self.memory, self.handovers, self.replies):
            kept.expire(now)

    def wake(self) -> None:
        """Something came in: tick now. Any thread."""
        self._wake.set()

    def start(self, every_s: float = 1.0) -> None:
        """Open the lines and tick on a thread of its own. Raises Mendable as `Lines` does."""
        lines = self._lines = Lines(self._around.lines, self.desk, self._clock, self.wake)
        announcer = Announcer(self._around.ledger, lines.announce)
        if lines.brokers:
            announcer.recall(lines.remember)
        self.watch.followers.append(announcer.follow)
        lines.start()
        self.pulse.beat()

        def run() -> None:
            proved = -PROVE_S
            while not self._closing:
                try:
                    self.tick(self._clock())
                    if time.monotonic() - proved >= PROVE_S:
                        self._around.prove()
                        proved = time.monotonic()
                    self.pulse.beat()
                except Exception:
                    log.exception("a tick failed; the rows are still there for the next one")
                self._wake.wait(every_s)
                self._wake.clear()

        self._thread = threading.Thread(target=run, name="nightwatch")
        self._thread.start()

    @property
    def stands(self) -> bool:
        """Whether calls for help are kept, signs looked over and people called; a hub's own watch is wanted only while nobody
        above does."""
        above = self._around.upstream
        return self._keeps and (not self.pulse.still or (above is not None and above()))

    @property
    def brokers(self) -> list[dict[str, Any]]:
        """How each line to a broker stands; none where no line is open."""
        return [] if self._lines is None else self._lines.standing()

    @property
    def _keeps(self) -> bool:
        return self.desk.waiting.longest_s <= KEPT_WITHIN_S

    def look_after(self) -> None:
        """Keep in the log what the watch is at where it stands still, once each time; for the job of every minute."""
        if not self._keeps:
            log.critical("a call for help has been waiting %.0f s for the database", self.desk.waiting.longest_s)
        still, said = self.pulse.still, self._said_still
        self._said_still = still
        if still and not said and self._thread is not None:
            log.critical(
                "the watch has not gone through for %.0f s; it is at\n%s", self.pulse.quiet_s, where(self._thread.ident)
            )

    def close(self) -> None:
        """Stop ticking, and let what is under way finish."""
        if self._lines is not None:
            self._lines.close()
        self._closing = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        self._learners.shutdown(wait=True, cancel_futures=True)
        self._executor.shutdown(wait=True)
