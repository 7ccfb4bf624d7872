"""Server-sent events: incidents and calls as they happen (WHATWG HTML, 9.2). A comment every 2 s says that the line stands."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Response
from fastapi.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from district.api.answers import plain
from district.api.callers import InOffice, Signed
from district.api.turns import session_of
from district.feeds.feed import read_cursor, streamed_scope
from district.hubs.above import BELIEVED_MS
from district.office import Office
from district.people.sessions import Session
from district.scope import Lane, Scope
from district.store.devices import Device
from district.store.own import is_sound_item
from offline.wire import dump

router = APIRouter(prefix="/v1")

HEARTBEAT_S = 2.0
NEWS_EVERY_S = 1.0
AT_ONCE_S = 0.5
# nginx gathers what it passes on until it is worth it: a desk behind one would hear of no alarm
AS_IT_COMES = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_PAGE = 500


@router.get(
    "/stream",
    summary="Incidents and calls as they happen; `Last-Event-ID` resumes.",
    response_class=Response,
    openapi_extra=plain("text/event-stream"),
)
async def stream(
    office: InOffice,
    call: Signed,
    last_event_id: Annotated[str | None, Header()] = None,
    authorization: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """`event: incident`, id: feed position, data: the FeedItem. `event: news`: the roster moved, pull the feed.
    To a kiosk alone, `event: order`: somebody opens its gate; `event: look`: somebody asks for a passage's picture.

    With the token of a session, the person counts as sitting there; `event: session` says that the session has ended.
    """
    token = (authorization or "").removeprefix("Bearer ")
    body = _events(office, call.device, _begin(office, call.device, last_event_id), token)
    return StreamingResponse(body, media_type="text/event-stream", headers=AS_IT_COMES)


def _begin(office: Office, device: Device, last: str | None) -> dict[str, int]:
    """After which position of each community to begin: where the client left off, else now."""
    now = {c: office.hub.head(c) for c in device.communities}
    if last is None:
        return now
    if re.fullmatch(r"[0-9]{1,16}", last):
        return {c: min(int(last), head) for c, head in now.items()}
    try:
        return now | {c: min(p, now[c]) for c, p in read_cursor(last)[1].items() if c in now}
    except ValueError:
        return now


async def _events(office: Office, device: Device, after: dict[str, int], token: str) -> AsyncIterator[bytes]:
    presence = Presence(office, token)
    scope = streamed_scope(device.scope)
    bell = office.hub.bell(Scope(scope.communities, scope.lanes | {Lane.ROSTER}))
    letters = office.hub.letters(device.id, bell)
    told_news = 0.0
    office.hub.listening += 1
    try:
        yield b": welcome\n\n"
        news = False
        while office.open and not letters.over:
            if await presence.ended():
                yield b"event: session\ndata: ended\n\n"
            standing = office.registry.device(device.id)
            if standing is None or standing.revoked is not None or standing.scope_epoch != device.scope_epoch:
                return
            for community in device.communities:
                while told := await _streamed(office, scope, community, after[community]):
                    for position, raw in told:
                        after[community] = position
                        yield b"event: incident\nid: %d\ndata: %b\n\n" % (position, raw)
                    if len(told) < _PAGE:
                        break
            for event, letter in letters.take():
                yield b"event: %b\ndata: %b\n\n" % (event.encode(), letter)
            if news and time.monotonic() - told_news >= NEWS_EVERY_S:
                news, told_news = False, time.monotonic()
                yield b"event: news\ndata: roster\n\n"
            if await bell.within(HEARTBEAT_S):
                news = news or Lane.ROSTER in bell.lanes
            else:
                yield b": still here\n\n"
            bell.answer()
    finally:
        presence.leave()
        office.hub.withdraw(device.id, letters)
        office.hub.listening -= 1
        office.hub.drop(bell)


class Presence:
    """Who sits at the desk that listens: the person of the session whose token came with the request, while it is in force."""

    def __init__(self, office: Office, token: str) -> None:
        self._office, self._token, self._person = office, token, ""
        self._looked = -1
        self._asking: asyncio.Task[Session | None] | None = None

    async def ended(self) -> bool:
        """Whether the session has ended since the last look; asks only after accounts have changed, at a hub now and then. What
        takes longer is heard later: no alarm waits for it."""
        changes = (
            self._office.accounts.sessions.changes
            if self._office.above is None
            else self._office.now_ms() // BELIEVED_MS
        )
        if self._asking is None:
            if not self._token or changes == self._looked:
                return False
            self._looked = changes
            self._asking = asyncio.create_task(session_of(self._office, self._token))
        if not (await asyncio.wait({self._asking}, timeout=AT_ONCE_S))[0]:
            return False
        found, self._asking = self._asking.result(), None
        if found is not None:
            if not self._person:
                self._person = found.account.person
                self._office.hub.present[self._person] += 1
            return False
        self.leave()
        self._token = ""
        return True

    def leave(self) -> None:
        if self._person:
            self._office.hub.present[self._person] -= 1
            self._person = ""


async def _streamed(office: Office, scope: Scope, community: str, after: int) -> list[tuple[int, bytes]]:
    at_hand = office.hub.streamed_after(scope, community, after)
    if at_hand is not None:
        return at_hand
    page = await run_in_threadpool(office.store.feed_after, Scope((community,), scope.lanes), {community: after}, _PAGE)
    return [(item.position, dump(item)) for item in page.items if is_sound_item(item)]
