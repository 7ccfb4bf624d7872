"""Who may say that somebody belongs to a community: a device that serves one where they are known, unless they are known nowhere.

Where somebody belongs, their key is given out. An id is told in its own community alone; whoever had come by one could have
registered it in another, and would have been given what is sealed under that key.
"""

from dataclasses import replace

import msgspec

from district.store import own
from district.store.people import PLACES
from district.store.port import COMMUNITY, KIND, SEQ, SUBJECT, Payload, Poison, Prepared, Row
from district.store.registry import Registry


def judge(prepared: Prepared, communities: tuple[str, ...], registry: Registry) -> Prepared:
    """The batch without what makes somebody of elsewhere belong; `communities` are those that its device serves."""
    people = {fact[SUBJECT] for fact in prepared.facts if fact[KIND] in PLACES and fact[SUBJECT]}
    known = registry.communities_of(sorted(people)) if people else {}
    facts: list[Row] = []
    payloads: list[Payload] = []
    aside = list(prepared.poison)
    for fact, payload in zip(prepared.facts, prepared.payloads, strict=True):
        where = known.get(fact[SUBJECT], set()) if fact[KIND] in PLACES else set()
        if where and fact[COMMUNITY] not in where and where.isdisjoint(communities):
            reason = f"elsewhere: {fact[KIND]} of somebody who belongs to another community"
            event = own.feed_item(0, fact, *payload).event
            aside.append(Poison(fact[SEQ], reason, msgspec.json.encode(event)))
        else:
            facts.append(fact)
            payloads.append(payload)
    return replace(prepared, facts=facts, payloads=payloads, poison=aside, places=False)
