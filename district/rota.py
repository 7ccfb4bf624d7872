"""Who is called about an elder and what may be told of them: from accounts, facts and the keystore."""

import json
from collections.abc import Sequence
from datetime import datetime

import msgspec

from district.accounts import Accounts
from district.messages import Described, Recipient
from district.scope import granted
from district.store.port import Store
from domain.consent import GIVEN, WITHDRAWN, Purpose
from domain.people import Profile, Role
from offline.identity import unb64
from offline.keystore import Keystore
from offline.seal import SealBroken, unseal

_LEVELS: dict[str, frozenset[Role]] = {
    "level:0": frozenset({Role.CAREGIVER}),
    "level:1": frozenset({Role.GATE_STAFF, Role.SUPERVISOR}),
    "level:2": frozenset({Role.SUPERVISOR}),
    "level:3": frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}),
}
_RESPONDERS = frozenset({Role.CAREGIVER, Role.SUPERVISOR})


class AccountRota:
    """Whoever holds the role in the elder's community; "roster:NAME" are the accounts whose grants name that roster."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def on_call(self, word: str, community: str, elder: str, at: datetime) -> Sequence[str]:  # noqa: ARG002 (the port's)
        roles = _LEVELS.get(word, frozenset())
        return [
            a.person
            for a in self._accounts.accounts()
            if a.disabled is None and (granted(a.grants, community) & roles or word in a.grants)
        ]


class AccountDirectory:
    """How to reach people, and what may be told of an elder."""

    def __init__(self, accounts: Accounts, store: Store, keys: Keystore, zone: str) -> None:
        self._accounts, self._store, self._keys, self._zone = accounts, store, keys, zone

    def recipient(self, person: str) -> Recipient | None:
        account = self._accounts.account(person)
        if account is None or account.disabled is not None:
            return None
        responder = any(roles & _RESPONDERS for roles in account.grants.values())
        return Recipient(person, account.language, responder, account.addresses)

    def describe(self, elder: str) -> Described:
        profile = self._profile(elder)
        if profile is None:
            return Described(elder[:8], zone=self._zone)
        return Described(profile.full_name, profile.flat, phone=profile.phone, zone=self._zone)

    def abroad_allowed(self, elder: str) -> bool:
        allowed = False
        for item in self._store.about(elder, (GIVEN, WITHDRAWN)):
            told = msgspec.json.decode(item.event.payload) if item.event.payload is not None else {}
            if told.get("purpose") == Purpose.FOREIGN_CHANNEL:
                allowed = item.event.kind == GIVEN
        return allowed

    def _profile(self, elder: str) -> Profile | None:
        key = self._keys.find(elder)
        told = [i for i in self._store.about(elder, ("person.registered",)) if i.event.payload is not None]
        if key is None or not told:
            return None
        newest = msgspec.json.decode(told[-1].event.payload or b"{}")
        try:
            raw = json.loads(unseal(key, unb64(newest["profile"]), b"profile|" + elder.encode()))
        except (SealBroken, ValueError, KeyError):
            return None
        return Profile(**{k: v for k, v in raw.items() if k in Profile.__dataclass_fields__})
