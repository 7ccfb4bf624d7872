"""What a hub tells of hours in which it stood still, held against when it was heard: for those hours no silence of its homes rings
for anybody. It is believed for as long as it really was silent here, and was so before it said so.
"""

from collections.abc import Iterable
from dataclasses import replace

import msgspec

from district.store import own
from district.store.devices import Device
from district.store.hearing import Span
from district.store.port import COMMUNITY, KIND, SEQ, Payload, Poison, Prepared, Row
from district.store.registry import Registry
from district.watching.hub_silence import row_of
from domain.events import to_ms
from domain.subjects import of_gateway
from offline.journal.projections import read_payload
from watch.ledger import Ledger
from watch.outages import STOOD, server_of
from watch.signs import GATEWAY_SILENT, silent_spans

GIVEN_MS = 90_000  # it notes twice a minute that it listens, and that it does so again as it comes back


def judge(prepared: Prepared, ledger: Ledger, registry: Registry, now: int) -> Prepared:
    """The batch with what is not so put aside. `now` in ms."""
    hub = registry.device("v" + prepared.device[1:])
    facts: list[Row] = []
    payloads: list[Payload] = []
    aside = list(prepared.poison)
    for fact, payload in zip(prepared.facts, prepared.payloads, strict=True):
        if fact[KIND] == STOOD and not _is_so(payload, fact[COMMUNITY], hub, ledger, registry, now):
            event = own.feed_item(0, fact, *payload).event
            reason = "not_so: it was heard in the time in which it tells that it stood still"
            aside.append(Poison(fact[SEQ], reason, msgspec.json.encode(event)))
        else:
            facts.append(fact)
            payloads.append(payload)
    return replace(prepared, facts=facts, payloads=payloads, poison=aside, claims=False)


def _is_so(payload: Payload, community: str, hub: Device | None, ledger: Ledger, registry: Registry, now: int) -> bool:
    told = read_payload(payload[1]) or {}
    since, until = told.get("since"), told.get("until")
    if type(since) is not int or type(until) is not int or until <= since:
        return payload[1] is None or type(until) is int  # erased; its clock was ahead, which takes its own words back
    if hub is None or until > now + GIVEN_MS:
        return False
    silent = [*registry.heard.gaps(hub.id, now), *_told(ledger, community, hub, now)]
    return until - since - _covered((since, until), silent) <= GIVEN_MS


def _told(ledger: Ledger, community: str, hub: Device, now: int) -> list[Span]:
    """On record, over restarts of this server: when the hub was silent, and when nobody was here to hear it."""
    silent = ledger.about(of_gateway(community, row_of(hub)), (GATEWAY_SILENT,))
    spans = silent_spans(fact for fact in silent if fact.device == ledger.device)
    found = [(to_ms(start), now if end is None else to_ms(end)) for start, end in spans]
    for fact in ledger.about(server_of(community), (STOOD,)):
        since, until = fact.payload.get("since"), fact.payload.get("until")
        if fact.device == ledger.device and type(since) is int and type(until) is int:
            found.append((since, until))
    return found


def _covered(span: Span, by: Iterable[Span]) -> int:
    """How many ms of a span these cover together."""
    covered, reached = 0, span[0]
    for since, until in sorted(by):
        begins, ends = max(since, reached), min(until, span[1])
        if ends > begins:
            covered, reached = covered + ends - begins, ends
    return covered
