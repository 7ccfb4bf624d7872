"""What a server finds wrong with its own facts is told: figures, the operator's `status`, and an incident for people."""

import pytest

from district.hubs.findings import Findings
from district.hubs.patrol import Patrol
from district.ledger import StoreLedger
from district.operator import commands
from domain.errors import Mendable
from domain.incident_kinds import Kind
from offline.journal.chain import ALTERED
from tests.district_api.damage import evidence, items, spoil
from tests.district_api.told_findings import ALTER, figure, one_altered, raised, steps
from tests.fakes.city import City, facts_of
from tests.fakes.serving import Serving
from tests.fakes.there import there
from tests.fakes.waiting import until


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
    district, kiosk = one_altered(city)
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


def test_a_payload_whose_salt_is_gone_is_altered_and_comes_again_whole(city: City) -> None:
    district, kiosk = one_altered(
        city,
        "UPDATE payloads SET salt = NULL WHERE fact IN (SELECT row FROM facts WHERE kind = 'passage.recorded' AND seq = 2)",
    )
    assert [copy.seq for copy in district.office.patrol.harmed] == [2]
    for n in (4, 5):
        kiosk.journal.append("passage.recorded", {"n": n})
        kiosk.client.round()
    assert district.office.patrol.harmed == []
    (mended,) = [i for i in items(district, "jinxiu") if i.event.kind == "passage.recorded" and i.event.seq == 2]
    assert mended.event.payload is not None
    assert mended.event.payload_matches()


def test_after_a_restart_nothing_is_called_whole_before_all_has_been_looked_at(city: City) -> None:
    district, _ = one_altered(city)
    office = district.office
    patrol = Patrol(office.store, office.registry)
    again = Findings(office.store, office.registry, patrol, None, "district", office.now_ms)
    patrol.walk(1)
    again.tell()
    assert len(facts_of(district, "gateway.records")) == 1
    patrol.walk()
    again.tell()
    assert len(facts_of(district, "gateway.records")) == 1, "known, and told before"


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
