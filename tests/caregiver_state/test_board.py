"""The board's presenter over a real replica."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from caregiver.elders import remembered
from caregiver.elders.board import Filter
from caregiver.elders.judging import assessment
from caregiver.elders.standing import Urgency
from caregiver.invented import Feed
from caregiver.sample import open_sample
from caregiver.state import AppState
from domain.assessment import State
from domain.events import to_ms
from watch.plan_payloads import plan_of

NOW = datetime(2026, 11, 23, 9, 41, tzinfo=timezone(timedelta(hours=8)))
ELDERS = 48


def judge_all(state: AppState) -> None:
    while not state.elders.board.judged:
        state.elders.board.rejudge()


def test_everybody_in_care_is_on_the_board_and_residents_are_not(state: AppState) -> None:
    assert len(state.elders.board) == ELDERS
    assert len(state.people) > ELDERS


def test_nobody_is_called_well_before_the_rules_were_asked(state: AppState) -> None:
    words = {e.standing.word for e in state.elders.board.rows()}
    assert "well" not in words
    assert "checking" in words
    judge_all(state)
    assert "checking" not in {e.standing.word for e in state.elders.board.rows()}


def test_the_most_urgent_come_first(state: AppState) -> None:
    judge_all(state)
    urgencies = [e.standing.urgency for e in state.elders.board.rows()]
    assert urgencies == sorted(urgencies)
    assert state.elders.board.rows()[0].standing.severity == 1, "a call for help stands above a long silence"


def test_search_finds_by_name_flat_and_pinyin_initials(state: AppState) -> None:
    state.people.learn_spelling(state.people.spell())
    state.elders.board.rename()
    someone = state.elders.board.rows()[5].person
    from pypinyin import Style, lazy_pinyin

    initials = "".join(lazy_pinyin(someone.name, style=Style.FIRST_LETTER))
    for words in (someone.name, someone.profile.flat, initials, f"{someone.name} {someone.profile.flat}"):
        assert someone.id in {e.id for e in state.elders.board.rows(Filter(words))}
    assert state.elders.board.rows(Filter("nobody-is-called-this")) == []


def test_filters_narrow_and_add_up(state: AppState) -> None:
    judge_all(state)
    counts = state.elders.board.counts()
    assert sum(counts.values()) == ELDERS
    alarms = state.elders.board.rows(Filter(states=frozenset({"alarm"})))
    assert len(alarms) == counts["alarm"] > 0
    for building in state.elders.board.buildings():
        assert {e.person.building for e in state.elders.board.rows(Filter(building=building))} == {building}


def test_a_new_sign_moves_the_elder_at_once(state: AppState) -> None:
    judge_all(state)
    overdue = next(e for e in state.elders.board.rows() if e.standing.urgency is Urgency.DUE)
    item = Feed("jinxiu", 99).item(
        "checkin.pressed", {"device": "g"}, overdue.id, NOW - timedelta(seconds=3), "kiosk-9"
    )
    state.journal.absorb([item])
    changes = state.take()
    assert overdue.id in changes.signs
    again = state.elders.board.find(overdue.id)
    assert again is not None
    assert again.last == (NOW - timedelta(seconds=3))
    assert again.standing.urgency is Urgency.WELL


def test_a_sign_whose_time_is_doubtful_is_no_all_clear(state: AppState) -> None:
    judge_all(state)
    due = next(e for e in state.elders.board.rows() if e.standing.urgency is Urgency.DUE)
    item = Feed("jinxiu", 98).item("sign.motion", {"device": "m"}, due.id, NOW, "kiosk-8", trusted=False)
    state.journal.absorb([item])
    state.take()
    again = state.elders.board.find(due.id)
    assert again is not None
    assert again.standing.urgency is Urgency.DUE
    assert again.last == due.last


def test_broken_data_of_one_elder_hides_nobody_and_calls_nobody_well(
    replica: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judge(person: str, plain: object, now: object) -> object:
        raise ValueError("broken")

    state = open_sample(replica, NOW, zone=NOW.tzinfo)
    monkeypatch.setattr(state.elders.board, "_judge", judge)
    judge_all(state)
    assert {e.standing.urgency for e in state.elders.board.rows()} <= {Urgency.BLIND, Urgency.ALARM}
    state.close()
    state.journal.close()


def test_standings_outlive_a_restart_and_new_facts_void_them(replica: Path) -> None:
    first = open_sample(replica, NOW, zone=NOW.tzinfo)
    judge_all(first)
    before = {e.id: e.standing for e in first.elders.board.rows()}
    first.close()
    someone = next(iter(before))
    first.journal.absorb([Feed("jinxiu", 97).item("sign.motion", {"device": "m"}, someone, NOW, "kiosk-7")])
    first.journal.close()
    second = open_sample(replica, NOW + timedelta(seconds=30), zone=NOW.tzinfo)
    fresh = remembered.load(
        replica / "standings", second.keys.secret("standings"), second.reader, NOW + timedelta(seconds=30)
    )
    assert someone not in fresh
    assert len(fresh) >= ELDERS - 3
    assert not second.elders.board.judged
    second.close()
    second.journal.close()


def test_a_restart_keeps_whose_incident_is_gravest_on_top(replica: Path) -> None:
    """What is remembered leaves incidents out: they are folded anew before the first line of the board is."""
    first = open_sample(replica, NOW, zone=NOW.tzinfo)
    judge_all(first)
    grave = [e.standing for e in first.elders.board.rows() if e.standing.incident]
    assert [standing.severity for standing in grave][:2] == [1, 2]
    first.close()
    first.journal.close()
    second = open_sample(replica, NOW, zone=NOW.tzinfo)
    assert second.elders.board.judged, "nobody was asked about again"
    assert [e.standing for e in second.elders.board.rows() if e.standing.incident] == grave
    second.close()
    second.journal.close()


def test_a_broken_memory_of_standings_is_passed_over(replica: Path) -> None:
    (replica / "standings").write_text("{not json")
    state = open_sample(replica, NOW, zone=NOW.tzinfo)
    assert len(state.elders.board) == ELDERS
    state.close()
    state.journal.close()


def test_behind_a_silent_kiosk_an_elder_is_blind_and_not_overdue(state: AppState) -> None:
    elder = "p" + "e" * 32
    plan = plan_of(elder, {
        "since": to_ms(NOW - timedelta(days=1)), "backstops": [],
        "windows": [{"id": "m", "start": "06:00", "end": "08:00", "counted": ["gate"]}],
    })  # fmt: skip
    assert assessment(state.reader, plan, NOW).state is State.MISSED
    since = to_ms(NOW - timedelta(hours=5))
    state.journal.append("kiosk.silent", {"silent": True, "since": since}, subject="v1", at=since)
    assert assessment(state.reader, plan, NOW).state is State.BLIND
    state.journal.append("kiosk.silent", {"silent": False, "since": since}, subject="v1", at=to_ms(NOW))
    assert assessment(state.reader, plan, NOW).state is State.DUE  # the window gets its watched time
