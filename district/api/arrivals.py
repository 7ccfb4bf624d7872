"""Where message services report what became of a message: their signature is all that is believed."""

from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from district.api.callers import InOffice, RawBody, household
from district.api.problems import Refusal
from district.reaching.twilio import SIGNATURE

router = APIRouter(include_in_schema=False)
_FIELDS = 100  # Twilio sends about twenty


@router.post("/arrived/{channel}/{ref}", status_code=204)
async def arrived(channel: str, ref: str, request: Request, office: InOffice, body: RawBody) -> Response:
    if not office.limiter.allows("intake", household(request)):
        raise Refusal(429, "too_many", "", {"Retry-After": "5"})
    try:
        form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_FIELDS)
    except ValueError as e:
        raise Refusal(400, "bad_request", "too many fields") from e
    signature, hear = request.headers.get(SIGNATURE, ""), office.nightwatch.arrivals.hear
    if not await run_in_threadpool(hear, channel, ref, signature, form, office.now()):
        raise Refusal(403, "signature", "not signed by the service")
    office.nightwatch.wake()
    return Response(status_code=204)
