"""The CredentialReader port, and what the desk asks of the kiosk's memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from domain.errors import Mendable
from domain.passages import Direction, Group, Method


@dataclass(frozen=True, slots=True)
class Presented:
    """Somebody held something to a reader. `text` is the card's number or the pass as read; it never enters a log."""

    method: Method
    text: str = field(repr=False)
    side: Direction = Direction.UNKNOWN


Hear = Callable[[Presented], None]
Trouble = Callable[[Mendable | None], None]


class CredentialReader(Protocol):
    """A reader that presents what it reads until it is stopped.

    `hear` and `trouble` may be called in a thread of the reader's. `trouble` gets a Mendable once when the reader is lost and
    None once when it is back; the reader looks for its device by itself meanwhile.
    """

    def start(self, hear: Hear, trouble: Trouble) -> None: ...
    def stop(self) -> None:
        """Returns when nothing more will be heard. Safe to call twice, and without start."""
        ...


@dataclass(frozen=True, slots=True)
class CardHolder:
    """Whose card it is; `last_day` is the last on which it is good."""

    person_id: str
    group: Group | None = None
    last_day: date | None = None


class CardBook(Protocol):
    def holder(self, digest: str) -> CardHolder | None:
        """The holder of the card with this keyed digest."""
        ...


class PinBook(Protocol):
    def residents(self, flat: str) -> Sequence[tuple[str, str]]:
        """(person id, Argon2 hash) of everybody in the flat who has a PIN; `flat` is its digits alone."""
        ...

    def staff(self) -> Sequence[tuple[str, str]]:
        """(name to show, Argon2 hash) of those who may sign in for maintenance."""
        ...


class PassBook(Protocol):
    def spent(self, pass_id: str) -> bool:
        """Whether a one-time pass has opened a gate, or any pass has been revoked."""
        ...
