"""Who is enrolled with a hub: it tells the one above, which answers whom it is not to hear any more."""

import msgspec
from fastapi import APIRouter, Response
from fastapi.concurrency import run_in_threadpool

from district.api.answers import answer, gives, takes
from district.api.callers import InOffice, OwnHub
from district.api.problems import Refusal
from district.api.reading import read
from district.scope import DeviceRole
from district.store.devices import MOST_EPOCHS, Device, device_id
from district.store.own import LATEST
from offline.keys.identity import unb64
from offline.wire import Below

router = APIRouter(prefix="/v1")
MOST_BELOW = 5_000


class Declared(msgspec.Struct, frozen=True):
    """`now` is the hub's clock, ms: what was heard when is measured against it."""

    now: int
    devices: list[Below]


class Revoked(msgspec.Struct, frozen=True):
    revoked: list[str]


@router.put(
    "/devices/{device}/below", summary="Which devices are enrolled with this hub; answers which of them are revoked.",
    openapi_extra=takes(Declared) | gives(Revoked),
)  # fmt: skip
async def below(office: InOffice, call: OwnHub) -> Response:
    told = read(call.body, Declared)
    if len(told.devices) > MOST_BELOW:
        raise Refusal(413, "too_large", f"at most {MOST_BELOW} devices")
    try:
        found = [_below(each) for each in told.devices]
    except ValueError as e:
        raise Refusal(422, "bad_request", str(e)) from e
    revoked = await run_in_threadpool(office.registry.declare, call.device, found)
    now, heard = office.now_ms(), office.registry.heard
    for each in told.devices:
        if each.via and office.registry.origin(each.id, call.device) is not None:
            office.registry.nearest[each.id] = each.via
        if each.heard is not None and office.registry.origin(each.id, call.device) is not None:
            heard.hears(each.id, min(now, each.heard + now - told.now))
    return answer(Revoked(revoked))


def _below(told: Below) -> Device:
    """Raises ValueError for what is no device: an id is made of its key, so that no hub can claim another's."""
    sign_key, box_key = unb64(told.sign_key), unb64(told.box_key)
    named = 1 <= len(told.name) <= 64 and all(1 <= len(c) <= 64 for c in told.communities)
    timed = 0 <= told.enrolled <= LATEST and 0 <= (told.revoked or 0) <= LATEST and told.epoch < MOST_EPOCHS
    if len(sign_key) != 32 or len(box_key) != 32 or told.id != device_id(sign_key) or not (named and timed):
        raise ValueError("not a device")
    return Device(
        told.id, DeviceRole(told.role), told.name, tuple(told.communities), told.gate_log, told.sign_key, told.box_key,
        max(1, told.epoch), 1, told.enrolled, told.revoked,
    )  # fmt: skip
