"""A face template from one gate to another, handed on as it comes: sealed to the one, signed by the other, kept nowhere here."""

from urllib.parse import quote, urlencode

from fastapi import APIRouter, Response

from district.api.callers import InOffice, Through
from district.api.letters import handed_on, passed
from district.api.problems import Refusal
from district.api.turns import in_turn
from district.scope import DeviceRole
from offline.letters.lent import letter

router = APIRouter(prefix="/v1/gates")

MAX_BYTES = 128 * 1024


@router.put(
    "/{gate}/template", status_code=204, summary="Lend a resident's template to another gate of the community, sealed."
)
async def lend(gate: str, office: InOffice, by: Through) -> Response:
    other = office.registry.device(gate)
    if other is None and office.letters is not None:  # enrolled above, or with another hub
        target = f"/v1/gates/{quote(gate, safe='')}/template?{urlencode({'through': by.device.id})}"
        return passed(await in_turn(office.letters.turns, handed_on, office.letters, "PUT", target, by.body))
    shared = set(by.device.communities) & set(other.communities if other is not None else ())
    kiosks = by.device.role is DeviceRole.KIOSK and other is not None and other.role is DeviceRole.KIOSK
    if not kiosks or not shared or gate == by.device.id:
        raise Refusal(403, "out_of_scope", "from a gate to another of its community")
    if not 0 < len(by.body) <= MAX_BYTES:
        raise Refusal(413, "too_large", f"at most {MAX_BYTES} bytes")
    if not await office.relay.hand(gate, letter(by.device.id, by.body), "template"):
        raise Refusal(409, "kiosk_not_listening", "that gate is not on the line; nothing was kept")
    return Response(status_code=204)
