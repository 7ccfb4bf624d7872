"""The audit, searched; and exports, which take two people."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import StreamingResponse

from district.api.answers import plain
from district.api.callers import InOffice
from district.api.people import Person, Signedin
from district.api.problems import Refusal
from district.office import Office
from district.people import exports
from district.people.audit import as_rows
from district.people.exports import Export, ExportRefused, Reason, What, wanted_of
from district.scope import EVERYWHERE, Duty

router = APIRouter(prefix="/v1")
_STATUS = {"not_found": 404, "own_request": 409, "unsettled": 409, "decided": 409, "not_allowed": 403, "expired": 409}
Time = Annotated[int, Field(ge=0, le=2**53)]
Id = Annotated[str, Query(max_length=64, pattern=r"^[A-Za-z0-9_.:-]*$")]


class Ask(BaseModel):
    model_config = ConfigDict(extra="forbid")

    what: What
    reason: Reason
    reference: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9/._-]{0,32}$")] = ""
    person: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{0,64}$")] = ""
    community: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$")] = EVERYWHERE
    since: Time = 0
    until: Time = 2**53


class Decision(BaseModel):
    model_config = ConfigDict(extra="forbid")

    allow: bool


@router.get("/audit", summary="Who looked at whom and who changed what. Reading it is a line of its own.")
def audit(
    person: Person,
    office: InOffice,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    actor: Id = "",
    about: Id = "",
    action: Annotated[str, Query(max_length=64, pattern=r"^[a-z_.]*$")] = "",
    since: Annotated[int, Query(ge=0, le=2**53)] = 0,
    until: Annotated[int, Query(ge=0, le=2**53)] = 2**53,
) -> list[dict[str, object]]:
    person.must(Duty.READ_AUDIT, EVERYWHERE)
    told = {name: value for name, value in {"of": actor, "doing": action}.items() if value}
    office.audit.note(office.now_ms(), person.person, "audit.read", about, after=after, **told)
    return as_rows(office.audit.lines(after, limit, actor=actor, about=about, action=action, since=since, until=until))


@router.get("/exports", summary="Exports of the last 30 days that the caller may ask for or decide.")
def known(person: Person, office: InOffice) -> list[dict[str, object]]:
    person.must(Duty.EXPORT_AUDIT)
    now = office.now_ms()
    return exports.as_rows([e for e in office.exports.known(now) if _may(person, e.wanted.community)], now)


@router.post("/exports", status_code=201, summary="Ask for an export; another person must allow it within 72 hours.")
def ask(asked: Ask, person: Person, office: InOffice) -> dict[str, object]:
    person.must(Duty.EXPORT_AUDIT, asked.community)
    now = office.now_ms()
    try:
        return office.exports.ask(wanted_of(asked.model_dump()), person.person, now).shown(now)
    except ExportRefused as e:
        raise Refusal(422, e.code, "a person's record names person and community, the audit neither") from e


@router.post("/exports/{export}/decision", summary="Allow or refuse what another person asked for.")
def decide(export: str, asked: Decision, person: Person, office: InOffice) -> dict[str, object]:
    _mine(export, person, office)
    now = office.now_ms()
    try:
        return office.exports.decide(export, asked.allow, person.person, now).shown(now)
    except ExportRefused as e:
        raise Refusal(_STATUS[e.code], e.code) from e


@router.post(
    "/exports/{export}/file",
    summary="The record as lines of JSON, for who asked, within an hour of its being allowed.",
    response_class=Response,
    openapi_extra=plain("application/x-ndjson"),
)
def take(export: str, person: Person, office: InOffice) -> StreamingResponse:
    _mine(export, person, office)
    try:
        lines = office.exports.take(export, person.person, office.now_ms())
    except ExportRefused as e:
        raise Refusal(_STATUS[e.code], e.code) from e
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{export}.jsonl"'}
    return StreamingResponse(lines, media_type="application/x-ndjson", headers=headers)


def _may(person: Signedin, community: str) -> bool:
    """The audit (EVERYWHERE) is for those whose duty it is everywhere."""
    return person.sees(Duty.EXPORT_AUDIT, community)


def _mine(export: str, person: Signedin, office: Office) -> Export:
    person.must(Duty.EXPORT_AUDIT)
    try:
        found = office.exports.find(export, office.now_ms())
    except ExportRefused as e:
        raise Refusal(404, "not_found") from e
    if not _may(person, found.wanted.community):
        raise Refusal(404, "not_found")
    return found
