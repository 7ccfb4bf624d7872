"""Calls to the guard as facts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.calls import ENDED, RANG, STARTED, JournalCalls
from kiosk.visit.effects import EndCall, RingNext, StartCall
from kiosk.visit.events import CallChanged, Event
from kiosk.visit.view import CallState
from offline.journal.journal import Journal
from tests.fakes.gate_records import AT, gate_journal


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with gate_journal(tmp_path) as opened:
        yield opened


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
