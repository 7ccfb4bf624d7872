"""A community's rota and ladders: what was said last stands, in whatever order it comes."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.clock import Hlc
from domain.incident_kinds import Kind, Level, Severity
from domain.ladder_steps import Do, Ladder, Step
from tests.watch.benches import T0
from watch.ledger import Seen
from watch.plans import LADDER_SET, FactPlans
from watch.rotas import ROTA_SET, Rotas

HERE = "jinxiu"


def said(at: int, kind: str, payload: dict[str, Any], received: int = 1000, community: str = HERE) -> Seen:
    """Each by a desk of its own."""
    return Seen(0, f"{at:x}", kind, community, None, at, received, True, payload, str(Hlc(at, 0)), f"desk-{at}")


def rota(at: int, person: str, **more: Any) -> Seen:
    return said(at, ROTA_SET, {"shifts": [{"person": person, "level": 1}]}, **more)


def ladder(at: int, person: str, **more: Any) -> Seen:
    return said(at, LADDER_SET, {"name": "", **Ladder((Step(Do.NOTIFY, (person,)),)).plain()}, **more)


@given(st.permutations(range(4)))
def test_what_was_drawn_first_and_comes_last_changes_nothing(order: list[int]) -> None:
    rotas, plans = Rotas(), FactPlans()
    for n in [*order, order[0]]:
        rotas.heed(rota(n, f"p{n}"))
        plans.heed(ladder(n, f"p{n}"))
        rotas.heed(rota(99, "stranger", community="binhe"))
    assert rotas.of(HERE).at(Level.COMMUNITY, T0) == ["p3"]
    assert plans.ladder("gate:east", Kind.KIOSK_SILENT, Severity.P2, HERE).steps[0].who == ("p3",)


def test_a_desk_whose_clock_is_ahead_has_not_the_last_word_for_ever() -> None:
    rotas = Rotas()
    rotas.heed(rota(9_000, "ahead", received=10))
    rotas.heed(rota(20, "later", received=21))
    assert rotas.of(HERE).at(Level.COMMUNITY, T0) == ["later"]
