"""Signals from homes over HTTP: `X-Shouwang-Key`, `-Time` and `-Signature` as district.intake.webhook has them."""

import logging
from dataclasses import replace

from fastapi import APIRouter, Request, Response

from district.api.answers import answer
from district.api.callers import InOffice, RawBody, household
from district.api.problems import Refusal
from district.api.turns import in_turn
from district.intake import webhook
from district.intake.signals import PERHAPS_CALLS
from district.office import Office
from offline.keys.identity import unb64
from offline.keys.seal import unseal

log = logging.getLogger(__name__)
router = APIRouter(prefix="/v1/intake")

_CODES = {400: "bad_request", 401: "signature", 413: "too_large"}


@router.post(
    "/zigbee2mqtt", status_code=202, summary="Signals of home devices, signed with a shared secret (HMAC-SHA256)."
)
async def signals(request: Request, office: InOffice, body: RawBody) -> Response:
    return answer(await in_turn(office.intake, _take, office, household(request), body, dict(request.headers)), 202)


def _take(office: Office, household: str, body: bytes, headers: dict[str, str]) -> dict[str, object]:
    key = headers.get(webhook.KEY, "")
    bridge = office.registry.bridge(key)
    secrets = {key: bridge_secret(office.master, key, bridge[1])} if bridge is not None else {}
    told = webhook.parse(body, headers, office.now(), secrets, office.nightwatch.wrong_clocks)
    # what a bridge did not sign is counted where it comes from: a name alone neither uses up its allowance nor escapes the limit
    theirs = bridge is not None and told.status not in (401, 413)
    allowed = office.limiter.allows("intake", key if theirs else household)
    if not allowed and not any(signal.kind in PERHAPS_CALLS for signal in told.heard.signals):
        raise Refusal(429, "too_many", "", {"Retry-After": "5"})
    if bridge is None or told.status >= 300:
        log.info("intake refused: %s", told.heard.problem)
        if bridge is not None:  # counted, and kept for somebody to look at; what nobody signed only by its name
            heard = replace(told.heard, raw=b"") if told.status == 401 else told.heard
            office.nightwatch.desk.receive(heard, bridge[0], office.now())
        raise Refusal(told.status, _CODES.get(told.status, "bad_request"), told.heard.problem)
    recorded = office.nightwatch.desk.receive(told.heard, bridge[0], office.now())
    recorded += office.nightwatch.streams.take(told.heard.pieces, bridge[0], office.now())
    desk = office.nightwatch.desk
    unheard = {name: why for name in {s.device for s in told.heard.signals} if (why := desk.unheard(bridge[0], name))}
    return {
        "signals": len(told.heard.signals), "recorded": recorded, "unknown": desk.unknown(told.heard, bridge[0]),
        "unheard": unheard,
    }  # fmt: skip


def bridge_secret(master: bytes, id: str, sealed: str) -> bytes:
    """The shared secret of a bridge, which the database holds sealed."""
    return unseal(master, unb64(sealed), b"bridge|" + id.encode())
