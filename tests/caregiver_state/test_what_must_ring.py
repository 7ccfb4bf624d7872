"""What reaches this desk rings, whatever came with it."""

from datetime import timedelta

import pytest

from caregiver.sample import Feed, open_incident
from caregiver.state import AppState, Changes
from domain.incident_kinds import ACKNOWLEDGED, EVIDENCE, HANDLING, NOTICE_SENT, OPENED


def elder_of(state: AppState) -> str:
    return next(e for e in (p.id for p in state.people) if not state.incidents.of(e))


def test_a_new_press_on_an_accepted_incident_rings_here_until_somebody_answers_it(state: AppState) -> None:
    feed, elder, now = Feed("c", 505), elder_of(state), state.clock.now()
    state.journal.absorb(open_incident(feed, "again", "sos", elder, now, "卧室"))
    state.incidents.step("again", ACKNOWLEDGED)
    state.incidents.step("again", HANDLING)
    state.take()
    assert "again" not in [i.id for i in state.incidents.ringing()]
    worse = {"incident": "again", "by": "system", "rings": True}
    state.journal.absorb([feed.item(EVIDENCE, worse, elder, now + timedelta(minutes=2))])
    state.take()
    assert "again" in [i.id for i in state.incidents.ringing()]
    state.acknowledge("again")
    state.take()
    assert "again" not in [i.id for i in state.incidents.ringing()]


def test_a_fact_that_makes_no_sense_does_not_hide_the_alarm_behind_it(state: AppState) -> None:
    feed, elder, now = Feed("c", 606), elder_of(state), state.clock.now()
    nonsense = [feed.item(OPENED, {"incident": ["x"], "elder": {}}, elder, now)]
    state.journal.absorb([*nonsense, *open_incident(feed, "behind", "sos", elder, now, "")])
    state.take()
    assert "behind" in [i.id for i in state.incidents.ringing()]


@pytest.mark.parametrize("level", [9, "x", None])
def test_a_notice_of_a_level_nobody_knows_hides_no_alarm(state: AppState, level: object) -> None:
    feed, elder, now = Feed("c", 707), elder_of(state), state.clock.now()
    told = {"incident": "odd", "person": "p", "channel": "pigeon", "level": level}
    opened = list(open_incident(feed, "odd", "sos", elder, now, ""))
    state.journal.absorb([opened[0], feed.item(NOTICE_SENT, told, elder, now)])
    state.take()
    assert state.incidents.work("odd") is not None


def test_what_could_not_be_taken_over_is_taken_over_the_next_time(
    state: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed, elder, now = Feed("c", 808), elder_of(state), state.clock.now()
    state.journal.absorb(open_incident(feed, "late", "sos", elder, now, ""))
    with monkeypatch.context() as patched:
        patched.setattr(state.incidents, "refresh", lambda _ids: (_ for _ in ()).throw(OSError("disk")))
        with pytest.raises(OSError, match="disk"):
            state.take()
    assert state.more
    heard: list[Changes] = []
    state.take(first=heard.append)
    assert "late" in heard[0].incidents
    assert "late" in [i.id for i in state.incidents.ringing()]


def test_only_incidents_are_urgent(state: AppState) -> None:
    feed, elder, now = Feed("c", 809), elder_of(state), state.clock.now()
    state.journal.absorb([feed.item("sign.door", {"device": "d"}, elder, now)])
    assert (state.more, state.urgent) == (True, False)
    state.journal.absorb(open_incident(feed, "now", "sos", elder, now, ""))
    assert state.urgent
    state.take()
    assert not state.urgent
