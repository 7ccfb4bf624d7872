"""What one community writes, be it a ladder, a sign of life or a step of an incident, keeps nobody in another from being called."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.events import derived_id, to_ms
from domain.incident_kinds import CLOSED, EVIDENCE, OPENED, Kind, Severity
from domain.ladder_steps import Do, Ladder, Step
from tests.district_ladder.conftest import ELDER, HERE, District
from tests.district_ladder.test_openings_of_others import desk_says
from watch.plans import LADDER_SET, SET

ELSEWHERE = "binhe"
SECOND = timedelta(seconds=1)


@pytest.fixture
def district(tmp_path: Path) -> Iterator[District]:
    found = District(tmp_path)
    found.tick(SECOND)
    yield found
    found.close()


MORNING = {"id": "morning", "start": "09:00", "end": "11:00", "grace_min": 30}


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


def test_a_door_contact_left_in_the_old_flat_does_not_move_where_a_silence_rings(district: District) -> None:
    tell_in(district, HERE, SET, revision=1, since=to_ms(district.now), windows=[MORNING], backstops=[])
    district.tick(timedelta(hours=6))
    tell_in(district, ELSEWHERE, "sign.door", device="old-door")
    for _ in range(14):
        district.tick(timedelta(hours=1))
    assert [(i.kind, i.community) for i in district.watch.watch.cases.of(ELDER, district.now)] == [
        (Kind.MISSED_CHECKIN, HERE)
    ]


def test_whoever_has_moved_is_called_for_in_the_new_community(district: District) -> None:
    tell_in(district, ELSEWHERE, SET, revision=1, since=to_ms(district.now), windows=[MORNING], backstops=[])
    tell_in(district, HERE, SET, revision=2, since=to_ms(district.now), windows=[MORNING], backstops=[])
    for _ in range(20):
        district.tick(timedelta(hours=1))
    assert [i.community for i in district.watch.watch.cases.of(ELDER, district.now)] == [HERE]


def test_a_step_under_an_id_that_was_foreseen_keeps_nobody_elsewhere_from_being_called(district: District) -> None:
    tell_in(district, HERE, SET, revision=1, since=to_ms(district.now), windows=[MORNING], backstops=[])
    foreseen = derived_id(ELDER, "morning", "2026-11-24")
    tell_in(district, ELSEWHERE, EVIDENCE, incident=foreseen, by="q")
    for _ in range(20):
        district.tick(timedelta(hours=1))
    assert district.incident().id == foreseen
    assert "ann" in district.told()


@pytest.mark.parametrize("kind", ["sign.sos", "sign.tamper"])
def test_an_incident_that_another_community_opens_and_closes_under_the_same_id_climbs_apart(
    tmp_path: Path, kind: str
) -> None:
    def heard_here(meddled: bool) -> list[str]:
        folder = tmp_path / str(meddled)
        folder.mkdir()
        district = District(folder)
        district.tell(kind, device="b")
        district.tick(SECOND)
        id = district.incident().id
        if meddled:
            told = {"incident": id, "elder": ELDER, "kind": "sos", "severity": 1, "by": "q", "confirmed": False}
            desk_says(district, OPENED, 1, ELSEWHERE, **told)
        for n in range(24):
            district.tick(timedelta(minutes=1) if n < 12 else timedelta(hours=2))
            if meddled and n == 14:
                desk_says(district, CLOSED, 2, ELSEWHERE, incident=id, by="q")
        notices = [f.payload for f in district.ledger.about(ELDER, ("notice.sent",)) if f.community == HERE]
        district.close()
        return [n["person"] for n in notices if n["act"] == "alarm"]

    assert heard_here(meddled=True) == heard_here(meddled=False) != []
