"""The desk: is this card, PIN or pass good here and now? It answers in the visit's own words."""

import hashlib
import hmac
import math
from collections.abc import Callable, Iterable
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from domain.passages import Method
from kiosk.credentials.pins import Attempts, Pins
from kiosk.credentials.port import CardBook, PassBook, PinBook, Presented
from kiosk.visit.events import Credential, CredentialAccepted, CredentialRefused, StaffAccepted
from offline.letters.passes import Kind, Unreadable, read, trouble

STAFF = "staff"


def card_digest(number: str, key: bytes) -> str:
    """What is kept of a card's number, hex. Case, separators and leading zeros do not matter: readers differ in them."""
    plain = "".join(c for c in number.upper() if c.isalnum()).lstrip("0")
    return hmac.new(key, plain.encode(), hashlib.sha256).hexdigest()


class Desk:
    """`here` is (community, gate). Checking a PIN takes about 30 ms a resident of the flat: not on a window's thread."""

    def __init__(
        self,
        here: tuple[str, str],
        cards: CardBook,
        pin_book: PinBook,
        pass_book: PassBook,
        pass_keys: Callable[[], Iterable[Ed25519PublicKey]],
        pins: Pins,
        attempts: Attempts,
        card_key: bytes,
    ) -> None:
        self._here, self._cards, self._pin_book, self._pass_book = here, cards, pin_book, pass_book
        self._pass_keys, self._pins, self._attempts, self._card_key = pass_keys, pins, attempts, card_key
        self._spent: set[str] = set()  # since the start, whether or not there was room on the disk to say so

    def present(self, presented: Presented, now: datetime) -> Credential:
        """A card or a pass. `now` is aware and local to the gate."""
        if presented.method is Method.QR:
            return self._pass(presented, now)
        digest = card_digest(presented.text, self._card_key)
        reference = digest[:12]
        holder = self._cards.holder(digest)
        if holder is None:
            return CredentialRefused(Method.CARD, "card_unknown", reference, card=digest)
        if holder.last_day is not None and now.date() > holder.last_day:
            return CredentialRefused(Method.CARD, "card_expired", reference, card=digest)
        return CredentialAccepted(Method.CARD, holder.person_id, reference, presented.side, holder.group, card=digest)

    def _pass(self, presented: Presented, now: datetime) -> Credential:
        try:
            shown = read(presented.text, self._pass_keys())
        except Unreadable:
            return CredentialRefused(Method.QR, "pass_unreadable")
        spent = shown.id in self._spent or self._pass_book.spent(shown.id)
        why = trouble(shown, *self._here, spent, now)
        if why:
            return CredentialRefused(Method.QR, why, shown.id)
        return CredentialAccepted(
            Method.QR, shown.person_id, shown.id, presented.side, shown.group, shown.kind is Kind.ONCE
        )

    def spend(self, pass_id: str) -> None:
        """A one-time pass has opened the gate."""
        self._spent.add(pass_id)

    def pin(self, flat: str, secret: str, now: datetime) -> Credential:
        """Whose PIN it is among those who live in the flat; wrong tries are counted by `now`."""
        if wait := self._wait(flat, now):
            return CredentialRefused(Method.PIN, "pin_wait", flat, wait)
        found = self._match([*self._pin_book.residents(flat)], secret)
        if found is None:
            self._attempts.failed(flat, now)
            return CredentialRefused(Method.PIN, "pin_wrong", flat, self._wait(flat, now))
        self._attempts.succeeded(flat)
        return CredentialAccepted(Method.PIN, found, "")

    def staff(self, secret: str, now: datetime) -> StaffAccepted | CredentialRefused:
        """Who of the staff signs in."""
        if wait := self._wait(STAFF, now):
            return CredentialRefused(Method.PIN, "pin_wait", STAFF, wait)
        found = self._match([*self._pin_book.staff()], secret)
        if found is None:
            self._attempts.failed(STAFF, now)
            return CredentialRefused(Method.PIN, "staff_wrong", STAFF, self._wait(STAFF, now))
        self._attempts.succeeded(STAFF)
        return StaffAccepted(found)

    def _wait(self, key: str, now: datetime) -> int:
        return math.ceil(self._attempts.wait(key, now).total_seconds())

    def _match(self, known: list[tuple[str, str]], secret: str) -> str | None:
        matches = [who for who, stored in known if self._pins.matches(stored, secret)]
        if not known:
            self._pins.matches(None, secret)
        return matches[0] if matches else None
