"""The line to the district as the banner tells it, and calls from the gate."""

from datetime import timedelta

import pytest

from caregiver.calls.desk import Calls
from caregiver.invented import ME, Feed
from caregiver.memory.connection import connection
from caregiver.state import AppState
from offline.line.link import Link, SyncStatus


def test_a_line_that_went_quiet_is_told_within_five_seconds() -> None:
    status = SyncStatus(Link.CONNECTED, last_ok=100_000)
    assert connection(status, 104_900).online
    found = connection(status, 105_100)
    assert not found.online
    assert (found.word, found.age_ms) == ("unreachable", 5_100)


@pytest.mark.parametrize("link", [Link.UNREACHABLE, Link.REVOKED, Link.UNTRUSTED, Link.OUTDATED, Link.REFUSED])
def test_trouble_keeps_its_name_the_age_and_what_waits(link: Link) -> None:
    found = connection(SyncStatus(link, last_ok=1_000, pending=3), 61_000)
    assert (found.online, found.word, found.age_ms, found.pending) == (False, link, 60_000, 3)


def test_a_district_that_does_not_watch_is_said_before_all_else_and_a_line_that_goes_quiet_meanwhile_too() -> None:
    status = SyncStatus(Link.UNWATCHED, last_ok=100_000)
    assert (connection(status, 104_900).online, connection(status, 104_900).word) == (False, "unwatched")
    assert connection(status, 105_100).word == "unreachable"


def test_a_first_round_that_hangs_is_told_after_five_seconds() -> None:
    status = SyncStatus(since=100_000)
    assert connection(status, 104_900).word == "starting"
    found = connection(status, 105_100)
    assert (found.online, found.word, found.age_ms) == (False, "unreachable", None)


def test_a_long_round_is_no_cut_off_line_as_long_as_the_district_answers() -> None:
    status = SyncStatus(since=100_000, last_ok=160_000)
    assert connection(status, 164_900).word == "starting"
    assert connection(status, 165_100).word == "unreachable"


def test_before_the_first_contact_there_is_no_age() -> None:
    assert connection(SyncStatus(), 5_000).age_ms is None


def ring(state: AppState, call: str = "c1", ago_s: int = 8) -> None:
    at = state.now() - timedelta(seconds=ago_s)
    item = Feed("jinxiu", len(call)).item(
        "call.started", {"call": call, "gate": "gate-south"}, None, at, f"kiosk-{call}"
    )
    state.journal.absorb([item])


def test_a_call_rings_until_somebody_answers(state: AppState) -> None:
    ring(state)
    (call,) = state.calls.going_on()
    assert call.ringing
    assert call.gate == "gate-south"
    state.calls.answer("c1")
    (call,) = state.calls.going_on()
    assert call.answered_by == ME


def test_the_first_who_answers_has_it(state: AppState) -> None:
    ring(state)
    Calls(state.journal, state.reader, "p-first", lambda: None, state.now).answer("c1")
    state.calls.answer("c1")
    assert state.calls.going_on()[0].answered_by == "p-first"


def test_refusing_keeps_the_reason_and_ends_the_call(state: AppState) -> None:
    ring(state)
    state.calls.refuse("c1", "not_expected")
    assert state.calls.going_on() == []
    assert (state.journal.facts("call.refused")[0].payload or {})["reason"] == "not_expected"


def test_an_old_call_that_never_ended_is_forgotten(state: AppState) -> None:
    ring(state, "old", ago_s=600)
    assert state.calls.going_on() == []
