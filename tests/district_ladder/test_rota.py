"""Who is called: shifts, leave, holes; and what those who are called are told of the elder."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from district.ledger import StoreLedger
from district.people.accounts import Accounts
from district.people.audit import Audit
from district.people.coverage import CHECKED, Coverage, coverage
from district.people.rota import AccountDirectory, AccountRota
from district.reaching.channels import Outcome, Result
from district.reaching.dead_ends import NO_CONSENT, DeadEnds
from district.reaching.handovers import Handovers
from district.scope import DeviceRole
from district.store.devices import Device
from district.store.registry import Code, Registry
from district.store.sqlite import SqliteStore
from domain.events import to_ms
from domain.incident_kinds import Level
from domain.people import Profile, Role
from domain.subjects import of_gate, of_gateway, of_stray
from offline.keys.identity import Identity, b64
from offline.keys.keystore import Keystore
from offline.keys.seal import seal
from offline.letters.notes import seal_note
from tests.fakes.spoiling import spoil
from watch.rotas import ROTA_SET, Rotas, rota_of

HERE = "jinxiu"
MONDAY = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)  # Monday 00:00 in Shanghai
HOUR = timedelta(hours=1)


class Town:
    """Accounts, a rota and a store in one folder."""

    def __init__(self, folder: Path) -> None:
        self.store = SqliteStore(folder / "district.sqlite", "district", lambda: to_ms(MONDAY))
        identity = Identity.load_or_create(folder / "identity.json")
        self.keys = Keystore(folder / "keys.sqlite", bytes(32))
        self.accounts = Accounts(self.store, Audit(self.store, identity), bytes(32))
        self.ledger = StoreLedger(self.store)
        self.rota = AccountRota(self.accounts, Rotas())

    def person(self, login: str, role: Role, phone: str = "sms") -> str:
        addresses = ((phone, "1380000"),) if phone else ()
        return self.accounts.invite(login, login, {HERE: frozenset({role})}, 0, "system", addresses=addresses)[0].person

    def draw(self, *shifts: dict[str, Any], absent: tuple[dict[str, Any], ...] = ()) -> None:
        told = {"zone": "Asia/Shanghai", "shifts": list(shifts), "absent": list(absent)}
        self.rota.rotas.heed(self.ledger.add(ROTA_SET, told, HERE, None, to_ms(MONDAY)))

    def called(self, word: str, hours: float) -> list[str]:
        return list(self.rota.on_call(word, HERE, "p1", MONDAY + hours * HOUR))


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    found = Town(tmp_path)
    yield found
    found.keys.close()
    found.store.close()


def test_without_shifts_everybody_with_the_role_is_called(town: Town) -> None:
    ann, bo = town.person("ann", Role.CAREGIVER), town.person("bob", Role.CAREGIVER)
    town.person("gus", Role.GATE_STAFF)
    assert sorted(town.called("level:0", 3)) == sorted([ann, bo])


def test_with_shifts_only_whoever_is_on_duty_and_not_on_leave(town: Town) -> None:
    ann, bo = town.person("ann", Role.CAREGIVER), town.person("bob", Role.CAREGIVER)
    day = {"person": ann, "level": 0, "start": "08:00", "end": "20:00"}
    night = {"person": bo, "level": 0, "start": "20:00", "end": "08:00"}
    leave = {"person": ann, "start": to_ms(MONDAY + 24 * HOUR), "end": to_ms(MONDAY + 48 * HOUR)}
    town.draw(day, night, absent=(leave,))
    assert town.called("level:0", 9) == [ann]
    assert town.called("level:0", 3) == [bo]
    assert town.rota.on_leave(ann, HERE, MONDAY + 33 * HOUR)
    assert not town.rota.on_leave(ann, HERE, MONDAY + 9 * HOUR)
    assert town.called("level:0", 33) == []  # Tuesday 09:00: a hole, so the next level is called at once


def test_a_named_roster_calls_its_own_shifts(town: Town) -> None:
    gus = town.person("gus", Role.GATE_STAFF)
    town.draw({"person": gus, "name": "technicians", "start": "08:00", "end": "18:00", "weekdays": [0, 1, 2, 3, 4]})
    assert town.called("roster:technicians", 9) == [gus]
    assert town.called("roster:technicians", 20) == []
    assert town.called("roster:technicians", 5 * 24 + 9) == []  # Saturday


def test_on_a_public_holiday_those_of_the_weekend_are_called(town: Town) -> None:
    ann, bo = town.person("ann", Role.CAREGIVER), town.person("bob", Role.CAREGIVER)
    town.rota = AccountRota(town.accounts, Rotas({date(2026, 11, 24)}))
    town.draw({"person": ann, "level": 0, "weekdays": [0, 1, 2, 3, 4]}, {"person": bo, "level": 0, "weekdays": [5, 6]})
    assert town.called("level:0", 9) == [ann]
    assert town.called("level:0", 24 + 9) == [bo]
    assert [h.level for h in coverage(town.rota, HERE, MONDAY) if h.level == 0] == []


def test_somebody_whose_account_ended_is_not_called_from_an_old_rota(town: Town) -> None:
    ann = town.person("ann", Role.CAREGIVER)
    town.draw({"person": ann, "level": 0})
    town.accounts.change(ann, 1, "system", disabled=True)
    assert town.called("level:0", 3) == []


def test_a_hole_at_the_last_level_calls_everybody_there_for_nobody_stands_beyond(town: Town) -> None:
    sue = town.person("sue", Role.SUPERVISOR)
    town.draw({"person": sue, "level": 3, "start": "08:00", "end": "18:00"})
    assert town.called("level:3", 3) == [sue]


def test_the_week_is_proved_hour_by_hour_and_a_hole_is_a_fact_before_it_matters(town: Town) -> None:
    ann = town.person("ann", Role.CAREGIVER)
    sue = town.person("sue", Role.SUPERVISOR)
    town.draw({"person": ann, "level": 0, "start": "08:00", "end": "00:00"})
    found = coverage(town.rota, HERE, MONDAY)
    assert {h.level for h in found} == {Level.HOME}
    assert [(h.start - MONDAY, h.end - MONDAY) for h in found[:2]] == [(0 * HOUR, 8 * HOUR), (24 * HOUR, 32 * HOUR)]
    proof = Coverage(town.ledger, town.store, town.rota)
    handovers = Handovers(town.store, "run")
    assert proof.check([HERE], MONDAY) == len(found) == 7
    (fact,) = town.ledger.told((CHECKED,))
    assert fact.payload["holes"][0] == {"level": 0, "start": to_ms(MONDAY), "end": to_ms(MONDAY + 8 * HOUR)}
    told = handovers.claim(to_ms(MONDAY))
    assert {(n.person, n.act, n.level) for n in told} == {(sue, "rota_hole", 0)}
    assert [n.span[1] for n in told] == [to_ms(MONDAY + 8 * HOUR), to_ms(MONDAY + 32 * HOUR)]  # those of two days
    proof.check([HERE], MONDAY + HOUR)  # another Monday comes into sight, and Wednesday comes near
    assert [n.span[1] for n in handovers.claim(to_ms(MONDAY + HOUR))] == [to_ms(MONDAY + 56 * HOUR)]
    proof.check([HERE], MONDAY + 2 * HOUR)
    assert len(town.ledger.told((CHECKED,))) == 2  # said when it changes, and nobody is told twice
    assert handovers.claim(to_ms(MONDAY + 2 * HOUR)) == []


def test_of_a_new_rota_it_is_said_anew_what_is_open_even_where_that_is_the_same(town: Town) -> None:
    mute = town.person("mute", Role.CAREGIVER, phone="")
    proof = Coverage(town.ledger, town.store, town.rota)
    before = proof.check([HERE], MONDAY)
    town.draw({"person": mute, "level": 0})  # around the clock, and cannot be reached
    assert proof.check([HERE], MONDAY + timedelta(minutes=1)) == before
    assert len(town.ledger.told((CHECKED,))) == 2, "a desk would believe the shifts"


def test_whom_every_message_failed_for_good_covers_no_night_until_one_is_taken(town: Town) -> None:
    ann = town.person("ann", Role.CAREGIVER)
    town.person("sue", Role.SUPERVISOR)
    known = DeadEnds(town.store)
    town.rota.leads_on = known.leads_on

    def comes_of_it(result: Result, why: str = "", address: str = "1380000") -> set[Level]:
        known.heed(ann, "sms", address, Outcome(result, why), 1)
        town.rota.leads_on = DeadEnds(town.store).leads_on  # over a restart as well
        return {h.level for h in coverage(town.rota, HERE, MONDAY)}

    assert comes_of_it(Result.TRY_AGAIN, "http_503") == set()
    assert comes_of_it(Result.PERMANENT, NO_CONSENT) == set()
    assert comes_of_it(Result.PERMANENT, "code_21211", address="1390000") == set(), "the number they had before"
    assert comes_of_it(Result.PERMANENT, "code_21211") == {Level.HOME}
    assert comes_of_it(Result.PERMANENT, "code_21211") == {Level.HOME}
    assert comes_of_it(Result.SENT) == set()


def test_a_channel_that_this_server_no_longer_has_reaches_nobody(town: Town) -> None:
    town.person("ann", Role.CAREGIVER)
    town.person("sue", Role.SUPERVISOR, phone="mail")
    town.rota = AccountRota(town.accounts, Rotas(), {"mail"})
    assert {h.level for h in coverage(town.rota, HERE, MONDAY)} == {Level.HOME}


def test_somebody_with_a_desk_and_no_telephone_covers_no_night(town: Town) -> None:
    town.person("ann", Role.CAREGIVER, phone="")
    town.person("sue", Role.SUPERVISOR)
    assert {h.level for h in coverage(town.rota, HERE, MONDAY)} == {Level.HOME}


def test_an_unreadable_shift_is_left_out_and_never_the_rota() -> None:
    rota = rota_of(
        {"shifts": [{"person": "a"}, {"person": "b", "level": 1, "start": "25:00"}, {"person": "c", "level": 2}]}
    )
    assert [s.person for s in rota.shifts] == ["c"]
    assert rota_of({"shifts": 3, "absent": None, "zone": "Atlantis"}).zone == "Asia/Shanghai"


def test_responders_are_told_the_way_in_and_where_it_is_from_the_sealed_plan(town: Town) -> None:
    profile = Profile("王", "秀兰", flat="3-2-501", phone="138")
    sealed = seal(town.keys.create("p1"), json.dumps(asdict(profile)).encode(), b"profile|p1")
    town.ledger.add("person.registered", {"profile": b64(sealed), "revision": 1}, HERE, "p1", 1)
    told = {"medical_note": "on warfarin", "door_access": "key at 3-2-502", "position": "39.9998 116.3206"}
    plan = {"revision": 2, **{name: seal_note(town.keys, "p1", words) for name, words in told.items()}}
    town.ledger.add("careplan.set", plan, HERE, "p1", 2)
    town.ledger.add("careplan.set", {"revision": 1}, HERE, "p1", 3)  # late, and older
    found = AccountDirectory(town.accounts, town.store, town.keys, "Asia/Shanghai").describe("p1")
    assert (found.who, found.place, found.phone) == ("王秀兰", "3-2-501", "138")
    assert (found.door_access, found.medical_note) == ("key at 3-2-502", "on warfarin")
    assert found.position == (39.9998, 116.3206)
    assert found.key_holders == ()


def test_responders_are_told_who_has_a_key_and_their_number(town: Town) -> None:
    """Whoever is called at night sits at no desk, which alone had shown it."""
    for person, profile in (
        ("p1", Profile("王", "秀兰")), ("son", Profile("王", "强", phone="139")), ("old", Profile("李", "四", phone="137")),
    ):  # fmt: skip
        sealed = seal(town.keys.create(person), json.dumps(asdict(profile)).encode(), f"profile|{person}".encode())
        town.ledger.add("person.registered", {"profile": b64(sealed), "revision": 1}, HERE, person, 1)
    holders = [{"person_id": p, "relation": "son", "has_key": p != "old"} for p in ("son", "old", "erased")]
    town.ledger.add("careplan.set", {"revision": 1, "contacts": holders}, HERE, "p1", 2)
    found = AccountDirectory(town.accounts, town.store, town.keys, "Asia/Shanghai").describe("p1")
    assert found.key_holders == ("王强 139",)


def test_whoever_goes_is_told_what_can_still_be_read_where_rows_were_altered(town: Town) -> None:
    keys, directory = town.keys, AccountDirectory(town.accounts, town.store, town.keys, "Asia/Shanghai", ["sms"])
    for revision, phone in enumerate(("138", "139"), 1):
        profile = json.dumps(asdict(Profile("王", "秀兰", phone=phone))).encode()
        sealed = b64(seal(keys.create("p1"), profile, b"profile|p1"))
        town.ledger.add("person.registered", {"profile": sealed, "revision": revision}, HERE, "p1", revision)
        plan = {"revision": 1, "medical_note": seal_note(keys, "p1", f"note {revision}")}
        town.ledger.add("careplan.set", plan, HERE, "p1", revision)
    assert directory.describe("p1").medical_note == "note 2"
    newest = "SELECT max(row) FROM facts GROUP BY kind"
    spoil(town.store, f"UPDATE payloads SET body = salt WHERE fact IN ({newest})")
    found = directory.describe("p1")
    assert (found.who, found.phone, found.medical_note) == ("王秀兰", "138", "note 1")
    assert directory.recipient("p1") is not None, "and the elder is still asked"
    spoil(town.store, "UPDATE payloads SET body = salt")
    assert directory.describe("p1").who == "p1"


def test_what_is_no_person_is_told_by_its_own_name(town: Town) -> None:
    directory = AccountDirectory(town.accounts, town.store, town.keys, "Asia/Shanghai")
    registry = Registry(town.store)
    registry.put_code("code", Code(DeviceRole.KIOSK, HERE, False, 2))
    registry.enrol("code", Device("v1", DeviceRole.KIOSK, "South gate", (), False, "", "", 1, 1, 0), 1)
    for subject in ("v1", of_gate("South gate"), of_gateway(HERE, "South gate"), of_stray(HERE, "South gate")):
        assert directory.describe(subject).who == "South gate"


def test_everybody_can_be_told_on_their_desktop(town: Town) -> None:
    ann = town.person("ann", Role.CAREGIVER)
    to = AccountDirectory(town.accounts, town.store, town.keys, "Asia/Shanghai").recipient(ann)
    assert to is not None
    assert [channel for channel, _ in to.addresses] == ["desktop", "sms"]


@pytest.mark.parametrize(
    ("plan", "language"),
    [
        ({}, "en"),
        ({"messages_in": ""}, "en"),
        ({"messages_in": "zh"}, "zh"),
        ({"language": "zh"}, "en"),
        ({"messages_in": "yue"}, "zh"),
        ({"messages_in": "en-GB"}, "en"),
    ],
    ids=[
        "no word of it",
        "as registered",
        "chosen",
        "written by desks that asked nobody",
        "one without words",
        "a near one",
    ],
)
def test_an_elder_is_written_to_in_the_language_that_was_chosen_or_as_they_are_registered(
    town: Town, plan: dict[str, str], language: str
) -> None:
    profile = Profile("Zhang", "Xiulan", flat="3-2-501", phone="138", language="en")
    sealed = seal(town.keys.create("p1"), json.dumps(asdict(profile)).encode(), b"profile|p1")
    town.ledger.add("person.registered", {"profile": b64(sealed), "revision": 1}, HERE, "p1", 1)
    town.ledger.add("careplan.set", {"revision": 1, **plan}, HERE, "p1", 2)
    to = AccountDirectory(town.accounts, town.store, town.keys, "Asia/Shanghai", ["sms"]).recipient("p1")
    assert to is not None
    assert to.language == language
