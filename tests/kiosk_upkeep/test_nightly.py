from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.events import to_ms
from kiosk.faces.engines import load_engine
from kiosk.known_time import Known
from kiosk.passages.facts import PASSAGE
from kiosk.passages.records import Records
from kiosk.upkeep import selftest
from kiosk.upkeep.nightly import FAILED, RIGHT_AGAIN, TESTED, SelfTest, let_go
from kiosk.upkeep.selftest import Trial
from kiosk.upkeep.status import Fittings, StatusBoard
from offline.journal.journal import Journal
from tests.fakes.gate_records import gate_journal

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
MONTH = Known(NOW, heard=True, sure=True).stays(timedelta(days=30))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with gate_journal(tmp_path) as opened:
        yield opened


def test_what_was_kept_long_enough_is_let_go_once_the_district_has_it(journal: Journal) -> None:
    for days in (40, 35, 3):
        journal.append(PASSAGE, {"days": days}, at=to_ms(NOW - timedelta(days=days)))
    journal.append("consent.given", {"kept": True}, at=to_ms(NOW - timedelta(days=400)))
    journal.acknowledged(1)
    assert let_go(journal, MONTH) == 1
    assert [f.payload for f in journal.facts()] == [None, {"days": 35}, {"days": 3}, {"kept": True}]
    assert journal.broken() == []
    journal.acknowledged(4)
    assert let_go(journal, MONTH) == 1
    assert let_go(journal, MONTH) == 0


def test_a_self_test_without_pictures_says_so_and_does_not_pass(journal: Journal, tmp_path: Path) -> None:
    records = Records(journal, "south", lambda _: None, lambda: None)
    board = StatusBoard(Fittings("sface", tmp_path, False, False, False, lambda: True, lambda: None), lambda: NOW)
    SelfTest(tmp_path / "selftest", lambda: load_engine("sface"), records, board, lambda: NOW, "south", journal).run()
    records.close()
    assert [f.payload for f in journal.facts(TESTED)] == [{"passed": False, "why": "selftest_no_pictures"}]


def test_a_self_test_that_goes_wrong_is_told_to_people_and_so_is_its_end(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the maintenance screen alone it waits for whoever signs in there."""
    board = StatusBoard(Fittings("sface", tmp_path, False, False, False, lambda: True, lambda: None), lambda: NOW)

    def night(opened: str | None) -> None:
        monkeypatch.setattr(
            selftest, "run", lambda *_: [Trial("known", "li", "li"), Trial("stranger", "1.jpg", opened)]
        )
        records = Records(journal, "south", lambda _: None, lambda: None)
        engine = load_engine("sface")
        SelfTest(tmp_path, lambda: engine, records, board, lambda: NOW, "south", journal).run()
        records.close()

    def told() -> list[str]:
        return [f.envelope.kind for f in journal.facts() if f.envelope.kind in (FAILED, RIGHT_AGAIN)]

    night(None)
    assert told() == [], "all is well, as it was: nobody is told"
    night("li")
    again = StatusBoard(Fittings("sface", tmp_path, False, False, False, lambda: True, lambda: None), lambda: NOW)
    records = Records(journal, "south", lambda _: None, lambda: None)
    test = SelfTest(tmp_path, lambda: load_engine("sface"), records, again, lambda: NOW, "south", journal)
    records.close()
    shown = [row.value for section in again.known().sections for row in section.rows if str(row.value).endswith("1/2")]
    assert len(shown) == 1, "after a start the screen still says how the last one went"
    assert test.last() == journal.facts(TESTED)[-1].envelope.happened
    night(None)
    night(None)
    assert told() == [FAILED, RIGHT_AGAIN]
    assert [f.payload for f in journal.facts(FAILED)] == [{"gate": "south", "count": "1/2"}]
    _, wrong, *_ = (f.payload for f in journal.facts(TESTED))
    assert wrong == {"passed": False, "count": "1/2", "kinds": {"known": "1/1", "stranger": "0/1"}}
    assert "1.jpg" not in repr([f.payload for f in journal.facts()]), (
        "what goes up names no file: it may be somebody's name"
    )
