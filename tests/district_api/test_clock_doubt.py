"""A server whose clock is months ahead lets go of nothing until its clock is right, machines vouch for it, or somebody says so."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from district.bootstrap import opened
from district.config import DistrictSettings
from district.office import Office
from district.operator import commands
from district.serving import _expire
from district.watching.clock_doubt import ClockDoubt
from domain.errors import Mendable
from domain.events import from_ms
from tests.district_api.calls import call
from tests.fakes.serving import Joined, Serving

DAY, HOUR = 86_400_000, 3_600_000
NOW = 1_795_000_000_000


@dataclass
class Machine:
    """Its wall clock, ms, and the seconds that nobody sets."""

    wall: int = NOW
    seconds: float = 1000.0

    def passes(self, ms: int, leap: int = 0) -> None:
        self.wall += ms + leap
        self.seconds += ms / 1000


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def office(tmp_path: Path, machine: Machine) -> Iterator[Office]:
    with opened(DistrictSettings(data=tmp_path / "d")) as office:
        office.wall = lambda: machine.wall / 1000
        office.clock_doubt = started(office, machine)
        office.clock_doubt.look()
        yield office


def started(office: Office, machine: Machine) -> ClockDoubt:
    """As after a start of the server."""
    return ClockDoubt(office.registry, office.now_ms, lambda: machine.seconds)


def ahead_days(office: Office) -> float:
    return 0.0 if office.clock_doubt.doubt is None else office.clock_doubt.doubt.ahead / DAY


def test_a_clock_that_leaps_by_months_nulls_nothing_and_goes_on_when_it_is_set_right(
    office: Office, machine: Machine
) -> None:
    office.store.append_own("passage.recorded", "jinxiu", "p1", NOW, {"n": 1})
    for _ in range(30 * 24):
        machine.passes(HOUR)
        office.clock_doubt.look()
    assert ahead_days(office) == 0, "a month that passes is no leap"
    machine.passes(HOUR, leap=120 * DAY)
    _expire(office)
    assert office.store.about("p1")[0].event.payload is not None
    assert office.expired is None
    assert round(ahead_days(office)) == 120
    machine.passes(HOUR, leap=-120 * DAY)
    _expire(office)
    assert (office.store.about("p1")[0].event.payload, ahead_days(office)) == (None, 0), "30 days and two hours old"


def test_it_is_doubted_after_a_restart_as_well_and_a_fortnight_without_power_is_not(
    office: Office, machine: Machine
) -> None:
    machine.passes(HOUR, leap=12 * DAY)
    office.clock_doubt = started(office, machine)
    assert office.clock_doubt.look() is None
    machine.passes(HOUR, leap=20 * DAY)
    for _ in range(2):
        office.clock_doubt = started(office, machine)
        assert office.clock_doubt.look() is not None, "the second start has forgotten nothing"


def test_three_machines_of_gates_clear_a_leap_or_tell_of_one_where_nothing_is_known(
    office: Office, machine: Machine
) -> None:
    machine.passes(HOUR, leap=60 * DAY)
    assert office.clock_doubt.look() is not None
    for gate in ("v1", "v2"):
        office.clock_doubt.heard(gate, machine.wall)
    assert office.clock_doubt.look() is not None, "two are no majority of three"
    office.clock_doubt.heard("v3", machine.wall - HOUR)
    assert office.clock_doubt.look() is None, "the server had been switched off for two months"
    for gate, off in (("v1", 90), ("v2", 91), ("v3", 0)):
        office.clock_doubt.heard(gate, machine.wall - off * DAY)
    found = office.clock_doubt.look()
    assert found is not None
    assert (round(found.ahead / DAY), found.witnesses) == (90, 3)
    for gate in ("v1", "v2"):
        office.clock_doubt.heard(gate, 60_000)  # without batteries: 1970
    machine.passes(2 * DAY)
    assert office.clock_doubt.look() is None, "what they showed is too long ago to be carried on"


def test_somebody_who_reads_the_same_day_on_a_calendar_has_it_go_on_and_the_audit_says_so(
    office: Office, machine: Machine
) -> None:
    office.store.append_own("passage.recorded", "jinxiu", "p1", NOW, {"n": 1})
    for gate in ("v1", "v2", "v3"):
        office.clock_doubt.heard(gate, machine.wall)
    machine.passes(HOUR, leap=60 * DAY)
    told = commands.perform(office, "clock", {})
    assert (told["ahead_days"], told["witnesses"]) == (60.0, 3)
    with pytest.raises(Mendable, match="clock_other_day"):
        commands.perform(office, "clock_confirm", {"today": from_ms(NOW).date().isoformat()})
    assert commands.perform(office, "clock_confirm", {"today": told["now"][:10]})["ahead_days"] is None
    assert office.clock_doubt.look() is None, "these machines are wrong by as much as before"
    _expire(office)
    assert office.store.about("p1")[0].event.payload is None
    assert [line.action for line in office.audit.lines()][-1] == "clock.confirmed"
    machine.passes(HOUR, leap=10 * DAY)
    assert office.clock_doubt.look() is not None, "and no further"


def test_a_running_server_is_told_by_its_gates_and_says_it_where_it_is_asked(
    district: Serving, join: Callable[..., Joined]
) -> None:
    gates = [join() for _ in range(3)]
    assert call(district.url + "/readyz") == (200, {"status": "ready"})
    wall = district.office.wall
    district.office.wall = lambda: wall() + 100 * DAY / 1000
    for gate in gates:
        gate.journal.append("kiosk.started", {})
        gate.client.round()
    assert district.office.clock_doubt.look() is not None
    assert call(district.url + "/readyz") == (200, {"status": "ready", "clock": "doubted"})
    assert "clock_ahead_seconds 8.64" in call(district.url + "/metrics")[1]
    assert commands.perform(district.office, "status", {})["clock"]["witnesses"] == 3
    district.office.wall = wall
    assert district.office.clock_doubt.look() is None
