"""What may be asked without a key: health, hello, enrol."""

import logging
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import PlainTextResponse

from district.api.answers import answer, gives, takes
from district.api.callers import InOffice, RawBody, address, household
from district.api.problems import Refusal
from district.api.reading import read
from district.scope import DeviceRole
from district.store.devices import MOST_EPOCHS, Device, device_id
from domain.retention import OPERATIONS, PASSAGE, SIGN
from offline.keys.identity import b64, code_matches, unb64, verified
from offline.letters.pins import pins_message
from offline.program import program_version
from offline.wire import MAX_BATCH_EVENTS, PROTOCOL, SCHEMAS, EnrolReply, EnrolRequest, Hello

log = logging.getLogger(__name__)
router = APIRouter()


@router.get("/healthz", summary="The process lives.")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz", summary="The store answers, and the watch goes on.")
def readyz(office: InOffice) -> dict[str, Any]:
    office.store.heads()
    if not office.nightwatch.stands:
        raise Refusal(503, "watch_still", "nobody looks over the signs of life, and nobody is called")
    doubted = office.clock_doubt.doubt is not None
    return {"status": "ready"} | ({"clock": "doubted"} if doubted else {})


@router.get("/metrics", summary="Figures for Prometheus; from this machine alone.", response_class=PlainTextResponse)
def metrics(request: Request, office: InOffice) -> Response:
    if address(request) not in ("127.0.0.1", "::1") or "x-forwarded-for" in request.headers:
        raise Refusal(403, "out_of_scope", "ask from the machine itself")
    return Response(generate_latest(office.metrics.registry), media_type=CONTENT_TYPE_LATEST)


@router.get(
    "/v1/hello",
    summary="Protocol and schema ranges, the district's time, the batch limit.",
    openapi_extra=gives(Hello),
)
async def hello(office: InOffice) -> Response:
    signature = b64(office.identity.sign.sign(pins_message(office.pins)))
    kept = office.settings.retention
    days = {PASSAGE: kept.passage_days, SIGN: kept.sign_days, OPERATIONS: kept.operations_days}
    return answer(
        Hello(
            (PROTOCOL, PROTOCOL), SCHEMAS, office.now_ms(), MAX_BATCH_EVENTS, office.store.node, program_version(),
            b64(office.identity.sign_public), list(office.pins), signature,
            office.settings.wanted_version, *office.pass_keys.told,
            days if office.clock_doubt.doubt is None else {},
        )
    )  # fmt: skip


@router.post("/v1/enroll", summary="Join with a one-time code.", openapi_extra=takes(EnrolRequest) | gives(EnrolReply))
async def enrol(request: Request, office: InOffice, body: RawBody) -> Response:
    if not office.limiter.allows("enrol", household(request)):
        raise Refusal(429, "too_many", "", {"Retry-After": "60"})
    try:
        asked = read(body, EnrolRequest)
        role = DeviceRole(asked.role)
        sign_key, box_key = unb64(asked.sign_key), unb64(asked.box_key)
        signature = unb64(asked.box_signature)
    except ValueError as e:
        raise Refusal(422, "bad_request", "not an enrolment") from e
    if len(sign_key) != 32 or len(box_key) != 32 or not verified(sign_key, signature, box_key):
        raise Refusal(422, "bad_request", "the X25519 key is not signed by the Ed25519 key")
    if not 0 <= asked.epoch < MOST_EPOCHS:
        raise Refusal(422, "bad_request", "epoch: no such number")
    if not 1 <= len(asked.name) <= 64:
        raise Refusal(422, "bad_request", "name: 1 to 64 characters")
    if not code_matches(asked.code, office.identity.sign_public):
        raise Refusal(403, "code_refused", "this code is not in force")
    secret = asked.code.strip().lower().rpartition("-")[0]
    device = Device(
        device_id(sign_key), role, asked.name, (), False, b64(sign_key), b64(box_key),
        epoch=asked.epoch + 1, scope_epoch=1, enrolled=office.now_ms(),
    )  # fmt: skip
    used = await run_in_threadpool(office.registry.enrol, secret, device, office.now_ms())
    if used is None:
        log.warning("enrolment refused, from %s", address(request))
        raise Refusal(403, "code_refused", "this code is not in force")
    kept = office.registry.device(device.id) or device
    log.info("enrolled %s %s in %s", kept.role.value, kept.id, used.community)
    told = {"role": kept.role.value, "community": used.community, "epoch": kept.epoch}
    await run_in_threadpool(office.audit.note, office.now_ms(), kept.id, "device.enrolled", kept.id, **told)
    return answer(
        EnrolReply(
            kept.id, kept.epoch, used.community, office.store.node, b64(office.identity.sign_public),
            b64(office.identity.box_public), office.now_ms(),
        )
    )  # fmt: skip
