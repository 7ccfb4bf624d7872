"""A hub whose machine is a day ahead or behind: nobody below it is locked out, and no call for help is silenced."""

import time
from collections.abc import Callable
from functools import partial

import pytest

from district.ledger import StoreLedger
from domain.events import Clock
from offline.line.link import Link
from offline.node_clock import NodeClock
from tests.fakes.city import City, facts_of, synced
from tests.fakes.there import there
from tests.fakes.waiting import until
from watch.cases import STEPS, incidents_in

DAY_S = 86_400


@pytest.fixture(params=[DAY_S, -DAY_S], ids=["ahead", "behind"])
def off(request: pytest.FixtureRequest) -> float:
    seconds: float = request.param
    return seconds


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch, off: float) -> Callable[[], None]:
    """From here on machines of hubs that start are off by a day."""

    def make() -> None:
        monkeypatch.setattr("district.bootstrap.NodeClock", partial(NodeClock, wall=lambda: time.time() + off))

    return make


def test_a_call_for_help_through_a_hub_that_is_a_day_off_rings_as_any_other(
    city: City, wrong: Callable[[], None]
) -> None:
    district = city.serve("district")
    wrong()
    hub = city.hub("hub", district)
    kiosk, desk, elder = city.household(hub, district)
    assert abs(hub.office.now_ms() - district.office.now_ms()) < 5_000, "it goes by the time of the one above"
    kiosk.journal.append("sign.sos", {"source": "button", "device": "b1"}, subject=elder)
    kiosk.client.round()
    until(synced(desk, "incident.opened"))
    (opened,) = desk.journal.facts("incident.opened")
    assert there(opened.payload)["confirmed"] is True
    for server in (district, hub):
        (pressed,) = server.office.store.told(["sign.sos"])
        assert pressed.trusted
        assert pressed.event.clock is Clock.SYNCED
        assert abs(pressed.event.at - district.office.now_ms()) < 60_000


def test_a_hub_that_starts_a_day_off_without_its_line_takes_calls_and_meets_the_district_when_it_is_back(
    city: City, wrong: Callable[[], None]
) -> None:
    district = city.serve("district")
    port = int(district.url.rpartition(":")[2])
    hub = city.hub("hub", district)
    kiosk, desk, elder = city.household(hub, district)
    hub_port = int(hub.url.rpartition(":")[2])
    city.stop("district")
    city.stop("hub")
    wrong()
    hub = city.serve("hub", district.url, port=hub_port)
    until(lambda: hub.hub_line.status.link is Link.UNREACHABLE)
    kiosk.client._last_hello = desk.client._last_hello = None  # they are told the time by the hub alone
    kiosk.journal.append("sign.sos", {"source": "button", "device": "b1"}, subject=elder)
    kiosk.client.round()
    until(synced(desk, "incident.opened"))
    district = city.serve("district", port=port)
    hub.hub_line.sync.poke()
    until(
        lambda: (
            facts_of(district, "incident.opened") == facts_of(hub, "incident.opened") and facts_of(district, "sign.sos")
        )
    )
    until(lambda: [i.confirmed for i in incidents_in(StoreLedger(district.office.store).about(elder, STEPS))] == [True])
    assert {fact[0] for fact in facts_of(district, "incident.opened")} == {
        hub.office.store.node, district.office.store.node,
    }  # fmt: skip
    assert abs(hub.office.now_ms() - district.office.now_ms()) < 5_000
    kiosk.journal.append("sign.sos", {"source": "button", "device": "b2"}, subject=elder)
    kiosk.client._last_hello = None
    kiosk.client.round()
    until(lambda: len(facts_of(district, "sign.sos")) == 2)
    assert kiosk.journal.pending() == 0
