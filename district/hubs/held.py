"""What a hub puts in force only when the district has: a fact that takes a person with a role, which a hub cannot know of, and
would take an alarm from the desks below while it rings above. Everything else stands at the hub meanwhile, and goes again.
"""

import logging
from collections.abc import Callable
from dataclasses import replace

import msgspec

from district.hubs.withheld import Withheld
from district.ingest import read_event
from district.store import own
from district.store.people import HELD
from district.store.port import KIND, SEQ, Poison, Prepared, Store
from domain.events import SCHEMA
from domain.incident_kinds import EXTENDED, LOWERED, MERGED
from offline.line.pushing import is_of_a_fact
from offline.transport.errors import Rejected
from offline.wire import Ack, Batch

log = logging.getLogger(__name__)

HANDED_UP = "handed up: it awaits the district's word"
_AWAITS = frozenset({LOWERED, MERGED, EXTENDED})
_MARK = "UPDATE quarantine SET reason = ? WHERE device = ? AND epoch = ? AND seq = ?"
_NEVER = frozenset({"fork", "origin_revoked", "out_of_scope"})  # refusals that asking again does not change


def hold(prepared: Prepared) -> Prepared:
    """A desk's batch with such facts put aside, until they come down from the one above."""
    facts, payloads, aside = [], [], list(prepared.poison)
    for fact, payload in zip(prepared.facts, prepared.payloads, strict=True):
        if fact[KIND] in _AWAITS:
            aside.append(Poison(fact[SEQ], HELD, msgspec.json.encode(own.feed_item(0, fact, *payload).event)))
        else:
            facts.append(fact)
            payloads.append(payload)
    return replace(prepared, facts=facts, payloads=payloads, poison=aside, asks=False)


def hand_up(store: Store, relay: Callable[[str, Batch], Ack], now: int, withheld: Withheld) -> None:
    """Tell the one above of them; what it does not judge is told to people. Raises as `relay` does."""
    for device, epoch, seq, raw in store.read(
        "SELECT device, epoch, seq, raw FROM quarantine WHERE reason = ?", (HELD,)
    ):
        event = read_event(bytes(raw))
        try:
            relay(device, Batch(epoch, SCHEMA, seq, now, [event]))
        except Rejected as e:
            if is_of_a_fact(e):
                withheld.tell(relay, device, epoch, event, e)
            elif e.code not in _NEVER:
                raise
            log.warning("%s of %s will not be judged above: %s", seq, device, e)
        _handed_up(store, device, epoch, seq)


def _handed_up(store: Store, device: str, epoch: int, seq: int) -> None:
    store.write(lambda execute: execute(f"{_MARK} RETURNING seq", (HANDED_UP, device, epoch, seq)))
