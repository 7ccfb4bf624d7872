"""The picture of a passage: asked by a person at a desk, answered by the gate that keeps it. Nothing here is kept."""

from typing import Annotated
from urllib.parse import quote, urlencode

import msgspec
from fastapi import APIRouter, Response
from fastapi.concurrency import run_in_threadpool

from district.api.answers import plain, takes
from district.api.callers import Call, InOffice, Through
from district.api.letters import handed_on, passed
from district.api.people import Person
from district.api.problems import Refusal
from district.api.reading import read
from district.api.turns import in_turn
from district.office import Office
from district.pictures.looks import WAIT_S
from district.scope import DeviceRole, Duty
from district.store.devices import Device
from offline.keys.identity import unb64
from offline.letters.looks import Look, digest, sign_look

router = APIRouter(prefix="/v1/passages")

MAX_ANSWER_BYTES = 256 * 1024
MAX_QUESTION_CHARACTERS = 2048
_NUMBER = msgspec.Meta(ge=0, le=2**53)
_FIND = "SELECT community, subject FROM facts WHERE device = ? AND epoch = ? AND seq = ? AND kind = 'passage.recorded'"


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A passage by its fact's number, and a question sealed to the gate that recorded it, base64."""

    kiosk: str
    epoch: Annotated[int, _NUMBER]
    seq: Annotated[int, _NUMBER]
    sealed: Annotated[str, msgspec.Meta(max_length=MAX_QUESTION_CHARACTERS)]


@router.post(
    "/picture",
    summary="Ask a gate for the picture of one passage; the answer is sealed to whoever asked. Signed by desk and person.",
    response_class=Response,
    openapi_extra=takes(Asked) | plain("application/octet-stream"),
)
async def ask(office: InOffice, by: Through, person: Person) -> Response:
    asked = read(by.body, Asked)
    try:
        sealed = unb64(asked.sealed)
    except ValueError as e:
        raise Refusal(422, "bad_request", "sealed: no base64") from e
    kiosk, whom, community = await _passage(office, by, asked)
    if not person.sees(Duty.SEE_PASSAGE, community):
        raise Refusal(403, "out_of_scope", "this is not among your duties")
    if office.looks.full:
        raise Refusal(503, "busy", "", {"Retry-After": "5"})
    look = office.looks.begin(kiosk.id)
    try:
        now = office.now_ms()
        word = Look(look, kiosk.id, asked.epoch, asked.seq, person.person, by.device.id, now, digest(sealed))
        passage = f"{kiosk.id}/{asked.epoch}/{asked.seq}"
        # written down before anything is asked: a look that fails was tried all the same
        await run_in_threadpool(
            office.audit.note, now, person.person, "passage.picture_asked", whom, passage=passage, desk=by.device.id
        )  # fmt: skip
        if not await office.relay.hand(kiosk.id, sign_look(word, sealed, office.identity.sign), "look"):
            raise Refusal(409, "kiosk_not_listening", "the kiosk is not on the line; nothing was asked")
        answer = await office.looks.within(look, WAIT_S)
    finally:
        office.looks.end(look)
    if answer is None:
        raise Refusal(409, "kiosk_silent", "the kiosk did not answer")
    return Response(answer, media_type="application/octet-stream", headers={"Cache-Control": "no-store"})


@router.put("/pictures/{look}", status_code=204, summary="A gate's answer, sealed to whoever asked.")
async def answer(look: str, office: InOffice, by: Through) -> Response:
    if by.device.role is not DeviceRole.KIOSK:
        raise Refusal(403, "out_of_scope", "a gate answers")
    if not 0 < len(by.body) <= MAX_ANSWER_BYTES:
        raise Refusal(413, "too_large", f"at most {MAX_ANSWER_BYTES} bytes")
    if not office.looks.answer(look, by.device.id, by.body):
        if office.letters is not None:  # it was asked above
            target = f"/v1/passages/pictures/{quote(look, safe='')}?{urlencode({'through': by.device.id})}"
            return passed(await in_turn(office.letters.turns, handed_on, office.letters, "PUT", target, by.body))
        raise Refusal(404, "not_found", "nobody waits for this any more")
    return Response(status_code=204)


async def _passage(office: Office, by: Call, asked: Asked) -> tuple[Device, str, str]:
    """(gate, whom it was, community): of a passage that this desk may read. A passage elsewhere is as unknown as none."""
    if by.device.role is not DeviceRole.CAREGIVER:
        raise Refusal(403, "out_of_scope", "for desks")
    kiosk = office.registry.device(asked.kiosk)
    rows = await run_in_threadpool(
        office.store.read_within, by.device.communities, _FIND, (asked.kiosk, asked.epoch, asked.seq)
    )
    if kiosk is None or not rows or rows[0][0] not in by.device.communities:
        raise Refusal(404, "not_found", "no such passage here")
    return kiosk, rows[0][1] or kiosk.id, rows[0][0]
