"""Whoever acts at the terminal under their own name says who they are: the session ends with the command."""

from district.office import Office
from district.people.account import Account
from district.people.accounts import SignInRefused
from domain.errors import Mendable


def signed_in(office: Office, login: str, password: str, code: str) -> Account:
    """Raises Mendable `sign_in_refused`, `sign_in_locked`."""
    try:
        session, token = office.accounts.sign_in(login, password, code, office.now_ms())
    except SignInRefused as e:
        if not e.wait_s:
            raise Mendable("sign_in_refused") from e
        raise Mendable("sign_in_locked", minutes=int(e.wait_s) // 60 + 1) from e
    office.accounts.sessions.end(token)
    return session.account
