"""The medical note: asked of the district while the line stands, else the sealed copy behind its glass. Either is a fact. No Qt."""

from collections.abc import Callable
from urllib.parse import quote

from caregiver.asking import Asking, PersonLine
from caregiver.elders.board import Board
from caregiver.memory.replica import Replica
from domain.errors import Mendable
from offline.letters.notes import GLASS_BROKEN, VIEWED

WAIT_S = 4.0  # for the district: somebody may lie on the floor, and the copy is here
_MEND = {"no_note": "medical_no_note", "not_found": "medical_unknown"}


class MedicalNotes:
    def __init__(self, replica: Replica, board: Board) -> None:
        self._replica, self._board = replica, board
        self._asking: Asking | None = None

    def connect(self, line: PersonLine, token: Callable[[], str]) -> None:
        """Notes are asked for as the person who sits here."""
        self._asking = Asking(line, token, "medical", _MEND, WAIT_S)

    def there(self, person: str) -> bool:
        """Whether one is sealed in their care plan."""
        return bool(self._copy(person))

    @property
    def online(self) -> bool:
        """Whether the district can be asked."""
        return self._asking is not None and self._replica.connection().online

    def ask(self, person: str) -> str:
        """The note as the district hands it out, sealed; it writes down who looked. For a background thread.

        Raises Mendable: `medical_…` for no line, signing in, no duty, nobody of the kind there, no note; or the district's own.
        """
        if self._asking is None:
            raise Mendable("medical_no_line")
        return str(self._asking("POST", f"/v1/residents/{quote(person, safe='')}/medical-note")["note"])

    def open(self, person: str, sealed: str) -> str:
        """The words of what was handed out; '' where the key is not here."""
        return self._replica.open_note(person, {"note": sealed})

    def break_glass(self, person: str, why: str) -> str:
        """Record who looks and why, then hand out the sealed copy's words. Where there are none, or none that can be read here,
        nobody has looked: ''."""
        replica = self._replica
        note = self.open(person, self._copy(person))
        if note:
            sealed = replica.sealed_note(person, why)
            told = {"by": replica.session.person, "what": GLASS_BROKEN, "why": sealed["note"]}
            replica.journal.append(VIEWED, told, subject=person)
        return note

    def _copy(self, person: str) -> str:
        return str((self._board.plan(person) or {}).get("medical_note") or "")
