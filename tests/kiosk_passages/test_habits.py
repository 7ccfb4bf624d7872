from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from domain.events import to_ms
from domain.identification import Doubt
from kiosk.faces.pipeline import Habits
from kiosk.passages.facts import PASSAGE
from kiosk.passages.habits import DOUBT_FOR, LEAST_PASSAGES, RELEASED, TIGHTENED, habits, habits_feed
from offline.journal.journal import Journal
from tests.fakes.gate_records import gate_journal

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with gate_journal(tmp_path) as opened:
        yield opened


def passes(journal: Journal, person: str, at: datetime) -> None:
    journal.append(PASSAGE, {}, subject=person, at=to_ms(at))


def test_an_hour_is_unusual_only_for_somebody_who_has_passed_often(journal: Journal) -> None:
    for day in range(1, LEAST_PASSAGES + 1):
        passes(journal, "often", NOW.replace(hour=8) - timedelta(days=day))
    passes(journal, "once", NOW.replace(hour=8))
    known = habits(journal, NOW)
    assert known.usual_hours == {"often": frozenset({7, 8, 9})}
    assert known.passed_today == {"once"}


def test_today_is_the_gates_own_day(journal: Journal) -> None:
    passes(journal, "late", NOW.replace(hour=0, minute=5))
    passes(journal, "yesterday", NOW.replace(hour=0) - timedelta(minutes=5))
    assert habits(journal, NOW).passed_today == {"late"}


def test_whom_the_staff_saw_mistaken_is_doubted_by_passage_and_score(journal: Journal) -> None:
    seen = {"scores": [0.61, 0.3], "engine": "sface 1"}
    mine = journal.append(PASSAGE, seen, subject="wang", at=to_ms(NOW - timedelta(hours=1))).envelope.id
    other = journal.append(PASSAGE, seen | {"engine": "old 1", "scores": [0.9]}, subject="wang").envelope.id
    for passage in (mine, mine, other, "elsewhere"):  # two readers of one passage count once
        journal.append(TIGHTENED, {"passage": passage, "by": "s1"}, subject="wang", at=to_ms(NOW))
    journal.append(
        TIGHTENED, {"passage": mine, "by": "s1"}, subject="li", at=to_ms(NOW - DOUBT_FOR - timedelta(days=1))
    )
    assert habits(journal, NOW, "sface 1").doubted == {"wang": Doubt(3, 0.61)}


def test_readers_who_settle_that_it_was_the_resident_end_everybodys_doubt(journal: Journal) -> None:
    def say(kind: str, by: str, **more: bool) -> None:
        journal.append(kind, {"passage": "p1", "by": by, **more}, subject="wang", at=to_ms(NOW))

    say(TIGHTENED, "s1")
    say(TIGHTENED, "s2")
    say(RELEASED, "s3")
    assert set(habits(journal, NOW).doubted) == {"wang"}, "who did not doubt has nothing to take back"
    say(RELEASED, "s3", settled=True)
    assert habits(journal, NOW).doubted == {}
    say(TIGHTENED, "s3")
    assert set(habits(journal, NOW).doubted) == {"wang"}


def test_a_doubt_is_heard_at_once(journal: Journal) -> None:
    told: list[Habits] = []
    learn = habits_feed(journal, told.append, "sface 1", lambda: NOW)
    passes(journal, "wang", NOW)
    assert told == []
    journal.append(TIGHTENED, {"passage": "p", "by": "s1"}, subject="wang", at=to_ms(NOW))
    assert told[0].doubted == {"wang": Doubt(1)}
    learn()
    assert told[1] == told[0]


def test_a_doubt_that_its_reader_took_back_is_none_and_another_readers_stands(journal: Journal) -> None:
    for reader in ("s1", "s2"):
        journal.append(TIGHTENED, {"passage": "p", "by": reader}, subject="wang", at=to_ms(NOW))
    journal.append(RELEASED, {"passage": "p", "by": "s1"}, subject="wang", at=to_ms(NOW))
    assert habits(journal, NOW).doubted == {"wang": Doubt(1, None)}
    told: list[Habits] = []
    habits_feed(journal, told.append, "", lambda: NOW)
    journal.append(RELEASED, {"passage": "p", "by": "s2"}, subject="wang", at=to_ms(NOW))
    assert told[-1].doubted == {}
    journal.append(TIGHTENED, {"passage": "p", "by": "s2"}, subject="wang", at=to_ms(NOW))
    assert told[-1].doubted == {"wang": Doubt(1, None)}
