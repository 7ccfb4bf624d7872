"""People with accounts, and the kiosks and desks they stand at, in a district that really serves."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyotp
import pytest
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from district.config import DistrictSettings
from domain.people import Role
from offline.keys.identity import unb64
from offline.node import Node
from tests.district_api.calls import call
from tests.fakes.serving import GENEROUS, Serving, run_district

PASSWORD = "correct horse battery"
LONG_AGO_MS = 30 * 86_400_000


def quick_passwords(patch: pytest.MonkeyPatch, *where: str) -> None:
    """Argon2 of the least cost, in `district.people.accounts` and in the modules of `where`."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    for module in ("district.people.accounts", *where):
        patch.setattr(f"{module}.PasswordHasher", lambda: quick)


def a_district(folder: Path, patch: pytest.MonkeyPatch, *where: str) -> Iterator[Serving]:
    """Serve for as long as the generator is held, on an empty database, with quick passwords and no limits to speak of."""
    quick_passwords(patch, *where)
    yield from run_district(DistrictSettings(port=0, data=folder / "district", limits=GENEROUS))


def employ(district: Serving, login: str, role: Role, community: str = "jinxiu") -> str:
    """Somebody was given a duty long ago and chose PASSWORD; the person's id."""
    accounts, now = district.office.accounts, district.office.now_ms() - LONG_AGO_MS
    account, invitation = accounts.invite(login, login.title(), {community: frozenset({role})}, now, "test")
    assert accounts.begin(invitation, PASSWORD, now)
    return account.person


def a_kiosk(district: Serving, folder: Path, projections: Sequence[Any] = ()) -> Node:
    node = Node(folder, projections)
    node.enrol(district.url, district.code("kiosk"), "kiosk", "South gate")
    return node


def a_desk(district: Serving, folder: Path, projections: Sequence[Any] = ()) -> Node:
    """One that may see the gate's log."""
    node = Node(folder, projections)
    node.enrol(district.url, district.code("caregiver", gate_log=True), "caregiver", "desk")
    return node


def districts_key(node: Node) -> Ed25519PublicKey:
    """What the district signs its orders with, as this node was told."""
    assert node.district is not None
    return Ed25519PublicKey.from_public_bytes(unb64(node.district.sign_key))


class People:
    def __init__(self, district: Serving) -> None:
        self.district, self.office = district, district.office

    def add(self, login: str, grants: dict[str, set[Role]], ago_ms: int = LONG_AGO_MS) -> str:
        """A person who was invited and chose PASSWORD so long ago; the person's id."""
        held = {c: frozenset(roles) for c, roles in grants.items()}
        then = self.office.now_ms() - ago_ms
        account, token = self.office.accounts.invite(login, login, held, then, "test")
        assert self.office.accounts.begin(token, PASSWORD, then)
        return account.person

    def token(self, login: str, code: str = "") -> str:
        status, told = self.sign_in(login, code=code)
        assert status == 200, told
        token: str = told["token"]
        return token

    def sign_in(self, login: str, password: str = PASSWORD, code: str = "") -> tuple[int, Any]:
        return self.call("POST", "/v1/sign-in", {"login": login, "password": password, "code": code})

    def second_factor(self, login: str) -> tuple[str, str]:
        """Begin one and confirm it with a code of the step before; the session and the secret."""
        token = self.token(login)
        told = self.call("POST", "/v1/me/second-factor", {"password": PASSWORD}, token)[1]
        assert told["uri"].startswith(f"otpauth://totp/Shouwang:{login}?secret={told['secret']}")
        first = {"code": self.code(told["secret"], -30)}
        assert self.call("POST", "/v1/me/second-factor/confirmation", first, token)[0] == 204
        return token, told["secret"]

    def code(self, secret: str, later_s: int = 0) -> str:
        """What the telephone shows now, or so many seconds later."""
        return pyotp.TOTP(secret).at(self.office.now_ms() // 1000 + later_s)

    def call(self, method: str, path: str, body: object = None, token: str = "") -> tuple[int, Any]:
        return call(self.district.url + path, method, body, token)
