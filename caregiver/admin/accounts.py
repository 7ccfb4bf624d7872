"""The accounts of a community, as the district keeps them: asked for and changed over the line, never in the replica. No Qt."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from caregiver.asking import Asking, PersonLine
from domain.errors import Mendable
from domain.people import Role

_MEND = {
    "not_found": "accounts_unknown",
    "login_taken": "accounts_login_taken",
    "own_account": "accounts_own",
    "bad_request": "accounts_not_understood",
    "channel_unknown": "accounts_channel_unknown",
    "address_wrong": "accounts_address_wrong",
}


@dataclass(frozen=True, slots=True)
class Account:
    """`roles` are those held in this community, the ones for everywhere among them. `addresses` are (service, address), None where
    whoever asks may not see them, or the district is older than that."""

    person: str
    login: str
    name: str
    roles: frozenset[Role]
    disabled: bool
    grants: dict[str, list[str]]
    language: str = "zh"
    addresses: tuple[tuple[str, str], ...] | None = None


class Accounts:
    """`url` is the district's address, under which a one-time link begins; every call may take seconds and raises Mendable."""

    def __init__(self, line: PersonLine, token: Callable[[], str], community: str, url: str) -> None:
        self._ask = Asking(line, token, "accounts", _MEND)
        self._community, self._url = community, url.rstrip("/")

    def all(self) -> list[Account]:
        """Everybody with a duty here, those in service first, by name."""
        told = [self._account(raw) for raw in self._ask("GET", "/v1/accounts")]
        return sorted(told, key=lambda a: (a.disabled, a.name))

    def channels(self) -> list[str]:
        """The message services by which the district reaches people; none are known of a district that does not tell."""
        try:
            return [str(told["name"]) for told in self._ask("GET", "/v1/channels")]
        except Mendable as e:
            if e.code != "accounts_unknown":
                raise
            return []

    def invite(self, login: str, name: str, role: Role, addresses: list[tuple[str, str]], language: str = "zh") -> str:
        """A new account; the link by which its person chooses a password, once and within 72 hours."""
        asked = {
            "login": login,
            "name": name,
            "grants": {self._community: [role.value]},
            "addresses": addresses,
            "language": language,
        }
        return self._link(self._ask("POST", "/v1/accounts", asked))

    def invite_again(self, account: Account) -> str:
        """A new link for somebody who lost the first, or the password."""
        return self._link(self._ask("POST", f"/v1/accounts/{quote(account.person)}/invitation"))

    def give(self, account: Account, role: Role) -> None:
        """One role here in place of the others; duties elsewhere stay."""
        grants = {**account.grants, self._community: [role.value]}
        self._ask("PATCH", f"/v1/accounts/{quote(account.person)}", {"grants": grants})

    def disable(self, account: Account, disabled: bool) -> None:
        """From now on they are signed out everywhere and rung for nowhere; or they are back."""
        self._ask("PATCH", f"/v1/accounts/{quote(account.person)}", {"disabled": disabled})

    def reach(self, account: Account, language: str, addresses: list[tuple[str, str]]) -> None:
        """Where messages reach them, and in which language, in place of what was."""
        asked = {"language": language, "addresses": addresses}
        self._ask("PATCH", f"/v1/accounts/{quote(account.person)}", asked)

    def _account(self, raw: dict[str, Any]) -> Account:
        grants = raw["grants"]
        held = [*grants.get(self._community, ()), *grants.get("*", ())]
        roles = frozenset(r for r in Role if r.value in held)
        told = raw.get("addresses")
        addresses = None if told is None else tuple((str(channel), str(where)) for channel, where in told)
        language = str(raw.get("language", "zh"))
        return Account(raw["person"], raw["login"], raw["name"], roles, raw["disabled"], grants, language, addresses)

    def _link(self, told: dict[str, Any]) -> str:
        return f"{self._url}/begin/{told['token']}"
