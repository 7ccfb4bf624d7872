"""What is known of one who may sign in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from district.scope import Grants
from district.store.port import Row
from domain.people import Role

COLUMNS = ("person", "login", "name", "language", "grants", "addresses", "totp", "disabled", "created")


@dataclass(frozen=True, slots=True)
class Account:
    """`addresses` are (channel, address); `disabled` and `created` in ms."""

    person: str
    login: str
    name: str
    language: str
    grants: Grants
    addresses: tuple[tuple[str, str], ...]
    second_factor: bool
    disabled: int | None
    created: int


def grants_of(told: Mapping[str, list[str]]) -> Grants:
    """Raises ValueError for a role that there is not."""
    return {community: frozenset(Role(role) for role in roles) for community, roles in told.items()}


def account_of(row: Row) -> Account:
    """From `COLUMNS`."""
    person, login, name, language, grants, reached, totp, disabled, created = row
    addresses = tuple((str(channel), str(address)) for channel, address in json.loads(reached))
    return Account(
        person, login, name, language, grants_of(json.loads(grants)), addresses, totp is not None, disabled, created
    )
