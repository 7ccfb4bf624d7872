"""Two versions of one fact, at a hub and above it: both are kept, a person is asked, and the one that is told to gives way."""

import pytest

from district.operator import commands
from domain.errors import Mendable
from tests.district_api.damage import evidence, items, spoil
from tests.district_api.told_findings import figure, raised, rewrite, steps
from tests.fakes.city import City, facts_of
from tests.fakes.serving import Serving
from tests.fakes.waiting import until


def test_a_fact_from_above_that_was_rewritten_at_a_hub_gives_way_and_somebody_is_told(city: City) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    above = city.join(district)
    above.journal.append("passage.recorded", {"n": 1})
    above.client.round()
    until(lambda: facts_of(hub, "passage.recorded"))
    before = [i for i in items(hub, "jinxiu") if i.event.kind == "passage.recorded"]
    rewrite(hub, 1, "p-forged")
    assert hub.office.patrol.walk() == 0, "it fits its own hash"
    hub.compare_again()
    until(lambda: [i for i in items(hub, "jinxiu") if i.event.kind == "passage.recorded"] == before)
    assert evidence(hub) == 1
    hub.office.look_over()
    until(lambda: raised(district, "hub"))
    (opened,) = steps(district, "hub")
    assert (opened["given_way"], opened["altered"], opened["differing"]) == (1, 0, 0)


def test_two_sound_copies_of_what_a_hub_handed_up_are_both_kept_and_a_person_is_asked(city: City) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    kiosk = city.join(hub)
    kiosk.journal.append("passage.recorded", {"n": 1})
    kiosk.client.round()
    until(lambda: facts_of(district, "passage.recorded"))
    ours = facts_of(hub, "passage.recorded")
    rewrite(district, 1, "p-forged")
    theirs = facts_of(district, "passage.recorded")
    assert theirs != ours
    hub.compare_again()
    until(lambda: hub.office.findings.standing()["differing"])
    assert (facts_of(hub, "passage.recorded"), facts_of(district, "passage.recorded")) == (ours, theirs)
    assert figure(hub, "facts_differing") == 1
    hub.office.look_over()
    until(lambda: raised(district, "hub"))
    (opened,) = steps(district, "hub")
    assert (opened["differing"], opened["which"]) == (1, [f"{kiosk.journal.device} 1/1"])
    hub.office.look_over()
    assert len(facts_of(hub, "gateway.records")) == 1

    spoil(district, *(  # put right by hand
        f"UPDATE facts SET subject = NULL, hash = x'{h}' WHERE device = '{d}'" for d, _, _, h in ours
    ))  # fmt: skip
    district.office.look_over()
    hub.compare_again()
    until(lambda: not hub.office.findings.standing()["differing"])
    hub.office.look_over()
    until(lambda: steps(district, "hub")[-1].get("reason") == "records_whole")


def two_copies(city: City) -> tuple[Serving, Serving, dict[str, object]]:
    """A district, a hub, and the number of a fact of which both hold another version."""
    district = city.serve("district")
    hub = city.hub("hub", district)
    kiosk = city.join(hub)
    kiosk.journal.append_all([("passage.recorded", {"n": n}, None, None, None) for n in range(3)])
    kiosk.client.round()
    until(lambda: len(facts_of(district, "passage.recorded")) == 3)
    rewrite(district, 2, "p-forged")
    hub.compare_again()
    until(lambda: hub.office.findings.standing()["differing"])
    return district, hub, {"device": kiosk.journal.device, "epoch": 1, "seq": 2}


def settled(*servers: Serving) -> bool:
    return not any(any(server.office.findings.standing().values()) for server in servers)


def test_an_operator_who_has_looked_at_both_lets_the_copy_of_the_hub_give_way_to_the_one_above(city: City) -> None:
    district, hub, number = two_copies(city)
    theirs = facts_of(district, "passage.recorded")
    (told,) = commands.perform(hub.office, "records", {})["records"]
    shown = [commands.perform(each.office, "records_show", number) for each in (hub, district)]
    assert [each["hash"] for each in shown] == [told["here"], told["above"]]
    assert [each["sound"] for each in shown] == [True, True]
    assert [each["subject"] for each in shown] == [None, "p-forged"]
    commands.perform(hub.office, "records_give_way", number)
    until(lambda: facts_of(hub, "passage.recorded") == theirs)
    until(lambda: settled(hub, district))
    assert evidence(hub) == 1
    assert commands.perform(hub.office, "records", {})["records"] == []
    actions = [line.action for line in hub.office.audit.lines()]
    assert actions[-2:] == ["record.seen", "record.gives_way"]
    hub.compare_again()
    until(lambda: not hub.hub_line.upstream.drift.unmended)


def test_the_copy_of_the_district_gives_way_to_the_hubs_after_a_restart_as_well(city: City) -> None:
    district, hub, number = two_copies(city)
    ours, port = facts_of(hub, "passage.recorded"), int(district.url.rpartition(":")[2])
    commands.perform(district.office, "records_give_way", number)
    assert facts_of(district, "passage.recorded") != ours, "it stands until the other one has come"
    city.stop("district")
    district = city.serve("district", port=port)
    assert district.office.findings.standing()["giving_way"] == 1
    commands.perform(hub.office, "records_compare", {})
    until(lambda: facts_of(district, "passage.recorded") == ours)
    assert evidence(district) == 1
    commands.perform(hub.office, "records_compare", {})
    until(lambda: settled(hub, district))
    hub.office.look_over()
    assert facts_of(district, "passage.recorded") == facts_of(hub, "passage.recorded") == ours


def test_a_copy_that_was_told_to_give_way_by_mistake_counts_again(city: City) -> None:
    district, hub, number = two_copies(city)
    before = facts_of(district, "passage.recorded")
    commands.perform(district.office, "records_give_way", number)
    commands.perform(district.office, "records_keep", number)
    commands.perform(hub.office, "records_compare", {})
    assert settled(district)
    assert facts_of(district, "passage.recorded") == before
    for name, more, code in (
        ("records_keep", {}, "record_counts"),
        ("records_give_way", {"seq": 99}, "record_unknown"),
        ("records_show", {"device": "v0"}, "record_unknown"),
    ):
        with pytest.raises(Mendable, match=code):
            commands.perform(district.office, name, number | more)
