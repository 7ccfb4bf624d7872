"""Homes behind one gateway: it says so once, and nobody is sent to each of them."""

from datetime import datetime, timedelta

import pytest

from caregiver.invented import Feed
from district.intake import zigbee2mqtt
from district.intake.homes import StoreHomes
from district.watching.nightwatch import Nightwatch, Surroundings
from domain.events import to_ms
from domain.incident_kinds import Kind
from domain.subjects import of_gateway
from tests.district_ladder.conftest import ELDER, HERE, District, Inline, of_gate

GATEWAY = of_gateway("jinxiu", "bridge/jinxiu")
S, M, H = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


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

    def test_one_that_was_well_again_and_dies_for_good_is_called_for_though_somebody_is_at_work_on_it(
        self, homes: District
    ) -> None:
        self.hear(homes, "bridge/state", "offline")
        self.wait(homes, 15)
        (incident,) = of_gate(homes, GATEWAY)
        homes.ledger.add("incident.handling", {"incident": incident.id, "by": "com"}, HERE, GATEWAY, to_ms(homes.now))
        self.wait(homes, 1)
        self.hear(homes, "bridge/state", "online")
        self.wait(homes, 60)
        before = len(homes.ledger.about(GATEWAY, ("notice.sent",)))
        self.hear(homes, "bridge/state", "offline")
        self.wait(homes, 11)
        again = homes.ledger.about(GATEWAY, ("notice.sent",))[before:]
        assert [(f.payload["person"], f.payload["reason"]) for f in again] == [("com", "rings_again")]
        self.wait(homes, 120)
        again = homes.ledger.about(GATEWAY, ("notice.sent",))[before:]
        assert {"str", "dis"} <= {f.payload["person"] for f in again}, "who had it may sleep by now"

    def test_an_old_silence_that_is_given_back_meanwhile_puts_off_no_alarm_and_ends_none(self, homes: District) -> None:
        """A district that was put back gets its own words of before again: silent, and heard, before what it says now."""
        given, began = Feed("jinxiu", 1), homes.now
        self.wait(homes, 200)
        self.hear(homes, "bridge/state", "offline")
        self.wait(homes, 4)
        self.give_back(homes, given, began + 50 * M)
        self.wait(homes, 4)
        assert of_gate(homes, GATEWAY) == []
        self.wait(homes, 5)
        assert len(of_gate(homes, GATEWAY)) == 1
        self.give_back(homes, given, began + 120 * M)
        self.wait(homes, 30)
        (incident,) = of_gate(homes, GATEWAY)
        assert (incident.open, incident.starts) == (True, 1)
        assert homes.ledger.about(GATEWAY, ("incident.evidence",)) == []
        self.hear(homes, "bridge/state", "online")
        self.wait(homes, 2)
        self.give_back(homes, given, began + 150 * M)
        self.wait(homes, 2)
        evidence = homes.ledger.about(GATEWAY, ("incident.evidence",))
        assert [f.payload["reason"] for f in evidence] == ["gateway_back"]

    def give_back(self, district: District, given: Feed, began: datetime) -> None:
        """A silence of ten minutes, and its end."""
        since = {"place": "jinxiu", "since": to_ms(began), "by": "system"}
        told = [(began, {**since, "silent": True}), (began + 10 * M, {**since, "silent": False})]
        district.store.absorb([given.item("gateway.silent", said, GATEWAY, at, "before") for at, said in told])

    def test_for_one_that_is_back_nobody_further_up_is_called_until_it_is_silent_again(self, homes: District) -> None:
        """The street was called after three quarters of an hour for a gateway that had been well for half an hour."""
        self.hear(homes, "bridge/state", "offline")
        self.wait(homes, 15)
        self.hear(homes, "bridge/state", "online")
        self.wait(homes, 180)
        alarms = [m.address for m in homes.recording.messages if m.title.startswith("Gateway silent:")]
        assert set(alarms) == {"com"}
        self.hear(homes, "bridge/state", "offline")
        self.wait(homes, 75)
        (incident,) = of_gate(homes, GATEWAY)
        again = [m.address for m in homes.recording.messages if m.title.startswith("Gateway silent:")][len(alarms) :]
        assert set(again) == {"com", "str"}
        assert incident.rings == 1

    def test_a_crash_while_it_waits_loses_nothing(self, homes: District) -> None:
        self.hear(homes, "bridge/state", "offline")
        self.wait(homes, 2)
        homes.crash()
        self.wait(homes, 10)
        assert len(of_gate(homes, GATEWAY)) == 1

    def test_a_bridge_that_dies_in_the_night_without_a_word_is_one_message_for_all_homes(
        self, district: District
    ) -> None:
        for n in range(12):
            elder = f"elder-{n}"
            district.tell("consent.given", elder, purpose="home_monitoring", version="1")
            district.tell("careplan.set", elder, revision=1, since=to_ms(district.now), windows=[], backstops=[])
            for kind in ("motion", "door"):
                told = {"device": f"{kind}-{n}", "place": "hall", "kind": kind, "every_min": 60}
                district.tell("home.device_registered", elder, **told)
        for n in range(12):
            district.now += M
            self.hear(district, f"motion-{n}", '{"battery":80}')
            self.hear(district, f"door-{n}", '{"battery":80}')
        self.wait(district, 5 * 60)
        (incident,) = of_gate(district, GATEWAY)
        assert incident.kind is Kind.GATEWAY_SILENT
        assert all(of_gate(district, f"elder-{n}") == [] for n in range(12))
        assert all(m.title.startswith("Gateway silent") for m in district.recording.messages), (
            "of nobody's door or hall"
        )
        self.hear(district, "motion-3", '{"battery":80}')
        self.wait(district, 2)
        assert district.ledger.about(GATEWAY, ("incident.evidence",))[-1].payload["reason"] == "gateway_back"
        assert district.recording.messages[-1].title.endswith(": The gateway can be heard again")

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


def test_a_hub_heeds_what_a_device_promises_that_is_put_up_while_it_runs(district: District) -> None:
    """It had heeded only those that stood there when it started."""
    district.surround(upstream=lambda: True)
    district.tick()
    district.tell("home.device_registered", device="panel", place="hall", every_min=10)
    district.tick(M)
    heard = zigbee2mqtt.parse("zigbee2mqtt/panel", b'{"battery":80}', False)
    district.watch.desk.receive(heard, HERE, district.now)
    for _ in range(29):
        district.tick(M)
    assert district.ledger.about(ELDER, ("device.blind",)) == []
    for _ in range(3):
        district.tick(M)
    assert len(district.ledger.about(ELDER, ("device.blind",))) == 1
