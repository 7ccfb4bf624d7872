"""What must vanish below a hub vanishes there, what was altered is whole again, and no backup brings the erased back."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from district.operator import commands
from district.store.own import is_sound_item
from district.upkeep import backup
from domain.errors import Mendable
from tests.district_api.damage import evidence, items, spoil
from tests.fakes.city import City, facts_of
from tests.fakes.serving import ZHAO, Serving, register
from tests.fakes.waiting import until


def readable(server: Serving, community: str) -> set[str]:
    """Ids of the facts of a community that still say something there."""
    return {i.event.id for i in items(server, community) if i.event.payload is not None}


def forgotten(server: Serving, people: Sequence[str]) -> bool:
    """Where they belong, and their keys."""
    return not server.office.registry.communities_of(people) and not any(map(server.office.keys.find, people))


def rescope(at: Serving, device: str, *communities: str) -> None:
    commands.perform(at.office, "scope", {"device": device, "communities": list(communities), "gate_log": False})


def device_of(hub: Serving) -> str:
    return hub.joined.device


def test_a_community_taken_from_a_hub_vanishes_two_hubs_down_and_comes_back_with_the_scope(city: City) -> None:
    district = city.serve("district")
    street = city.hub("street", district)
    rescope(district, device_of(street), "jinxiu", "yulan")
    until(lambda: street.joined.communities == ("jinxiu", "yulan"))
    low = city.hub("low", street, "yulan")
    kiosk, desk = city.join(low, community="yulan"), city.join(low, "caregiver", "yulan")
    above, other = city.join(district, community="yulan"), city.join(street)
    mine, theirs, stays = register(kiosk), register(above), register(other)
    for each in (kiosk, above, other):
        each.client.round()
    until(lambda: {i.event.subject for i in items(district, "yulan")} >= {mine, theirs})
    everything = until(
        lambda: (found := readable(district, "yulan")) == readable(street, "yulan") == readable(low, "yulan") and found
    )
    desk.until(lambda: set(desk.node.roster.profiles()) == {mine, theirs})
    envelopes = {i.hash for i in items(street, "yulan")}

    rescope(district, device_of(street), "jinxiu")
    until(lambda: not readable(street, "yulan") | readable(low, "yulan"))
    for hub in (street, low):
        assert {i.hash for i in items(hub, "yulan")} == envelopes
        assert all(map(is_sound_item, items(hub, "yulan"))), "the chain of envelopes can still be walked"
        until(partial(forgotten, hub, (mine, theirs)))
    assert street.office.keys.find(stays) is not None
    assert readable(street, "jinxiu")
    until(lambda: low.joined.communities == ())
    with pytest.raises(Mendable, match="community_elsewhere"):
        rescope(low, desk.journal.device, "yulan")
    desk.client.round()
    assert desk.node.roster.profiles() == {}
    assert desk.journal.broken() == []
    assert readable(district, "yulan") == everything

    rescope(district, device_of(street), "jinxiu", "yulan")
    until(lambda: readable(street, "yulan") == everything)
    until(lambda: "yulan" in street.joined.communities)
    rescope(street, device_of(low), "yulan")
    until(lambda: readable(low, "yulan") == everything)
    until(lambda: "yulan" in low.joined.communities)
    rescope(low, desk.journal.device, "yulan")
    desk.until(lambda: desk.node.roster.profile(theirs) == ZHAO)
    assert low.office.registry.communities_of([mine]) == {mine: {"yulan"}}


def test_the_erased_vanish_two_hubs_down_and_no_older_backup_brings_them_back(city: City, tmp_path: Path) -> None:
    district = city.serve("district")
    port = int(district.url.rpartition(":")[2])
    street = city.hub("street", district)
    street_port = int(street.url.rpartition(":")[2])
    low = city.hub("low", street)
    kiosk, desk = city.join(low), city.join(district, "caregiver")
    elder, other = register(kiosk), register(kiosk)
    for person in (elder, other):
        kiosk.journal.append("passage.recorded", {"outcome": "identified"}, subject=person)
    kiosk.client.round()
    desk.until(lambda: len(desk.node.roster.profiles()) == 2)
    servers = {"district": district, "street": street, "low": low}
    for name in servers:
        backup.backup(tmp_path / name / "district.sqlite", tmp_path / f"{name}.saved")
    district.office.store.append_own("person.erased", "jinxiu", elder, district.office.now_ms(), {"by": "ann"})

    def told_of(server: Serving) -> set[str]:
        found = [i for i in items(server, "jinxiu") if i.event.payload is not None and i.event.kind != "person.erased"]
        return {i.event.subject for i in found if i.event.subject}

    until(lambda: all(told_of(s) == {other} for s in servers.values()))
    until(lambda: all(s.office.keys.find(elder) is None for s in servers.values()))
    kiosk.until(lambda: kiosk.node.roster.profile(elder) is None)

    for name in ("low", "street", "district"):
        city.stop(name)
        backup.restore(tmp_path / f"{name}.saved", tmp_path / name / "district.sqlite")
    back = city.serve("district", port=port)
    assert told_of(back) == {other}, "before anything is served"
    street = city.serve("street", back.url, port=street_port)
    low = city.serve("low", street.url)
    for server in (street, low):
        assert told_of(server) == {other}
        assert server.office.keys.find(elder) is None
        assert server.office.keys.find(other) is not None
    late = city.join(back)
    late.journal.append("passage.recorded", {"n": 1})
    late.client.round()
    until(lambda: facts_of(low, "passage.recorded") == facts_of(back, "passage.recorded"), 40)
    assert all(told_of(s) == {other} for s in (back, street, low))


def test_a_fact_altered_at_a_hub_is_whole_again_whether_it_came_from_above_or_from_below(city: City) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    below, above = city.join(hub), city.join(district)
    for each in (below, above):
        each.journal.append("passage.recorded", {"n": 1})
        each.journal.append("passage.recorded", {"n": 2})
        each.client.round()
    whole = until(lambda: len(found := facts_of(district, "passage.recorded")) == 4 and found)
    until(lambda: facts_of(hub, "passage.recorded") == whole)
    before = items(hub, "jinxiu")
    spoil(hub, "UPDATE facts SET at = at + 60000 WHERE kind = 'passage.recorded' AND seq = 2")
    assert hub.office.patrol.walk() == 2
    hub.compare_again()
    until(lambda: items(hub, "jinxiu") == before)
    assert evidence(hub) == 2
    assert hub.office.patrol.harmed == []
    hub.compare_again()
    until(lambda: not hub.hub_line.upstream.drift.unmended)


def test_a_hubs_fact_altered_or_gone_at_the_district_is_sent_again_from_below(city: City) -> None:
    district = city.serve("district")
    street = city.hub("street", district)
    low = city.hub("low", street)
    kiosk = city.join(low)
    kiosk.journal.append_all([("passage.recorded", {"n": n}, None, None, None) for n in range(6)])
    kiosk.client.round()
    whole = until(lambda: len(found := facts_of(district, "passage.recorded")) == 6 and found)
    before = {i.event.seq: i for i in items(district, "jinxiu")}
    spoil(
        district,
        "UPDATE facts SET subject = 'p-somebody-else' WHERE kind = 'passage.recorded' AND seq = 2",
        "UPDATE payloads SET body = salt WHERE fact = (SELECT row FROM facts WHERE kind = 'passage.recorded' AND seq = 4)",
        "DELETE FROM payloads WHERE fact = (SELECT row FROM facts WHERE kind = 'passage.recorded' AND seq = 5)",
        "DELETE FROM facts WHERE kind = 'passage.recorded' AND seq = 5",
    )
    assert facts_of(district, "passage.recorded") != whole
    assert district.office.patrol.walk() == 2
    street.compare_again()
    until(lambda: district.office.patrol.harmed == [] and facts_of(district, "passage.recorded") == whole)
    now = {i.event.seq: i for i in items(district, "jinxiu")}
    assert {n: i.event for n, i in now.items()} == {n: i.event for n, i in before.items()}
    assert (now[2], now[4]) == (before[2], before[4]), "in their places"
    assert evidence(district) == 2
    street.compare_again()
    until(lambda: not street.hub_line.upstream.drift.unmended)


def test_a_gates_own_fact_altered_at_the_district_is_asked_for_again_and_nobody_takes_it_meanwhile(city: City) -> None:
    district = city.serve("district")
    kiosk, desk = city.join(district), city.join(district, "caregiver")
    elder = register(kiosk)
    kiosk.client.round()
    before = items(district, "jinxiu")
    spoil(district, "UPDATE facts SET subject = 'p-somebody-else' WHERE kind = 'person.registered'")
    spoil(
        district,
        "UPDATE payloads SET body = salt WHERE fact = (SELECT row FROM facts WHERE kind = 'consent.given' LIMIT 1)",
    )
    desk.client.round()
    assert desk.node.roster.profiles() == {}
    assert len(desk.journal.facts()) == len(before) - 2, "the rest is not held up by what nobody can read"
    assert district.office.patrol.walk() == 2
    kiosk.journal.append("passage.recorded", {"n": 1})
    kiosk.client.round()
    assert items(district, "jinxiu")[: len(before)] == before
    assert evidence(district) == 2
    assert kiosk.journal.pending() == 0
    desk.compare_again()
    for _ in range(3):
        desk.client.round()
    assert desk.node.roster.profile(elder) == ZHAO
