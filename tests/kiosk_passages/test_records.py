"""What the kiosk records of a passage, a word, a notice."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import Mendable
from domain.events import to_ms
from domain.passages import Method, Ruling
from kiosk.passages.facts import PASSAGE, WELL
from kiosk.passages.records import Records
from kiosk.visit.effects import GateDid, NotifyStaff, ReportWell
from kiosk.visit.events import Event
from kiosk.visit.faults import Fault, Part
from offline.journal.journal import Journal
from offline.letters.block_list import NOTICED
from tests.fakes.gate_records import AT, DECISION, gate_journal, passage, record
from tests.fakes.waiting import until


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with gate_journal(tmp_path) as opened:
        yield opened


def test_a_passage_is_recorded_with_everything_that_decided_it(journal: Journal) -> None:
    record(journal, passage(person_id="p1", ruling=Ruling.GRANTED, decision=DECISION))
    [fact] = journal.facts(PASSAGE)
    assert (fact.envelope.subject, fact.envelope.at) == ("p1", to_ms(AT))
    p = fact.payload or {}
    assert (p["gate"], p["direction"], p["method"], p["gate_did"], p["outcome"]) == (
        "south",
        "in",
        "face",
        "opened",
        "identified",
    )
    assert (p["scores"], p["threshold"], p["liveness"], p["ms"]) == ([0.7612, 0.2], 0.44, "not_assessed", 240.0)
    assert p["quality"]["inter_eye_px"] == 92.0


def test_a_near_miss_names_nobody(journal: Journal) -> None:
    record(journal, passage(person_id="p1", ruling=None, gate=GateDid.SHUT, decision=DECISION))
    assert journal.facts(PASSAGE)[0].envelope.subject is None


def test_well_and_notices_are_facts_of_the_person(journal: Journal) -> None:
    record(journal, ReportWell("p1", Method.FACE, AT), NotifyStaff(Ruling.BLOCKED, "p9", Method.CARD, AT))
    assert [f.envelope.subject for f in journal.facts(WELL) + journal.facts(NOTICED)] == ["p1", "p9"]


def test_a_disk_that_cannot_be_written_is_said_and_its_recovery_too(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = journal.append

    def full(*args: object, **kwargs: object) -> None:
        raise Mendable("disk_full", path="/")

    told: list[Event] = []
    records = Records(journal, "south", told.append, lambda: None)
    monkeypatch.setattr(journal, "append", full)
    records.take(passage())
    until(lambda: told)
    monkeypatch.setattr(journal, "append", whole)
    records.take(passage())
    records.close()
    assert [(f.part, f.code) for f in told if isinstance(f, Fault)] == [
        (Part.STORAGE, "disk_full"),
        (Part.STORAGE, ""),
    ]
    assert len(journal.facts(PASSAGE)) == 1


def test_whoever_waits_at_the_gate_does_not_wait_for_the_disk(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = threading.Event()
    whole = journal.append
    monkeypatch.setattr(journal, "append", lambda *a, **k: (slow.wait(10), whole(*a, **k))[1])
    records = Records(journal, "south", lambda _: None, lambda: None)
    records.take(passage())
    assert journal.facts(PASSAGE) == []
    slow.set()
    records.close()
    assert len(journal.facts(PASSAGE)) == 1
