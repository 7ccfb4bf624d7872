"""Up and down: batches of facts, the feed, the cursor."""

import logging
from dataclasses import replace
from typing import Annotated

import msgspec
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from district.api.answers import answer, gives, packed, takes
from district.api.callers import Call, HandsOn, InOffice, Own, Signed
from district.api.problems import Refusal
from district.api.reading import read
from district.api.turns import in_turn
from district.feeds.feed import MOST_CURSOR, is_marked, read_cursor, read_leaving, read_marks, write_cursor
from district.hubs.rescoping import leaving, onward
from district.hubs.taking_back import greatest_of, take_back
from district.ingest import Unreadable, prepare, read_batch
from district.office import Office
from district.scope import DeviceRole
from district.store.keeping import keep
from district.store.own import is_sound_item
from district.store.port import Page
from offline.wire import SCHEMAS, Ack, Batch, Checksums, FeedPage, decompress

log = logging.getLogger(__name__)
router = APIRouter(prefix="/v1")

PAGE = 500
LONGEST_WAIT_S = 25.0
BULK = 16 * 1024  # bytes as sent; incidents, consents and calls come in batches of their own, which are small


class Applied(msgspec.Struct, frozen=True):
    cursor: str


@router.post("/devices/{device}/events", summary="Facts of a device.", openapi_extra=takes(Batch) | gives(Ack))
async def events(request: Request, office: InOffice, call: HandsOn) -> Response:
    received = office.now_ms()
    if len(call.body) > BULK:
        await office.hub.way.clear()
    try:
        body = decompress(call.body, request.headers.get("content-encoding", ""))
    except ValueError as e:
        status, code = (413, "too_large") if "large" in str(e) else (415, "encoding")
        raise Refusal(status, code, str(e)) from e
    d = call.device
    try:
        batch, poison = read_batch(body)
        if call.own:
            return answer(await run_in_threadpool(take_back, office.store, office.patrol, batch, received))
        if call.before_epoch is not None and batch.epoch >= call.before_epoch:
            raise Refusal(403, "out_of_scope", "it is enrolled elsewhere, and says this there")
        if not call.vouched and d.role is not DeviceRole.HUB:  # a hub's clock is ours
            office.clock_doubt.heard(d.id, batch.sent_at)
        if not SCHEMAS[0] <= batch.schema <= SCHEMAS[1]:
            raise Refusal(426, "upgrade_required", f"schemas {SCHEMAS[0]} to {SCHEMAS[1]} are read here")
        prepared = prepare(batch, poison, d.id, d.role, d.communities, received, call.vouched)
    except Unreadable as e:
        raise Refusal(413 if e.code == "too_large" else 422, e.code, str(e)) from e
    if prepared.asks or prepared.places or prepared.claims:
        prepared = await run_in_threadpool(office.judged, prepared, d.communities)
    if office.patrol.awaits(prepared):
        await run_in_threadpool(office.patrol.mend, [prepared])
    if prepared.urgent:
        office.hub.way.take()
    done = await keep(office.store, prepared)
    office.metrics.facts.inc(done.fresh)
    office.metrics.aside.inc(len(done.quarantined))
    if done.fork_epoch is not None:
        office.metrics.forks.inc()
        log.warning("fork of %s in epoch %s", d.id, batch.epoch)
        await run_in_threadpool(office.registry.reload, d.id)
        raise Refusal(409, "fork", "other facts are known under these numbers", epoch=done.fork_epoch)
    if done.quarantined:
        log.warning("put aside of %s: %s", d.id, done.quarantined)
        if office.hub_line is None:
            known = {p.seq: p.reason for p in prepared.poison}
            reasons = {seq: known.get(seq, "") for seq in done.quarantined}
            await run_in_threadpool(office.refusals.told, d, batch.epoch, reasons, received)
    through = done.through if call.vouched else office.patrol.ask_again(d.id, batch.epoch, done.through)
    return answer(Ack(through, list(done.missing), list(done.quarantined)))


@router.get(
    "/feed", summary="What is new in the device's scope, in order; waits for news up to `wait` seconds.",
    openapi_extra=gives(FeedPage),
)  # fmt: skip
async def feed(
    office: InOffice,
    call: Signed,
    cursor: Annotated[str, Query(max_length=MOST_CURSOR)] = "",
    wait: Annotated[float, Query(ge=0, le=60, allow_inf_nan=False)] = 0,
    limit: Annotated[int, Query(ge=1, le=2000)] = PAGE,
    accept_encoding: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    scope = call.device.scope
    scope_epoch, positions = _place(cursor)
    if positions and scope_epoch != call.device.scope_epoch:
        return await run_in_threadpool(_rescoped, office, call, scope_epoch, positions, cursor)
    await _refuse_the_future(office, positions)
    await run_in_threadpool(_refuse_unmarked, office, call.device.id, cursor, positions)
    bell = office.hub.bell(scope)
    try:
        page, marks = await _page(office, call, positions, limit, read_marks(cursor))
        if wait and not page.items and await bell.within(min(wait, LONGEST_WAIT_S)):
            page, marks = await _page(office, call, page.positions, limit, marks)
    finally:
        office.hub.drop(bell)
    fresh = write_cursor(call.device.scope_epoch, page.positions, marks=marks)
    keys = office.pass_keys.listed.number
    told = FeedPage(
        page.items, fresh, page.more, [], page.erased, list(scope.communities), keys, office.nightwatch.stands
    )
    if page.items:  # a page of 500 takes a millisecond and more, which the loop has not got
        return await run_in_threadpool(packed, told, accept_encoding)
    return packed(told, accept_encoding)


async def _page(
    office: Office, call: Call, positions: dict[str, int], limit: int, marks: dict[str, str]
) -> tuple[Page, dict[str, str]]:
    """What comes after `positions`, which are known by `marks`, and the marks of where it ends.

    What was altered where it lies is left out: bytes that are no JSON would make the whole page unreadable. Whoever has not got
    it finds so by the checksums when it is whole again.
    """

    def read() -> tuple[Page, dict[str, str]]:
        _refuse_other_facts(office, positions, marks)
        page = office.store.feed_after(call.device.scope, positions, limit)
        page = replace(page, items=list(filter(is_sound_item, page.items)))
        return page, office.marks.of(page.positions, page.items)

    return await run_in_threadpool(read)


def _place(cursor: str) -> tuple[int, dict[str, int]]:
    try:
        return read_cursor(cursor)
    except ValueError as e:
        raise Refusal(410, "cursor", "not a cursor of this district: begin anew") from e


def _rescoped(office: Office, call: Call, scope_epoch: int, positions: dict[str, int], cursor: str) -> Response:
    """The device's scope has changed since: first it is told what has left it."""
    _refuse_other_facts(office, positions, read_marks(cursor))
    now = call.device.scope
    before = office.registry.scope_at(call.device, scope_epoch)
    if before is None:
        raise Refusal(410, "cursor", "the scope of this cursor is not known any more: begin anew")
    page = leaving(office.store, before, now, positions, read_leaving(cursor))
    if page.reached is None:
        fresh = write_cursor(call.device.scope_epoch, onward(before, now, positions), marks=read_marks(cursor))
    else:
        fresh = write_cursor(scope_epoch, positions, page.reached, read_marks(cursor))
    keys, watching = office.pass_keys.listed.number, office.nightwatch.stands
    return answer(FeedPage([], fresh, True, page.tombstones, [], list(now.communities), keys, watching))


@router.get(
    "/checksums", summary="What the device must hold, having applied the feed through `cursor`.",
    openapi_extra=gives(Checksums),
)  # fmt: skip
async def checksums(
    office: InOffice, call: Signed, cursor: Annotated[str, Query(max_length=MOST_CURSOR)] = ""
) -> Response:
    scope_epoch, positions = _place(cursor)
    if scope_epoch != call.device.scope_epoch:
        raise Refusal(410, "cursor", "of another scope: pull first")
    await _refuse_the_future(office, positions)
    await run_in_threadpool(_refuse_unmarked, office, call.device.id, cursor, positions)
    await run_in_threadpool(_refuse_other_facts, office, positions, read_marks(cursor))
    through = {c: positions.get(c, 0) for c in call.device.communities}
    whole = await in_turn(office.sums, office.checksums.of, call.device.scope, through)
    gone = await in_turn(office.sums, office.lost.of, call.device.id)
    own = await run_in_threadpool(greatest_of, office.store, office.store.node)
    return answer(Checksums(office.patrol.sums(whole, call.device.scope, through), through, gone, own))


def _refuse_unmarked(office: Office, device: str, cursor: str, positions: dict[str, int]) -> None:
    """Places of a cursor that an older version wrote are believed as far as this database remembers that the device has been: one
    that was put back remembers less."""
    if is_marked(cursor):
        return
    known = read_cursor(office.registry.cursors().get(device, ("", 0))[0])[1]
    if any(at > known.get(community, 0) for community, at in positions.items()):
        raise Refusal(410, "cursor", "of an older version, and not known here: begin anew")


def _refuse_other_facts(office: Office, positions: dict[str, int], marks: dict[str, str]) -> None:
    """A place where another fact stands now was given out before an older backup was restored."""
    if not office.marks.fit(positions, marks):
        raise Refusal(410, "cursor", "another fact stands there: begin anew")


async def _refuse_the_future(office: Office, positions: dict[str, int]) -> None:
    """Likewise a place beyond the feed's end; something else will come there."""
    if any(at > office.hub.head(community) for community, at in positions.items()):
        heads = await run_in_threadpool(office.store.heads)
        if any(at > heads.get(community, 0) for community, at in positions.items()):
            raise Refusal(410, "cursor", "beyond the end of the feed: begin anew")


@router.put(
    "/devices/{device}/cursor", status_code=204, summary="Applied through here: the receipt of withdrawals.",
    openapi_extra=takes(Applied),
)  # fmt: skip
async def applied(office: InOffice, call: Own) -> Response:
    told = read(call.body, Applied)
    try:
        positions, marks = read_cursor(told.cursor)[1], read_marks(told.cursor)
    except ValueError as e:
        raise Refusal(422, "bad_request", "not a cursor") from e
    await _refuse_the_future(office, positions)  # or what comes there would count as applied already
    await run_in_threadpool(_refuse_unmarked, office, call.device.id, told.cursor, positions)
    await run_in_threadpool(_refuse_other_facts, office, positions, marks)
    await run_in_threadpool(office.registry.put_cursor, call.device.id, told.cursor, office.now_ms())
    if call.device.role is not DeviceRole.CAREGIVER:
        await run_in_threadpool(office.receipts.look)
    return Response(status_code=204)
