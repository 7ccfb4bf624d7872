"""Who may have written a fact: the person it names must hold a role for it there, and must have signed in at the desk it came from.

A device vouches for what it saw; that somebody is a supervisor is the district's own knowledge.
"""

from dataclasses import replace

import msgspec

from district.people.accounts import Accounts
from district.people.sessions import LEASE_MS
from district.scope import DeviceRole, author_roles, granted, takes_author
from district.store import own
from district.store.port import AT, COMMUNITY, DEVICE, KIND, RECEIVED, SEQ, Payload, Poison, Prepared, Row
from offline.journal.projections import read_payload
from watch.ledger import Seen
from watch.plans import PROPOSED

SKEW_MS = 5 * 60_000


def _asks(kind: str) -> bool:
    """A proposal is judged where it is answered (`district.watching.plan_changes`), so that its desk hears why it was not taken."""
    return kind != PROPOSED and takes_author(DeviceRole.CAREGIVER, kind)


class Authors:
    """`trusting`: desks are believed about who sits there, without a sign-in (demonstrations, drills)."""

    def __init__(self, accounts: Accounts, trusting: bool = False) -> None:
        self._accounts, self._trusting = accounts, trusting

    def refusal(self, device: str, kind: str, community: str, by: str, at: int) -> str:
        """Why a fact of a desk may not be what it says; '' where it may. `at` ms, by the district's clock as well as is known."""
        roles = author_roles(DeviceRole.CAREGIVER, kind)
        if self._trusting or not takes_author(DeviceRole.CAREGIVER, kind):
            return ""
        # help that has come is believed of everybody who sits there, in whatever role, while it lasts or not
        if roles is None:
            return self._unseated(device, kind, by, at) if self._accounts.sessions.asked_at(device) else ""
        account = self._accounts.account(by)
        if account is None or account.disabled is not None:
            return f"no_account: {kind} names nobody with an account"
        if not granted(account.grants, community) & roles:
            return f"no_duty: {kind} in {community} is not among the duties of who wrote it"
        return self._unseated(device, kind, by, at)

    def _unseated(self, device: str, kind: str, by: str, at: int) -> str:
        sat = self._accounts.sessions.last_sat(by, device)
        if sat is None or at > sat + LEASE_MS + SKEW_MS:
            return f"not_signed_in: who wrote {kind} has not signed in at this desk"
        return ""

    def may_change_plan(self, proposal: Seen) -> bool:
        """Whether a proposed plan may be looked at, or its author may not change plans there."""
        by, at = str(proposal.payload.get("by", "")), min(proposal.at, proposal.received)
        return not self.refusal(proposal.device, proposal.kind, proposal.community, by, at)

    def judge(self, prepared: Prepared) -> Prepared:
        """The batch with those facts put aside whose author may not have written them."""
        facts: list[Row] = []
        payloads: list[Payload] = []
        aside = list(prepared.poison)
        for fact, (salt, body) in zip(prepared.facts, prepared.payloads, strict=True):
            reason = ""
            if _asks(fact[KIND]) and body is not None:
                by = str((read_payload(body) or {}).get("by", ""))
                reason = self.refusal(fact[DEVICE], fact[KIND], fact[COMMUNITY], by, min(fact[AT], fact[RECEIVED]))
            if reason:
                event = own.feed_item(0, fact, salt, body).event
                aside.append(Poison(fact[SEQ], reason, msgspec.json.encode(event)))
            else:
                facts.append(fact)
                payloads.append((salt, body))
        return replace(prepared, facts=facts, payloads=payloads, poison=aside, asks=False)
