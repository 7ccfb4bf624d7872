"""Incidents of the gate itself: a visitor whom nobody answered, somebody to be noticed, what is out of order."""

from datetime import datetime, timedelta

import pytest

from caregiver.invented import Feed
from district.intake import zigbee2mqtt
from domain.incident_kinds import Kind, Level, Severity
from domain.subjects import of_gateway, of_stray
from tests.district_ladder.conftest import HERE, District, of_gate

GATEWAY = of_gateway("jinxiu", "bridge/jinxiu")
S, M, H = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def test_a_call_that_nobody_answers_for_half_a_minute_calls_those_away_from_their_desks(district: District) -> None:
    district.tell("call.started", None, call="c1", gate="south")
    district.tick(29 * S)
    assert of_gate(district, "gate:south") == []
    district.tick(2 * S)
    (incident,) = of_gate(district, "gate:south")
    assert (incident.kind, incident.open) == (Kind.GATE_CALL, True)
    sent = district.ledger.about("gate:south", ("notice.sent",))
    assert [f.payload["person"] for f in sent] == ["com"]  # the community's own people, not an elder's family


@pytest.mark.parametrize("how", ["call.answered", "call.refused", "call.ended"])
def test_a_call_that_was_dealt_with_in_time_is_no_incident(district: District, how: str) -> None:
    district.tell("call.started", None, call="c1", gate="south")
    district.tick(10 * S)
    district.tell(how, None, call="c1", by="guard")
    district.tick(60 * S)
    assert of_gate(district, "gate:south") == []


def test_an_answer_that_came_late_is_told_to_those_on_their_way(district: District) -> None:
    district.tell("call.started", None, call="c1", gate="south")
    district.tick(31 * S)
    district.tell("call.answered", None, call="c1", by="guard")
    district.tick(1 * S)
    (incident,) = of_gate(district, "gate:south")
    assert incident.evidence == 1
    assert incident.open  # a person looks and closes it


def test_a_call_survives_a_crash_before_its_half_minute_is_over(district: District) -> None:
    district.tell("call.started", None, call="c1", gate="south")
    district.tick(1 * S)
    district.crash()
    district.tick(40 * S)
    assert [i.kind for i in of_gate(district, "gate:south")] == [Kind.GATE_CALL]


def test_a_forced_gate_is_tampering_at_that_gate(district: District) -> None:
    district.tell("gate.forced", None, gate="south")
    district.tick()
    assert [i.kind for i in of_gate(district, "gate:south")] == [Kind.TAMPER]


@pytest.mark.parametrize(("ruling", "opened"), [("blocked", False), ("blocked", True), ("passback", True)])
def test_whoever_the_staff_want_to_know_of_calls_them_to_the_gate(
    district: District, ruling: str, opened: bool
) -> None:
    district.tell("staff.noticed", "p-bo", gate="south", ruling=ruling, method="card", opened=opened)
    district.tick()
    (incident,) = of_gate(district, "gate:south")
    assert (incident.kind, incident.severity) == (Kind.GATE_NOTICE, Severity.P2)
    (raised,) = district.ledger.about("gate:south", ("incident.opened",))
    assert {k: raised.payload[k] for k in ("about", "ruling", "method", "opened", "place")} == {
        "about": "p-bo", "ruling": ruling, "method": "card", "opened": opened, "place": "south",
    }  # fmt: skip
    sent = district.ledger.about("gate:south", ("notice.sent",))
    assert [f.payload["person"] for f in sent] == ["com"]


def test_a_second_one_at_the_gate_rings_again_though_the_first_was_taken(district: District) -> None:
    told = {"gate": "south", "ruling": "blocked", "method": "face", "opened": False}
    district.tell("staff.noticed", "p-bo", **told)
    district.tick()
    (incident,) = of_gate(district, "gate:south")
    district.tell("incident.acknowledged", "gate:south", incident=incident.id, by="com")
    district.tick(M)
    district.tell("staff.noticed", "p-mo", **told)
    district.tick(S)
    (incident,) = of_gate(district, "gate:south")
    (again,) = district.ledger.about("gate:south", ("incident.evidence",))
    assert (again.payload["about"], again.payload["rings"]) == ("p-mo", True)


def test_a_gate_that_sees_nobody_calls_a_technician_and_says_when_it_sees_again(district: District) -> None:
    district.tell("gate.faces_lost", None, gate="south")
    district.tell("gate.stands_open", None, gate="south")
    district.tick()
    (incident,) = of_gate(district, "gate:south")
    assert (incident.kind, incident.severity) == (Kind.GATE_TROUBLE, Severity.P3)
    district.tick(M)
    district.tell("gate.faces_back", None, gate="south")
    district.tick(S)
    told = [f.payload.get("reason") for f in district.ledger.about("gate:south", ("incident.evidence",))]
    assert told[-1] == "gate_faces_back"
    assert district.recording.messages[-1].title.endswith(": The gate recognises faces again"), (
        "to whoever is on the way"
    )
    assert of_gate(district, "gate:south")[0].open, "a person looks and closes it"


def test_a_gate_whose_self_test_goes_wrong_is_somebodys_work_until_they_have_looked(district: District) -> None:
    for _ in range(2):  # night after night
        district.tell("gate.self_test_failed", None, gate="south", count="2/3")
        district.tick(M)
    (incident,) = of_gate(district, "gate:south")
    assert (incident.kind, incident.rule, incident.severity) == (Kind.GATE_TROUBLE, "self_test_failed", Severity.P3)
    district.tell("gate.self_test_right_again", None, gate="south", count="3/3")
    district.tick(S)
    told = [f.payload.get("reason") for f in district.ledger.about("gate:south", ("incident.evidence",))]
    assert told[-1] == "gate_self_test_right_again"


def test_records_that_a_gate_has_lost_are_somebodys_work(district: District) -> None:
    district.tell("gate.records_lost", None, gate="south", count=3, first=0, last=9000)
    district.tick(M)
    (incident,) = of_gate(district, "gate:south")
    assert (incident.kind, incident.rule, incident.severity) == (Kind.GATE_TROUBLE, "records_lost", Severity.P3)


@pytest.mark.parametrize(("began", "over", "lasts"), [("held_open", "held_open_over", 5 * M), ("lost", "back", M)])
def test_a_door_left_open_and_a_relay_that_is_dead_call_somebody_once_they_have_lasted(
    district: District, began: str, over: str, lasts: timedelta
) -> None:
    for ended in (True, False):
        district.tell(f"gate.{began}", None, gate="south")
        district.tick(lasts - S)
        assert of_gate(district, "gate:south") == []
        if ended:
            district.tell(f"gate.{over}", None, gate="south")
            district.tick(H)
            assert of_gate(district, "gate:south") == []
    district.crash()
    district.tick(2 * S)
    (incident,) = of_gate(district, "gate:south")
    assert (incident.kind, incident.rule) == (Kind.GATE_TROUBLE, began)
    assert incident.severity is (Severity.P2 if began == "lost" else Severity.P3)
    (opened,) = district.ledger.about("gate:south", ("incident.opened",))
    assert opened.payload["trouble"] == began
    district.tell(f"gate.{over}", None, gate="south")
    district.tick(S)
    (told,) = district.ledger.about("gate:south", ("incident.evidence",))
    assert told.payload["reason"] == f"gate_{over}"


def test_each_trouble_at_a_gate_calls_for_itself_and_a_fire_at_once(district: District) -> None:
    """Somebody is on the way for the camera; the fire is another matter, and its end tells nothing of the camera."""
    district.tell("gate.faces_lost", None, gate="south")
    district.tick()
    (camera,) = of_gate(district, "gate:south")
    district.tell("incident.acknowledged", "gate:south", incident=camera.id, by="com")
    district.tell("gate.fire", None, gate="south")
    district.tick(S)
    assert [i.rule for i in of_gate(district, "gate:south")] == ["faces_lost", "fire"]
    district.tell("gate.fire_over", None, gate="south")
    district.tick(S)
    camera, fire = of_gate(district, "gate:south")
    assert (camera.evidence, fire.evidence) == (0, 1)


def test_a_fire_that_was_over_and_is_there_again_rings_whoever_is_still_at_work_on_the_first(
    district: District,
) -> None:
    district.tell("gate.fire", None, gate="south")
    district.tick(S)
    (fire,) = of_gate(district, "gate:south")
    district.tell("incident.handling", "gate:south", incident=fire.id, by="com")
    district.tick(H)
    district.tell("gate.fire", None, gate="south")  # as before: nobody said that it was over
    district.tick(M)
    sent = district.ledger.about("gate:south", ("notice.sent",))
    district.tell("gate.fire_over", None, gate="south")
    district.tick(M)
    district.tell("gate.fire", None, gate="south")
    district.tick(S)
    again = district.ledger.about("gate:south", ("notice.sent",))[len(sent) :]
    assert [(f.payload["act"], f.payload["person"]) for f in again] == [("inform", "com"), ("alarm", "com")]


def test_a_leak_in_another_room_rings_whoever_mops_up_the_first(district: District) -> None:
    district.tell("sign.water_leak", device="kitchen")
    district.tick(S)
    district.step("incident.handling", "ann")
    district.tick(M)
    before = len(district.told())
    district.tell("sign.water_leak", device="kitchen")  # which lies in the water
    district.tick(M)
    assert len(district.told()) == before
    district.tell("sign.water_leak", device="bath")
    district.tick(S)
    assert district.told()[before:] == ["ann"]


@pytest.mark.parametrize(("told", "minutes"), [("gate.lost", 1), ("gate.fire", 0)])
def test_a_gate_that_nothing_opens_or_where_it_may_burn_is_not_left_until_tomorrow(
    district: District, told: str, minutes: int
) -> None:
    district.tell(told, None, gate="south")
    district.tick(minutes * M)
    district.tick(S)
    sent = district.ledger.about("gate:south", ("notice.sent",))
    assert [f.payload["person"] for f in sent] == ["com"]
    for level, after in ((Level.STREET, 45), (Level.DISTRICT, 120)):
        district.tick((after + 1) * M)
        assert of_gate(district, "gate:south")[0].level >= level


def test_a_call_for_help_from_a_device_in_nobodys_home_rings_the_community_until_somebody_has_looked(
    district: District,
) -> None:
    button = of_stray(HERE, "button-7")
    pressed = zigbee2mqtt.parse("zigbee2mqtt/button-7", b'{"action":"emergency"}', False)
    for after in (0 * S, 5 * S, 20 * S):
        district.tick(after)
        district.watch.desk.receive(pressed, HERE, district.now)
        district.tick(S)
    (incident,) = of_gate(district, button)
    assert (incident.kind, incident.severity, incident.open) == (Kind.SOS, Severity.P1, True)
    sent = district.ledger.about(button, ("notice.sent",))
    assert sent[0].payload["person"] == "com"
    district.tick(11 * M)
    assert of_gate(district, button)[0].level is Level.DISTRICT, "unanswered it goes up the ladder as any other"


@pytest.mark.parametrize(("begins", "ends"), [("gate.held_open", "gate.held_open_over"), ("gate.lost", "gate.back")])
def test_older_words_of_a_trouble_that_come_again_put_off_no_alarm_and_raise_none(
    district: District, begins: str, ends: str
) -> None:
    """As a gate sends again what a disk of the district has lost."""
    gate, before = Feed(HERE, 1), district.now
    district.now += H

    def said(kind: str, name: str, at: datetime, by: str = "v1") -> None:
        district.store.absorb([gate.item(kind, {"gate": name}, None, at, by)])

    said(begins, "south", district.now)
    district.tick(10 * S)
    said(ends, "south", before)
    district.tick(6 * M)
    assert [i.kind for i in of_gate(district, "gate:south")] == [Kind.GATE_TROUBLE]
    said(ends, "north", district.now)
    district.tick()
    said(begins, "north", before)
    district.tick(6 * M)
    assert of_gate(district, "gate:north") == []
    said(begins, "north", before, by="v2, in its place, by a clock that is behind")
    district.tick(6 * M)
    assert len(of_gate(district, "gate:north")) == 1


def test_an_older_word_on_altered_records_that_is_given_back_raises_and_ends_nothing(district: District) -> None:
    given, before, server = Feed(HERE, 1), district.now, of_gateway(HERE, "server/here")
    older = [{"altered": 1, "place": "here", "which": []}, {"altered": 0, "place": "here"}]
    district.now += H
    district.tell("gateway.records", server, **older[1])
    district.tick()
    district.store.absorb([given.item("gateway.records", older[0], server, before, "district-before")])
    district.tick()
    assert of_gate(district, server) == []
    district.tell("gateway.records", server, **older[0])
    district.tick()
    district.store.absorb([given.item("gateway.records", older[1], server, before, "district-before")])
    district.tick()
    (incident,) = of_gate(district, server)
    assert (incident.open, incident.evidence) == (True, 0)
