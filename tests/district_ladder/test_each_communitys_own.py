"""What one community writes, be it a ladder, a sign of life or a step of an incident, keeps nobody in another from being called."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.events import to_ms
from domain.incident_kinds import Kind, Severity
from domain.ladder_steps import Do, Ladder, Step
from tests.district_ladder.conftest import ELDER, HERE, District
from watch.plans import LADDER_SET, SET

ELSEWHERE = "binhe"
SECOND = timedelta(seconds=1)


@pytest.fixture
def district(tmp_path: Path) -> Iterator[District]:
    found = District(tmp_path)
    found.tick(SECOND)
    yield found
    found.close()


def tell_in(district: District, community: str, kind: str, subject: str | None = ELDER, /, **payload: Any) -> None:
    district.ledger.add(kind, payload, community, subject, to_ms(district.now))
    district.tick(SECOND)


def calls(person: str) -> dict[str, Any]:
    """A ladder that calls one person."""
    return Ladder((Step(Do.NOTIFY, (person,)),)).plain()


def first_called(district: District, subject: str, kind: Kind, community: str) -> tuple[str, ...]:
    return district.watch.plans.ladder(subject, kind, Severity.P1, community).steps[0].who


def test_a_communitys_own_ladder_rings_for_its_own_elders_alone(district: District) -> None:
    tell_in(district, HERE, SET, revision=1, windows=[], backstops=[], contacts=[{"person_id": "daughter"}])
    tell_in(district, ELSEWHERE, LADDER_SET, None, name="", **calls("lead-of-binhe"))
    district.tell("sign.sos", device="b")
    for _ in range(30):
        district.tick(10 * SECOND)
    assert "daughter" in district.told()
    assert "lead-of-binhe" not in district.told()


def test_each_communitys_ladder_of_one_name_stands_beside_the_others_also_after_a_restart(district: District) -> None:
    tell_in(district, HERE, SET, revision=1, windows=[], backstops=[], ladder="night")
    tell_in(district, HERE, LADDER_SET, None, name="night", **calls("ann"))
    tell_in(district, ELSEWHERE, LADDER_SET, None, name="night", **calls("lead-of-binhe"))
    for _ in range(2):
        # whoever hears of it: an elder's ladders are those of where the plan is kept
        assert first_called(district, ELDER, Kind.SOS, HERE) == ("ann",)
        assert first_called(district, ELDER, Kind.SOS, ELSEWHERE) == ("ann",)
        district.crash()


def test_a_gates_ladder_is_that_of_the_community_in_which_it_stands(district: District) -> None:
    tell_in(district, HERE, LADDER_SET, None, name="", **calls("ann"))
    tell_in(district, ELSEWHERE, LADDER_SET, None, name="", **calls("lead-of-binhe"))
    assert first_called(district, "gate:east", Kind.KIOSK_SILENT, HERE) == ("ann",)
    assert first_called(district, "gate:east", Kind.KIOSK_SILENT, ELSEWHERE) == ("lead-of-binhe",)
