"""What staff give residents and their visitors to come in with, an elder's medical note, and erasing a resident; asked by a person,
audited."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from district.api.callers import Desk, InOffice, household
from district.api.people import Person, Signedin
from district.api.problems import Refusal
from district.office import Office
from district.people.access import AccessRefused, PassWanted
from district.people.accounts import SignInRefused
from district.people.erasing import ErasureRefused, Why
from district.scope import Duty
from offline.letters.passes import Kind

router = APIRouter(prefix="/v1/residents/{resident}")
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
Sealed = Annotated[str, StringConstraints(max_length=512, pattern=r"^[A-Za-z0-9+/]+={0,2}$")]
ForGates = Annotated[dict[Id, Sealed], Field(min_length=1, max_length=200)]
Note = Annotated[str, StringConstraints(max_length=1024, pattern=r"^[A-Za-z0-9+/]*={0,2}$")]
Seconds = Annotated[int, Field(ge=0, le=2**40)]


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CardAsked(Asked):
    card: Id
    sealed: ForGates
    last_day: date | None = None
    note: Note = ""


class PinAsked(Asked):
    pin: Id
    sealed: ForGates


class PassAsked(Asked):
    kind: Kind
    not_before: Seconds
    expires: Seconds
    days: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(max_length=7)] = []
    start: Annotated[int, Field(ge=0, le=1440)] = 0
    end: Annotated[int, Field(ge=0, le=1440)] = 1440
    gates: Annotated[list[Id], Field(max_length=50)] = []
    note: Note = ""

    @model_validator(mode="after")
    def _in_order(self) -> "PassAsked":
        if self.not_before >= self.expires or self.start >= self.end:
            raise ValueError("it ends before it begins")
        return self


class Second(Asked):
    """Who else erases: their own login, as they would sign in."""

    login: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    code: Annotated[str, StringConstraints(max_length=12)] = ""


class ErasureAsked(Asked):
    reason: Why
    second: Second
    also: Annotated[list[Id], Field(max_length=20)] = []


@router.post("/cards", status_code=204, summary="A card for a resident; its number is sealed for each gate.")
def card(resident: Id, asked: CardAsked, person: Person, office: InOffice) -> Response:
    community = _where(resident, Duty.ADMIT, person, office)
    last = asked.last_day.isoformat() if asked.last_day else ""
    try:
        office.access.card(
            resident, community, asked.card, asked.sealed, last, asked.note, person.person, office.now_ms()
        )
    except AccessRefused as e:
        raise Refusal(422, e.code, "sealed to something that is no gate in service here") from e
    return Response(status_code=204)


@router.post("/pin", status_code=204, summary="A new PIN for a resident, sealed for each gate.")
def pin(resident: Id, asked: PinAsked, person: Person, office: InOffice) -> Response:
    community = _where(resident, Duty.ADMIT, person, office)
    try:
        office.access.pin(resident, community, asked.pin, asked.sealed, person.person, office.now_ms())
    except AccessRefused as e:
        raise Refusal(422, e.code, "sealed to something that is no gate in service here") from e
    return Response(status_code=204)


@router.post(
    "/passes", status_code=201, summary="A pass for a visitor, signed; its text is in this answer and nowhere else."
)
def visitor(resident: Id, asked: PassAsked, person: Person, office: InOffice) -> dict[str, str]:
    community = _where(resident, Duty.ADMIT, person, office)
    told = asked.model_dump() | {"days": tuple(sorted(set(asked.days))), "gates": tuple(asked.gates)}
    try:
        id, text = office.access.visitor(resident, community, PassWanted(**told), person.person, office.now_ms())
    except AccessRefused as e:
        raise Refusal(422, e.code, "once: 7 days at most; weekly: 92") from e
    return {"pass": id, "text": text}


@router.post(
    "/medical-note",
    summary="The medical note, sealed under the elder's own key; that it was looked at is a fact.",
)
def medical_note(resident: Id, person: Person, office: InOffice, response: Response) -> dict[str, str]:
    community = _where(resident, Duty.READ_MEDICAL_NOTE, person, office)
    note = office.medical_notes.read(resident, community, person.person, office.now_ms())
    if not note:
        raise Refusal(404, "no_note", "none stands in the care plan")
    response.headers["Cache-Control"] = "no-store"
    return {"note": note}


@router.post(
    "/erasure",
    status_code=204,
    summary="Erase a resident on every node, and those in `also` with them, for good; it takes two people.",
)
def erasure(
    resident: Id, asked: ErasureAsked, request: Request, person: Person, office: InOffice, desk: Desk
) -> Response:
    _where(resident, Duty.ERASE, person, office)
    if not office.limiter.allows("sign_in", desk or household(request)):
        raise Refusal(429, "too_many", "", {"Retry-After": "60"})
    now, second = office.now_ms(), asked.second
    try:
        session, token = office.accounts.sign_in(second.login, second.password, second.code, now)
    except SignInRefused as e:
        raise Refusal(403, "second_refused", "the other person's login, password or code is not right") from e
    office.accounts.sessions.end(token)
    try:
        office.erasing.erase(resident, asked.reason, person.session.account, session.account, now, asked.also)
    except ErasureRefused as e:
        raise Refusal(404 if e.code == "not_found" else 409, e.code) from e
    office.nightwatch.wake()
    return Response(status_code=204)


def _where(resident: str, duty: Duty, person: Signedin, office: Office) -> str:
    """The community in which the caller has this duty towards the resident; not found where there is none."""
    person.must(duty)
    for community in office.access.communities(resident):
        if person.sees(duty, community):
            return community
    raise Refusal(404, "not_found")
