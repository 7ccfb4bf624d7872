"""The district's terms hold at desks as well; while its clock is doubted nobody lets go of anything."""

from collections.abc import Callable

import pytest

from district.config import DistrictSettings, Retention
from district.ledger import StoreLedger
from district.scope import LANES, lane_of
from district.upkeep.retention import terms
from domain.retention import OPERATIONS, PASSAGE, SIGN, term_of
from offline.letting_go import DAY_MS, let_go
from offline.scheduling import make_scheduler
from tests.fakes.serving import Joined, Serving

Join = Callable[..., Joined]


@pytest.fixture
def settings(settings: DistrictSettings) -> DistrictSettings:
    return settings.model_copy(update={"retention": Retention(passage_days=3, sign_days=5)})


@pytest.fixture
def desk(district: Serving, join: Join) -> Joined:
    """One that has read a passage and a sign of four days ago."""
    desk, office = join("caregiver", gate_log=True), district.office
    for kind in ("passage.recorded", "sign.motion"):
        StoreLedger(office.store).add(kind, {"gate": "south"}, "jinxiu", "p-wang", office.now_ms() - 4 * DAY_MS)
    desk.client.round()
    return desk


def said(desk: Joined) -> list[str]:
    return [f.envelope.kind for f in desk.journal.facts() if f.payload is not None and f.envelope.subject == "p-wang"]


def test_what_is_over_there_goes_here(desk: Joined) -> None:
    assert sorted(said(desk)) == ["passage.recorded", "sign.motion"]
    let_go(desk.journal, desk.client.keep_days, desk.node.clock.now_ms())
    assert said(desk) == ["sign.motion"]
    desk.client.round()
    assert said(desk) == ["sign.motion"], "nor does it come again"


def test_while_its_clock_is_doubted_the_district_names_no_terms(
    desk: Joined, district: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(district.office.clock_doubt, "doubt", object())
    desk.client._last_hello = None
    desk.client.round()
    assert desk.client.keep_days == {}


@pytest.mark.parametrize(("replica", "lets_go"), [(True, True), (False, False)])
def test_a_desk_does_it_by_itself_and_a_gate_has_terms_of_its_own(join: Join, replica: bool, lets_go: bool) -> None:
    node, scheduler = join("caregiver" if replica else "kiosk").node, make_scheduler()
    scheduler.start(paused=True)
    try:
        node.start(scheduler, replica=replica)
        assert (scheduler.get_job("let_go") is not None) == lets_go
    finally:
        node.stop()
        scheduler.shutdown()


KINDS = [f"{family}.said" for family in (*LANES, "sign", "visit", "photo", "journal", "gateway", "of_another_age")]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("subject", [None, "p-wang"])
def test_every_kind_has_the_term_at_a_desk_that_it_has_at_the_district(kind: str, subject: str | None) -> None:
    days = {PASSAGE: 3, SIGN: 5, OPERATIONS: 7}
    settings = Retention(passage_days=3, sign_days=5, operations_days=7)
    there = [term.days for term in terms(settings) if lane_of(kind, subject, ()) in term.lanes]
    here = term_of(kind, subject is not None)
    assert there == ([] if here is None else [days[here]])
