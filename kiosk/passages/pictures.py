"""One small picture a passage, for some days, of those who agreed to just that: sealed under their own key, kept here alone.

Kept only where a face was identified as that resident's and the gate opened: whoever holds a resident's card may be somebody else,
and of strangers nothing is kept. Only the face is cut out, so whoever stands behind is mostly not in it.
"""

import json
import logging
import threading
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from domain.consent import WITHDRAWN, Purpose
from domain.events import to_ms
from domain.passages import Method
from kiosk.camera.jpeg import as_jpeg
from kiosk.camera.port import Frame, Image
from kiosk.erasing import add_column, begin_anew_where_damaged, fill_in_what_was_known, open_erasing
from kiosk.faces.cut_out import cut_out
from kiosk.faces.messages import DecisionMade, FaceBox, Sighting
from kiosk.visit.effects import GateDid, RecordPassage
from kiosk.visit.events import Event
from offline.journal.journal import Journal
from offline.journal.projections import StoredFact
from offline.keys.keystore import Keystore
from offline.keys.seal import SealBroken, seal, unseal
from offline.roster import ERASED, Roster

log = logging.getLogger(__name__)

AGREED = (Purpose.PASSAGE_PICTURE, Purpose.FACE_AT_GATE)  # what a picture is kept by
MOST_AT_ONCE = 2  # whose gate has not answered yet
WIDTH = 240  # pixels
MARGIN = 0.4  # of the face's box, on every side


class PictureStore:
    """Safe to use from any thread. A picture is named by its passage's `ref`."""

    def __init__(self, path: Path, keys: Keystore) -> None:
        self._keys, self._lock = keys, threading.Lock()
        begin_anew_where_damaged(path)
        self._db = open_erasing(path)
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS pictures (ref TEXT PRIMARY KEY, person TEXT, at INTEGER, sealed BLOB)"
        )
        add_column(self._db, "pictures", "knew", "TEXT")  # NULL until it is filled in

    def fill_in(self, agreeing: Mapping[str, frozenset[str]]) -> None:
        """What an older program kept was taken in the knowledge of what is known now; before anything else is asked."""
        with self._lock:
            fill_in_what_was_known(self._db, "pictures", agreeing)

    def save(self, ref: str, person: str, at: datetime, jpeg: bytes, knew: Collection[str] = ()) -> None:
        """Nothing is kept of a person who has no key here. `knew`: the withdrawals that it was taken in the knowledge of; any
        other takes it."""
        if (key := self._keys.find(person)) is None:
            return
        sealed = seal(key, jpeg, _context(ref, person))
        with self._lock:
            self._db.execute(
                "INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?, ?)",
                (ref, person, to_ms(at), sealed, json.dumps(sorted(knew))),
            )

    def find(self, ref: str, person: str) -> bytes | None:
        """The JPEG; None where there is none, or its key is gone."""
        with self._lock:
            row = self._db.execute("SELECT sealed FROM pictures WHERE ref = ? AND person = ?", (ref, person)).fetchone()
        key = self._keys.find(person)
        if row is None or key is None:
            return None
        try:
            return unseal(key, row[0], _context(ref, person))
        except SealBroken:
            return None

    def keep_only(self, agreeing: Mapping[str, frozenset[str]], first: datetime, last: datetime) -> int:
        """Erase what is not of a date from `first` to `last`, and what nobody (as `Roster.agreeing`) agrees to, or not by the same
        consent; how many there were."""
        with self._lock:
            gone = [
                ref
                for ref, person, at, knew in self._db.execute("SELECT ref, person, at, knew FROM pictures")
                if not to_ms(first) <= at <= to_ms(last)
                or person not in agreeing
                or not agreeing[person].issubset(json.loads(knew))
            ]
            self._db.execute("BEGIN")
            self._db.executemany("DELETE FROM pictures WHERE ref = ?", [(ref,) for ref in gone])
            self._db.execute("COMMIT")
        return len(gone)

    def remove(self, person: str, withdrawal: str = "") -> int:
        """Erase everything of a person, but what was taken in the knowledge of `withdrawal`; how many there were."""
        with self._lock:
            return self._db.execute(
                "DELETE FROM pictures WHERE person = ? AND ? NOT IN (SELECT value FROM json_each(knew))",
                (person, withdrawal),
            ).rowcount

    def count(self) -> int:
        with self._lock:
            return int(self._db.execute("SELECT COUNT(*) FROM pictures").fetchone()[0])

    def close(self) -> None:
        with self._lock:
            self._db.close()


@dataclass(frozen=True, slots=True)
class _Taken:
    visit: str
    person: str
    image: Image
    knew: frozenset[str]  # the withdrawals known as it was taken


class PassagePictures:
    """Hears what the visit hears and what is recorded, from any thread; encoding and sealing have a thread of their own.

    `frames` gives the newest camera frame, `stays` the first and the last date of pictures that stay now.
    """

    def __init__(
        self, store: PictureStore, journal: Journal, roster: Roster, frames: Callable[[], Frame | None],
        stays: Callable[[], tuple[datetime, datetime]],
    ) -> None:  # fmt: skip
        self.store, self._roster, self._frames, self._stays = store, roster, frames, stays
        self._seen: tuple[str, FaceBox] | None = None
        self._wanted: tuple[str, str | None] | None = None
        self._taken: dict[str, _Taken] = {}  # by visit, in memory, until the gate has answered
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pictures")
        store.fill_in(roster.agreeing(*AGREED))
        self._stop = journal.on_change(self._heard)

    def start(self) -> None:
        """Let go of what should have gone while this program was down."""
        self._thread.submit(self._logged, self.let_go)

    def close(self) -> None:
        """Finish what was begun."""
        self._stop()
        self._thread.shutdown(wait=True)
        self.store.close()

    def hear(self, event: Event) -> None:
        """The face that is decided, where it was last seen; cut out at the moment of the decision."""
        if isinstance(event, Sighting):
            chosen = next((face for face in event.faces if face.chosen), None)
            if event.visit_id is not None and chosen is not None:
                self._seen = (event.visit_id, chosen)
                wanted, self._wanted = self._wanted, None
                if wanted is not None and wanted[0] == event.visit_id:
                    self._take(*wanted)
        elif isinstance(event, DecisionMade):
            visit, person = event.decision.visit_id, event.decision.person_id
            if self._seen is not None and self._seen[0] == visit:
                self._take(visit, person)
            else:  # decided by its first frame: where the face is comes with the next word
                self._wanted = (visit, person)

    def record(self, passage: RecordPassage) -> None:
        """The passage has been decided and the gate has answered: keep its picture, or forget it."""
        taken = self._taken.pop(passage.ref, None)
        if (
            taken is not None
            and taken.person == passage.person_id
            and passage.method is Method.FACE
            and passage.gate is GateDid.OPENED
        ):
            self._thread.submit(self._logged, lambda: self._save(taken, passage.at))

    def agreed(self, person: str) -> bool:
        """Whether pictures of this person may be kept, and shown, now."""
        return all(self._roster.holds(person, purpose) for purpose in AGREED)

    def expired(self, at: datetime) -> bool:
        return at < self._stays()[0]

    def let_go(self) -> int:
        """Erase what is too old, and what nobody consents to any more; how many there were."""
        return self.store.keep_only(self._roster.agreeing(*AGREED), *self._stays())

    def _take(self, visit: str, person: str | None) -> None:
        if person is None or self._seen is None or self._seen[0] != visit:
            return
        knew, frame = self._withdrawals(person), self._frames()
        if frame is None or not self.agreed(person):
            return
        while len(self._taken) >= MOST_AT_ONCE:  # decisions that came to no passage
            self._taken.pop(next(iter(self._taken)))
        self._taken[visit] = _Taken(visit, person, cut_out(frame.image, self._seen[1], MARGIN), knew)

    def _save(self, taken: _Taken, at: datetime) -> None:
        # it may have been withdrawn meanwhile, and agreed to again
        if self.agreed(taken.person) and self._withdrawals(taken.person) <= taken.knew:
            self.store.save(taken.visit, taken.person, at, as_jpeg(taken.image, WIDTH), taken.knew)

    def _withdrawals(self, person: str) -> frozenset[str]:
        return frozenset(id for purpose in AGREED for id in self._roster.withdrawals(person, purpose))

    def _heard(self, facts: list[StoredFact]) -> None:
        for fact in facts:
            person, kind = fact.envelope.subject, fact.envelope.kind
            if person and (kind == ERASED or (kind == WITHDRAWN and (fact.payload or {}).get("purpose") in AGREED)):
                # behind whatever is being saved on that thread
                withdrawal = fact.envelope.id if kind == WITHDRAWN else ""
                self._thread.submit(self._logged, partial(self.store.remove, person, withdrawal))

    @staticmethod
    def _logged(work: Callable[[], object]) -> None:
        try:
            work()
        except Exception:  # a full disk: the gate goes on without a picture
            log.exception("passage pictures")


def _context(ref: str, person: str) -> bytes:
    return f"passage-picture|{person}|{ref}".encode()
