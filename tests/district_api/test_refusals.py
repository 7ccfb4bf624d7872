"""What the district puts aside is told to the desk that wrote it: once, with the reason, through hubs and after a crash."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from caregiver.memory.reading import Reader
from caregiver.memory.refusals import RefusalsProjection, refused
from district.upkeep.quarantine import replay
from domain.people import Role
from offline.letters.put_aside import PUT_ASIDE
from tests.fakes.city import City, synced
from tests.fakes.serving import Joined, Serving
from tests.fakes.staff import PASSWORD, a_desk, a_kiosk, employ
from tests.fakes.waiting import until


@pytest.fixture
def desk(district: Serving, tmp_path: Path) -> Iterator[Joined]:
    made = Joined(a_desk(district, tmp_path / "desk", [RefusalsProjection()]))
    yield made
    made.node.close()


def sets_a_rota(desk: Joined, by: str) -> None:
    desk.journal.append("config.rota_set", {"by": by, "shifts": []})
    desk.client.round()
    desk.client.round()


def listed(desk: Joined) -> list[tuple[str, str]]:
    reader = Reader(desk.journal.file)
    try:
        return [(one.kind, one.because) for one in refused(reader)]
    finally:
        reader.close()


def test_a_rota_by_somebody_without_the_duty_is_told_and_does_not_stand_here(district: Serving, desk: Joined) -> None:
    carer = employ(district, "carer", Role.CAREGIVER)
    desk.node.line().sign_in("carer", PASSWORD, "")
    sets_a_rota(desk, carer)
    assert listed(desk) == [("config.rota_set", "no_duty")]
    assert desk.journal.facts("config.rota_set") == []


def test_each_reason_has_its_code(district: Serving, desk: Joined) -> None:
    chief = employ(district, "chief", Role.SUPERVISOR)
    sets_a_rota(desk, chief)
    sets_a_rota(desk, "nobody")
    desk.journal.append("district.took_over", {})
    desk.client.round()
    desk.client.round()
    assert listed(desk) == [
        ("district.took_over", "unreadable"),
        ("config.rota_set", "no_account"),
        ("config.rota_set", "not_signed_in"),
    ]


def test_what_is_taken_after_all_stands_again(district: Serving, desk: Joined) -> None:
    chief = employ(district, "chief", Role.SUPERVISOR)
    sets_a_rota(desk, chief)
    desk.node.line().sign_in("chief", PASSWORD, "")
    assert replay(district.office)["kept"] == 1
    desk.client.round()
    assert listed(desk) == []
    assert len(desk.journal.facts("config.rota_set")) == 1


def test_a_fact_sent_again_is_answered_once(district: Serving, desk: Joined) -> None:
    sets_a_rota(desk, "nobody")
    desk.journal.take_back(0)
    desk.client.round()
    assert len(district.office.store.told([PUT_ASIDE])) == 1


def test_an_answer_that_a_crash_kept_back_is_given_at_the_next_start(
    district: Serving, desk: Joined, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as crashed:
        crashed.setattr(type(district.office.refusals), "told", lambda *_: None)
        sets_a_rota(desk, "nobody")
    assert listed(desk) == []
    district.office.refusals.catch_up(district.office.now_ms())
    desk.client.round()
    assert listed(desk) == [("config.rota_set", "no_account")]


def test_a_kiosk_has_nobody_to_tell(district: Serving, tmp_path: Path) -> None:
    kiosk = Joined(a_kiosk(district, tmp_path / "kiosk"))
    kiosk.journal.append("verdict.given", {"by": "x"})
    kiosk.client.round()
    assert district.office.store.counts()["quarantine"] == 1
    assert district.office.store.told([PUT_ASIDE]) == []
    kiosk.node.close()


def test_a_desk_at_a_hub_hears_what_the_district_says(city: City) -> None:
    above = city.serve("district")
    hub = city.hub("hub", above)
    desk = city.join(hub, "caregiver")
    desk.journal.append("config.rota_set", {"by": "nobody", "shifts": []})
    until(synced(desk, PUT_ASIDE))
    (answer,) = desk.journal.facts(PUT_ASIDE)
    assert answer.payload is not None
    assert (answer.payload["device"], answer.payload["because"]) == (desk.journal.device, "no_account")
