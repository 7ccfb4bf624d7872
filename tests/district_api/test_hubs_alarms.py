"""An alarm below a hub: the district's to raise, or the hub's own while it is cut off."""

from offline.line.link import BACKOFF_CAP_S, URGENT_CAP_S, Link
from tests.fakes.city import City, facts_of, synced
from tests.fakes.serving import register
from tests.fakes.there import there
from tests.fakes.waiting import until
from watch.standby import PATIENCE


def test_an_alarm_below_a_hub_is_the_districts_to_raise_and_rings_at_the_hubs_desk(city: City) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    kiosk, desk = city.join(hub), city.join(hub, "caregiver")
    elder = register(kiosk)
    kiosk.client.round()
    kiosk.journal.append("sign.sos", {"source": "button", "device": "b1"}, subject=elder)
    kiosk.client.round()
    until(synced(desk, "incident.opened"))
    opened = [(f.envelope.device, there(f.payload)) for f in desk.journal.facts("incident.opened")]
    assert [device for device, _ in opened] == [district.office.store.node]
    assert [said["confirmed"] for _, said in opened] == [True]
    desk.journal.append("incident.acknowledged", {"incident": opened[0][1]["incident"], "by": "c1"}, subject=elder)
    desk.client.round()
    until(lambda: facts_of(district, "incident.acknowledged"))


def test_a_hub_that_has_lost_its_district_raises_the_alarm_itself_unconfirmed(city: City) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    kiosk, desk, elder = city.household(hub, district)
    city.stop("district")
    until(lambda: hub.hub_line.status.link is Link.UNREACHABLE)
    night, standby = hub.office.nightwatch, there(hub.office.nightwatch._standby)
    standby._down_since = night._clock() - 2 * PATIENCE
    until(lambda: standby.watching)
    kiosk.journal.append("sign.sos", {"source": "button", "device": "b1"}, subject=elder)
    kiosk.client.round()
    until(synced(desk, "incident.opened"))
    opened = [(f.envelope.device, there(f.payload)) for f in desk.journal.facts("incident.opened")]
    assert [(device, said["confirmed"]) for device, said in opened] == [(hub.office.store.node, False)]


def test_an_alarm_that_waits_at_a_hub_is_tried_again_within_seconds_and_what_can_wait_is_not(city: City) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    kiosk = city.join(hub)
    line = hub.hub_line
    until(lambda: not line.upstream.pending())
    there(line._scheduler).pause()  # this test ticks
    city.stop("district")
    sync, longest = line.sync, 1.0
    sync._chance = lambda: longest
    for kind, cap in (("passage.recorded", BACKOFF_CAP_S), ("incident.opened", URGENT_CAP_S)):
        kiosk.journal.append(kind, {}, subject="p1")
        kiosk.client.round()
        for _ in range(10):
            sync.poke()
            sync.tick()
        assert sync.status.link is Link.UNREACHABLE
        assert sync._wait == cap * 1000
