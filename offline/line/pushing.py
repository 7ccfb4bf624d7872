"""A node's facts on their way up, in pieces as large as are taken. What nobody takes by itself goes as an envelope without what it
says, so that everything else goes on; what it says stays here, people are told, and it is offered again with every comparison.
"""

import logging
from collections.abc import Callable, Sequence

import msgspec

from domain.events import SCHEMA, derived_id
from offline.journal.journal import Journal
from offline.node_clock import NodeClock
from offline.transport.errors import Forked, Rejected, TryAgain
from offline.transport.port import Transport
from offline.wire import MAX_BATCH_EVENTS, Ack, Batch, Event

log = logging.getLogger(__name__)

# payload: device, epoch, seq, kind of the fact; because: a code of docs/PROTOCOL.md, or `http_` and a status of what is between
WITHHELD = "journal.withheld"
_OF_A_FACT = frozenset({400, 413, 422})  # refusals that may be for what one fact says, and not for who we are


def is_of_a_fact(refused: Rejected) -> bool:
    """Whether smaller pieces, or one of them without what it says, may be taken where this was not."""
    return refused.status in _OF_A_FACT


def bare(event: Event) -> Event:
    """The envelope alone: its number is taken, and the chain stays whole."""
    return msgspec.structs.replace(event, payload=None, salt=None)


def withheld(device: str, epoch: int, event: Event, refused: Rejected) -> dict[str, object]:
    """What a fact `WITHHELD` says."""
    return {"device": device, "epoch": epoch, "seq": event.seq, "kind": event.kind, "because": refused.code}


def anew_id(id: str) -> str:
    """Of the fact that says again what was withheld."""
    return derived_id(id, "anew")


class Pushing:
    """Every call raises TryAgain, Rejected or Untrusted as the line does. `heard` is told whenever the one above has answered."""

    def __init__(self, journal: Journal, transport: Transport, clock: NodeClock, heard: Callable[[], None]) -> None:
        self._journal, self._transport, self._clock, self._heard = journal, transport, clock, heard

    def push(self, events: Sequence[Event], epoch: int | None = None) -> Ack:
        """Send facts, of an earlier epoch where one is named. What was acknowledged with the last of them."""
        ack, at, most = Ack(0), 0, MAX_BATCH_EVENTS
        apart = frozenset(self._journal.withheld())
        events = [bare(event) if event.id in apart else event for event in events]
        while at < len(events):
            piece = events[at : at + most]
            try:
                ack = self._send(piece, epoch)
            except Rejected as e:
                if not is_of_a_fact(e):
                    raise
                if len(piece) > 1:
                    most = len(piece) // 2
                    continue
                ack = self._withhold(piece[0], epoch, e)
                most = MAX_BATCH_EVENTS  # it was this one, and the others may be as many as ever
            if epoch is None:
                self._journal.acknowledged(ack.acked_through)
            self._heard()
            at += len(piece)
        return ack

    def offer_again(self) -> None:
        """What was withheld: where it would be taken by now it is recorded anew, for its number says nothing any more above."""
        for id in self._journal.withheld():
            if (fact := self._journal.find(id)) is not None and fact.payload is not None:
                e = fact.envelope
                # none where this node was enrolled anew since: under its number stands another, or nothing
                own = [event for event in self._journal.numbered(e.epoch, e.seq, e.seq, 1) if event.id == id]
                try:
                    ack = self._send(own, e.epoch) if own else Ack(0)
                except Rejected:
                    continue
                if ack.quarantined:  # altered here meanwhile: a new hash would make it whole
                    continue
            self._journal.say_anew(id, anew_id(id))

    def _withhold(self, event: Event, epoch: int | None, refused: Rejected) -> Ack:
        """Its envelope goes alone, once that was told and the telling was taken: else it is the line that takes nothing."""
        if event.payload is None or event.kind == WITHHELD:
            raise refused
        of = self._journal.epoch if epoch is None else epoch
        told = withheld(self._journal.device, of, event, refused)
        telling = self._journal.append(WITHHELD, told, id=derived_id(WITHHELD, event.id)).envelope
        self._send(self._journal.numbered(telling.epoch, telling.seq, telling.seq, 1), telling.epoch)
        try:
            return self._send(
                [event], epoch
            )  # a line that took nothing may have come back since: then it was not this one
        except Rejected as again:
            if not is_of_a_fact(again):
                raise
        log.error("%s %d/%d is not taken as it is (%s): its envelope goes alone", event.kind, of, event.seq, refused)
        self._journal.withhold(event.id)
        return self._send([bare(event)], epoch)

    def _send(self, events: Sequence[Event], epoch: int | None) -> Ack:
        # By the machine's own clock: what it stamped before it knew the time is as wrong as that clock is now.
        of = self._journal.epoch if epoch is None else epoch
        batch = Batch(of, SCHEMA, events[0].seq, self._clock.wall_ms(), list(events))
        try:
            ack = self._transport.push(batch)
        except Forked as e:
            if of != self._journal.epoch:
                raise
            log.warning("this journal was cloned or restored: going on in epoch %s", e.epoch)
            self._journal.fork(e.epoch)
            raise TryAgain("forked") from e
        if ack.quarantined:
            log.warning("the district put facts aside: %s", ack.quarantined)
        return ack
