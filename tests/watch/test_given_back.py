"""What is agreed and drawn, and what is told of devices, stands by when it was said: an older word that is given back late changes
nothing, whatever the clocks showed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clock import Hlc
from domain.events import to_ms
from domain.incident_kinds import Kind, Severity
from domain.ladder_steps import default_ladder
from tests.watch.benches import Bench
from watch.ledger import Seen, as_said
from watch.outages import STOOD, unheard_spans
from watch.plans import LADDER_SET, FactPlans
from watch.rotas import ROTA_SET, Rotas
from watch.signs import KIOSK_SILENT, silent_spans

T0 = datetime(2026, 11, 28, 6, tzinfo=UTC)
H = timedelta(hours=1)
_NUMBERS = count(1)


def said(kind: str, hour: float, device: str = "district", stamp: int = 0, **payload: Any) -> Seen:
    """Told at that hour by a device's clock; `stamp` counts where that went back."""
    n, at = next(_NUMBERS), to_ms(T0 + hour * H)
    return Seen(n, f"f{n}", kind, "jinxiu", "p1", at, at, True, payload, str(Hlc(at, stamp)), device)


@given(st.permutations([said("a", 1), said("b", 2), said("c", 3, "hub"), said("d", 4)]))
def test_facts_stand_in_the_order_in_which_they_were_said(facts: list[Seen]) -> None:
    assert [f.kind for f in as_said(facts)] == ["a", "b", "c", "d"]


AHEAD = said(KIOSK_SILENT, 50, silent=True, since=to_ms(T0 + 50 * H))
# the clock was set back by two days, and the stamp went on from where it was
CORRECTED = replace(said(KIOSK_SILENT, 3, silent=False, since=AHEAD.at), hlc=str(Hlc(AHEAD.at, 1)))


@given(st.permutations([said(KIOSK_SILENT, 1, silent=True), said(KIOSK_SILENT, 2, silent=False), AHEAD, CORRECTED]))
def test_a_silence_told_of_by_a_clock_that_was_ahead_ends_with_the_next_word(facts: list[Seen]) -> None:
    """It lasted until the day that the clock had shown, and nobody was watched at that gate."""
    assert [end is None for _, end in silent_spans(facts)] == [False, False]


def test_hours_that_a_clock_that_was_ahead_told_of_stay_taken_back_in_whatever_order_it_comes() -> None:
    told = said(STOOD, 50, since=to_ms(T0 + 48 * H), until=to_ms(T0 + 50 * H))
    back = said(STOOD, 3, since=told.at, until=to_ms(T0 + 3 * H), clock_was_ahead=True)
    taken_back = replace(back, hlc=str(Hlc(told.at, 1)))
    assert unheard_spans([told], []) != []
    assert unheard_spans([told, taken_back], []) == unheard_spans([taken_back, told], []) == []


def test_an_older_rota_and_an_older_ladder_that_come_late_call_nobody() -> None:
    def rota(hour: int, person: str) -> Seen:
        shift = {"person": person, "level": 1, "start": "00:00", "end": "00:00"}
        return said(ROTA_SET, hour, shifts=[shift])

    rotas = Rotas()
    for fact in (rota(5, "new"), rota(1, "old")):
        rotas.heed(fact)
    assert [shift.person for shift in rotas.of("jinxiu").shifts] == ["new"]

    plans, drawn = FactPlans(), default_ladder(Severity.P2, ()).plain()
    for hour, levels in ((5, 1), (1, 2)):
        plans.heed(said(LADDER_SET, hour, name="", steps=drawn["steps"][:levels]))
    assert len(plans.ladder("p1", Kind.SOS, Severity.P2, "jinxiu").steps) == 1


def test_a_plan_of_somebody_erased_that_is_given_back_without_what_it_said_is_none(bench: Bench) -> None:
    bench.plans.heed(said("careplan.set", 1))
    assert bench.plans.elders() == []


@pytest.mark.parametrize(("payload", "told"), [({"device": "w"}, 1), ({"fall": "another"}, 0)])
@pytest.mark.parametrize("before", [False, True])
def test_what_was_taken_back_before_a_fall_or_of_another_is_no_doubt_about_it(
    bench: Bench, payload: dict[str, Any], told: int, before: bool
) -> None:
    """Those on their way were told that the device had taken its word back."""
    bench.tell("consent.given", purpose="home_monitoring", version="1")
    bench.tick(H)
    if before:
        earlier = to_ms(bench.now - H / 2)
    bench.tell("sign.fall", device="w")
    bench.tick()
    at = earlier if before else to_ms(bench.now)
    bench.journal.append("fall.downgraded", payload, subject="p1", at=at)
    bench.tick(timedelta(seconds=1))
    notes = [f for f in bench.ledger.about("p1", ("incident.evidence",)) if f.payload["reason"] == "fall_downgraded"]
    assert len(notes) == (0 if before else told)
