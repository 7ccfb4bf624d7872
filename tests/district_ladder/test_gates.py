"""Incidents of the gate itself: a visitor whom nobody answered, a kiosk that says nothing."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from district.intake import zigbee2mqtt
from district.intake.homes import StoreHomes
from district.watching.nightwatch import Nightwatch, Surroundings
from domain.events import to_ms
from domain.incident import Incident
from domain.incident_kinds import Kind, Level, Severity
from domain.subjects import of_gateway, of_stray
from tests.district_ladder.conftest import ELDER, HERE, Box, District, Inline

GATEWAY = of_gateway("jinxiu", "bridge/jinxiu")
S, M, H = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def of_gate(district: District, gate: str) -> list[Incident]:
    return district.watch.watch.cases.of(gate, district.now)


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
    assert of_gate(district, "gate:south")[0].open, "a person looks and closes it"


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


@dataclass
class Gatehouse:
    """A district with one kiosk, whose last word is in the test's hands."""

    district: District
    heard: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        self.district.surround(kiosks=lambda: [Box("v1", "South gate")], heard=self.heard.get)

    def speaks(self) -> None:
        self.heard["v1"] = to_ms(self.district.now)

    def silent_for(self, length: timedelta) -> None:
        for _ in range(length // M):
            self.district.tick(M)


@pytest.fixture
def gatehouse(district: District) -> Gatehouse:
    found = Gatehouse(district)
    found.speaks()
    district.tick()
    return found


def test_a_silent_kiosk_calls_a_technician_once_and_a_short_cut_of_the_line_nobody(gatehouse: Gatehouse) -> None:
    gatehouse.silent_for(10 * M)
    assert of_gate(gatehouse.district, "v1") == []
    gatehouse.silent_for(10 * M)
    (incident,) = of_gate(gatehouse.district, "v1")
    assert (incident.kind, incident.level) == (Kind.KIOSK_SILENT, Level.HOME)
    sent = gatehouse.district.ledger.about("v1", ("notice.sent",))
    assert [f.payload["person"] for f in sent] == ["com"]
    gatehouse.silent_for(60 * M)
    assert len(of_gate(gatehouse.district, "v1")) == 1


def test_a_dead_kiosk_is_never_a_missed_check_in_and_the_window_waits_for_its_return(gatehouse: Gatehouse) -> None:
    district = gatehouse.district  # 16:00 in Shanghai
    window = {"id": "evening", "start": "17:00", "end": "18:00", "grace_min": 30, "counted": ["gate", "button"]}
    district.tell("careplan.set", revision=1, since=to_ms(district.now), windows=[window], backstops=[])
    gatehouse.silent_for(4 * H)
    assert district.incidents() == []
    gatehouse.speaks()
    for _ in range(60):
        gatehouse.speaks()
        district.tick(M)
    assert district.incidents() == []
    for _ in range(60):
        gatehouse.speaks()
        district.tick(M)
    assert [i.kind for i in district.incidents()] == [Kind.MISSED_CHECKIN]
    assert {i.elder for i in district.incidents()} == {ELDER}


def test_whoever_is_awaited_at_a_gate_that_can_recognise_nobody_is_blind_and_not_missed(gatehouse: Gatehouse) -> None:
    district = gatehouse.district  # 16:00 in Shanghai
    window = {"id": "evening", "start": "17:00", "end": "18:00", "grace_min": 30, "counted": ["gate", "button"]}
    district.tell("careplan.set", revision=1, since=to_ms(district.now), windows=[window], backstops=[])

    def goes_on(length: timedelta) -> None:
        for _ in range(length // M):
            gatehouse.speaks()
            district.tick(M)

    goes_on(70 * M)
    district.tell("gate.faces_lost", "v1", gate="south", since=to_ms(district.now - 10 * M))  # since 17:00
    goes_on(4 * H)
    assert district.incidents() == []
    district.tell("gate.faces_back", "v1", gate="south")
    goes_on(89 * M)
    assert district.incidents() == []
    goes_on(3 * M)
    assert [i.kind for i in district.incidents()] == [Kind.MISSED_CHECKIN]


def test_what_a_kiosk_said_before_a_restart_is_not_held_against_it(gatehouse: Gatehouse, tmp_path: Path) -> None:
    gatehouse.silent_for(4 * M)
    gatehouse.heard.clear()
    gatehouse.open()
    gatehouse.silent_for(4 * M)
    gatehouse.speaks()
    gatehouse.silent_for(2 * M)
    assert gatehouse.district.ledger.about("v1", ("kiosk.silent",)) == []


class TestGateway:
    """Homes behind one gateway: it says so once, and nobody is sent to each of them."""

    @pytest.fixture
    def homes(self, district: District) -> District:
        for name in ("hall", "bed"):
            district.tell("home.device_registered", device=name, place=name, kind="motion")
        district.tell("consent.given", purpose="home_monitoring", version="1")
        district.tell(
            "careplan.set", revision=1, since=to_ms(district.now), windows=[], backstops=[], blind_after_min=15
        )
        self.hear(district, "hall", "{}")
        self.hear(district, "bed", "{}")
        return district

    def hear(self, district: District, name: str, payload: str) -> None:
        heard = zigbee2mqtt.parse(f"zigbee2mqtt/{name}", payload.encode(), False, gateway="bridge/jinxiu")
        district.watch.desk.receive(heard, HERE, district.now)

    def wait(self, district: District, minutes: int) -> None:
        for _ in range(minutes):
            district.tick(M)

    def test_a_silent_gateway_is_one_incident_and_the_elders_behind_it_have_none(self, homes: District) -> None:
        self.hear(homes, "bridge/state", "offline")
        self.wait(homes, 8)
        assert of_gate(homes, GATEWAY) == []
        self.wait(homes, 120)
        (incident,) = of_gate(homes, GATEWAY)
        assert incident.kind is Kind.GATEWAY_SILENT
        assert homes.incidents() == []
        assert {f.payload["reason"] for f in homes.ledger.about(ELDER, ["device.blind"])} == {"gateway"}
        first = homes.ledger.about(GATEWAY, ("notice.sent",))[0]
        assert first.payload["person"] == "com"

    def test_one_that_came_back_in_time_calls_nobody_and_one_that_came_back_later_is_told(
        self, homes: District
    ) -> None:
        self.hear(homes, "bridge/state", "offline")
        self.wait(homes, 5)
        self.hear(homes, "bridge/state", "online")
        self.wait(homes, 20)
        assert of_gate(homes, GATEWAY) == []
        self.hear(homes, "bridge/state", "offline")
        self.wait(homes, 15)
        self.hear(homes, "bridge/state", "online")
        self.wait(homes, 2)
        (incident,) = of_gate(homes, GATEWAY)
        assert incident.open
        assert homes.ledger.about(GATEWAY, ("incident.evidence",))[-1].payload["reason"] == "gateway_back"

    def test_a_crash_while_it_waits_loses_nothing(self, homes: District) -> None:
        self.hear(homes, "bridge/state", "offline")
        self.wait(homes, 2)
        homes.crash()
        self.wait(homes, 10)
        assert len(of_gate(homes, GATEWAY)) == 1

    @pytest.mark.parametrize("fell_silent_first", [True, False])
    def test_a_hub_that_is_cut_off_raises_it_itself_unconfirmed(self, homes: District, fell_silent_first: bool) -> None:
        line = [True]
        around = Surroundings(
            homes.ledger, homes.store, StoreHomes(homes.store), homes.town, homes.town, upstream=lambda: line[0]
        )
        homes.watch.close()
        homes.watch = Nightwatch(around, lambda: homes.now, Inline(), "hub")
        if fell_silent_first:
            self.hear(homes, "bridge/state", "offline")
        self.wait(homes, 2)
        line[0] = False
        self.wait(homes, 2)
        if not fell_silent_first:
            self.hear(homes, "bridge/state", "offline")
        self.wait(homes, 15)
        (incident,) = of_gate(homes, GATEWAY)
        assert (incident.kind, incident.confirmed) == (Kind.GATEWAY_SILENT, False)
        assert homes.incidents() == []
