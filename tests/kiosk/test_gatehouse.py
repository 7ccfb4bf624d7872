"""What flows between a kiosk's parts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.passages import Direction, Method
from kiosk.gatehouse import recorder
from kiosk.passages.facts import PASSAGE
from kiosk.passages.pictures import PassagePictures, PictureStore
from kiosk.passages.records import Records
from kiosk.visit.effects import GateDid, RecordPassage
from tests.fakes.gatehouse import Gatehouse
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
    pictures = PassagePictures(store, house.journal, house.roster, lambda: None, lambda: (START, START))
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
