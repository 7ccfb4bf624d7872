"""One round of sync: push what is new here, pull what is new there, trade keys. Pure plan first, then the doing of it.

Facts of the urgent families go first, ahead of their numbers; the district keeps them and the rest closes the gap.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from domain.events import SCHEMA, derived_id
from offline.journal.chain import ALTERED
from offline.journal.journal import Journal
from offline.keys.identity import Identity
from offline.keys.keystore import Keystore
from offline.letters.pass_keys import number_of
from offline.letters.put_aside import PUT_ASIDE
from offline.letting_go import let_go_of
from offline.line.giving_back import GivingBack
from offline.line.key_exchange import KeyExchange
from offline.line.pushing import Pushing
from offline.node_clock import NodeClock
from offline.roster import ERASED, REGISTERED, Roster
from offline.transport.errors import Rejected, TryAgain
from offline.transport.port import Transport
from offline.wire import MAX_BATCH_EVENTS, Ack, Checksums, Event, FeedItem, FeedPage, apart

log = logging.getLogger(__name__)

URGENT = ("incident", "consent", "call")
HELLO_EVERY_MS = 10 * 60_000
MOST_NAMED = 20  # facts that are named one by one
AGAIN_AT_ONCE = 100  # facts that are read at once where acknowledged ones are sent again
COMPARE_EVERY_MS, FIRST_COMPARE_MS = 6 * 3_600_000, 10 * 60_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What a round has to do, decided before anything is done."""

    hello: bool
    urgent: bool  # there are urgent facts that would wait behind others
    push: bool


def plan(pending: int, urgent: bool, last_hello: int | None, now_ms: int) -> Plan:
    """The round for `pending` unsent facts, `urgent` where some of them are; times in ms."""
    stale = last_hello is None or not 0 <= now_ms - last_hello < HELLO_EVERY_MS
    return Plan(hello=stale, urgent=urgent and pending > MAX_BATCH_EVENTS, push=pending > 0)


class SyncClient:
    """The doing of a round; no thread and no timer of its own. `round` raises TryAgain, Rejected or Untrusted."""

    def __init__(
        self,
        journal: Journal,
        transport: Transport,
        clock: NodeClock,
        identity: Identity,
        keys: Keystore,
        district_box: Callable[[], bytes],
    ) -> None:
        self._journal, self._transport, self._clock = journal, transport, clock
        self._keys, self._exchange = keys, KeyExchange(keys, identity, district_box)
        self._pushing = Pushing(journal, transport, clock, lambda: self.heard())
        self._roster = Roster(journal, keys)
        self._last_hello: int | None = None
        self._pass_keys = 0  # the number of the list that came with the greeting
        self.wanted, self.keep_days = "", dict[str, int]()
        self.heard: Callable[[], None] = lambda: None  # the district has answered, in the middle of a round
        self.watching = True
        self._compared: int | None = None
        # the district was: what it recorded itself, and lacks, nobody else sends it; True until it was sent
        self._put_back = False
        self._giving, self._server = GivingBack(clock.now_ms, journal), ""  # the node that the server is, as it greets
        self._mending = False  # the feed is being read anew because this replica has drifted
        self._unmended: dict[tuple[str, str, int], tuple[int, int]] = {}  # what has drifted, and by how much

    @property
    def urgent(self) -> bool:
        """Whether something that people wait for has not been sent yet."""
        return bool(self._journal.unsent(1, families=URGENT))

    def round(self, wait_s: float = 0.0) -> bool:
        """One round; True where anything came down. A pull waits up to `wait_s` for something to come."""
        try:
            return self._whole_round(wait_s)
        except Rejected as e:
            if e.status == 401:  # a machine that slept signs with the time it fell asleep at: ask for the time first
                self._last_hello = None
            raise

    def _whole_round(self, wait_s: float) -> bool:
        todo = plan(self._journal.pending(), self.urgent, self._last_hello, self._clock.now_ms())
        if todo.hello:
            self._hello()
        if todo.urgent:
            self._pushing.push(self._journal.unsent(MAX_BATCH_EVENTS, families=URGENT))
        self._exchange.share(self._transport, self._between)  # also where there is nothing to push
        if todo.push or (todo.hello and self._lost_facts()):
            self._push_all()
        return self._pull(wait_s)

    def _hello(self) -> None:
        hello, trip = self._transport.hello()
        if not hello.schema[0] <= SCHEMA <= hello.schema[1]:
            raise Rejected("upgrade_required", 426)
        self._clock.learn(hello.time, trip)
        self.wanted, self._pass_keys, self.keep_days = hello.wanted, number_of(hello), hello.keep_days
        self._last_hello, self._server = self._clock.now_ms(), hello.district

    def _between(self) -> None:
        """A table of residents has thousands of keys: the line is up meanwhile, and what people wait for goes on."""
        self.heard()
        if self.urgent:
            self._pushing.push(self._journal.unsent(MAX_BATCH_EVENTS, families=URGENT))

    def _push_all(self) -> None:
        while events := self._journal.unsent(MAX_BATCH_EVENTS):
            # what was made since is for facts that are in this batch
            self._exchange.share(self._transport, self._between)
            before = self._journal.acked_through
            ack = self._pushing.push(events)
            if ack.acked_through < before:
                log.warning("the district was restored to %s of %s: sending the rest again", ack.acked_through, before)
                self._journal.take_back(ack.acked_through)
            elif self._journal.acked_through == before:
                raise TryAgain("the district acknowledged nothing")

    def _lost_facts(self) -> bool:
        """Whether the district has gone back behind what it acknowledged: an older backup was restored."""
        acked = self._journal.acked_through
        if not acked:
            return False
        newest = self._journal.unsent(1, after=acked - 1)
        ack = self._pushing.push(newest) if newest else Ack(acked)
        if ack.acked_through >= acked:
            return False
        self._journal.take_back(ack.acked_through)
        self._put_back = True
        return True

    def _pull(self, wait_s: float) -> bool:
        came, left, aside, more, wait = False, False, False, True, wait_s
        while more:
            page = self._page(wait)
            more, wait, self.watching = page.more, 0.0, page.watching
            if page.pass_keys != self._pass_keys:
                self._last_hello = None  # another list is in force: the next round greets
            if page.cursor == self._journal.cursor:
                break
            for item in page.items:  # before the cursor moves on: a crash in between must not leave a key for ever
                if item.event.kind == ERASED and item.event.subject:
                    self._keys.destroy(item.event.subject)
                    let_go_of(self._journal, item.event.subject, item.event.community)
            if page.tombstones:
                for person in self._journal.forget(page.tombstones, page.cursor):
                    self._keys.destroy(person)
                left = True
            items = [item for item in page.items if _is_sound(item)]
            if self._mending and (harmed := self._journal.mend(items)):
                log.warning("%d facts were not what the district has: taken anew", harmed)
            fresh = self._journal.absorb(items, page.cursor, page.erased)
            came = came or bool(fresh) or left
            aside = aside or any(f.envelope.kind == PUT_ASIDE for f in fresh)
            self._transport.put_cursor(page.cursor)
            self.heard()
            if more and any(item.event.kind == REGISTERED for item in items):
                self._fetch_keys()  # an alarm that rings before the last page has a name
        self._journal.filled()
        if left or aside or self._mending:
            self._journal.rebuild()
            self._mending = False
        self._fetch_keys()
        if self._keys.incomplete and not self._roster.unreadable():
            self._keys.complete()
        self._compare()  # behind what people wait for
        return came

    def _fetch_keys(self) -> None:
        self._exchange.fetch(self._transport, set(self._roster.unreadable()), self._clock.now_ms())

    def _compare(self) -> None:
        """Now and then, hold what is here against the district's checksums; where it has drifted, read the feed anew."""
        now = self._clock.now_ms()
        if self._compared is None:  # not while a program starts and everything else wants to be read
            self._compared = now - COMPARE_EVERY_MS + FIRST_COMPARE_MS
        due = not 0 <= now - self._compared < COMPARE_EVERY_MS
        if not (due or self._put_back):
            return
        if due:
            self._compared = now
        try:
            self._compare_now(due)
        except Exception:  # the line went in between: what it kept from being sent is not to wait for six hours
            if due:
                self._compare_soon()
            raise

    def _compare_soon(self) -> None:
        self._compared = self._clock.now_ms() - COMPARE_EVERY_MS

    def _compare_now(self, due: bool) -> None:
        """Where it is not `due` all was read anew a moment ago, and others still send theirs: no drift can be told yet."""
        self._pushing.offer_again()
        here = self._journal.greatest_of(self._server)  # before it is asked: what comes meanwhile it has
        try:
            told = self._transport.checksums(self._journal.cursor)
        except Rejected as e:
            log.info("no checksums: %s", e)  # a district of an older version, or a scope that has just changed
            return
        over = self._find_drift(told) if due else {}
        self._giving.give(self._transport.relay, self._server, told, here, self._of_server, over)
        self._put_back = False
        if due:
            self._tell_of_own()

    def _find_drift(self, told: Checksums) -> Mapping[int, int]:
        """Send what the district has lost of ours, and read the feed anew where this replica has drifted. By how many there are
        still more of the district's own facts here, by epoch."""
        for epoch, first, last in told.lost:
            self._send_again(epoch, first, last)
        mine, device = self._journal.sums(told.through), self._journal.device
        theirs = {(s.community, s.device, s.epoch): (s.count, s.sum) for s in told.sums if s.device != device}
        drifted = {key: apart(mine.get(key, (0, 0)), theirs.get(key, (0, 0))) for key in mine.keys() | theirs.keys()}
        drifted = {key: by for key, by in drifted.items() if any(by)}
        before, self._unmended, over = self._unmended, drifted, Counter[int]()
        if drifted and drifted != before:
            log.warning("this replica has drifted in the facts of %d devices: reading the feed anew", len(drifted))
            self._journal.absorb([], "")
            self._mending = True
            if not before:
                self._compare_soon()  # once more when that is done
        elif drifted:
            log.error("the facts of %d devices are still not what the district has", len(drifted))
            for (_, device, epoch), (more, _) in drifted.items():
                over[epoch] += max(more, 0) if device == self._server else 0
        return over

    def _tell_of_own(self) -> None:
        """What this node recorded itself and is not what was written any more: people are told, once of each finding."""
        mine = self._journal
        if broken := mine.broken():
            numbers = [f"{mine.device} {mine.epoch}/{seq}" for seq in broken]
            log.error("of our own facts these are not what was written: %s", ", ".join(numbers))
            told = {"altered": len(broken), "which": numbers[:MOST_NAMED]}
            mine.append(ALTERED, told, id=derived_id(ALTERED, *numbers))

    def _send_again(self, epoch: int, first: int, last: int) -> None:
        """The district acknowledged these facts and has them no longer; what an answer to them says is known already."""
        log.warning("the district has lost our facts %d to %d of epoch %d: sending them again", first, last, epoch)
        while events := self._journal.numbered(epoch, first, last, AGAIN_AT_ONCE):
            self._pushing.push(events, epoch)
            first = events[-1].seq + 1

    def _of_server(self, epoch: int, after: int) -> Iterator[list[Event]]:
        while events := self._journal.others_after(self._server, epoch, after, AGAIN_AT_ONCE):
            yield events
            after = events[-1].seq

    def _page(self, wait_s: float) -> FeedPage:
        """The next page; from the beginning where the district no longer knows our place (facts already here are passed over)."""
        try:
            return self._transport.feed(self._journal.cursor, wait_s)
        except Rejected as e:
            if e.status != 410 or not self._journal.cursor:
                raise
            log.warning("the district does not know our place in the feed: beginning anew")
            self._put_back = True
            self._journal.absorb([], "")
            return self._transport.feed("", 0.0)


def _is_sound(item: FeedItem) -> bool:
    """Whether a fact is what its hash says: one that was altered where it lay is left out, and comes when it is whole again."""
    e = item.event
    if e.payload_matches() and item.hash in ("", e.envelope(item.device, item.epoch).content_hash()):
        return True
    log.error("%s %s of %s comes as it cannot have been", e.kind, e.id, item.device)
    return False
