"""Accounts, as those see and change them whose duty it is."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from district.api.callers import InOffice
from district.api.people import Person, Signedin
from district.api.problems import Refusal
from district.office import Office
from district.people.account import Account, grants_of
from district.reaching.channels import understood
from district.scope import DUTIES, EVERYWHERE, Duty, may
from domain.people import Role

router = APIRouter(prefix="/v1")
Word = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$")]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Invite(Asked):
    login: Annotated[str, StringConstraints(pattern=r"^[a-z0-9._-]{3,32}$")]
    name: Word
    grants: Annotated[dict[Word, list[Role]], Field(min_length=1, max_length=200)]
    language: Annotated[str, StringConstraints(pattern=r"^(zh|en)$")] = "zh"
    addresses: Annotated[list[tuple[Word, Secret]], Field(max_length=10)] = []


class Change(Asked):
    grants: Annotated[dict[Word, list[Role]], Field(max_length=200)] | None = None
    disabled: bool | None = None
    language: Annotated[str, StringConstraints(pattern=r"^(zh|en)$")] | None = None
    addresses: Annotated[list[tuple[Word, Secret]], Field(max_length=10)] | None = None


@router.get("/accounts", summary="Accounts with grants in the caller's communities.")
def accounts(person: Person, office: InOffice) -> list[dict[str, object]]:
    person.must(Duty.READ_ACCOUNTS)
    found = office.accounts.accounts()
    return [
        shown(a) | ({"addresses": a.addresses} if _changes(person, a) else {})
        for a in found
        if _is_of(person, Duty.READ_ACCOUNTS, a)
    ]


@router.get("/colleagues", summary="Names of those who work in the caller's communities, by the id that facts carry.")
def colleagues(person: Person, office: InOffice) -> list[dict[str, str]]:
    person.must(Duty.READ_COLLEAGUES)
    staff = DUTIES[Duty.READ_COLLEAGUES]
    return [
        {"person": a.person, "name": a.name}
        for a in office.accounts.accounts()
        if any(
            roles & staff and (c == EVERYWHERE or person.sees(Duty.READ_COLLEAGUES, c)) for c, roles in a.grants.items()
        )
    ]


@router.get("/channels", summary="The message services by which this district reaches people.")
def channels(person: Person, office: InOffice) -> list[dict[str, object]]:
    person.must(Duty.READ_ACCOUNTS)
    return [{"name": name, "phone": channel.phone} for name, channel in sorted(office.settings.channels.items())]


@router.post("/accounts", status_code=201, summary="Invite somebody; the one-time link's token is in the answer.")
def invite(asked: Invite, person: Person, office: InOffice) -> dict[str, object]:
    _may_grant(person, asked.grants)
    for channel, where in asked.addresses:
        _reaches(office, channel, where)
    grants = {c: frozenset(roles) for c, roles in asked.grants.items()}
    try:
        account, token = office.accounts.invite(
            asked.login, asked.name, grants, office.now_ms(), person.person, asked.language, tuple(asked.addresses)
        )
    except ValueError as e:
        raise Refusal(409, "login_taken", "this login is taken") from e
    return {"token": token, **shown(account)}


@router.patch(
    "/accounts/{account}",
    status_code=204,
    summary="Where and in which language messages reach somebody; or their grants, or disable: then their sessions end at once.",
)
def change(account: str, asked: Change, person: Person, office: InOffice) -> Response:
    before = _mine(account, person, office)
    duties = asked.grants is not None or asked.disabled is not None
    if duties and account == person.person:
        raise Refusal(409, "own_account", "another administrator must do this")
    if asked.grants is not None:
        _may_grant(person, asked.grants)
    _may_grant(person, {c: list(roles) for c, roles in before.grants.items()})
    for channel, where in asked.addresses or ():
        if (channel, where) not in before.addresses:  # one that the operator has since ended hinders nobody
            _reaches(office, channel, where)
    if asked.language is not None or asked.addresses is not None:
        language, addresses = asked.language or before.language, asked.addresses
        office.accounts.reach(
            account,
            office.now_ms(),
            person.person,
            language,
            before.addresses if addresses is None else tuple(addresses),
        )
    if not duties:
        return Response(status_code=204)
    grants = None if asked.grants is None else grants_of({c: list(r) for c, r in asked.grants.items()})
    office.accounts.change(account, office.now_ms(), person.person, grants, asked.disabled)
    return Response(status_code=204)


@router.post(
    "/accounts/{account}/invitation", summary="A new one-time link for somebody who lost the first or the password."
)
def invite_again(account: str, person: Person, office: InOffice) -> dict[str, str]:
    before = _mine(account, person, office)
    _may_grant(person, {c: list(roles) for c, roles in before.grants.items()})
    return {"token": office.accounts.invite_again(account, office.now_ms(), person.person)}


def _mine(account: str, person: Signedin, office: InOffice) -> Account:
    person.must(Duty.CHANGE_ACCOUNTS)
    found = office.accounts.account(account)
    if found is None or not _is_of(person, Duty.CHANGE_ACCOUNTS, found):
        raise Refusal(404, "not_found")
    return found


def _is_of(person: Signedin, duty: Duty, account: Account) -> bool:
    """Whether somebody has this duty towards an account; one without any grant is left to those who have it everywhere."""
    return any(person.sees(duty, community) for community in account.grants or (EVERYWHERE,))


def _changes(person: Signedin, account: Account) -> bool:
    """Whether whoever asks may change this account, and so may see where messages reach it."""
    mine = person.session.account.grants
    return all(may(mine, Duty.CHANGE_ACCOUNTS, community) for community in account.grants or (EVERYWHERE,))


def _reaches(office: Office, channel: str, where: str) -> None:
    """Refuses an address at which nobody could ever be reached: it would be found out by an alarm that was not heard."""
    known = office.settings.channels.get(channel)
    if known is None:
        raise Refusal(422, "channel_unknown", f"known: {', '.join(sorted(office.settings.channels)) or 'none'}")
    if not understood(known.url, where):
        raise Refusal(422, "address_wrong", f"no address of {channel}")


def _may_grant(person: Signedin, grants: dict[str, list[Role]]) -> None:
    """Nobody gives what reaches beyond their own communities."""
    mine = person.session.account.grants
    for community in grants:
        if not may(mine, Duty.CHANGE_ACCOUNTS, community):
            raise Refusal(403, "out_of_scope", f"not in {community}")


def shown(a: Account) -> dict[str, object]:
    return {
        "person": a.person, "login": a.login, "name": a.name, "language": a.language, "disabled": a.disabled is not None,
        "second_factor": a.second_factor, "grants": {c: sorted(r.value for r in roles) for c, roles in a.grants.items()},
    }  # fmt: skip
