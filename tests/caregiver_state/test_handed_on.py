"""Whoever sends somebody to an alarm has their screen back, until somebody is wanted there anew."""

from datetime import timedelta

import pytest

from caregiver.invented import Feed, open_incident
from caregiver.state import AppState
from domain.incident_kinds import ACKNOWLEDGED, DISPATCHED, ESCALATED, EVIDENCE, STEP_WITHDRAWN, TRANSFERRED
from tests.caregiver_state.conftest import NOW
from tests.fakes.there import there

SENT, FIRST_S = {"to": ["p-sun-li"]}, 60  # P1: the first level has a minute


def elder_of(state: AppState) -> str:
    return next(e for e in (p.id for p in state.people) if not state.incidents.of(e))


@pytest.fixture
def feed() -> Feed:
    return Feed("c", 701)


@pytest.fixture
def alarm(state: AppState, feed: Feed) -> str:
    state.journal.absorb(open_incident(feed, "far", "sos", elder_of(state), NOW, "卧室"))
    assert rings(state)
    return "far"


def rings(state: AppState) -> bool:
    state.take()
    return "far" in [i.id for i in state.incidents.ringing()]


def arrives(state: AppState, feed: Feed, kind: str, seconds: int, **payload: object) -> None:
    elder = there(state.incidents.work("far")).incident.elder
    told = {"incident": "far", "by": "system", **payload}
    state.journal.absorb([feed.item(kind, told, elder, NOW + timedelta(seconds=seconds))])


@pytest.mark.parametrize("kind", [DISPATCHED, TRANSFERRED])
def test_it_is_quiet_here_until_the_first_levels_minute_is_over(
    state: AppState, alarm: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.incidents.step(alarm, kind, **SENT)
    assert not rings(state)
    monkeypatch.setattr(state, "now", lambda: NOW + timedelta(seconds=FIRST_S - 1))
    assert not rings(state)
    monkeypatch.setattr(state, "now", lambda: NOW + timedelta(seconds=FIRST_S))
    assert rings(state), "nobody has taken it; cut off from the district, nobody else would say so"


def test_handing_over_what_one_has_taken_does_not_bring_it_back_over_ones_own_screen(
    state: AppState, alarm: str
) -> None:
    state.incidents.acknowledge(alarm)
    assert not rings(state)
    state.incidents.step(alarm, TRANSFERRED, **SENT)
    assert not rings(state)


@pytest.mark.parametrize(
    ("kind", "payload"),
    [(ESCALATED, {"level": 1}), (EVIDENCE, {"rings": True}), (TRANSFERRED, {"by": "p-sun-li", "to": ["p-zhao-min"]})],
    ids=["the next level is called", "pressed once more", "handed back"],
)
def test_it_rings_here_as_soon_as_somebody_is_wanted_anew(
    state: AppState, feed: Feed, alarm: str, kind: str, payload: dict[str, object]
) -> None:
    state.incidents.step(alarm, DISPATCHED, **SENT)
    assert not rings(state)
    arrives(state, feed, kind, 20, **payload)
    assert rings(state)


def test_an_answer_that_is_taken_back_rings_at_the_desk_that_had_sent_them(
    state: AppState, feed: Feed, alarm: str
) -> None:
    state.incidents.step(alarm, DISPATCHED, **SENT)
    arrives(state, feed, ACKNOWLEDGED, 10, by="p-sun-li")
    assert not rings(state)
    (_, answer), *_ = there(state.incidents.work(alarm)).incident.answers
    arrives(state, feed, STEP_WITHDRAWN, 20, by="p-sun-li", step=answer)
    assert rings(state)


def test_whom_somebody_else_has_sent_keeps_it_ringing_here(state: AppState, feed: Feed, alarm: str) -> None:
    arrives(state, feed, DISPATCHED, 5, by="p-other", **SENT)
    assert rings(state)
    state.incidents.step(alarm, DISPATCHED, to=[state.session.person])
    assert rings(state), "and so does sending oneself"
