"""A gate two hubs below its district: the guard's call and picture, a passage's picture, a template lent across hubs."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from caregiver.calls.desk import Call
from domain.consent import Purpose
from domain.people import Role
from kiosk.visit.effects import StartCall
from offline.letters.lent import HELD
from tests.fakes.city import City
from tests.fakes.serving import Serving
from tests.fakes.staff import quick_passwords
from tests.fakes.waiting import until as within
from tests.journeys import lending_gates as second
from tests.journeys import test_guard_opens as guard
from tests.journeys import test_passage_picture as passage

until = partial(within, seconds=40)  # of a machine that does other things too


class SeatAt(Serving):
    """Where desks enrol with a hub: accounts are the district's, codes the hub's."""

    def __init__(self, hub: Serving, district: Serving) -> None:
        super().__init__(district.office, hub.url)
        self._hub = hub

    def code(self, role: str = "kiosk", community: str = "jinxiu", gate_log: bool = False) -> str:
        return self._hub.code(role, community, gate_log)


class Town:
    """district, street and two communities' hubs below the street; what was made is stopped at the end."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.city = City(folder, stack)
        self.district = self.city.serve("district")
        self.street = self.city.hub("street", self.district)
        self.low = self.city.hub("low", self.street)

    def keeps(self, made: Any) -> Any:
        self.stack.callback(made.stop)
        return made

    def seat_at(self, hub: Serving) -> Serving:
        return SeatAt(hub, self.district)

    def known_above(self, device: str) -> None:
        until(lambda: self.district.office.registry.device(device) is not None)


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    quick_passwords(monkeypatch)
    with ExitStack() as stack:
        yield Town(tmp_path, stack)


def rings(town: Town, gate: guard.Gate, desk: guard.Desk) -> Call:
    gate.calls.take(StartCall("c1", gate.node.clock.now()))
    until(lambda: bool(desk.calls.going_on()))
    return desk.calls.going_on()[0]


def test_the_districts_guard_sees_who_rings_two_hubs_down_and_opens(town: Town) -> None:
    gate = town.keeps(guard.Gate(town.low, town.folder / "gate"))
    town.known_above(gate.node.journal.device)
    desk = town.keeps(guard.Desk(town.district, town.folder / "desk", Role.GATE_STAFF, "gus"))
    call = rings(town, gate, desk)
    desk.calls.answer(call.id)
    seen: list[bytes] = []

    def looked() -> bool:
        found = desk.line.picture(call.id, 0)
        seen.extend([found[1]] if found else [])
        return bool(seen)

    until(looked)
    assert seen[0] == guard.jpeg(200)
    desk.calls.open(call, "delivery")
    until(lambda: gate.opened_by() == [desk.person])
    (line,) = town.district.office.audit.lines(about=gate.node.journal.device)
    assert (line.actor, line.action) == (desk.person, "gate.open_ordered")
    gate.calls.order(gate.orders[0])
    assert gate.opened_by() == [desk.person], "it serves once"


def test_a_gate_two_hubs_down_that_is_not_on_the_line_is_said_to_be_so(town: Town) -> None:
    gate = town.keeps(guard.Gate(town.low, town.folder / "gate"))
    town.known_above(gate.node.journal.device)
    desk = town.keeps(guard.Desk(town.district, town.folder / "desk", Role.GATE_STAFF, "gus"))
    call = rings(town, gate, desk)
    gate.node.stop()
    until(lambda: not town.low.office.hub.hand(gate.node.journal.device, b"{}"))
    assert guard.refused(desk, call) == "gate_kiosk_silent"
    town.city.stop("low")
    assert guard.refused(desk, call) == "gate_kiosk_silent"
    assert gate.opened_by() == []


def test_the_hubs_own_guard_opens_with_the_districts_account(town: Town) -> None:
    gate = town.keeps(guard.Gate(town.low, town.folder / "gate"))
    desk = town.keeps(guard.Desk(town.seat_at(town.low), town.folder / "desk", Role.GATE_STAFF, "gus"))
    call = rings(town, gate, desk)
    desk.calls.answer(call.id)
    until(lambda: desk.line.picture(call.id, 0) is not None)
    desk.calls.open(call, "resident")
    until(lambda: gate.opened_by() == [desk.person])


def test_a_guard_at_the_street_sees_who_rings_at_the_hub_below_and_opens(town: Town) -> None:
    gate = town.keeps(guard.Gate(town.low, town.folder / "gate"))
    until(lambda: town.street.office.registry.device(gate.node.journal.device) is not None)
    desk = town.keeps(guard.Desk(town.seat_at(town.street), town.folder / "desk", Role.GATE_STAFF, "gus"))
    call = rings(town, gate, desk)
    desk.calls.answer(call.id)
    until(lambda: desk.line.picture(call.id, 0) is not None)
    desk.calls.open(call, "delivery")
    until(lambda: gate.opened_by() == [desk.person])
    (line,) = town.street.office.audit.lines(about=gate.node.journal.device)
    assert (line.actor, line.action) == (desk.person, "gate.open_ordered"), "on record where it was asked"


def test_a_gate_beside_or_above_a_hub_is_not_its_desks_to_open(town: Town) -> None:
    gate = town.keeps(guard.Gate(town.street, town.folder / "gate"))
    desk = town.keeps(guard.Desk(town.seat_at(town.low), town.folder / "desk", Role.GATE_STAFF, "gus"))
    call = rings(town, gate, desk)
    assert guard.refused(desk, call) == "gate_not_yours"
    assert gate.opened_by() == []


def test_a_passages_picture_comes_up_from_two_hubs_down_and_the_look_is_on_record(town: Town) -> None:
    gate = town.keeps(passage.Gate(town.low, town.folder / "gate"))
    seat = town.keeps(passage.Seat(town.district, town.folder / "desk"))
    gate.passes("p-li", Purpose.FACE_AT_GATE, Purpose.PASSAGE_PICTURE)
    jpeg = seat.fetch(seat.passage(person="p-li"))
    assert jpeg == gate.store.find("v-p-li-face", "p-li")
    assert len(gate.sent) == 1
    (line,) = [one for one in town.district.office.audit.lines(about="p-li") if one.action == "passage.picture_asked"]
    assert line.actor == seat.state.session.person


def test_a_passages_picture_at_the_hub_below_is_seen_from_a_desk_at_the_street(town: Town) -> None:
    gate = town.keeps(passage.Gate(town.low, town.folder / "gate"))
    until(lambda: town.street.office.registry.device(gate.node.journal.device) is not None)
    seat = town.keeps(passage.Seat(town.seat_at(town.street), town.folder / "desk"))
    gate.passes("p-li", Purpose.FACE_AT_GATE, Purpose.PASSAGE_PICTURE)
    assert seat.fetch(seat.passage(person="p-li")) == gate.store.find("v-p-li-face", "p-li")


def test_a_template_is_lent_from_a_gate_at_the_district_to_one_two_hubs_down_and_back(town: Town) -> None:
    north = town.keeps(second.Gate(town.low, town.folder / "north", "north"))
    south = town.keeps(second.Gate(town.district, town.folder / "south", "south"))
    town.known_above(north.node.journal.device)
    for lender, other, person in ((south, north, "p-li"), (north, south, "p-wang")):
        lender.enrol(person, Purpose.FACE_AT_OTHER_GATES)
        second.lend(lender, other, person)
        assert np.array_equal(dict(other.residents.gallery())[person], second.FACE)
        assert other.told(HELD)[-1]["from"] == lender.node.journal.device
