"""At a hub: what is about people and their accounts goes on to the district as it came, and its answer comes back."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from district.api.callers import Desk, InOffice, RawBody, household
from district.api.letters import handed_on, passed
from district.api.problems import Refusal
from district.api.turns import in_turn, refuse_a_crowd

router = APIRouter(prefix="/v1", include_in_schema=False)
_ONWARD = (
    "/sign-in", "/sign-out", "/me", "/me/password", "/me/second-factor",
    "/me/second-factor/confirmation", "/me/second-factor/removal", "/accounts", "/accounts/{_a}",
    "/accounts/{_a}/invitation", "/leases", "/channels", "/colleagues", "/audit", "/exports", "/exports/{_a}/decision",
    "/exports/{_a}/file",
    "/residents/{_a}/erasure", "/residents/{_a}/medical-note",
)  # fmt: skip


async def onward(request: Request, office: InOffice, body: RawBody, desk: Desk) -> Response:
    """`desk` signed it, so the one above learns where somebody sits."""
    above = office.above
    assert above is not None, "the router is a hub's alone"
    # what no desk has signed counts above as this hub's own, whose allowance is for its feed and its receipts
    if (request.url.path == "/v1/sign-in" or not desk) and not office.limiter.allows(
        "sign_in", desk or household(request)
    ):
        raise Refusal(429, "too_many", "", {"Retry-After": "60"})
    query = urlencode([(name, value) for name, value in request.query_params.multi_items() if name != "desk"])
    # as it was sent: read, what stands between two slashes could name another address, or more of a query
    target = request.scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
    refuse_a_crowd(above.turns)
    authorization = request.headers.get("authorization", "")
    if request.url.path == "/v1/sign-out":
        above.forget(authorization.removeprefix("Bearer "))
    return passed(await in_turn(above.turns, handed_on, above, request.method, target, body, authorization, desk))


for path in _ONWARD:
    router.add_api_route(path, onward, methods=["GET", "POST", "PATCH"])
