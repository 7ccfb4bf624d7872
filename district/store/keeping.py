"""A device's batch into the store. Its facts were read and found sound; should one be beyond what can be kept all the same, it is
put aside like one that cannot be read, and the others do not wait for it.
"""

import asyncio
import logging
from dataclasses import replace

import msgspec

from district.store import own
from district.store.port import SEQ, Appended, Poison, Prepared, Store, Unkeepable

log = logging.getLogger(__name__)


async def keep(store: Store, batch: Prepared) -> Appended:
    """Raises as `Store.append_batch` and its future do, but for what lies in a fact."""
    try:
        return await asyncio.wrap_future(store.append_batch(batch))
    except Unkeepable as e:
        if not batch.facts:
            raise
        if len(batch.facts) == 1:
            seq = batch.facts[0][SEQ]
            log.error("%s %d/%d cannot be kept", batch.device, batch.epoch, seq, exc_info=e)
            event = own.feed_item(0, batch.facts[0], *batch.payloads[0]).event
            poison = Poison(seq, f"cannot be kept: {type(e).__name__}", msgspec.json.encode(event))
            return await keep(store, replace(batch, facts=(), payloads=(), poison=(*batch.poison, poison)))
    half = len(batch.facts) // 2
    first = await keep(store, replace(batch, facts=batch.facts[:half], payloads=batch.payloads[:half], poison=()))
    if first.fork_epoch is not None:
        return first
    second = await keep(store, replace(batch, facts=batch.facts[half:], payloads=batch.payloads[half:]))
    aside = (*first.quarantined, *second.quarantined)
    return replace(second, quarantined=aside, fresh=first.fresh + second.fresh)
