"""Signing in and out, and accounts; every answer in the shapes below."""

from collections.abc import Iterator
from contextlib import contextmanager
from hmac import compare_digest
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from district.api.callers import AtDesk, Desk, InOffice, address
from district.api.people import Person, Signedin
from district.api.problems import Refusal
from district.office import Office
from district.people.account import Account, grants_of
from district.people.accounts import PasswordWeak, SignInRefused
from district.people.sessions import LEASE_MS
from district.reaching.channels import understood
from district.scope import DUTIES, EVERYWHERE, Duty, may
from district.upkeep.retention import EVERY_MINUTES, terms
from domain.people import Role

router = APIRouter(prefix="/v1")
Word = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$")]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Code = Annotated[str, StringConstraints(max_length=12)]


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignIn(Asked):
    login: Word
    password: Secret
    code: Code = ""


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


class Held(Asked):
    """The leases that a desk keeps: the stamp of each by person."""

    held: Annotated[dict[Word, Annotated[str, StringConstraints(max_length=64)]], Field(max_length=500)]


class Proof(Asked):
    """That it is still who signed in: the password again, and a code where one is asked for."""

    password: Secret
    code: Code = ""


class NewPassword(Asked):
    old: Secret
    new: Secret
    code: Code = ""


class FirstCode(Asked):
    code: Code


@router.post("/sign-in", summary="A session for a login and its password (and code).")
def sign_in(asked: SignIn, request: Request, office: InOffice, desk: Desk) -> dict[str, object]:
    if not office.limiter.allows("sign_in", desk or address(request)):  # behind a hub every desk has the hub's address
        raise Refusal(429, "too_many", "", {"Retry-After": "60"})
    now = office.now_ms()
    with _refusing(401, "sign_in"):
        session, token = office.accounts.sign_in(asked.login, asked.password, asked.code, now)
    if desk:
        office.accounts.sessions.sit(session.account.person, desk, now)
    return {"token": token, "expires": session.expires, **_leased(office, session.account)}


@router.post("/sign-out", status_code=204, summary="End this session.")
def sign_out(person: Person, office: InOffice) -> Response:
    office.accounts.sessions.end(person.token)
    return Response(status_code=204)


@router.get(
    "/me", summary="Who this session is; asked at least every 72 h by a desktop, which forgets its lease on 401."
)
def me(person: Person, office: InOffice, desk: Desk) -> dict[str, object]:
    office.accounts.sessions.renew(person.token, office.now_ms())
    if desk:
        office.accounts.sessions.sit(person.person, desk, office.now_ms())
    return _leased(office, person.session.account)


@router.post("/leases", summary="Whose leases at a desk still stand: of the rest it forgets them, signed out or not.")
def leases(asked: Held, office: InOffice, _: AtDesk) -> dict[str, list[str]]:
    stand = [
        person
        for person, stamp in asked.held.items()
        if stamp and compare_digest(stamp.encode(), office.accounts.stamp(person).encode())
    ]
    return {"stand": stand}


@router.post("/me/password", status_code=204, summary="Change one's password; every session ends.")
def change_password(asked: NewPassword, person: Person, office: InOffice) -> Response:
    try:
        with _refusing(403, "proof"):
            office.accounts.change_password(person.person, asked.old, asked.code, asked.new, office.now_ms())
    except PasswordWeak as e:
        raise Refusal(422, "password_weak", "12 to 256 characters, without the login") from e
    return Response(status_code=204)


@router.post("/me/second-factor", summary="Begin with codes of an authenticator (RFC 6238); the secret is shown once.")
def second_factor(asked: Proof, person: Person, office: InOffice) -> dict[str, str]:
    if person.session.account.second_factor:
        raise Refusal(409, "second_factor", "there is one already: end it first, or be invited anew")
    with _refusing(403, "proof"):
        secret, uri = office.accounts.begin_second_factor(person.session.account, asked.password, office.now_ms())
    return {"secret": secret, "uri": uri}


@router.post(
    "/me/second-factor/confirmation", status_code=204, summary="A first code of it: from now on one is asked for."
)
def confirm_second_factor(asked: FirstCode, person: Person, office: InOffice) -> Response:
    if not office.accounts.second_factor.confirm(person.person, asked.code, office.now_ms()):
        raise Refusal(403, "code", "the code is not right, or none was begun")
    return Response(status_code=204)


@router.post("/me/second-factor/removal", status_code=204, summary="Ask for no code any more.")
def end_second_factor(asked: Proof, person: Person, office: InOffice) -> Response:
    with _refusing(403, "proof"):
        office.accounts.end_second_factor(person.person, asked.password, asked.code, office.now_ms())
    return Response(status_code=204)


@router.get("/accounts", summary="Accounts with grants in the caller's communities.")
def accounts(person: Person, office: InOffice) -> list[dict[str, object]]:
    person.must(Duty.READ_ACCOUNTS)
    found = office.accounts.accounts()
    return [
        _shown(a) | ({"addresses": a.addresses} if _changes(person, a) else {})
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


@router.get(
    "/retention", summary="How long the district keeps what facts say, and when it last let go of what was due."
)
def kept(person: Person, office: InOffice) -> dict[str, object]:
    person.must(Duty.READ_DEVICES)
    days = [{"lane": lane.name.lower(), "days": t.days} for t in terms(office.settings.retention) for lane in t.lanes]
    return {"terms": days, "every_minutes": EVERY_MINUTES, "last": office.expired}


@router.get(
    "/strangers", summary="Home devices that speak and stand in nobody's home, by what their gateway calls them."
)
def strangers(person: Person, office: InOffice) -> list[dict[str, object]]:
    person.must(Duty.READ_DEVICES)
    found = office.nightwatch.desk.strangers()
    return [told for told in found if person.sees(Duty.READ_DEVICES, str(told["community"]))]


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
    return {"token": token, **_shown(account)}


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


@contextmanager
def _refusing(status: int, code: str) -> Iterator[None]:
    """A proof that fails is told by this code, or as `locked`; never which part of it was wrong."""
    try:
        yield
    except SignInRefused as e:
        if e.wait_s:
            raise Refusal(429, "locked", "too many failures", {"Retry-After": str(int(e.wait_s) + 1)}) from e
        raise Refusal(status, code, "login, password or code is not right") from e


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


def _leased(office: Office, a: Account) -> dict[str, object]:
    """What a desk keeps of who sits there."""
    return {"lease_until": office.now_ms() + LEASE_MS, "stamp": office.accounts.stamp(a.person), **_shown(a)}


def _shown(a: Account) -> dict[str, object]:
    return {
        "person": a.person, "login": a.login, "name": a.name, "language": a.language, "disabled": a.disabled is not None,
        "second_factor": a.second_factor, "grants": {c: sorted(r.value for r in roles) for c, roles in a.grants.items()},
    }  # fmt: skip
