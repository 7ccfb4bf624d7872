"""Who is called about an elder and what may be told of them: from accounts, facts and the keystore."""

import json
from collections.abc import Callable, Container, Sequence
from datetime import datetime

from assets.words import spoken
from district.ledger import seen
from district.people.accounts import Accounts
from district.people.medical_notes import revision_of, standing_plan
from district.reaching.channels import DESKTOP
from district.reaching.messages import Described, Recipient
from district.scope import Duty, granted, may
from district.store.port import Store
from domain.consent import GIVEN, WITHDRAWN, Purpose
from domain.incident_kinds import Level
from domain.people import Profile, Role
from domain.places import read_position
from domain.subjects import thing
from offline.keys.identity import unb64
from offline.keys.keystore import Keystore
from offline.keys.seal import SealBroken, unseal
from offline.letters.notes import open_note
from watch.consents import Consents
from watch.ledger import as_said
from watch.plan_payloads import plan_of
from watch.rotas import Rotas

_LEVELS: dict[Level, frozenset[Role]] = {
    Level.HOME: frozenset({Role.CAREGIVER}),
    Level.COMMUNITY: frozenset({Role.GATE_STAFF, Role.SUPERVISOR}),
    Level.STREET: frozenset({Role.SUPERVISOR}),
    Level.DISTRICT: frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}),
}


class AccountRota:
    """Whoever is on duty at a level or in a named roster, of those who hold the role in the elder's community.

    A level without any shifts is stood for by everybody with the role; so is the last one where the rota has a hole, for there
    is nobody beyond it.
    """

    def __init__(self, accounts: Accounts, rotas: Rotas, channels: Container[str] | None = None) -> None:
        """`channels` are those of this server; None: whatever an address names."""
        self._accounts, self.rotas, self._channels = accounts, rotas, channels
        self.leads_on: Callable[[str, Sequence[tuple[str, str]]], bool] = lambda _, addresses: bool(addresses)

    def on_call(self, word: str, community: str, elder: str, at: datetime) -> Sequence[str]:  # noqa: ARG002 - the port's; a rota is nobody's own
        rota = self.rotas.of(community)
        kind, _, name = word.partition(":")
        if kind == "roster":
            return [p for p in rota.of(name, at) if self.serves(p, community)]
        if kind != "level" or not name.isdigit() or int(name) not in list(Level):
            return []
        level = Level(int(name))
        everybody = self.with_role(level, community)
        if not rota.draws(level):
            return everybody
        on = [p for p in rota.at(level, at) if self.serves(p, community)]
        return on or (everybody if level is Level.DISTRICT else [])

    def on_leave(self, person: str, community: str, at: datetime) -> bool:
        """Whether the rota says that somebody is away, or their account has ended."""
        account = self._accounts.account(person)
        gone = account is not None and account.disabled is not None
        return gone or self.rotas.of(community).on_leave(person, at)

    def with_role(self, level: Level, community: str) -> list[str]:
        """Everybody who may stand at a level there."""
        return [
            a.person
            for a in self._accounts.accounts()
            if a.disabled is None and granted(a.grants, community) & _LEVELS[level]
        ]

    def serves(self, person: str, community: str) -> bool:
        """Whether somebody put down in a rota still has an account with any duty there."""
        account = self._accounts.account(person)
        return account is not None and account.disabled is None and bool(granted(account.grants, community))

    def reachable(self, person: str) -> bool:
        """Whether a message can find somebody away from their desk, by a channel that is there and has not failed for good."""
        account = self._accounts.account(person)
        given = () if account is None else account.addresses
        there = [(c, to) for c, to in given if c != DESKTOP and (self._channels is None or c in self._channels)]
        return self.leads_on(person, there)


class AccountDirectory:
    """How to reach people, and what may be told of an elder. `phones` are the channels that take a telephone number."""

    def __init__(self, accounts: Accounts, store: Store, keys: Keystore, zone: str, phones: Sequence[str] = ()) -> None:
        self._accounts, self._store, self._keys, self._zone, self._phones = accounts, store, keys, zone, phones

    def recipient(self, person: str) -> Recipient | None:
        account = self._accounts.account(person)
        if account is None:
            return self._resident(person)
        if account.disabled is not None:
            return None
        responder = may(account.grants, Duty.READ_MEDICAL_NOTE)
        addresses = account.addresses
        if all(channel != DESKTOP for channel, _ in addresses):
            addresses = ((DESKTOP, person), *addresses)
        return Recipient(person, spoken(account.language), responder, addresses)

    def _resident(self, person: str) -> Recipient | None:
        """An elder, who has no account: by the telephone number in their profile."""
        profile = self._profile(person)
        if profile is None:
            return None
        reached = tuple((name, profile.phone) for name in self._phones) if profile.phone else ()
        language = str(standing_plan(self._store, person).get("messages_in") or profile.language)
        return Recipient(person, spoken(language), False, reached)

    def describe(self, elder: str) -> Described:
        """The elder by name, with the home's place, the way in and the medical note where the care plan has them sealed.

        A gate, a kiosk, a gateway or a device by the name it was given.
        """
        profile = self._profile(elder)
        if profile is None:
            return Described(thing(elder) or self._kiosk(elder) or elder[:8], zone=self._zone)
        plan = standing_plan(self._store, elder)
        door, note, place = (
            open_note(self._keys, elder, plan.get(k)) for k in ("door_access", "medical_note", "position")
        )
        return Described(
            profile.full_name,
            profile.flat,
            read_position(place),
            profile.phone,
            door,
            note,
            str(plan.get("zone") or self._zone),
            tuple(who for c in plan_of(elder, plan).contacts if c.has_key and (who := self._by_name(c.person_id))),
        )

    def _by_name(self, person: str) -> str:
        """Name and telephone of somebody who is registered here; "" where they are not, or no longer."""
        profile = self._profile(person)
        return "" if profile is None else f"{profile.full_name} {profile.phone}".strip()

    def _kiosk(self, subject: str) -> str:
        """The name of a kiosk, for its silence is told of too."""
        rows = self._store.read("SELECT name FROM devices WHERE id = ?", (subject,))
        return str(rows[0][0]) if rows else ""

    def abroad_allowed(self, elder: str) -> bool:
        consents = Consents()
        for item in self._store.about(elder, (GIVEN, WITHDRAWN)):
            consents.heed(seen(item))
        return Purpose.FOREIGN_CHANNEL in consents.of(elder)

    def _profile(self, elder: str) -> Profile | None:
        """Of the last revision that can be read: a row that was altered here must not keep an alarm from whoever goes."""
        key = self._keys.find(elder)
        if key is None:
            return None
        told = [fact.payload for fact in as_said(map(seen, self._store.about(elder, ("person.registered",))))]
        told.sort(key=revision_of)
        for payload in told[::-1]:
            try:
                raw = json.loads(unseal(key, unb64(payload["profile"]), b"profile|" + elder.encode()))
            except (SealBroken, ValueError, KeyError, TypeError, AttributeError):
                continue
            return Profile(**{k: v for k, v in raw.items() if k in Profile.__dataclass_fields__})
        return None
