"""An engine on trial: what is recorded of each visit, what it is judged by, and the command that switches."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kiosk.faces.messages import Compared, Said
from kiosk.passages.habits import TIGHTENED
from kiosk.upkeep import engine_change as change
from kiosk.upkeep.engine_trial import COMPARED, LEAST_VISITS, PROVED, TRIAL, Comparisons, Recorded, on_trial, recorded
from tests.fakes.gatehouse import Gatehouse

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Gatehouse]:
    made = Gatehouse(tmp_path)
    yield made
    made.close()


class Heard:
    """Comparisons written straight into a journal, with a clock of the test's."""

    def __init__(self, house: Gatehouse) -> None:
        self.passed = 0.0
        self._house = house
        self._of = Comparisons(self._record, lambda: self.passed)

    def _record(self, kind: str, told: dict[str, Any]) -> None:
        self._house.journal.append(kind, told)

    def visit(self, ref: str, said: Said, named: str | None = None, engine: str = "new 1") -> None:
        self._of.hear(Compared(ref, engine, said, named, 0.7, 0.5, 80.0))

    def by_card(self, person: str) -> None:
        self._of.came_otherwise(person)


def test_what_it_made_of_a_visit_is_on_record_without_anybodys_name(house: Gatehouse) -> None:
    heard = Heard(house)
    house.journal.append(TRIAL, {"engine": "pack:new"})
    heard.visit("v1", Said.FOUND, "p-li")
    (fact,) = house.journal.facts(COMPARED)
    assert fact.payload == {"ref": "v1", "engine": "new 1", "said": "found", "score": 0.7, "threshold": 0.5}
    assert fact.envelope.subject is None


def test_whom_it_named_is_proved_by_their_own_card_within_a_minute(house: Gatehouse) -> None:
    heard = Heard(house)
    house.journal.append(TRIAL, {"engine": "pack:new"})
    for ref, person, after in (("v1", "p-li", 59.0), ("v2", "p-li", 61.0), ("v3", "p-chen", 5.0)):
        heard.visit(ref, Said.FOUND, "p-li")
        heard.passed += after
        heard.by_card(person)
    assert [f.payload for f in house.journal.facts(PROVED)] == [{"ref": "v1"}]
    assert recorded(house.journal, "new 1", NOW) == Recorded(3, 0, 0, 3, 1)


def test_what_was_before_the_trial_of_another_engine_or_doubted_counts_for_nobody(house: Gatehouse) -> None:
    heard = Heard(house)
    heard.visit("v0", Said.MISSED)
    house.journal.append(TRIAL, {"engine": "pack:new"})
    heard.visit("v1", Said.SAME)
    heard.visit("v2", Said.MISSED, engine="older 1")
    passed = {
        "ref": "v3",
        "gate_did": "opened",
        "direction": "in",
        "method": "face",
        "engine": "sface",
        "scores": [0.6],
    }
    passage = house.journal.append("passage.recorded", passed, subject="p-li")
    heard.visit("v3", Said.MISSED)
    assert recorded(house.journal, "new 1", NOW).missed == 1
    told = {"passage": passage.envelope.id, "by": "s-gus"}
    house.journal.append(TIGHTENED, told, subject="p-li")
    assert recorded(house.journal, "new 1", datetime.now(UTC)) == Recorded(1)


def test_a_change_ends_the_trial_and_so_does_taking_it_back(house: Gatehouse) -> None:
    assert on_trial(house.journal) == ""
    house.journal.append(TRIAL, {"engine": "pack:new"})
    assert on_trial(house.journal) == "pack:new"
    change.switch(house.journal, "pack:new", None)
    assert on_trial(house.journal) == ""
    house.journal.append(TRIAL, {"engine": "sface"})
    house.journal.append(TRIAL, {"engine": ""})
    assert on_trial(house.journal) == ""


@pytest.mark.parametrize(
    ("found", "welcome"),
    [
        (Recorded(LEAST_VISITS), True),
        (Recorded(LEAST_VISITS - 1), False),
        (Recorded(LEAST_VISITS, missed=1), False),
        (Recorded(LEAST_VISITS, missed=1, found=1, proved=1), True),
        (Recorded(LEAST_VISITS, other=1, found=9, proved=9), False),
        (Recorded(LEAST_VISITS, found=1), False),
        (Recorded(LEAST_VISITS, found=2, proved=1), True),
    ],
)
def test_it_is_welcome_where_nobody_is_lost_and_no_name_is_in_doubt(found: Recorded, welcome: bool) -> None:
    assert found.welcome is welcome
