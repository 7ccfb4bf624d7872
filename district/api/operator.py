"""Commands of the operator at the machine itself: signed with the district's own key, which only its owner can read."""

from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from district.api.answers import answer
from district.api.callers import InOffice, RawBody, target
from district.api.problems import Refusal
from district.operator.commands import COMMANDS, perform
from domain.errors import Mendable
from offline.keys.signing import Message, Refused, verify

router = APIRouter()


@router.post("/v1/operator/{command}", include_in_schema=False)
async def operate(command: str, request: Request, office: InOffice, body: RawBody) -> Response:
    def key_of(id: str) -> bytes | None:
        return office.identity.sign_public if id == office.store.node else None

    try:
        told = verify(Message(request.method, target(request), dict(request.headers), body), key_of, office.now())
    except Refused as e:
        raise Refusal(401, "signature") from e
    if not office.nonces.take(told.device, told.nonce, office.wall()):
        raise Refusal(401, "replayed")
    if command not in COMMANDS:
        raise Refusal(404, "not_found")
    try:
        given: dict[str, Any] = msgspec.json.decode(body, type=dict[str, Any])
        return answer(await run_in_threadpool(perform, office, command, given))
    except Mendable as e:
        raise Refusal(422, "mendable", mend=e.code, with_=dict(e.details)) from e
    except (msgspec.DecodeError, ValueError, TypeError) as e:
        raise Refusal(422, "bad_request", str(e)) from e
