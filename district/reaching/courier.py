"""Carries queued notices to people: composes, asks the person's channels one after the other, writes down what came of it."""

import logging
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor
from datetime import datetime, timedelta
from typing import Protocol

from district.reaching.arrivals import Arrivals, lost, to_one, which_of
from district.reaching.channels import DESKTOP, Channel, Message, Outcome, Result
from district.reaching.dead_ends import NO_CONSENT, DeadEnds
from district.reaching.handovers import CHECK_IN, Handover, Handovers
from district.reaching.messages import Described, Recipient, Text, compose, compose_plain, compose_storm
from district.reaching.replies import Replies
from domain.events import derived_id, to_ms
from domain.incident import Event, Incident
from domain.incident_kinds import EVIDENCE, NOTICE_DELIVERED, NOTICE_FAILED, NOTICE_SENT, UNANSWERED, Severity
from domain.incident_table import FOLDED
from domain.incidents import fold
from domain.ladder import phase_of
from domain.ladder_steps import NOT_ON_SCENE, Act
from domain.replying import asked
from domain.signals import Sign
from watch.cases import STEPS
from watch.ledger import Ledger, Seen
from watch.signs import SIGN_FACTS, sign_of_life

log = logging.getLogger(__name__)
STORM = 5  # as many notices of no danger to life for one person at once become one message
GATHER = timedelta(minutes=5)  # and after so many within this time, what can wait for hours comes together at its end
GATHER_MS = GATHER // timedelta(milliseconds=1)
DELIVERED_WITHIN_MS = 20_000  # a desk that has not confirmed by then gives way to the person's next channel
_BACK_OFF = (5, 10, 20, 40, 80, 160, 300)  # seconds
_NEWEST = 290  # attempts: the newest word on an incident is tried for a day


class Directory(Protocol):
    """What is known of people: how to reach them, and what may be told of an elder."""

    def recipient(self, person: str) -> Recipient | None: ...

    def describe(self, elder: str) -> Described: ...

    def abroad_allowed(self, elder: str) -> bool:
        """Whether the elder agreed to message services outside the country."""


class Courier:
    """`carry` is called with every tick and returns at once; the work is the executor's."""

    def __init__(
        self,
        ledger: Ledger,
        handovers: Handovers,
        directory: Directory,
        channels: Sequence[Channel],
        replies: Replies,
        arrivals: Arrivals,
        dead_ends: DeadEnds,
        executor: Executor,
        unreachable: Callable[[str], object],
    ) -> None:
        self._ledger, self._handovers, self._directory, self._replies = ledger, handovers, directory, replies
        self._dead_ends = dead_ends
        self._channels: Mapping[str, Channel] = {c.name: c for c in channels}
        self._arrivals, self._executor, self._unreachable = arrivals, executor, unreachable
        self._lock, self._under_way = threading.Lock(), set[str]()
        self._in_doubt = False  # something may be claimed that nobody is at
        # when somebody was last told of what is no danger, and of news of it
        self._lately: dict[tuple[str, bool], deque[datetime]] = defaultdict(deque)

    def carry(self, wall: datetime, ladder_now: datetime, mildest: Severity = Severity.P4) -> int:
        """Claim and hand over what is due; how many notices were taken. Raises what the database raises."""
        if self._in_doubt:
            with self._lock:
                self._handovers.take_back(self._under_way, to_ms(ladder_now) + _wait_ms(0))
                self._in_doubt = False
        try:
            return self._hand_out(self._handovers.claim(to_ms(ladder_now), mildest), wall, ladder_now)
        except Exception:
            self._in_doubt = True  # what was claimed and not given to anybody
            raise

    def _hand_out(self, taken: list[Handover], wall: datetime, ladder_now: datetime) -> int:
        mild: dict[tuple[str, bool], list[Handover]] = defaultdict(list)  # by person, and whether it is news
        for notice in taken:
            news = notice.act == Act.INFORM
            if notice.severity > (Severity.P2 if news else Severity.P1) and notice.act != Act.CALL_ELDER:
                mild[notice.person, news].append(notice)
            else:
                self._submit([notice], wall, ladder_now)
        for whom, notices in mild.items():
            if self._gathering(whom, notices, ladder_now):
                continue
            for group in [notices] if len(notices) >= STORM else [[n] for n in notices]:
                self._submit(group, wall, ladder_now)
        return len(taken)

    def _submit(self, notices: list[Handover], wall: datetime, ladder_now: datetime) -> None:
        with self._lock:
            self._under_way |= {n.ref for n in notices}
        self._executor.submit(self._safely, notices, wall, ladder_now)

    def _gathering(self, whom: tuple[str, bool], notices: list[Handover], now: datetime) -> bool:
        """A storm goes on for minutes: whoever has had their fill of single messages gets the rest as one."""
        lately = self._lately[whom]
        while lately and now - lately[0] > GATHER:
            lately.popleft()
        if len(lately) >= STORM and len(notices) < STORM and all(n.severity >= Severity.P3 for n in notices):
            until = to_ms(now) - to_ms(now) % GATHER_MS + GATHER_MS
            for n in notices:
                self._handovers.hold(n.ref, until)
            return True
        lately.extend([now] * len(notices))
        return False

    def _safely(self, notices: list[Handover], wall: datetime, ladder_now: datetime) -> None:
        try:
            self._carry(notices, wall, ladder_now)
        except Exception:  # the rows stay claimed by this run; give them back
            log.exception("could not hand over %s", [n.ref for n in notices])
            self._give_back(notices, ladder_now)
        finally:
            with self._lock:
                self._under_way -= {n.ref for n in notices}

    def _give_back(self, notices: list[Handover], ladder_now: datetime) -> None:
        try:
            for n in notices:
                self._handovers.again(n.ref, to_ms(ladder_now) + _wait_ms(n.attempts), perhaps_sent=True)
        except Exception:  # nor can that be written down: taken back at the next tick that can
            log.exception("could not give back %s", [n.ref for n in notices])
            self._in_doubt = True

    def _carry(self, notices: list[Handover], wall: datetime, ladder_now: datetime) -> None:
        if not notices[0].incident:
            self._post(notices[0], wall, ladder_now)
            return
        open_: list[tuple[Handover, Incident]] = []
        for n in notices:
            incident, sent = self._incident(n)
            if incident is None or sent or (n.attempts and not self._still_wanted(n, incident)):
                self._handovers.done(n.ref)
            else:
                open_.append((n, incident))
        if not open_:
            return
        self._reach([n for n, _ in open_], lambda to, abroad: self._text(open_, to, abroad, wall), wall, ladder_now)

    def _post(self, n: Handover, wall: datetime, ladder_now: datetime) -> None:
        """A notice about no incident: not once it is too late for it, nor after the elder was heard from."""
        link = ""
        if n.span[1] <= to_ms(wall) or (n.act == CHECK_IN and self._heard(n)):
            self._handovers.done(n.ref)
            return
        if n.act == CHECK_IN:
            link = self._replies.check_in_link(n.elder, n.community, n.ref, wall)
        self._reach([n], lambda to, _abroad: compose_plain(n, self._of(n), to, link), wall, ladder_now)

    def _of(self, n: Handover) -> Described:
        return self._directory.describe(n.elder) if n.elder else Described("")

    def _heard(self, n: Handover) -> bool:
        signs = map(sign_of_life, self._ledger.about(n.elder, tuple(SIGN_FACTS), n.span[0]))
        return any(sign is not None and sign.kind in (Sign.BUTTON, Sign.LINK, Sign.CALL, Sign.VISIT) for sign in signs)

    def _reach(
        self, notices: list[Handover], text: Callable[[Recipient, bool], Text], wall: datetime, ladder_now: datetime
    ) -> None:
        """Ask the person's channels one after the other; what came of each is a fact."""
        first = notices[0]
        to = self._directory.recipient(first.person)
        gone = {name for n in notices for name in lost(self._ledger.about(n.elder, (NOTICE_FAILED,)), n.ref)}
        known = () if to is None else to.addresses
        addresses = [
            (name, where) for name, where in known
            if (name, which_of(first.person, name, where)) not in gone and (first.incident or name != DESKTOP)
        ]  # fmt: skip
        if to is None or not addresses:
            for n in notices:
                self._failed(n, "", "no_address", True, wall)
                self._give_up(n)
            return
        urgent = any(n.severity == Severity.P1 for n in notices)
        again, only = any(n.attempts for n in notices), len(addresses) == 1
        passing = reached = False
        unsaid: list[tuple[Handover, str, Outcome]] = []
        for name, address in addresses:
            answer = self._ask(notices, name, address, lambda abroad: text(to, abroad), urgent)
            if answer.result is not Result.SENT:
                passing |= answer.result is Result.TRY_AGAIN
                for n in notices:
                    if _goes_on_for_a_day(n):
                        unsaid.append((n, name, answer))
                    else:
                        self._failed(n, name, answer.detail, answer.result is Result.PERMANENT, wall)
                self._dead_ends.heed(first.person, name, address, answer, to_ms(wall))
                continue
            for n in notices:
                self._sent(n, name, address, wall, len(notices) > 1, answer.reports)
            if not answer.reports:  # else it says itself whether it arrived
                self._dead_ends.heed(first.person, name, address, answer, to_ms(wall))
            if name != DESKTOP or only:
                reached = True
                break
            if not urgent and not again:
                for n in notices:
                    self._handovers.again(n.ref, to_ms(ladder_now) + DELIVERED_WITHIN_MS)
                return
            # Whether anybody sits before it is not known: where life is at stake the telephone rings too; where it was sent
            # there before, it has not said that it arrived.
            reached |= urgent
        for n, name, answer in unsaid:
            if reached or not passing or n.attempts >= _NEWEST:  # its last attempt
                self._failed(n, name, answer.detail, answer.result is Result.PERMANENT, wall)
        self._conclude(notices, reached, passing, ladder_now)

    def _ask(
        self, notices: list[Handover], name: str, address: str, text: Callable[[bool], Text], urgent: bool
    ) -> Outcome:
        """What one channel says to it; nothing leaves the country without everybody's consent."""
        channel, first = self._channels.get(name), notices[0]
        if channel is None:
            return Outcome(Result.PERMANENT, "no_such_channel")
        if channel.abroad and not all(self._directory.abroad_allowed(n.elder) for n in notices if n.elder):
            return Outcome(Result.PERMANENT, NO_CONSENT)
        words, repeat = text(channel.abroad), any(n.repeated for n in notices)
        message = self._handovers.together([n.ref for n in notices])
        receipt = self._arrivals.address(name, to_one(message, which_of(first.person, name, address)))
        return channel.send(Message(message, first.person, address, words.title, words.body, urgent, repeat, receipt))

    def _conclude(self, notices: list[Handover], reached: bool, passing: bool, ladder_now: datetime) -> None:
        """Done, to be tried again where a failure may pass, or given up."""
        for n in notices:
            if reached:
                self._handovers.done(n.ref)
            elif passing:
                self._handovers.again(n.ref, to_ms(ladder_now) + _wait_ms(n.attempts))
            else:
                self._give_up(n)
        if passing and not reached and any(n.attempts == 0 and n.act == Act.ALARM for n in notices):
            self._unreachable(notices[0].incident)

    def _give_up(self, n: Handover) -> None:
        self._handovers.done(n.ref)
        if n.act == Act.ALARM:
            self._unreachable(n.incident)

    def _incident(self, n: Handover) -> tuple[Incident | None, bool]:
        """The incident now, and whether this very notice is known to have reached a service, or the desk itself."""
        told = self._ledger.about(n.elder, FOLDED)
        facts = [f for f in told if f.payload.get("incident") == n.incident and f.community == n.community]
        events, silent = [f.event() for f in facts], lost(facts, n.ref)
        # a desktop may have been cut off after it was sent something
        sent = any(
            e.payload.get("ref") == n.ref
            and ((e.kind == NOTICE_SENT and not _in_vain(e, silent)) or e.kind == NOTICE_DELIVERED)
            for e in events
        )
        return fold(events), sent

    def _still_wanted(self, n: Handover, incident: Incident) -> bool:
        """On a second attempt: what is said again meanwhile is said once."""
        return _still_wanted(n, incident) and (n.act == Act.INFORM or not self._handovers.said_again(n))

    def _text(self, notices: list[tuple[Handover, Incident]], to: Recipient, abroad: bool, wall: datetime) -> Text:
        if len(notices) > 1:
            told = [(i, self._directory.describe(i.elder), self._news(n)) for n, i in notices]
            return compose_storm(told, to.language)
        n, incident = notices[0]
        asks = n.act in (Act.ALARM, Act.REMIND) and asked(incident, n.person)
        link = self._replies.link(n.person, n.incident, n.elder, n.community, n.ref, wall) if asks else ""
        if n.act == Act.CALL_ELDER:
            link = self._replies.check_in_link(n.elder, n.community, n.ref, wall)
        return compose(n, incident, self._directory.describe(n.elder), to, link, abroad, self._news(n))

    def _news(self, n: Handover) -> str:
        return next((_news(f) for f in self._ledger.about(n.elder, STEPS) if f.id == n.about), "") if n.about else ""

    def _sent(self, n: Handover, channel: str, address: str, at: datetime, grouped: bool, reports: bool) -> None:
        which = which_of(n.person, channel, address)
        told = {
            **n.told,
            "channel": channel,
            "to": which,
            "possible_repeat": n.repeated,
            "grouped": grouped,
            "reports": reports,
        }
        id = derived_id(n.ref, channel, which, "sent")
        self._ledger.add(NOTICE_SENT, told, n.community, n.elder or None, to_ms(at), id)

    def _failed(self, n: Handover, channel: str, reason: str, permanent: bool, at: datetime) -> None:
        told = {**n.told, "channel": channel or None, "reason": reason, "permanent": permanent}
        id = derived_id(n.ref, channel, str(n.attempts), "failed")
        self._ledger.add(NOTICE_FAILED, told, n.community, n.elder or None, to_ms(at), id)


def _in_vain(sent: Event, lost: Collection[tuple[str, str]]) -> bool:
    """Whether it is known not to have arrived, or nobody may have sat before it."""
    channel = str(sent.payload.get("channel"))
    return channel == DESKTOP or (channel, str(sent.payload.get("to", ""))) in lost


def _news(fact: Seen) -> str:
    """What a fact is called where it is told of: by its kind, and evidence by what was heard of the elder, or else by why."""
    sign = fact.payload.get("sign")
    what = sign or fact.payload.get("reason") if fact.kind == EVIDENCE else None
    what = "heard_again" if sign and fact.payload.get("resolves") else what
    return f"{fact.kind}_{what}" if what else fact.kind


def _still_wanted(n: Handover, incident: Incident) -> bool:
    """On a second attempt: reminders grow old, news goes on for ten minutes and the newest of it for a day, or somebody would still
    be on their way to what is over; an alarm is wanted until somebody answers it."""
    if n.act == Act.INFORM:
        newest = incident.news[-1:] == (n.about,)
        return n.attempts <= (_NEWEST if newest else len(_BACK_OFF))
    if n.reason == "rings_again" and incident.rings > incident.rings_heard:
        return incident.open
    if n.reason == NOT_ON_SCENE and incident.on_scene_at is None:
        return incident.open
    return incident.state in UNANSWERED if n.act in (Act.ALARM, Act.CALL_ELDER) else bool(phase_of(incident))


def _goes_on_for_a_day(n: Handover) -> bool:
    """Whether it is the newest word, tried on long after all other news was given up: a fact for each attempt, on each channel and
    for each person would be thousands a day on every desk from one gateway that is down. The row counts them."""
    return n.act == Act.INFORM and n.attempts > len(_BACK_OFF)


def _wait_ms(attempts: int) -> int:
    return _BACK_OFF[min(attempts, len(_BACK_OFF) - 1)] * 1000
