"""Whoever makes accounts could make themselves a second person, and only the audit would show it: it is told to those who have the
duty already, on their desks, long before the new one counts (`two_people`)."""

import json
from collections.abc import Sequence

from district.people.accounts import Accounts
from district.people.audit import Audit, Line
from district.people.two_people import MADE, ONE_HAND_MS
from district.scope import DUTIES, EVERYWHERE, Duty, Grants
from district.store.port import Store
from district.store.registry import Registry
from domain.events import derived_id
from domain.people import Role
from offline.letters.duty_given import DUTY_GIVEN

NOTE = "duties_told"  # the last line of the audit that was looked at
_OF_TWO = DUTIES[Duty.EXPORT_AUDIT] | DUTIES[Duty.ERASE]


class DutiesTold:
    """Goes by the audit, so that a crash delays a word and loses none, whoever did it by whatever way."""

    def __init__(self, store: Store, registry: Registry, audit: Audit, accounts: Accounts) -> None:
        self._store, self._registry, self._audit, self._accounts = store, registry, audit, accounts

    def tell(self, now: int) -> None:
        """For the job of every minute; `now` in ms. What was done longer ago than anybody waits to count is the audit's alone."""
        noted = self._registry.note(NOTE) or "0"
        after = int(noted)
        while page := self._audit.lines(after, action="account.", since=now - ONE_HAND_MS):
            for line in page:
                if line.action in MADE:
                    self._say(line)
            after = page[-1].line
        if noted != str(after):
            self._registry.put_note(NOTE, str(after))

    def _say(self, line: Line) -> None:
        told = {"account": line.about, "by": line.actor, "step": line.action.partition(".")[2]}
        for community in self._where(line):
            id = derived_id(DUTY_GIVEN, str(line.line), line.hash, community)
            self._store.append_own(DUTY_GIVEN, community, None, line.at, told, id)

    def _where(self, line: Line) -> Sequence[str]:
        """In which communities it is a duty of two people."""
        given = {c for c, roles in self._grants(line).items() if roles & _OF_TWO}
        return sorted(self._store.heads()) if EVERYWHERE in given else sorted(given)

    def _grants(self, line: Line) -> Grants:
        """What was given; a new link, or an account that is switched on again, gives what the account has."""
        told = json.loads(line.detail).get("grants")
        if told is not None:
            return {c: frozenset(map(Role, roles)) for c, roles in json.loads(told).items()}
        account = self._accounts.account(line.about)
        return {} if account is None else account.grants
