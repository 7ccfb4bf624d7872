"""What a start says of the end before it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import Mendable
from domain.events import to_ms
from kiosk.cut_off import CUT_OFF, CutOff
from kiosk.passages.records import Records
from offline.journal.journal import Journal
from tests.fakes.gate_records import AT, gate_journal, passage, record


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with gate_journal(tmp_path) as opened:
        yield opened


def start(journal: Journal, folder: Path) -> tuple[CutOff, Records]:
    records = Records(journal, "south", lambda _: None, lambda: None)
    cut_off = CutOff(folder / "running", journal, "south")
    cut_off.begin(records.add)
    return cut_off, records


def said(journal: Journal) -> list[object]:
    return [fact.payload for fact in journal.facts(CUT_OFF)]


def test_after_a_power_cut_the_record_says_from_when_on_it_may_be_wanting(journal: Journal, tmp_path: Path) -> None:
    _, records = start(journal, tmp_path)
    records.close()
    assert said(journal) == []  # it never ran before
    record(journal, passage())
    _, records = start(journal, tmp_path)
    records.close()
    assert said(journal) == [{"gate": "south", "after": to_ms(AT)}]


def test_after_an_orderly_end_nothing_is_said(journal: Journal, tmp_path: Path) -> None:
    cut_off, records = start(journal, tmp_path)
    records.take(passage())
    records.close()
    cut_off.end(records.whole)
    start(journal, tmp_path)[1].close()
    assert said(journal) == []


def test_an_end_with_a_full_disk_is_no_orderly_one(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(journal, passage())
    cut_off, records = start(journal, tmp_path)
    with monkeypatch.context() as patch:

        def full(*_: object, **__: object) -> None:
            raise Mendable("disk_full", path="/")

        patch.setattr(journal, "append", full)
        records.take(passage(ref="v2"))
        records.close()
        cut_off.end(records.whole)
    start(journal, tmp_path)[1].close()
    assert said(journal) == [{"gate": "south", "after": to_ms(AT)}]
