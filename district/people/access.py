"""Ways into a community that staff give out: cards and PINs sealed for its gates, and passes that the district signs.

The desk asks over the line, so that the district knows the person and not only the desk; what it allows becomes its own fact.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from district.people.audit import Audit
from district.scope import DeviceRole
from district.store.port import Store
from district.store.registry import Registry
from domain.events import derived_id
from domain.passages import Group
from offline.letters.access_orders import CARD_ORDERED, PASS_ISSUED, PIN_ORDERED
from offline.letters.gate_card import GATE_REMOVED
from offline.letters.passes import Kind, Pass, issue, new_pass_id

DAY_S = 86_400
LONGEST_S = {Kind.ONCE: 7 * DAY_S, Kind.WEEKLY: 92 * DAY_S}


class AccessRefused(Exception):
    """`code`: `not_found` (nobody of this id lives there), `gates_unknown`, `pass_too_long`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class PassWanted:
    """Times in seconds since 1970 UTC; `start` and `end` minutes of the gate's day. `note` is sealed under the resident's key."""

    kind: Kind
    not_before: int
    expires: int
    days: tuple[int, ...] = ()
    start: int = 0
    end: int = 24 * 60
    gates: tuple[str, ...] = ()
    note: str = ""


class Access:
    """Who may ask is decided before; times in ms. `signing` gives the key by which passes are signed now."""

    def __init__(
        self, store: Store, registry: Registry, audit: Audit, signing: Callable[[], Ed25519PrivateKey]
    ) -> None:
        self._store, self._registry, self._audit, self._signing = store, registry, audit, signing

    def communities(self, person: str) -> list[str]:
        """Where somebody is on the roster and not erased."""
        rows = self._store.read("SELECT community FROM people WHERE person = ? AND erased IS NULL", (person,))
        return sorted(str(row[0]) for row in rows)

    def card(
        self, person: str, community: str, card: str, sealed: Mapping[str, str], last_day: str, note: str, by: str, now: int
    ) -> None:  # fmt: skip
        """`sealed` holds the card's number for each gate. Asking again with the same id changes nothing."""
        self._check(sealed, community)
        told = {"card": card, "sealed": dict(sealed), "note": note, "by": by}
        if last_day:
            told["last_day"] = last_day
        self._audit.note(now, by, "card.ordered", person, card=card)
        self._store.append_own(CARD_ORDERED, community, person, now, told, derived_id(CARD_ORDERED, person, card))

    def pin(self, person: str, community: str, pin: str, sealed: Mapping[str, str], by: str, now: int) -> None:
        """`sealed` holds the new PIN for each gate; `pin` is the order's id."""
        self._check(sealed, community)
        self._audit.note(now, by, "pin.ordered", person, pin=pin)
        told = {"pin": pin, "sealed": dict(sealed), "by": by}
        self._store.append_own(PIN_ORDERED, community, person, now, told, derived_id(PIN_ORDERED, person, pin))

    def visitor(self, person: str, community: str, wanted: PassWanted, by: str, now: int) -> tuple[str, str]:
        """A pass for somebody who visits this resident: its id and the text for the QR code, which is kept nowhere.

        It names the visitor by the pass's own id: whoever carries it is nobody's sign of life.
        """
        if not wanted.not_before < wanted.expires <= now // 1000 + LONGEST_S[wanted.kind]:
            raise AccessRefused("pass_too_long")
        id = new_pass_id()
        made = Pass(
            id, community, id, Group.VISITOR, wanted.kind, wanted.not_before, wanted.expires, wanted.gates, wanted.days,
            wanted.start, wanted.end,
        )  # fmt: skip
        self._audit.note(now, by, "pass.issued", person, **{"pass": id})
        told = {
            "pass": id, "kind": wanted.kind.value, "not_before": wanted.not_before, "expires": wanted.expires,
            "days": list(wanted.days), "start": wanted.start, "end": wanted.end, "gates": list(wanted.gates),
            "note": wanted.note, "by": by,
        }  # fmt: skip
        self._store.append_own(PASS_ISSUED, community, person, now, told, derived_id(PASS_ISSUED, id))
        return id, issue(made, self._signing())

    def removed(self, device: str, by: str, now: int) -> None:
        """Tell the desks that a kiosk is out of service: nothing waits for it any more."""
        found = self._registry.device(device)
        if found is None or found.role is not DeviceRole.KIOSK:
            return
        for community in found.communities:
            self._store.append_own(GATE_REMOVED, community, None, now, {"device": device, "by": by})

    def _check(self, gates: Collection[str], community: str) -> None:
        """Only gates in service here: what is sealed to anybody else is not passed on."""
        known = {
            d.id
            for d in self._registry.devices()
            if d.role is DeviceRole.KIOSK and d.revoked is None and community in d.communities
        }
        if not gates or not set(gates) <= known:
            raise AccessRefused("gates_unknown")
