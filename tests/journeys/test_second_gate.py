"""A resident who agreed to it is known at a second gate: lent by the first, sealed, and gone when it ends or is withdrawn."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from domain.consent import Purpose
from offline.letters.lent import DROPPED, HELD, LEASE_MS
from tests.fakes.serving import Serving
from tests.journeys.lending_gates import FACE, HOUR, Gate, lend, until


def test_who_agreed_is_known_at_the_second_gate_and_who_did_not_is_not(
    gate_of: Callable[..., Gate], district: Serving, tmp_path: Path
) -> None:
    south, north = gate_of("south"), gate_of("north")
    south.enrol("p-wang")
    south.enrol("p-li", Purpose.FACE_AT_OTHER_GATES)
    lend(south, north)
    assert north.matcher == ["p-li"]
    assert np.array_equal(dict(north.residents.gallery())["p-li"], FACE)
    (held,) = north.told(HELD)
    assert held["from"] == south.node.journal.device
    # nothing of it lies anywhere but sealed at the second gate: not at the district, not in a journal
    rows = FACE.astype("<f4").tobytes()[:64]
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert rows not in path.read_bytes(), path
    assert all(rows not in letter for letter in north.letters)


def test_a_lease_is_renewed_once_a_day_and_not_more(gate_of: Callable[..., Gate]) -> None:
    south, north = gate_of("south"), gate_of("north")
    south.enrol("p-li", Purpose.FACE_AT_OTHER_GATES)
    lend(south, north)
    north.poke()
    until(lambda: bool(south.node.journal.facts(HELD)))
    south.lending._sent.clear()
    assert south.lending.offer() == 0
    south.ahead = north.ahead = 25 * HOUR
    assert south.lending.offer() == 1
    until(lambda: len(north.told(HELD)) == 2)
    first, second = (held["until"] for held in north.told(HELD))
    assert second - first > 24 * HOUR
    assert south.lending.offer() == 0  # not again before the gate could have said anything


@pytest.mark.parametrize("purpose", [Purpose.FACE_AT_OTHER_GATES, Purpose.FACE_AT_GATE])
def test_a_withdrawal_reaches_it_and_stays_pending_until_then(gate_of: Callable[..., Gate], purpose: Purpose) -> None:
    south, north = gate_of("south"), gate_of("north")
    south.enrol("p-li", Purpose.FACE_AT_OTHER_GATES)
    lend(south, north)
    north.node.stop()  # the second gate hears nothing
    south.node.roster.consent("p-li", purpose, False, "", "s-1")
    south.poke()
    until(lambda: south.node.journal.pending() == 0)
    assert south.node.roster.withdrawal_pending("p-li", purpose)
    assert north.matcher == ["p-li"]
    north.line_up()
    north.poke()
    until(lambda: north.matcher == [])
    north.settle()
    assert north.borrowed.count() == 0
    assert [dropped["why"] for dropped in north.told(DROPPED)] == ["withdrawn"]
    until(lambda: not south.node.roster.withdrawal_pending("p-li", purpose), meanwhile=south.poke)
    assert south.lending.offer() == 0


def test_a_gate_that_hears_nothing_lets_go_after_72_hours(gate_of: Callable[..., Gate]) -> None:
    south, north = gate_of("south"), gate_of("north")
    south.enrol("p-li", Purpose.FACE_AT_OTHER_GATES)
    lend(south, north)
    north.node.stop()
    north.ahead = LEASE_MS - HOUR
    assert north.lending.expire() == 0
    assert [person for person, _ in north.residents.gallery()] == ["p-li"]
    north.ahead = LEASE_MS + HOUR
    assert north.residents.gallery() == []  # even before the job has run
    assert north.lending.expire() == 1
    assert north.matcher == []
    assert [dropped["why"] for dropped in north.told(DROPPED)] == ["lease"]


@pytest.mark.parametrize("ahead", [-LEASE_MS * 100, LEASE_MS * 100], ids=["an empty battery", "woken in 2050"])
def test_a_start_with_a_wrong_clock_lets_what_is_lent_rest_until_the_districts_next_word(
    gate_of: Callable[..., Gate], ahead: int
) -> None:
    """How long it was off nobody knows: it may be over. Nothing is lost by it, and nobody has to lend it again."""
    south, north = gate_of("south"), gate_of("north")
    south.enrol("p-li", Purpose.FACE_AT_OTHER_GATES)
    lend(south, north)
    north.shut()
    north.ahead, north.sure, north.starts = ahead, False, 2
    north.open()
    north.settle()
    assert north.matcher == []
    assert north.rests == [True]
    assert north.borrowed.count() == 1
    letters = len(north.letters)
    north.ahead, north.sure = 0, True
    until(lambda: north.matcher == ["p-li"], meanwhile=north.poke)
    assert north.rests == [True, False]
    assert (len(north.letters), north.told(DROPPED)) == (letters, [])


def test_what_rests_for_want_of_the_time_is_erased_once_the_machine_has_been_on_for_as_long(
    gate_of: Callable[..., Gate],
) -> None:
    south, north = gate_of("south"), gate_of("north")
    south.enrol("p-li", Purpose.FACE_AT_OTHER_GATES)
    lend(south, north)
    north.shut()
    north.ahead, north.sure, north.starts = -LEASE_MS * 100, False, 2
    north.open()
    north.passed_s = 71 * 3600.0
    assert north.lending.expire() == 0
    north.passed_s = 73 * 3600.0
    north.lending.expire()  # or what came down meanwhile had it look already
    north.settle()
    assert north.borrowed.count() == 0
    assert [dropped["why"] for dropped in north.told(DROPPED)] == ["lease"]
