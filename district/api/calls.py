"""Calls from the gate beside their facts: the live picture, sealed for one desk, and the order to open. Nothing here is kept."""

import asyncio
import time
from typing import Annotated
from urllib.parse import quote, urlencode

import msgspec
from fastapi import APIRouter, Query, Response
from fastapi.concurrency import run_in_threadpool

from district.api.answers import plain, takes
from district.api.callers import InOffice, Signed, Through
from district.api.people import Person
from district.api.problems import Refusal
from district.api.reading import read
from district.scope import DeviceRole, Duty
from offline.letters.orders import Order, sign_order

router = APIRouter(prefix="/v1/calls")

MAX_PICTURE_BYTES = 256 * 1024
_LOOK_S = 0.1


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Open the gate of `kiosk` for the call whose nonce this is."""

    kiosk: str
    nonce: str


@router.put(
    "/{call}/picture", status_code=204, summary="The newest picture of a call, sealed to the desk that answered."
)
async def put_picture(call: str, office: InOffice, by: Through) -> Response:
    if by.device.role is not DeviceRole.KIOSK:
        raise Refusal(403, "out_of_scope", "a kiosk shows its own gate")
    if not 0 < len(by.body) <= MAX_PICTURE_BYTES or len(call) > 64:
        raise Refusal(413, "too_large", f"at most {MAX_PICTURE_BYTES} bytes")
    for community in by.device.communities:
        office.pictures.put(community, call, by.body)
    if office.letters is not None and not any(office.pictures.watched(c, call) for c in by.device.communities):
        target = f"/v1/calls/{quote(call, safe='')}/picture?{urlencode({'through': by.device.id})}"
        office.relay.picture(target, by.body, office.letters)
    return Response(status_code=204)


@router.get(
    "/{call}/picture",
    summary="The next picture of a call after `after`, sealed; 204 where none comes in `wait` seconds.",
    response_class=Response,
    responses={204: {"description": "None came in time."}},
    openapi_extra=plain("application/octet-stream"),
)
async def picture(
    call: str,
    office: InOffice,
    by: Signed,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    wait: Annotated[float, Query(ge=0, le=10)] = 0,
) -> Response:
    if by.device.role is not DeviceRole.CAREGIVER:
        raise Refusal(403, "out_of_scope", "for desks")
    until = time.monotonic() + wait
    while True:
        for community in by.device.communities:
            if (found := office.pictures.after(community, call, after)) is not None:
                return Response(
                    found.sealed, media_type="application/octet-stream", headers={"X-Number": str(found.number)}
                )
        if time.monotonic() >= until or not office.open:
            return Response(status_code=204)
        await asyncio.sleep(_LOOK_S)


@router.post(
    "/{call}/open",
    status_code=204,
    summary="Open the gate for a call: signed by desk and person, for one call and nonce, at once or not at all.",
    openapi_extra=takes(Asked),
)
async def open_gate(call: str, office: InOffice, by: Through, person: Person) -> Response:
    asked = read(by.body, Asked)
    kiosk = office.registry.device(asked.kiosk)
    shared = set(by.device.communities) & set(kiosk.communities if kiosk else ())
    here = sorted(c for c in shared if person.sees(Duty.OPEN_GATE, c))
    if by.device.role is not DeviceRole.CAREGIVER or kiosk is None or kiosk.role is not DeviceRole.KIOSK or not here:
        raise Refusal(403, "out_of_scope", "not a gate of yours")
    order = Order(call, asked.nonce, kiosk.id, person.person, by.device.id, office.now_ms())
    note = office.audit.note
    await run_in_threadpool(
        note, order.issued, person.person, "gate.open_ordered", kiosk.id, call=call[:64], desk=by.device.id
    )
    if not await office.relay.hand(kiosk.id, sign_order(order, office.identity.sign)):
        raise Refusal(409, "kiosk_not_listening", "the kiosk is not on the line; nothing was sent")
    return Response(status_code=204)
