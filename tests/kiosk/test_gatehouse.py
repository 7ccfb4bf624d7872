"""What flows between a kiosk's parts."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from domain.consent import Purpose
from domain.passages import Direction, Method
from kiosk.faces.recogniser import Recogniser
from kiosk.gatehouse import GalleryFeed, recorder
from kiosk.passages.facts import PASSAGE
from kiosk.passages.pictures import PassagePictures, PictureStore
from kiosk.passages.records import Records
from kiosk.residents.known import Residents
from kiosk.visit.effects import GateDid, RecordPassage
from tests.fakes.gatehouse import Gatehouse
from tests.fakes.waiting import until
from tests.kiosk_visit.visits import START


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Gatehouse]:
    made = Gatehouse(tmp_path)
    yield made
    made.close()


def test_of_a_passage_all_hear_whom_it_concerns(house: Gatehouse, tmp_path: Path) -> None:
    """Own cards and PINs that have opened; one-time passes that have; nobody else."""
    records = Records(house.journal, "south", lambda _: None, lambda: None)
    store = PictureStore(tmp_path / "pictures.sqlite", house.keys)
    pictures = PassagePictures(store, house.journal, house.roster, lambda: None, timedelta(days=7), lambda: START)
    came: list[str] = []
    spent: list[str] = []
    record = recorder(records, pictures, (came.append,), spent.append)
    for method in Method:
        for gate in (GateDid.OPENED, GateDid.FAILED, GateDid.SHUT):
            for once in (False, True):
                person, reference = f"{method}-{gate}-{once}", f"ref-{method}-{gate}-{once}"
                passage = RecordPassage(
                    reference, START, method, Direction.IN, gate, person, credential=reference,
                    once=once and method is Method.QR,
                )  # fmt: skip
                record(passage)
    records.close()
    pictures.close()
    assert came == [f"{method}-opened-{once}" for method in (Method.CARD, Method.PIN) for once in (False, True)]
    assert spent == ["ref-qr-opened-True"]
    assert len(house.journal.facts(PASSAGE)) == 6 * len(Method)


class Busy:
    """A recogniser whose pipe is full."""

    def __init__(self) -> None:
        self.asked, self.free = threading.Event(), threading.Event()
        self.has: list[tuple[int, list[str]]] = []

    def set_gallery(self, people: Any, revision: int, _homes: Any, _second: Any) -> None:
        self.asked.set()
        assert self.free.wait(60)
        self.has.append((revision, [person for person, _ in people]))


def test_a_recogniser_that_takes_nothing_keeps_nobody_from_the_journal_and_has_the_newest_gallery_in_the_end(
    house: Gatehouse,
) -> None:
    busy = Busy()
    feed = GalleryFeed(cast(Recogniser, busy))
    Residents(house.journal, house.roster, house.templates, house.keys, ("sface", "1"), gallery_changed=feed)
    assert busy.asked.wait(60)

    def live_on() -> None:
        house.enrol("p1")
        house.roster.consent("p1", Purpose.FACE_AT_GATE, False, "2026-1", "p1")
        house.journal.append(PASSAGE, {"gate_did": "shut"})

    lives = threading.Thread(target=live_on, daemon=True)
    lives.start()
    until(lambda: not lives.is_alive())
    assert busy.has == []
    busy.free.set()
    until(lambda: len(busy.has) > 1)
    revisions = [revision for revision, _ in busy.has]
    assert len(busy.has) == 2, "those between were passed over"
    assert revisions == sorted(revisions)
    assert busy.has[-1][1] == []
    feed.close()
