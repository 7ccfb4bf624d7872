"""From nobody to somebody who is watched, with nothing but the desk's own pages: written down, agreed, planned for, a sensor put
up; then the sensor speaks, and the board says so."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from caregiver.admin.page import AdminPage
from caregiver.elders.plan_page import PlanPage
from caregiver.main_window import MainWindow
from caregiver.residents.page import ResidentsPage
from caregiver.session import Session
from caregiver.state import AppState, projections
from district.intake.signals import Heard, Kind, Signal
from domain.consent import Purpose
from domain.incident_kinds import Kind as IncidentKind
from domain.incident_kinds import Severity
from domain.ladder_steps import Do
from domain.people import Role
from domain.signals import Sign
from qtkit.shots import settle
from tests.fakes.serving import Joined, Serving
from tests.fakes.staff import PASSWORD, a_desk, a_district, employ
from tests.fakes.there import there
from tests.fakes.waiting import until
from tests.journeys.desk_window import desk_window


@pytest.fixture
def district(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    yield from a_district(tmp_path, monkeypatch)


@pytest.fixture
def desk(district: Serving, tmp_path: Path) -> Iterator[Joined]:
    node = a_desk(district, tmp_path / "desk", projections())
    yield Joined(node)
    node.close()


@pytest.fixture
def window(district: Serving, desk: Joined, qapp: QApplication) -> Iterator[MainWindow]:
    person, node = employ(district, "chen", Role.SUPERVISOR), desk.node
    node.line().sign_in("chen", PASSWORD, "")
    session = Session(person, Role.SUPERVISOR, "Chen", "锦绣社区", signed_in=True)
    state = AppState(node.journal, node.keys, node.clock, session, zone=UTC)
    with desk_window(state, qapp) as made:
        yield made
    state.close()


def write_down(window: MainWindow) -> ResidentsPage:
    page = window.go("residents")
    assert isinstance(page, ResidentsPage)
    page.new.click()
    for name, value in (("family_name", "张"), ("given_name", "秀英"), ("flat", "3-2-501"), ("phone", "138 0000 0001")):
        page.side.form.fields[name].setText(value)
    page.side.form.alone.setChecked(True)
    page.side.form.save.click()
    settle(window)
    return page


def plan_care(window: MainWindow, residents: ResidentsPage) -> None:
    residents.side.care.click()
    settle(window)
    plan = window.rooms.currentWidget()
    assert isinstance(plan, PlanPage)
    plan.add.click()
    plan.contacts.name.setText("张小平")
    plan.contacts.phone.setText("139 0000 0002")
    plan.contacts.add.click()
    plan.save.click()
    settle(window)


def put_up(window: MainWindow, elder: str, device: str) -> None:
    admin = window.go("admin")
    assert isinstance(admin, AdminPage)
    admin.setCurrentWidget(admin.devices)
    settle(window)
    admin.devices.elder.choose(there(window.state.people.find(elder)))
    admin.devices.name.setText(device)
    admin.devices.kind.choose("motion")
    admin.devices.add.click()
    settle(window)


def test_an_elder_is_watched_with_nothing_but_the_desks_pages(
    district: Serving, desk: Joined, window: MainWindow
) -> None:
    residents, office = write_down(window), district.office
    elder = there(residents.table.current()).person.id
    residents.side.consents._ask(Purpose.HOME_MONITORING)
    residents.side.consents.agreed.emit(residents.side._person, Purpose.HOME_MONITORING, False)
    plan_care(window, residents)
    put_up(window, elder, "hall-1")
    desk.client.round()
    office.nightwatch.tick(datetime.now(UTC))
    plan = there(office.nightwatch.plans.plan(elder))
    assert plan.watches_home
    assert len(plan.windows) == 1
    contact = there(office.nightwatch.directory.describe(plan.contacts[0].person_id))
    assert (contact.who, contact.phone) == ("张小平", "139 0000 0002")
    heard = Heard("zigbee2mqtt", (Signal("zigbee2mqtt", "hall-1", Kind.MOTION, True),))
    assert office.nightwatch.desk.receive(heard, "jinxiu", datetime.now(UTC)) == 1
    desk.client.round()
    until(lambda: window.state.elders.last_sign(elder) is not None, meanwhile=lambda: settle(window))
    assert there(window.state.elders.last_sign(elder))[1] == "sign.motion"
    assert [row.id for row in window.state.elders.board.rows()] == [elder]


def test_what_the_desk_writes_into_a_plan_is_what_the_district_goes_by(
    district: Serving, desk: Joined, window: MainWindow
) -> None:
    """A sensor that the elder pauses, the language they are written to in, the ladder's beginning, and when silence rings."""
    residents, night = write_down(window), district.office.nightwatch
    elder = there(residents.table.current()).person.id
    residents.side.consents._ask(Purpose.HOME_MONITORING)
    residents.side.consents.agreed.emit(residents.side._person, Purpose.HOME_MONITORING, False)
    put_up(window, elder, "hall-1")
    window.open_plan(elder)
    plan = window.rooms.currentWidget()
    assert isinstance(plan, PlanPage)
    plan.sensors.boxes["hall-1"].click()
    plan.reach.first.click()
    plan.reach.language.choose("en")
    plan.counted.boxes[Sign.MOTION].click()
    plan.silence.boxes["no_gate"].click()
    plan.silence.spans["no_door"].setValue(10 * 60)
    plan.silence.budget.choose("0.0")
    plan.save.click()
    settle(window)
    desk.client.round()
    night.tick(datetime.now(UTC))
    kept = there(night.plans.plan(elder))
    assert (Sign.MOTION in kept.counted, kept.false_alarms_per_day) == (False, 0)
    assert {rule.id: rule.after for rule in kept.backstops} == {
        "no_water": timedelta(hours=12), "no_door": timedelta(hours=10), "no_motion": timedelta(hours=24)
    }  # fmt: skip
    assert there(night.directory.recipient(elder)).language == "en"
    assert night.plans.ladder(elder, IncidentKind.SOS, Severity.P1, "jinxiu").steps[0].do is Do.CALL_ELDER
    for kind, kept_of_it in ((Kind.MOTION, 0), (Kind.SOS, 1)):
        heard = Heard("zigbee2mqtt", (Signal("zigbee2mqtt", "hall-1", kind, True),))
        assert night.desk.receive(heard, "jinxiu", datetime.now(UTC)) == kept_of_it
