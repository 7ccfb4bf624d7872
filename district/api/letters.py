"""Between a hub and the one above: whether a letter was heard below, and requests of devices that are answered further up."""

from fastapi import APIRouter, Response

from district.api.answers import takes
from district.api.callers import InOffice, Signed
from district.api.problems import Refusal
from district.api.reading import read
from district.hubs.above import Above, Answer
from district.hubs.relay import Handed
from offline.transport.errors import TryAgain, Untrusted

router = APIRouter(prefix="/v1/onward")
KEPT = ("content-type", "retry-after", "www-authenticate", "content-disposition")


@router.put(
    "/{letter}", status_code=204, summary="A hub's word on a letter to a device below it.", openapi_extra=takes(Handed)
)
async def handed(letter: str, office: InOffice, by: Signed) -> Response:
    told = read(by.body, Handed)
    office.relay.heard(letter, by.device.id, told.handed)
    return Response(status_code=204)


def handed_on(above: Above, method: str, target: str, body: bytes, authorization: str = "", desk: str = "") -> Answer:
    """What the one above answers to somebody else's request. Raises Refusal where it cannot be asked."""
    try:
        return above.hand_on(method, target, body, authorization, desk)
    except (TryAgain, Untrusted) as e:
        raise Refusal(503, "busy", "the district cannot be reached from here", {"Retry-After": "5"}) from e


def passed(found: Answer) -> Response:
    """That answer as it came."""
    return Response(found.body, found.status, {name: found.headers[name] for name in KEPT if name in found.headers})
