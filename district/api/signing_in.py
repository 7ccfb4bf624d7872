"""Signing in and out, leases, and what somebody changes of their own account."""

from collections.abc import Iterator
from contextlib import contextmanager
from hmac import compare_digest
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field, StringConstraints

from district.api.accounts import Asked, Secret, Word, shown
from district.api.callers import AtDesk, Desk, InOffice, household
from district.api.people import Person
from district.api.problems import Refusal
from district.api.turns import in_turn, refuse_a_crowd
from district.office import Office
from district.people.account import Account
from district.people.accounts import PasswordWeak, SignInRefused
from district.people.sessions import LEASE_MS

router = APIRouter(prefix="/v1")
Code = Annotated[str, StringConstraints(max_length=12)]


class SignIn(Asked):
    login: Word
    password: Secret
    code: Code = ""


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
async def sign_in(asked: SignIn, request: Request, office: InOffice, desk: Desk) -> dict[str, object]:
    who = desk or household(request)  # behind a hub every desk has the hub's address
    if not office.limiter.allows("sign_in", who):
        raise Refusal(429, "too_many", "", {"Retry-After": "60"})
    refuse_a_crowd(office.proofs)
    return await in_turn(office.proofs, _sign_in, asked, office, desk)


def _sign_in(asked: SignIn, office: Office, desk: str) -> dict[str, object]:
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


@contextmanager
def _refusing(status: int, code: str) -> Iterator[None]:
    """A proof that fails is told by this code, or as `locked`; never which part of it was wrong."""
    try:
        yield
    except SignInRefused as e:
        if e.wait_s:
            raise Refusal(429, "locked", "too many failures", {"Retry-After": str(int(e.wait_s) + 1)}) from e
        raise Refusal(status, code, "login, password or code is not right") from e


def _leased(office: Office, a: Account) -> dict[str, object]:
    """What a desk keeps of who sits there."""
    return {"lease_until": office.now_ms() + LEASE_MS, "stamp": office.accounts.stamp(a.person), **shown(a)}
