"""What staff give residents and their visitors to come in with; asked by a person, audited, done by the gates."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from district.api.callers import InOffice
from district.api.people import Person, Signedin
from district.api.problems import Refusal
from district.office import Office
from district.people.access import AccessRefused, PassWanted
from district.scope import Duty
from offline.passes import Kind

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


@router.post("/cards", status_code=204, summary="A card for a resident; its number is sealed for each gate.")
def card(resident: Id, asked: CardAsked, person: Person, office: InOffice) -> Response:
    community = _where(resident, person, office)
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
    community = _where(resident, person, office)
    try:
        office.access.pin(resident, community, asked.pin, asked.sealed, person.person, office.now_ms())
    except AccessRefused as e:
        raise Refusal(422, e.code, "sealed to something that is no gate in service here") from e
    return Response(status_code=204)


@router.post(
    "/passes", status_code=201, summary="A pass for a visitor, signed; its text is in this answer and nowhere else."
)
def visitor(resident: Id, asked: PassAsked, person: Person, office: InOffice) -> dict[str, str]:
    community = _where(resident, person, office)
    told = asked.model_dump() | {"days": tuple(sorted(set(asked.days))), "gates": tuple(asked.gates)}
    try:
        id, text = office.access.visitor(resident, community, PassWanted(**told), person.person, office.now_ms())
    except AccessRefused as e:
        raise Refusal(422, e.code, "once: 7 days at most; weekly: 92") from e
    return {"pass": id, "text": text}


def _where(resident: str, person: Signedin, office: Office) -> str:
    """The community in which the caller may let this resident's visitors in; not found where there is none."""
    person.must(Duty.ADMIT)
    for community in office.access.communities(resident):
        if person.sees(Duty.ADMIT, community):
            return community
    raise Refusal(404, "not_found")
