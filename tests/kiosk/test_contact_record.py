"""The contacts on record: what lasts stands there once, over every restart, and so does its end."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from caregiver.invented import Feed
from kiosk.contact_record import ContactRecord, told_before
from kiosk.gate.watch import GateEvent
from offline.journal.journal import Journal
from tests.fakes.gate_records import gate_journal
from tests.kiosk_visit.visits import START


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with gate_journal(tmp_path) as opened:
        yield opened


def started(journal: Journal) -> Callable[..., None]:
    """A program that has just started; it hears these events."""

    def keep(kind: str, payload: dict[str, Any], *, at: int) -> None:
        journal.append(kind, payload, at=at)

    record = ContactRecord("south", keep, told_before(journal))

    def hear(*events: GateEvent) -> None:
        for event in events:
            record.hear(event, START)

    return hear


def kinds(journal: Journal) -> list[str]:
    return [fact.envelope.kind for fact in journal.facts()]


def test_what_goes_on_over_a_restart_is_told_once_and_its_end_too(journal: Journal) -> None:
    started(journal)(GateEvent.FIRE, GateEvent.TAMPERED)
    assert told_before(journal) == {GateEvent.FIRE, GateEvent.TAMPERED}
    started(journal)(GateEvent.FIRE, GateEvent.TAMPERED, GateEvent.FIRE_OVER, GateEvent.FIRE)
    assert kinds(journal) == ["gate.fire", "gate.tampered", "gate.fire_over", "gate.fire"]


def test_a_door_is_on_record_only_where_it_stood_open_for_too_long_or_was_forced(journal: Journal) -> None:
    hear = started(journal)
    hear(GateEvent.OPENED, GateEvent.SHUT, GateEvent.FORCED, GateEvent.SHUT, GateEvent.HELD_OPEN, GateEvent.SHUT)
    assert kinds(journal) == ["gate.forced", "gate.held_open", "gate.held_open_over"]


def test_another_gates_trouble_is_not_this_ones(journal: Journal) -> None:
    """Facts of the other gates of a community lie in this journal too."""
    journal.absorb([Feed("jinxiu", 1).item("gate.lost", {"gate": "north"}, None, START, "gate-2")])
    assert told_before(journal) == frozenset()
    started(journal)(GateEvent.LOST)
    assert kinds(journal) == ["gate.lost", "gate.lost"]
