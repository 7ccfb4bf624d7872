"""A withdrawal is pending until every gate that counts has said that it is applied."""

from collections.abc import Callable

import pytest

from district.operator import commands
from domain.consent import Purpose
from offline.transport.errors import Rejected
from tests.fakes.serving import Joined, Serving, register


def test_a_withdrawal_is_pending_until_every_gate_has_applied_it(
    join: Callable[..., Joined], district: Serving
) -> None:
    north, south, desk = join("kiosk"), join("kiosk"), join("caregiver")
    person = register(north)
    for each in (north, south, desk):
        each.client.round()

    def pending() -> bool:
        desk.client.round()
        return desk.node.roster.withdrawal_pending(person, Purpose.FACE_AT_GATE)

    assert not pending()
    desk.node.roster.consent(person, Purpose.FACE_AT_GATE, False, "v1", person)
    assert pending()
    north.client.round()
    assert pending(), "one gate is still without it"
    forged = {"withdrawal": desk.journal.facts("consent.withdrawn")[0].envelope.id}
    south.journal.append("consent.applied", forged, subject=person)
    south.client._push_all()
    assert pending(), "a kiosk does not write receipts"
    south.client.round()
    assert not pending()
    receipts = district.office.store.told(["consent.applied"])
    assert [(r.device, r.event.subject) for r in receipts] == [(district.office.store.node, person)]


def test_no_device_says_of_another_what_it_has_applied(join: Callable[..., Joined], district: Serving) -> None:
    north, south = join("kiosk"), join("kiosk")
    for each in (north, south):
        each.client.round()
    applied = district.office.registry.cursors()
    north.transport._device = south.journal.device
    with pytest.raises(Rejected, match="out_of_scope"):
        north.transport.put_cursor(applied[north.journal.device][0])
    assert district.office.registry.cursors()[south.journal.device] == applied[south.journal.device]


def test_a_revoked_gate_keeps_no_withdrawal_waiting(join: Callable[..., Joined], district: Serving) -> None:
    north, south, desk = join("kiosk"), join("kiosk"), join("caregiver")
    person = register(north)
    north.client.round()
    desk.client.round()
    desk.node.roster.consent(person, Purpose.FACE_AT_GATE, False, "v1", person)
    desk.client.round()
    commands.perform(district.office, "revoke", {"device": south.journal.device})
    north.client.round()
    desk.client.round()
    assert not desk.node.roster.withdrawal_pending(person, Purpose.FACE_AT_GATE)
