"""What the desk does about ways in: gives out over the line, ends without one; and erases a resident, over the line. No Qt."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from caregiver.asking import Asking, PersonLine
from caregiver.memory.gates import gates
from caregiver.memory.reading import reading
from caregiver.residents.ways_in import Card
from domain.errors import Mendable
from offline.journal.journal import Journal
from offline.keys.keystore import Keystore
from offline.letters.access_orders import (
    CARD_ORDERED,
    CARD_REVOKED,
    PASS_REVOKED,
    PIN_CLEARED,
    PIN_ORDERED,
    new_order_id,
    seal_for_gates,
)
from offline.letters.block_list import BLOCKED, UNBLOCKED
from offline.letters.notes import seal_note

PIN_DIGITS = 6
_LEAST_CARD = 4
_MEND = {code: f"access_{code}" for code in ("gates_unknown", "pass_too_long", "not_found")}
_ERASURE = {
    "incident_open": "erasure_incident_open", "own_request": "erasure_own_request", "second_refused": "erasure_second",
    "out_of_scope": "erasure_not_yours", "unsettled": "erasure_unsettled", "not_found": "access_not_found",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PassForm:
    """`first` to `last`, both whole days for a weekly pass; a single visit begins and ends with `start` and `end`."""

    kind: str
    first: date
    last: date
    start: time
    end: time
    days: tuple[int, ...] = ()
    note: str = ""

    def asked(self, now: datetime) -> dict[str, Any]:
        """As the district takes it, in the zone of `now`. An end at midnight is the day's.

        Raises Mendable `access_pass_…` as `opens`.
        """
        self.opens(now)
        weekly = self.kind == "weekly"
        begin = datetime.combine(self.first, time(0) if weekly else self.start, now.tzinfo)
        end = self._end(self.last, time(0) if weekly else self.end, now)
        told: dict[str, Any] = {
            "kind": self.kind,
            "not_before": int(begin.timestamp()),
            "expires": int(end.timestamp()),
        }
        if weekly:
            until = 1440 if self.end == time(0) else self.end.hour * 60 + self.end.minute
            told |= {"days": list(self.days), "start": self.start.hour * 60 + self.start.minute, "end": until}
        return told

    def opens(self, now: datetime) -> datetime:
        """The first moment from `now` on at which somebody passes with it.

        Raises Mendable `access_pass_over`, `access_pass_backwards`, `access_pass_overnight` or `access_pass_never`: nobody could.
        """
        spans = [(begin, end) for begin, end in self._spans(now) if end > now]
        if not spans:
            over = self._end(self.last, self.end, now) <= now
            raise Mendable("access_pass_over" if over else "access_pass_never")
        return max(spans[0][0], now)

    def _spans(self, now: datetime) -> list[tuple[datetime, datetime]]:
        """From when to when each time, in the zone of `now`."""
        begin, weekly = datetime.combine(self.first, self.start, now.tzinfo), self.kind == "weekly"
        end = self._end(self.first if weekly else self.last, self.end, now)
        if self.last < self.first or (end <= begin and not weekly):
            raise Mendable("access_pass_backwards")
        if end <= begin:
            raise Mendable("access_pass_overnight")
        if not weekly:
            return [(begin, end)]
        days = (self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))
        return [
            (datetime.combine(day, self.start, now.tzinfo), self._end(day, self.end, now))
            for day in days
            if not self.days or day.weekday() in self.days
        ]

    @staticmethod
    def _end(day: date, at: time, now: datetime) -> datetime:
        return datetime.combine(day + timedelta(days=1) if at == time(0) else day, at, now.tzinfo)


def new_pin() -> str:
    """Digits that a gate takes: not all alike, not counting up or down."""
    while True:
        pin = "".join(secrets.choice("0123456789") for _ in range(PIN_DIGITS))
        if {int(b) - int(a) for a, b in pairwise(pin)} not in ({0}, {1}, {-1}):
            return pin


class AccessDesk:
    """`line` is None where nobody is signed in at a district: then things can be ended, nothing given out.

    What asks the line may take seconds and raises Mendable `access_…`.
    """

    def __init__(self, journal: Journal, keys: Keystore, by: str, now: Callable[[], datetime]) -> None:
        self._journal, self._keys, self._by, self._now = journal, keys, by, now
        self._asking: Asking | None = None
        self._erasing: Asking | None = None

    def connect(self, line: PersonLine, token: Callable[[], str]) -> None:
        self._asking = Asking(line, token, "access", _MEND)
        self._erasing = Asking(line, token, "erasure", _ERASURE)

    def card(self, person: str, number: str, last_day: date | None = None) -> None:
        """A card, by its number as a reader types it. Raises Mendable `card_nothing` too."""
        plain = "".join(c for c in number if c.isalnum())
        if len(plain) < _LEAST_CARD:
            raise Mendable("card_nothing")
        id = new_order_id("c")
        sealed = seal_for_gates(self._gates(), CARD_ORDERED, id, person, plain)
        told = {"card": id, "sealed": sealed, "note": seal_note(self._keys, person, plain[-4:])}
        self._ask(person, "cards", told | ({"last_day": last_day.isoformat()} if last_day else {}))

    def pin(self, person: str) -> str:
        """A new PIN in place of the old; shown once, to be told to the resident."""
        id, pin = new_order_id("n"), new_pin()
        sealed = seal_for_gates(self._gates(), PIN_ORDERED, id, person, pin)
        self._ask(person, "pin", {"pin": id, "sealed": sealed})
        return pin

    def visitor(self, person: str, form: PassForm) -> str:
        """The text of a pass for somebody who visits this resident."""
        note = {"note": seal_note(self._keys, person, form.note)} if form.note else {}
        told = self._ask(person, "passes", form.asked(self._now()) | note)
        return str(told["text"])

    def erase(self, person: str, reason: str, login: str, password: str, code: str, also: Sequence[str] = ()) -> None:
        """Everything about them and about those in `also`, everywhere and for good: the district's act, as the person who sits here
        and the one whose login this is. Raises Mendable `erasure_…`, and then nobody was erased."""
        if self._erasing is None:
            raise Mendable("erasure_sign_in")
        asked: dict[str, Any] = {
            "reason": reason,
            "second": {"login": login, "password": password, "code": code},
        }
        if also:
            asked["also"] = list(also)
        self._erasing("POST", f"/v1/residents/{quote(person, safe='')}/erasure", asked)

    def end_card(self, person: str, card: Card, why: str) -> None:
        which = {"digest": card.digest} if card.terminal else {"card": card.id}
        self._journal.append(CARD_REVOKED, {**which, "why": why, "by": self._by}, subject=person)

    def block(self, person: str, why: str) -> None:
        """No gate lets them in from when it hears of this; the reason is sealed under their own key."""
        self._journal.append(BLOCKED, {"by": self._by, "note": seal_note(self._keys, person, why)}, subject=person)

    def unblock(self, person: str) -> None:
        self._journal.append(UNBLOCKED, {"by": self._by}, subject=person)

    def clear_pin(self, person: str) -> None:
        self._journal.append(PIN_CLEARED, {"by": self._by}, subject=person)

    def end_pass(self, person: str, id: str) -> None:
        self._journal.append(PASS_REVOKED, {"pass": id, "by": self._by}, subject=person)

    def _gates(self) -> dict[str, bytes]:
        found = {device: card.box_key for device, card in reading(self._journal.file, gates)().items()}
        if not found:
            raise Mendable("access_no_gates")
        return found

    def _ask(self, person: str, what: str, told: dict[str, Any]) -> Any:
        if self._asking is None:
            raise Mendable("access_sign_in")
        return self._asking("POST", f"/v1/residents/{quote(person, safe='')}/{what}", told)
