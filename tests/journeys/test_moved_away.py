"""Somebody moves away: two in charge erase them at a desk, and the gate, the other desk and the watch let go of them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from caregiver.residents.page import ResidentsPage
from caregiver.session import Session
from caregiver.state import AppState, projections
from district.ledger import StoreLedger
from domain.consent import Purpose
from domain.people import Profile, Role
from qtkit.shots import settle
from tests.fakes.serving import Joined, Serving
from tests.fakes.staff import PASSWORD, a_desk, a_district, a_kiosk, employ
from tests.fakes.there import there
from tests.fakes.waiting import until
from tests.journeys.desk_window import desk_window, residents_of

MOVED, STAYS = "p-wang", "p-li"


@pytest.fixture
def district(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    yield from a_district(tmp_path, monkeypatch)


@pytest.fixture
def gate(district: Serving, tmp_path: Path) -> Iterator[Joined]:
    node = a_kiosk(district, tmp_path / "gate")
    yield Joined(node)
    node.close()


@pytest.fixture
def desk(district: Serving, tmp_path: Path) -> Iterator[Joined]:
    node = a_desk(district, tmp_path / "desk", projections())
    for who, name, flat in ((MOVED, "王秀兰", "3-2-501"), (STAYS, "李建国", "3-2-502")):
        node.roster.register(who, Profile(name[0], name[1:], flat=flat))
    yield Joined(node)
    node.close()


@pytest.fixture
def seat(district: Serving, desk: Joined) -> Iterator[AppState]:
    """The supervisor before that desk."""
    employ(district, "wu", Role.ADMINISTRATOR)
    person, node = employ(district, "chen", Role.SUPERVISOR), desk.node
    line = node.line()
    token = line.sign_in("chen", PASSWORD, "").token
    session = Session(person, Role.SUPERVISOR, "Chen", "锦绣社区", signed_in=True)
    state = AppState(node.journal, node.keys, node.clock, session, zone=UTC)
    state.access.connect(line, lambda: token)
    yield state
    state.close()


@pytest.fixture
def page(seat: AppState, qapp: QApplication) -> Iterator[ResidentsPage]:
    with desk_window(seat, qapp) as window:
        yield residents_of(window, 2)


def agrees(page: ResidentsPage, purpose: Purpose) -> None:
    page.side._agree(there(page.side._person), purpose, guardian=False)


def watched(district: Serving) -> set[str]:
    return {elder for elder in (MOVED, STAYS) if district.office.nightwatch.plans.plan(elder) is not None}


def test_they_are_gone_everywhere_and_nobody_waits_for_them(
    district: Serving, gate: Joined, desk: Joined, page: ResidentsPage, seat: AppState
) -> None:
    page.table.selectRow([r.person.id for r in page.model.rows].index(MOVED))
    settle(page)
    agrees(page, Purpose.HOME_MONITORING)

    def rounds() -> None:
        for each in (desk, gate, desk):
            each.client.round()

    rounds()
    office = district.office
    StoreLedger(office.store).add("careplan.set", {"revision": 1}, "jinxiu", MOVED, office.now_ms())
    office.nightwatch.tick(datetime.now(UTC))
    assert watched(district) == {MOVED}
    assert gate.node.roster.profile(MOVED) is not None
    page.side.erasure.ask.click()
    page.side.erasure.login.setText("wu")
    page.side.erasure.password.setText(PASSWORD)
    page.side.erasure.yes.click()
    said = page.side._desk.tr("residents.erased", name="王秀兰")
    until(lambda: page.said.label.text() == said, meanwhile=lambda: settle(page))
    rounds()
    office.nightwatch.tick(datetime.now(UTC))
    until(lambda: [r.person.id for r in page.model.rows] == [STAYS], meanwhile=lambda: settle(page))
    assert watched(district) == set()
    for node in (gate.node, desk.node):
        assert (node.roster.profile(MOVED), node.keys.find(MOVED)) == (None, None)
        assert node.roster.profile(STAYS) is not None
    assert office.keys.find(MOVED) is None
