from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from domain.events import to_ms
from kiosk.habits import LEAST_PASSAGES, habits
from kiosk.passage_facts import PASSAGE
from offline.journal import Journal
from offline.node_clock import NodeClock

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "j.sqlite", NodeClock())
    yield opened
    opened.close()


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
