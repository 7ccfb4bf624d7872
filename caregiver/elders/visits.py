"""Visits (探访) and calls: one a month is due to every elder; recording one is a sign of life. No Qt."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from caregiver.elders.projection import VISIT
from caregiver.memory.photos import Photos
from caregiver.memory.reading import Reader
from domain.events import fresh_id, from_ms, to_ms
from offline.journal.journal import Journal

HOW = ("visit", "call", "video")


class Visits:
    def __init__(self, journal: Journal, reader: Reader, photos: Photos, by: str, now: Callable[[], datetime]) -> None:
        self._journal, self._reader, self._photos, self._by, self._now = journal, reader, photos, by, now

    def due(self, person: str) -> bool:
        """Whether nobody has been there (by foot, not by phone) this month."""
        month = self._now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        last = self._reader.value("SELECT max(at) FROM elders_visits WHERE person = ? AND how = 'visit'", (person,))
        return last is None or from_ms(last) < month

    def done(self) -> frozenset[str]:
        """Who was visited (by foot, not by phone) this month."""
        month = to_ms(self._now().replace(day=1, hour=0, minute=0, second=0, microsecond=0))
        rows = self._reader.rows("SELECT DISTINCT person FROM elders_visits WHERE how = 'visit' AND at >= ?", (month,))
        return frozenset(row[0] for row in rows)

    def record(self, person: str, how: str, note: dict[str, Any], jpegs: Sequence[bytes] = ()) -> str:
        """Somebody saw or spoke with the elder; `note` is sealed already. With its pictures or not at all; returns its id."""
        id = fresh_id(to_ms(self._now()))
        visit = (VISIT, {"by": self._by, "how": how, **note}, person, None, id)
        self._journal.append_all([visit, *self._photos.facts(person, "visit", id, jpegs)])
        return id
