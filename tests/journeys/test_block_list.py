"""Somebody is put on the block list at a desk: every gate keeps them out, and the staff hear that they came."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from caregiver.residents.access import AccessDesk
from caregiver.state import projections
from domain.incident_kinds import OPENED
from domain.passages import Method, Ruling
from domain.people import Profile, Role
from kiosk.passages.records import Records
from kiosk.visit.effects import NotifyStaff
from tests.fakes.serving import Serving
from tests.fakes.staff import a_desk
from tests.fakes.waiting import until as within
from tests.journeys.lending_gates import Gate
from tests.journeys.on_the_line import AtADesk

until = partial(within, seconds=40)  # of a machine that does other things too


def test_blocked_at_the_desk_kept_out_at_the_gate_and_told_to_the_staff(
    district: Serving, gate_of: Callable[[str], Gate], kept: Callable[[AtADesk], AtADesk], tmp_path: Path
) -> None:
    gate = gate_of("south")
    desk = kept(AtADesk(district, a_desk(district, tmp_path / "desk", projections()), Role.GATE_STAFF, "gus"))
    access = AccessDesk(desk.node.journal, desk.node.keys, desk.person, lambda: datetime.now(UTC))
    desk.node.roster.register("p-bo", Profile("薄", "某", flat="1-1-101"))
    access.block("p-bo", "court order")
    desk.poke()
    until(lambda: gate.residents.blocked() == {"p-bo"})

    records = Records(gate.node.journal, "south", lambda _: None, gate.poke)
    records.take(NotifyStaff(Ruling.BLOCKED, "p-bo", Method.CARD, datetime.now(UTC)))
    records.close()
    until(lambda: len(desk.node.journal.facts(OPENED)) == 1)
    (opened,) = desk.node.journal.facts(OPENED)
    assert opened.payload is not None
    assert (opened.payload["kind"], opened.payload["about"]) == ("gate_notice", "p-bo")
    assert not opened.payload["opened"]

    access.unblock("p-bo")
    desk.poke()
    until(lambda: gate.residents.blocked() == frozenset())
