"""What reaches this desk rings, whatever came with it."""

from datetime import timedelta

import pytest

from caregiver.invented import Feed, open_incident
from caregiver.memory.changes import Changes
from caregiver.state import AppState
from domain.incident_kinds import ACKNOWLEDGED, EVIDENCE, HANDLING, NOTICE_SENT, ON_SCENE, OPENED


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
    state.incidents.acknowledge("again")
    state.take()
    assert "again" not in [i.id for i in state.incidents.ringing()]


def test_called_in_because_nobody_came_it_rings_here_until_we_answer_or_somebody_is_there(state: AppState) -> None:
    feed, elder, now, me = Feed("c", 506), elder_of(state), state.clock.now(), state.session.person

    def ringing() -> bool:
        state.take()
        return "late" in [i.id for i in state.incidents.ringing()]

    def told(minutes: int, person: str, act: str = "alarm") -> None:
        payload = {"incident": "late", "by": "system", "ref": f"r{minutes}{person}", "person": person, "channel": "desktop",
                   "act": act, "reason": "not_on_scene", "level": 1}  # fmt: skip
        state.journal.absorb([feed.item(NOTICE_SENT, payload, elder, now + timedelta(minutes=minutes))])

    state.journal.absorb(open_incident(feed, "late", "sos", elder, now, "卧室"))
    for kind in (ACKNOWLEDGED, HANDLING):
        state.journal.absorb([feed.item(kind, {"incident": "late", "by": "p-sun-li"}, elder, now, "desk-2")])
    assert not ringing()
    told(45, me, act="remind")
    told(60, "p-sun-li")
    assert not ringing(), "a reminder fills no screen, and the others' alarm is theirs"
    told(61, me)
    assert ringing()
    state.incidents.acknowledge("late")
    assert not ringing()
    told(75, me)
    assert ringing(), "and again, for as long as nobody is there"
    state.journal.absorb([feed.item(ON_SCENE, {"incident": "late", "by": "p-sun-li"}, elder, now, "desk-2")])
    assert not ringing()


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
    assert "odd" in [i.id for i in state.incidents.ringing()]
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
