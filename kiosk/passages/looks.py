"""Answers the staff's questions about passages' pictures: only what the district vouches for, only to whoever asked."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from domain.passages import Method
from kiosk.passages.facts import PASSAGE
from kiosk.passages.pictures import PassagePictures
from offline.journal.journal import Journal
from offline.keys.identity import b64
from offline.letters.looks import Answer, LookRefused, Passage, read_look
from offline.transport.errors import Rejected, TryAgain, Untrusted

log = logging.getLogger(__name__)

_FACT = "SELECT id FROM facts WHERE device = ? AND epoch = ? AND seq = ? AND kind = ?"


class AnswerLine(Protocol):
    """Raises TryAgain, Rejected or Untrusted."""

    def answer_look(self, look: str, sealed: bytes) -> None: ...


class Looks:
    """`line` makes a line for the thread on which answers are given; `district_key` verifies."""

    def __init__(
        self,
        journal: Journal,
        pictures: PassagePictures,
        box: X25519PrivateKey,
        line: Callable[[], AnswerLine],
        district_key: Callable[[], Ed25519PublicKey | None],
        now_ms: Callable[[], int],
    ) -> None:
        self._journal, self._pictures, self._box, self._new_line = journal, pictures, box, line
        self._line: AnswerLine | None = None
        self._district_key, self._now_ms = district_key, now_ms
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="looks")

    def close(self) -> None:
        self._thread.shutdown(wait=True)

    def heard(self, sent: bytes) -> None:
        """A question came on the stream; returns at once."""
        self._thread.submit(self._answer, sent)

    def _answer(self, sent: bytes) -> None:
        key = self._district_key()
        try:
            if key is None:
                raise LookRefused("no district")
            asked = read_look(sent, key, self._box, self._journal.device, self._now_ms())
            answer = self.find(asked.look.passage)
            log.info("%s looks at %s: %s", asked.look.by, asked.look.passage, answer.refused or "shown")
            self._line = self._line or self._new_line()
            self._line.answer_look(asked.look.look, asked.answer(answer))
        except LookRefused as e:
            log.warning("a look was refused: %s", e)
        except (TryAgain, Rejected, Untrusted) as e:
            log.info("an answer was not sent: %s", e)
            self._line = None
        except Exception:
            log.exception("a look")

    def find(self, passage: Passage) -> Answer:
        """The picture of a passage that was recorded here, or why there is none."""
        key = (passage.kiosk, passage.epoch, passage.seq, PASSAGE)
        rows = self._journal.query(_FACT, key)
        fact = self._journal.find(rows[0]["id"]) if rows and passage.kiosk == self._journal.device else None
        if fact is None:
            return Answer(refused="not_kept")
        person, told = fact.envelope.subject, fact.payload
        if told is None or self._pictures.expired(fact.envelope.happened):
            return Answer(refused="expired")
        if person is None:
            return Answer(refused="nobody")
        if told.get("method") != Method.FACE:
            return Answer(refused="not_by_face")
        if not self._pictures.agreed(person):
            return Answer(refused="no_consent")
        jpeg = self._pictures.store.find(str(told.get("ref")), person)
        return Answer(refused="not_kept") if jpeg is None else Answer(picture=b64(jpeg))
