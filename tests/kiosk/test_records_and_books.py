import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes.waiting import until

from domain.errors import Mendable
from domain.events import to_ms
from domain.identification import Candidate, Decision, Liveness, Outcome, Quality, Reason
from domain.passages import Direction, Group, Method, Ruling
from kiosk.books import STAFF_SET, Books, CredentialsProjection
from kiosk.calls import ENDED, RANG, STARTED, JournalCalls
from kiosk.passage_facts import PASSAGE, WELL
from kiosk.records import NOTICED, Records
from kiosk.visit.effects import EndCall, GateDid, NotifyStaff, RecordPassage, ReportWell, RingNext, StartCall
from kiosk.visit.events import CallChanged, Event
from kiosk.visit.faults import Fault, Part
from kiosk.visit.view import CallState
from offline.access_orders import CARD_ISSUED, CARD_REVOKED, PASS_REVOKED, PIN_CLEARED, PIN_SET
from offline.journal import Journal
from offline.node_clock import NodeClock
from offline.roster import ERASED

AT = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)
QUALITY = Quality(92.0, 0.8, 3.0, -2.0, 1.0, 0.9, 1.0, 0.85)
DECISION = Decision(
    "v1", Outcome.IDENTIFIED, Reason.MATCH, "p1", (Candidate("p1", 0.76123456), Candidate("p2", 0.2)), 0.44, 3, QUALITY,
    Liveness.NOT_ASSESSED, "sface 2021dec", AT, 240.0, AT,
)  # fmt: skip


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "j.sqlite", NodeClock(), [CredentialsProjection()])
    opened.become("gate-1", 1, "jinxiu")
    yield opened
    opened.close()


def passage(**changes: object) -> RecordPassage:
    told = {"ref": "v1", "at": AT, "method": Method.FACE, "direction": Direction.IN, "gate": GateDid.OPENED}
    return RecordPassage(**told | changes)  # type: ignore[arg-type]


def record(journal: Journal, *what: RecordPassage | ReportWell | NotifyStaff) -> list[Event]:
    told: list[Event] = []
    records = Records(journal, "south", told.append, lambda: None)
    for each in what:
        records.take(each)
    records.close()
    return told


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


@pytest.fixture
def books(journal: Journal) -> Books:
    return Books(journal, {"p1": "3-2-501", "p2": "3-2-501", "p3": "1-1-101"}.get)  # type: ignore[arg-type]


def test_a_card_belongs_to_whom_it_was_last_issued_until_it_is_revoked(journal: Journal, books: Books) -> None:
    journal.append(CARD_ISSUED, {"digest": "aa"}, subject="p1")
    journal.append(CARD_ISSUED, {"digest": "aa", "group": "staff", "last_day": "2026-12-31"}, subject="p2")
    holder = books.holder("aa")
    assert holder is not None
    assert (holder.person_id, holder.group, str(holder.last_day)) == ("p2", Group.STAFF, "2026-12-31")
    journal.append(CARD_REVOKED, {"digest": "aa"})
    assert books.holder("aa") is None
    assert books.holder("bb") is None


def test_pins_are_looked_up_by_the_digits_of_the_flat(journal: Journal, books: Books) -> None:
    for person in ("p1", "p2", "p3"):
        journal.append(PIN_SET, {"hash": f"hash {person}"}, subject=person)
    assert books.residents("32501") == [("p1", "hash p1"), ("p2", "hash p2")]
    journal.append(PIN_CLEARED, {}, subject="p1")
    journal.append(ERASED, {}, subject="p2")
    assert books.residents("32501") == []
    journal.append(STAFF_SET, {"name": "Li", "hash": "h"})
    assert books.staff() == [("Li", "h")]


def test_a_pass_for_one_time_is_spent_when_the_gate_has_opened_and_a_weekly_one_when_it_is_revoked(
    journal: Journal, books: Books
) -> None:
    record(journal, passage(method=Method.QR, credential="v1", once=True, gate=GateDid.FAILED))
    assert not books.spent("v1")
    record(journal, passage(method=Method.QR, credential="v1", once=True))
    record(journal, passage(method=Method.QR, credential="v2", once=False))
    assert books.spent("v1")
    assert not books.spent("v2")
    journal.append(PASS_REVOKED, {"pass": "v2"})
    assert books.spent("v2")


@pytest.mark.parametrize("online", [True, False])
def test_a_call_is_a_fact_and_where_nobody_can_hear_it_the_screen_says_so(journal: Journal, online: bool) -> None:
    told: list[Event] = []
    calls = JournalCalls(
        journal, "south", lambda kind, p: (journal.append(kind, p), None)[1], lambda: online, told.append
    )
    for what in (StartCall("c1", AT), RingNext("c1", 1), EndCall("c1")):
        calls.take(what)
    assert [f.envelope.kind for f in journal.facts()] == [STARTED, RANG, ENDED]
    assert told == ([] if online else [CallChanged("c1", CallState.LOST)])
    journal.append("call.answered", {"call": "c1"})
    assert told[-1] == CallChanged("c1", CallState.ANSWERED)
