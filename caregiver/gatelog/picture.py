"""The picture of one passage, fetched from the gate that keeps it: sealed from there to here, shown and never kept. No Qt."""

from collections.abc import Callable
from typing import Protocol

from caregiver.asking import refusal
from caregiver.memory.gates import gates
from caregiver.memory.reading import Reader
from domain.errors import Mendable
from offline.keys.identity import unb64
from offline.keys.seal import SealBroken
from offline.letters.looks import REFUSALS, Passage, Question
from offline.transport.errors import Rejected, TryAgain, Untrusted

_WHICH = "SELECT device, epoch, seq FROM facts WHERE rowid = ?"
_MEND = {
    "kiosk_not_listening": "picture_kiosk_silent", "kiosk_silent": "picture_kiosk_silent", "not_found": "picture_unknown",
}  # fmt: skip


class LookLine(Protocol):
    """Raises TryAgain, Rejected or Untrusted."""

    bearer: str

    def look(self, kiosk: str, epoch: int, seq: int, sealed: bytes) -> bytes: ...


class PictureDesk:
    """`line` is None where nobody is signed in at a district. One background thread at a time."""

    def __init__(self) -> None:
        self._line: LookLine | None = None
        self._token: Callable[[], str] = lambda: ""

    def connect(self, line: LookLine, token: Callable[[], str]) -> None:
        self._line, self._token = line, token

    def fetch(self, reader: Reader, fact: int) -> bytes:
        """The JPEG of the passage in this row of facts. May take seconds; the district writes down who asked.

        Raises Mendable `picture_…`: no consent, expired, not kept, nobody, not by face; sign in, not yours, gate silent, no line.
        """
        line, token = self._line, self._token()
        if line is None or not token:
            raise Mendable("picture_sign_in")
        (device, epoch, seq) = reader.rows(_WHICH, (fact,))[0]
        gate = gates(reader).get(device)
        if gate is None:
            raise Mendable("picture_gate_gone")
        question = Question(gate.box_key, Passage(device, epoch, seq))
        line.bearer = token
        try:
            answer = question.open(line.look(device, epoch, seq, question.sealed))
        except (Rejected, TryAgain, Untrusted) as e:
            raise refusal(e, "picture", _MEND) from e
        except SealBroken as e:
            raise Mendable("picture_broken") from e
        if answer.refused:
            raise Mendable(f"picture_{answer.refused}" if answer.refused in REFUSALS else "picture_not_kept")
        return unb64(answer.picture)
