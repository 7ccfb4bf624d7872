"""A resident's cards, PIN, passes and block, folded from the facts about them; *pending* until each gate has answered. No Qt."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

from caregiver.memory.reading import Reader
from offline.journal.projections import read_payload
from offline.letters.access_orders import (
    APPLIED,
    CARD_ISSUED,
    CARD_ORDERED,
    CARD_REVOKED,
    PASS_ISSUED,
    PASS_REVOKED,
    PIN_CLEARED,
    PIN_ORDERED,
    PIN_SET,
)
from offline.letters.block_list import BLOCKED, UNBLOCKED

LOOKALIKES = "person.lookalikes_found"
_OF_PERSON = (
    "SELECT f.id, f.kind, f.device, f.at, p.body FROM residents_ways w JOIN facts f ON f.rowid = w.fact"
    " JOIN payloads p ON p.fact = f.rowid WHERE w.person = ? AND p.body IS NOT NULL ORDER BY f.hlc"
)
_ALIKE = (
    "SELECT f.subject, f.device, p.body FROM facts f JOIN payloads p ON p.fact = f.rowid WHERE f.kind = ?"
    " AND p.body IS NOT NULL ORDER BY f.hlc"
)


@dataclass(frozen=True, slots=True)
class Told:
    """One fact about a resident."""

    id: str
    kind: str
    device: str
    at: int
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Order:
    """How an order stands: the gates that have not answered, and those that would not, with their codes."""

    at: int
    by: str
    waits: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Card:
    """`id` is the order's, or a digest's where the card was given out at a gate's own terminal (`terminal`)."""

    id: str
    given: Order
    terminal: bool = False
    digest: str = ""
    note: str = ""  # sealed: the number's last digits
    last_day: str = ""
    ended: Order | None = None
    why: str = ""

    def state(self, today: date) -> str:
        if self.ended is not None:
            return "ending" if self.ended.waits else "ended"
        if self.last_day and self.last_day < today.isoformat():
            return "expired"
        if self.given.refused:
            return "refused"
        return "pending" if self.given.waits else "good"


@dataclass(frozen=True, slots=True)
class Pass:
    id: str
    given: Order
    kind: str
    note: str
    not_before: int
    expires: int
    days: tuple[int, ...]
    start: int
    end: int
    ended: Order | None = None

    def state(self, now_s: float) -> str:
        """A pass needs no gate to have heard of it; that it is good no longer does."""
        if self.ended is not None:
            return "ending" if self.ended.waits else "ended"
        return "expired" if now_s >= self.expires else "early" if now_s < self.not_before else "good"


T = TypeVar("T", Card, Pass)


@dataclass(frozen=True, slots=True)
class WaysIn:
    """The newest first. `pin` is how the last word on it stands; `pin_set` whether that was a new one; likewise `block`."""

    cards: tuple[Card, ...] = ()
    passes: tuple[Pass, ...] = ()
    pin: Order | None = None
    pin_set: bool = False
    block: Order | None = None
    blocked: bool = False


def told_of(reader: Reader, person: str) -> list[Told]:
    rows = reader.rows(_OF_PERSON, (person,))
    return [Told(id, kind, device, at, read_payload(body) or {}) for id, kind, device, at, body in rows]


def lookalikes(reader: Reader, person: str) -> dict[str, set[str]]:
    """Whom the gates say this resident could be taken for, and the gates (devices) that say so; told of either is told of both."""
    newest: dict[tuple[str, str], list[str]] = {}
    for subject, device, body in reader.rows(_ALIKE, (LOOKALIKES,)):
        newest[subject, device] = [str(o) for o in (read_payload(body) or {}).get("others", ())]
    found: dict[str, set[str]] = {}
    for (subject, device), others in newest.items():
        for other in others if subject == person else [subject] if person in others else []:
            found.setdefault(other, set()).add(device)
    return found


def ways_in(told: Iterable[Told], known: Iterable[str]) -> WaysIn:
    """Fold the facts about one person, in their order. `known` are the gates in service: what is for all is for these."""
    facts = list(told)
    orders = _Orders(facts, frozenset(known))
    pin, pin_set = _pin(facts, orders)
    listed = next((f for f in reversed(facts) if f.kind in (BLOCKED, UNBLOCKED)), None)
    block = orders.of_all(listed) if listed is not None else None
    return WaysIn(
        _cards(facts, orders), _passes(facts, orders), pin, pin_set,
        block, listed is not None and listed.kind == BLOCKED,
    )  # fmt: skip


class _Orders:
    """What became of each order: the gates that have answered it, and how."""

    def __init__(self, facts: Iterable[Told], gates_now: frozenset[str]) -> None:
        self._gates = gates_now
        self._answers: dict[str, dict[str, str]] = {}
        for fact in facts:
            if fact.kind == APPLIED:
                order = str(fact.payload.get("order"))
                self._answers.setdefault(order, {})[fact.device] = str(fact.payload.get("refused") or "")

    def of(self, fact: Told, addressed: Iterable[str]) -> Order:
        said = self._answers.get(fact.id, {})
        waits = tuple(sorted(g for g in addressed if g in self._gates and g not in said and g != fact.device))
        return Order(fact.at, _by(fact), waits, {g: code for g, code in said.items() if code})

    def of_all(self, fact: Told) -> Order:
        return self.of(fact, self._gates)


def _cards(facts: Iterable[Told], orders: _Orders) -> tuple[Card, ...]:
    cards: dict[str, Card] = {}
    gates: dict[str, str] = {}  # whose own a digest is
    ended: dict[str, tuple[Order, str]] = {}
    for fact in facts:
        p = fact.payload
        last_day = str(p.get("last_day", ""))
        if fact.kind == CARD_ORDERED:
            id = str(p.get("card"))
            given = orders.of(fact, p.get("sealed") or {})
            cards[id] = Card(id, given, note=str(p.get("note", "")), last_day=last_day)
        elif fact.kind == CARD_ISSUED and not p.get("card"):  # at a gate's own terminal
            digest = str(p.get("digest"))
            if gates.setdefault(digest, fact.device) != fact.device:
                continue  # a digest is made with a key of one gate, which reads nobody else's word on it
            cards[digest] = Card(digest, Order(fact.at, _by(fact)), True, digest, last_day=last_day)
            ended.pop(digest, None)
        elif fact.kind == CARD_REVOKED:
            ended[str(p.get("card") or p.get("digest"))] = (orders.of_all(fact), str(p.get("why", "")))
    return tuple(_ended(card, ended) for card in reversed(cards.values()))


def _pin(facts: Iterable[Told], orders: _Orders) -> tuple[Order | None, bool]:
    """How the last word on it stands, and whether that was a new PIN."""
    pin, pin_set = None, False
    for fact in facts:
        if fact.kind == PIN_ORDERED:
            pin, pin_set = orders.of(fact, fact.payload.get("sealed") or {}), True
        elif fact.kind == PIN_CLEARED:
            pin, pin_set = orders.of_all(fact), False
        elif fact.kind == PIN_SET and not fact.payload.get("pin"):  # at a gate's own terminal
            pin, pin_set = Order(fact.at, ""), True
    return pin, pin_set


def _passes(facts: Iterable[Told], orders: _Orders) -> tuple[Pass, ...]:
    passes: dict[str, Pass] = {}
    ended: dict[str, tuple[Order, str]] = {}
    for fact in facts:
        if fact.kind == PASS_ISSUED:
            passes[str(fact.payload.get("pass"))] = _pass(fact.payload, orders.of(fact, ()))
        elif fact.kind == PASS_REVOKED:
            ended[str(fact.payload.get("pass"))] = (orders.of_all(fact), "")
    return tuple(_ended(each, ended) for each in reversed(passes.values()))


def _by(fact: Told) -> str:
    return str(fact.payload.get("by", ""))


def _pass(p: Mapping[str, Any], given: Order) -> Pass:
    return Pass(
        str(p.get("pass")), given, str(p.get("kind")), str(p.get("note", "")), int(p.get("not_before", 0)),
        int(p.get("expires", 0)), tuple(p.get("days") or ()), int(p.get("start", 0)), int(p.get("end", 1440)),
    )  # fmt: skip


def _ended(what: T, ended: Mapping[str, tuple[Order, str]]) -> T:
    if what.id not in ended:
        return what
    order, why = ended[what.id]
    return replace(what, ended=order, why=why) if isinstance(what, Card) else replace(what, ended=order)
