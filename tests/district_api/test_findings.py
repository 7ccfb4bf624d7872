"""What a server finds wrong with its own facts is told: figures, the operator's `status`, and an incident for people."""

import pytest
from prometheus_client import generate_latest

from district.hubs.findings import Findings
from district.hubs.patrol import Patrol
from district.ledger import StoreLedger
from district.operator import commands
from district.store.own import feed_item
from district.store.port import COLUMNS
from domain.errors import Mendable
from domain.incident import Incident
from domain.incident_kinds import Kind
from domain.subjects import of_gateway
from offline.chain import ALTERED
from tests.district_api.test_hubs_keep_faith import compares, evidence, items, spoil
from tests.fakes.city import City, facts_of
from tests.fakes.serving import Serving
from tests.fakes.there import there
from tests.fakes.waiting import until

ALTER = "UPDATE facts SET at = at + 60000 WHERE kind = 'passage.recorded' AND seq = {}"


def raised(district: Serving, name: str) -> list[Incident]:
    """Incidents of a server's records."""
    cases = district.office.nightwatch.watch.cases
    return cases.of(of_gateway("jinxiu", f"server/{name}"), district.office.now())


def steps(district: Serving, name: str) -> list[dict[str, object]]:
    subject = of_gateway("jinxiu", f"server/{name}")
    told = district.office.nightwatch._around.ledger.about(subject, ("incident.opened", "incident.evidence"))
    return [dict(fact.payload) for fact in told]


def figure(server: Serving, name: str) -> float:
    lines = generate_latest(server.office.metrics.registry).decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(name + " "))


def test_an_altered_fact_is_an_incident_with_its_number_until_it_is_whole_again(city: City) -> None:
    district = city.serve("district")
    kiosk = city.join(district)
    kiosk.journal.append_all([("passage.recorded", {"n": n}, None, None, None) for n in range(4)])
    kiosk.client.round()
    district.office.look_over()
    assert figure(district, "facts_altered") == 0
    assert raised(district, "district") == []
    spoil(district, ALTER.format(2))
    district.office.look_over()
    until(lambda: raised(district, "district"))
    (incident,) = raised(district, "district")
    assert (incident.kind, incident.open) == (Kind.RECORDS_ALTERED, True)
    (opened,) = steps(district, "district")
    assert (opened["altered"], opened["differing"], opened["place"]) == (1, 0, "district")
    assert opened["which"] == [f"{kiosk.journal.device} 1/2"]
    assert figure(district, "facts_altered") == 1
    assert commands.perform(district.office, "status", {})["altered"] == 1
    district.office.look_over()
    assert len(facts_of(district, "gateway.records")) == 1, "said once"

    spoil(district, ALTER.format(3))
    district.office.look_over()
    until(lambda: len(steps(district, "district")) == 2)
    assert len(raised(district, "district")) == 1, "more of it is the same incident"

    for n in (4, 5):  # what was altered is asked for again with the next answer
        kiosk.journal.append("passage.recorded", {"n": n})
        kiosk.client.round()
    assert figure(district, "facts_altered") == 0
    assert figure(district, "facts_mended") == 2
    district.office.look_over()
    until(lambda: steps(district, "district")[-1].get("reason") == "records_whole")
    assert raised(district, "district")[0].open, "a person closes it"


OWN = "UPDATE facts SET at = at + {} WHERE kind = 'config.set'"


def own_altered(city: City) -> tuple[Serving, dict[str, object]]:
    """A district one of whose own facts has been altered, which nobody else has, and that fact's number."""
    district = city.serve("district")
    item = district.office.store.append_own("config.set", "jinxiu", None, 1, {"n": 1})
    spoil(district, OWN.format(60_000))
    district.office.look_over()
    until(lambda: raised(district, "district"))
    return district, {"device": item.device, "epoch": item.epoch, "seq": item.event.seq}


def test_what_nobody_has_whole_is_settled_by_somebody_who_has_looked(city: City) -> None:
    district, number = own_altered(city)
    office = district.office
    assert [r["state"] for r in commands.perform(office, "records", {})["records"]] == ["altered"]
    commands.perform(office, "records_settle", {**number, "because": "no_copy"})
    (row,) = commands.perform(office, "records", {})["records"]
    assert (row["state"], row["because"]) == ("settled", "no_copy")
    told = commands.perform(office, "status", {})
    assert (told["altered"], told["settled"], figure(district, "facts_altered")) == (0, 1, 0)
    (line,) = office.audit.lines(action="record.settled")
    assert '"because": "no_copy"' in line.detail
    office.look_over()
    until(lambda: steps(district, "district")[-1].get("reason") == "records_settled")
    assert steps(district, "district")[-1]["settled"] == 1
    assert raised(district, "district")[0].open, "a person closes it"

    assert [i for i in items(district, "jinxiu") if i.event.kind == "config.set"], "it stays where it is"
    restarted = Patrol(office.store, office.registry)
    assert restarted.walk() == 1
    assert restarted.harmed, "and counts for nothing, whoever settled it"
    assert restarted.unsettled == []
    spoil(district, "UPDATE payloads SET salt = NULL, body = NULL")
    office.look_over()
    assert office.patrol.unsettled == [], "its payload has served its time"
    spoil(district, OWN.format(1))
    office.look_over()
    assert len(office.patrol.unsettled) == 1, "what changes once more has not been looked at"


def test_a_settled_fact_gives_way_to_a_whole_one_that_comes_after_all(city: City) -> None:
    district = city.serve("district")
    kiosk = city.join(district)
    kiosk.journal.append_all([("passage.recorded", {"n": n}, None, None, None) for n in range(4)])
    kiosk.client.round()
    spoil(district, ALTER.format(2))
    district.office.look_over()
    number = {"device": kiosk.journal.device, "epoch": 1, "seq": 2}
    commands.perform(district.office, "records_settle", {**number, "because": "no_matter"})
    for n in (4, 5):
        kiosk.journal.append("passage.recorded", {"n": n})
        kiosk.client.round()
    assert commands.perform(district.office, "records", {})["records"] == []
    assert evidence(district) == 1
    with pytest.raises(Mendable) as sound:
        commands.perform(district.office, "records_settle", {**number, "because": "no_copy"})
    assert sound.value.code == "record_sound"


def test_an_altered_sign_of_life_is_no_all_clear_for_the_rules(city: City) -> None:
    district = city.serve("district")
    kiosk = city.join(district)
    kiosk.journal.append_all([("sign.motion", {"n": n}, "p1", None, None) for n in range(2)])
    kiosk.client.round()
    spoil(district, "UPDATE facts SET at = at + 60000 WHERE kind = 'sign.motion' AND seq = 2")
    district.office.look_over()
    ledger = StoreLedger(district.office.store)
    assert [seen.trusted for seen in ledger.about("p1", ("sign.motion",))] == [True, False]
    assert [seen.trusted for seen in ledger.since("")[0] if seen.kind == "sign.motion"] == [True, False]


@pytest.mark.parametrize(
    "harm",
    [
        "kind = CAST(x'706173736167ff' AS TEXT)", "subject = CAST(x'c3' AS TEXT)", "clock = 'no clock'", "digest = 'words'",
        "hash = 'words'",
    ],
)  # fmt: skip
def test_a_row_whose_bytes_are_no_words_any_more_keeps_no_other_from_its_readers(city: City, harm: str) -> None:
    district = city.serve("district")
    kiosk, desk = city.join(district), city.join(district, "caregiver", gate_log=True)
    kiosk.journal.append_all([("passage.recorded", {"n": n}, None, None, None) for n in range(4)])
    kiosk.client.round()
    spoil(district, f"UPDATE facts SET {harm} WHERE seq = 2 AND device = '{kiosk.journal.device}'")
    desk.client.round()
    assert {f.envelope.seq for f in desk.journal.facts("passage.recorded")} == {1, 3, 4}
    district.office.look_over()
    assert [copy.seq for copy in district.office.patrol.harmed] == [2]
    for n in (4, 5):
        kiosk.journal.append("passage.recorded", {"n": n})
        kiosk.client.round()
    assert district.office.patrol.harmed == []
    assert {i.event.seq for i in items(district, "jinxiu") if i.event.kind == "passage.recorded"} == set(range(1, 7))


def test_after_a_restart_nothing_is_called_whole_before_all_has_been_looked_at(city: City) -> None:
    district = city.serve("district")
    kiosk = city.join(district)
    kiosk.journal.append_all([("passage.recorded", {"n": n}, None, None, None) for n in range(4)])
    kiosk.client.round()
    spoil(district, ALTER.format(2))
    district.office.look_over()
    office = district.office
    patrol = Patrol(office.store, office.registry)
    again = Findings(office.store, office.registry, patrol, None, "district", office.now_ms)
    patrol.walk(1)
    again.tell()
    assert len(facts_of(district, "gateway.records")) == 1
    patrol.walk()
    again.tell()
    assert len(facts_of(district, "gateway.records")) == 1, "known, and told before"


def rewrite(server: Serving, seq: int, subject: str) -> None:
    """Somebody who knows how facts are hashed puts another person into one."""
    names = ", ".join(COLUMNS)
    query = f"SELECT {names} FROM facts WHERE kind = 'passage.recorded' AND seq = ?"
    (row,) = server.office.store.read_within(("jinxiu",), query, (seq,))
    told = list(row)
    told[COLUMNS.index("subject")] = subject
    item = feed_item(0, tuple(told), None, None)
    forged = item.event.envelope(item.device, item.epoch).content_hash()
    spoil(
        server,
        f"UPDATE facts SET subject = '{subject}', hash = x'{forged}' WHERE kind = 'passage.recorded' AND seq = {seq}",
    )


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
    compares(hub)
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
    compares(hub)
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
    compares(hub)
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
    compares(hub)
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
    compares(hub)
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


def test_a_gate_whose_own_record_was_altered_says_so_once_and_an_incident_names_it(city: City) -> None:
    district = city.serve("district")
    kiosk = city.join(district)
    kiosk.journal.append_all([("passage.recorded", {"n": n}, None, None, None) for n in range(3)])
    kiosk.client.round()
    assert kiosk.journal.broken() == []
    with kiosk.journal._turns, kiosk.journal._writer.transaction():
        db = kiosk.journal._writer.db
        (told,) = db.execute("SELECT sql FROM sqlite_master WHERE name = 'facts_immutable'").fetchone()
        db.execute("DROP TRIGGER facts_immutable")
        db.execute("UPDATE facts SET at = at + 60000 WHERE seq = 2")
        db.execute(told)
    for _ in range(2):
        kiosk.compare_again()
        kiosk.client.round()
    kiosk.client.round()
    assert len(facts_of(district, ALTERED)) == 1
    cases, device = district.office.nightwatch.watch.cases, kiosk.journal.device
    (incident,) = until(lambda: cases.of(device, district.office.now()))
    assert (incident.kind, incident.open) == (Kind.RECORDS_ALTERED, True)
    (opened,) = district.office.nightwatch._around.ledger.about(device, ("incident.opened",))
    name = there(district.office.registry.device(device)).name
    assert (opened.payload["place"], opened.payload["altered"]) == (name, 1)
    assert opened.payload["which"] == [f"{device} 1/2"]
