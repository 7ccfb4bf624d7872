"""Exports that take two people, as the district keeps them: asked for, decided by another, fetched once allowed. No Qt."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from caregiver.asking import Asking, PersonLine, refusal
from caregiver.parts.whole_file import whole_file
from offline.transport.errors import Rejected, TryAgain, Untrusted

WHATS = ("person", "audit")
REASONS = ("subject_request", "authority", "incident_review", "inspection")
_CODES = ("own_request", "unsettled", "decided", "expired", "not_allowed", "bad_request", "not_found")
_MEND = {code: f"exports_{code}" for code in _CODES}
EVERYWHERE = "*"


class FileLine(PersonLine, Protocol):
    def person_file(self, target: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class Export:
    """Times in ms; `state`: asked, allowed, refused, expired."""

    id: str
    what: str
    reason: str
    reference: str
    person: str
    asked_by: str
    asked: int
    decided_by: str
    decided: int | None
    taken: int
    state: str


class Exports:
    """Every call may take seconds and raises Mendable `exports_…`."""

    def __init__(self, line: FileLine, token: Callable[[], str], community: str) -> None:
        self._line, self._community = line, community
        self._asking = Asking(line, token, "exports", _MEND)

    def all(self) -> list[Export]:
        """Those of the last 30 days that this person may see, the newest first."""
        return [_export(raw) for raw in self._asking("GET", "/v1/exports")]

    def ask(self, what: str, reason: str, reference: str, person: str, since: int = 0) -> None:
        """A person's whole record in this community, or the audit of the whole district; from `since` (ms) on."""
        told = {"what": what, "reason": reason, "reference": reference, "since": since}
        told |= {"person": person, "community": self._community} if what == "person" else {"community": EVERYWHERE}
        self._asking("POST", "/v1/exports", told)

    def decide(self, export: Export, allow: bool) -> None:
        self._asking("POST", f"/v1/exports/{quote(export.id)}/decision", {"allow": allow})

    def fetch(self, export: Export, path: Path, told: Callable[[float], None] = lambda _: None) -> None:
        """Write the record to `path`, whole or not at all; `told` may stop it by raising. Raises OSError too."""
        try:
            with whole_file(path) as part, part.open("wb") as file:
                for piece in self._line.person_file(f"/v1/exports/{quote(export.id)}/file"):
                    told(0.0)  # how long it is, nobody knows beforehand
                    file.write(piece)
        except (Rejected, TryAgain, Untrusted) as e:
            raise refusal(e, "exports", _MEND) from e


def _export(raw: dict[str, Any]) -> Export:
    return Export(
        raw["id"], raw["what"], raw["reason"], raw["reference"], raw["person"], raw["asked_by"], raw["asked"],
        raw["decided_by"] or "", raw["decided"], raw["taken"], raw["state"],
    )  # fmt: skip
