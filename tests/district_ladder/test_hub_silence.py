"""A hub between the homes and the district: what it hears it judges, and when it falls silent that is one fault, not many."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from district.store.devices import node_of
from district.watching.kiosks import Enrolled
from domain.events import to_ms
from domain.incident import Incident
from domain.incident_kinds import Kind
from domain.subjects import of_gateway
from tests.contracts.store_facts import batch, event
from tests.district_ladder.conftest import ELDER, HERE, Box, District

M, H = timedelta(minutes=1), timedelta(hours=1)
HALL, STREET = of_gateway(HERE, "hub/Hall"), of_gateway(HERE, "hub/Street")


@dataclass
class Tree:
    """A district that hears a home and a kiosk through a hub; whose last word is in the test's hands."""

    district: District
    hubs: list[Enrolled] = field(default_factory=lambda: [Box("vhall", "Hall")])
    kiosks: list[Enrolled] = field(default_factory=lambda: [Box("vgate", "South gate", "vhall")])
    heard: dict[str, int] = field(default_factory=dict)
    up: set[str] = field(default_factory=lambda: {"vhall", "vgate"})
    _seq: int = 0

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        self.district.surround(kiosks=lambda: self.kiosks, hubs=lambda: self.hubs, heard=self.heard.get)

    def sign(self, hub: str = "vhall", device: str = "hall") -> None:
        """The hub tells that somebody moved."""
        self._seq += 1
        told = {"device": device, "source": "zigbee2mqtt", "place": "hall", "value": True, "trusted": True}
        now = to_ms(self.district.now)
        moved = event(self._seq, "sign.motion", subject=ELDER, community=HERE, at=now, payload=told)
        self.district.store.append_batch(batch([moved], device=node_of(hub))).result(20)

    def wait(self, length: timedelta) -> None:
        for _ in range(length // M):
            self.heard |= dict.fromkeys(self.up, to_ms(self.district.now))
            self.district.tick(M)

    def of(self, subject: str) -> list[Incident]:
        return self.district.watch.watch.cases.of(subject, self.district.now)

    def blind(self) -> list[tuple[bool, str]]:
        told = self.district.ledger.about(ELDER, ("device.blind",))
        return [(f.payload["blind"], str(f.payload.get("reason", ""))) for f in told]


@pytest.fixture
def tree(district: District) -> Tree:
    district.tell("home.device_registered", device="hall", place="hall", kind="motion")
    district.tell("consent.given", purpose="home_monitoring", version="1")
    district.tell("careplan.set", revision=1, since=to_ms(district.now), windows=[], backstops=[], blind_after_min=15)
    found = Tree(district)
    found.sign()
    found.wait(2 * M)
    return found


def test_a_device_that_a_hub_hears_is_not_blind_because_the_district_does_not_hear_it(tree: Tree) -> None:
    for _ in range(6):
        tree.wait(5 * H)
        tree.sign()
    assert tree.blind() == []


def test_a_hub_that_is_cut_off_is_one_incident_and_nobodys_silence(tree: Tree) -> None:
    tree.up.clear()
    tree.wait(30 * M)
    (incident,) = tree.of(HALL)
    assert (incident.kind, incident.open) == (Kind.GATEWAY_SILENT, True)
    assert tree.of("vgate") == [], "the kiosk behind it may be in the best of order"
    assert tree.district.incidents() == []
    assert tree.blind() == [(True, "gateway")]
    assert [s.gaps[-1][1] for s in tree.district.watch.kiosks.sources(HERE)] == [None], (
        "whom it would have seen is blind"
    )


def test_a_short_cut_calls_nobody(tree: Tree) -> None:
    tree.up.clear()
    tree.wait(8 * M)
    tree.up |= {"vhall", "vgate"}
    tree.wait(30 * M)
    assert tree.of(HALL) == []
    assert tree.blind() == [(True, "gateway"), (False, "")]


def test_a_kiosk_that_stays_silent_when_its_hub_is_back_calls_a_technician(tree: Tree) -> None:
    tree.up.clear()
    tree.wait(40 * M)
    tree.up.add("vhall")
    tree.wait(4 * M)
    assert tree.of("vgate") == [], "it has as long as any other to speak anew"
    tree.wait(15 * M)
    assert [i.kind for i in tree.of("vgate")] == [Kind.KIOSK_SILENT]


def test_two_hubs_deep_the_fault_is_the_upper_ones_until_it_is_back(tree: Tree) -> None:
    tree.hubs[:] = [Box("vhall", "Hall", "vstreet"), Box("vstreet", "Street")]
    tree.up = {"vstreet", "vhall", "vgate"}
    tree.wait(2 * M)
    tree.up.clear()
    tree.wait(40 * M)
    assert len(tree.of(STREET)) == 1
    assert tree.of(HALL) == []
    assert tree.blind() == [(True, "gateway")]
    tree.up.add("vstreet")
    tree.wait(40 * M)
    assert len(tree.of(HALL)) == 1, "and it was not the street's line alone"
    assert tree.of("vgate") == [], "whoever is behind the lower one is not heard for its sake"


def test_a_restart_of_the_district_neither_ends_nor_doubles_it(tree: Tree) -> None:
    tree.up.clear()
    tree.wait(30 * M)
    tree.heard.clear()
    tree.open()
    tree.wait(30 * M)
    assert len(tree.of(HALL)) == 1
    assert tree.blind() == [(True, "gateway")]


@pytest.mark.parametrize("mute", [True, False])
def test_for_a_dead_contact_that_a_hub_hears_nobody_is_called_while_somebody_is_about(tree: Tree, mute: bool) -> None:
    """Only the hub knows that it does not even report of itself any more, and says so."""
    district, since = tree.district, to_ms(tree.district.now)
    rule = {"id": "no_door", "kinds": ["door"], "after_min": 10 * 60}
    district.tell("home.device_registered", device="door", place="hall", kind="door")
    district.tell("careplan.set", revision=2, since=since, windows=[], backstops=[rule], caregiver="ann")
    tree.sign(device="door")
    for hour in range(11):
        if mute and hour == 8:
            district.tell("device.mute", device="door", place="hall", mute=True, since=since)
        tree.wait(H)
        district.tell("sign.motion", device="hall")
    tree.wait(2 * M)
    assert [i.rule for i in tree.of(ELDER)] == ([] if mute else ["no_door"])
