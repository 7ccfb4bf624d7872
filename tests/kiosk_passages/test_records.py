"""What the kiosk records of a passage, a word, a notice."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.errors import Mendable
from domain.events import to_ms
from domain.passages import Method, Ruling
from kiosk.passages.facts import PASSAGE, WELL
from kiosk.passages.records import LOST, Records
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


class Disk:
    """Full while `full`; takes no fact of the kind `never`."""

    def __init__(self, journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full, self.never, self.tried = True, "", 0
        self._append = journal.append
        monkeypatch.setattr(journal, "append", self)

    def __call__(self, kind: str, payload: dict[str, Any], **about: Any) -> None:
        self.tried += 1
        if self.full:
            raise Mendable("disk_full", path="/")
        if kind == self.never:
            raise TypeError("no such fact")
        self._append(kind, payload, **about)


@pytest.fixture
def disk(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(journal, monkeypatch)


def test_what_a_full_disk_does_not_take_is_recorded_once_it_does_in_its_order(journal: Journal, disk: Disk) -> None:
    told: list[Event] = []
    records = Records(journal, "south", told.append, lambda: None)
    records.take(passage(ref="v1"))
    records.take(passage(ref="v2"))
    until(lambda: disk.tried == 2)
    records.retry()
    until(lambda: disk.tried == 3)
    assert not records.whole
    disk.full = False
    records.retry()
    until(lambda: records.whole)
    records.take(passage(ref="v3"))
    records.close()
    assert [(fact.payload or {})["ref"] for fact in journal.facts(PASSAGE)] == ["v1", "v2", "v3"]
    assert {fact.envelope.at for fact in journal.facts(PASSAGE)} == {to_ms(AT)}
    assert journal.facts(LOST) == []
    assert [(f.part, f.code) for f in told if isinstance(f, Fault)] == [
        (Part.STORAGE, "disk_full"),
        (Part.STORAGE, ""),
    ]


def test_of_what_is_lost_all_the_same_it_is_on_record_how_much_and_of_when(journal: Journal, disk: Disk) -> None:
    records = Records(journal, "south", lambda _: None, lambda: None, most_waiting=2)
    for second in range(5):
        records.take(passage(ref=f"v{second}", at=AT + timedelta(seconds=second)))
    until(lambda: disk.tried == 5)
    disk.full, disk.never = False, WELL
    records.take(ReportWell("p1", Method.FACE, AT + timedelta(seconds=9)))  # and one more has to go for it
    records.close()
    assert [(fact.payload or {})["ref"] for fact in journal.facts(PASSAGE)] == ["v4"]
    [lost] = journal.facts(LOST)
    assert lost.payload == {"gate": "south", "count": 5, "first": to_ms(AT), "last": to_ms(AT) + 9000}


def test_a_call_waits_behind_nothing_and_is_not_made_later(journal: Journal, disk: Disk) -> None:
    records = Records(journal, "south", lambda _: None, lambda: None)
    records.take(passage())
    records.add("call.started", {"call": "c-1"})
    until(lambda: disk.tried == 2)
    disk.full = False
    records.add("call.started", {"call": "c-2"})
    records.close()
    assert [(fact.payload or {})["call"] for fact in journal.facts("call.started")] == ["c-2"]
    assert len(journal.facts(PASSAGE)) == len(journal.facts(LOST)) == 1


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
