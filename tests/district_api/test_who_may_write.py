"""Every kind of fact that takes a person, written in the name of every role: what is theirs is kept, the rest is put aside."""

import time
from collections.abc import Callable

import pytest

from district.people.sessions import LEASE_MS
from district.scope import AUTHORS, DeviceRole, may_write
from district.upkeep.quarantine import listed, replay
from domain.people import Role
from tests.fakes.serving import Joined, Serving
from tests.fakes.there import there
from watch.plans import REFUSED, SET

KINDS = {
    "config.rota_set": {"supervisor", "administrator"},
    "config.ladder_set": {"supervisor", "administrator"},
    "home.device_removed": {"supervisor", "administrator"},
    "person.blocked": {"gate_staff", "supervisor", "administrator"},
    "person.unblocked": {"gate_staff", "supervisor", "administrator"},
    "verdict.given": {"gate_staff", "supervisor", "administrator"},
    "margin.tightened": {"gate_staff", "supervisor", "administrator"},
    "incident.rejected": {"caregiver", "gate_staff", "supervisor", "administrator"},
    "incident.checked": {"caregiver", "gate_staff", "supervisor", "administrator"},
    "incident.closed": {"caregiver", "gate_staff", "supervisor", "administrator"},
    "incident.merged": {"supervisor", "administrator"},
    "incident.extended": {"supervisor", "administrator"},
    "incident.extension_declined": {"supervisor", "administrator"},
    "incident.lowered": {"supervisor", "administrator"},
    "incident.graded": {role.value for role in Role},  # which only ever raises
    "incident.evaluated": {"supervisor", "administrator"},
    "visit.recorded": {role.value for role in Role},
    "consent.withdrawn": {role.value for role in Role},
    "incident.acknowledged": {role.value for role in Role},
    "incident.on_scene": {role.value for role in Role},
}
PLANNERS = {"caregiver", "supervisor", "administrator"}
PASSWORD = "seven herons over the weir"
Join = Callable[..., Joined]


def account(district: Serving, login: str, role: Role, community: str = "jinxiu") -> str:
    accounts, now = district.office.accounts, district.office.now_ms()
    made, token = accounts.invite(login, login, {community: frozenset({role})}, now, "system")
    assert accounts.begin(token, PASSWORD, now)
    return made.person


def sits(desk: Joined, login: str) -> None:
    desk.client.round()  # the district's time, for the signature
    desk.node.line().sign_in(login, PASSWORD, "")


def write(desk: Joined, kind: str, by: str, subject: str | None = None, **more: object) -> int:
    payload = {"by": by, "purpose": "foreign_channel", "incident": "i1", **more}
    return desk.journal.append(kind, payload, subject=subject).envelope.seq


def kept(district: Serving, kind: str) -> set[str]:
    return {i.event.id for i in district.office.store.told([kind])}


def test_every_kind_is_covered_here() -> None:
    assert {begins for begins in AUTHORS if begins != "careplan.proposed"} == {
        begins for begins in AUTHORS for kind in KINDS if kind.startswith(begins)
    }


@pytest.mark.parametrize(
    ("kind", "writers"),
    [
        # desks seal secrets to what a gate says of itself
        ("config.gate_described", {DeviceRole.KIOSK, DeviceRole.HUB}),
        ("config.gate_removed", {DeviceRole.HUB}),
        ("config.ladder_set", {DeviceRole.CAREGIVER, DeviceRole.HUB}),
        ("config.staff_pin_set", set(DeviceRole)),
        ("template.held", {DeviceRole.KIOSK, DeviceRole.HUB}),
        ("person.card_ordered", {DeviceRole.HUB}),
        (
            "person.card_issued",
            {DeviceRole.KIOSK, DeviceRole.HUB},
        ),  # a desk reads digests, and could make a lost card good again
        ("person.pin_set", {DeviceRole.KIOSK, DeviceRole.HUB}),
        ("person.order_applied", {DeviceRole.KIOSK, DeviceRole.HUB}),
        ("person.card_revoked", {DeviceRole.CAREGIVER, DeviceRole.HUB}),  # of all gates alike
        ("person.pin_cleared", {DeviceRole.CAREGIVER, DeviceRole.HUB}),
        ("person.pass_revoked", {DeviceRole.CAREGIVER, DeviceRole.HUB}),
        ("person.unblocked", {DeviceRole.CAREGIVER, DeviceRole.HUB}),
        ("person.blocked", set(DeviceRole)),
        ("kiosk.silent", {DeviceRole.HUB}),
        ("gateway.silent", {DeviceRole.HUB}),
        ("consent.applied", {DeviceRole.HUB}),
        ("consent.withdrawn", set(DeviceRole)),
        ("careplan.proposed", {DeviceRole.CAREGIVER, DeviceRole.HUB}),
        ("careplan.set", set()),
        ("person.erased", set()),  # an order of two people, which the district has seen sign in
        ("audit.noted", set()),
        ("incident.opened", set(DeviceRole)),
        ("incident.closed", {DeviceRole.CAREGIVER, DeviceRole.HUB}),
        ("passage.recorded", set(DeviceRole)),
        ("visit.recorded", {DeviceRole.CAREGIVER, DeviceRole.HUB}),
    ],
)
def test_what_each_device_may_write_in_its_own_communities_and_nothing_elsewhere(
    kind: str, writers: set[DeviceRole]
) -> None:
    assert {role for role in DeviceRole if may_write(role, ("jinxiu",), kind, "jinxiu")} == writers
    assert not any(may_write(role, ("jinxiu",), kind, "yulan") for role in DeviceRole)


def test_what_a_role_may_not_write_is_put_aside_with_the_reason(district: Serving, join: Join) -> None:
    desk = join("caregiver", gate_log=True)
    wanted: dict[int, bool] = {}
    for role in Role:
        person = account(district, role.value.replace("_", "-"), role)
        sits(desk, role.value.replace("_", "-"))
        for n, (kind, roles) in enumerate(KINDS.items()):
            wanted[write(desk, kind, person, f"p-{role.value}-{n}")] = role.value in roles
    desk.client.round()
    aside = {row["seq"]: row["reason"] for row in listed(district.office)["quarantine"]}
    assert {seq: seq not in aside for seq in wanted} == wanted
    assert set(aside.values()) == {
        f"no_duty: {kind} in jinxiu is not among the duties of who wrote it"
        for kind, roles in KINDS.items() if len(roles) < len(Role)
    }  # fmt: skip
    assert desk.journal.pending() == 0, "what is put aside keeps nothing back"


def test_a_name_is_not_enough_who_is_named_must_have_signed_in_at_this_desk(district: Serving, join: Join) -> None:
    desk, elsewhere = join("caregiver"), join("caregiver")
    chief = account(district, "chief", Role.SUPERVISOR)
    stranger = account(district, "stranger", Role.SUPERVISOR, "yulan")
    sits(elsewhere, "chief")
    sits(desk, "stranger")
    for by in (chief, stranger, "desk", ""):
        write(desk, "config.rota_set", by)
    desk.client.round()
    assert kept(district, "config.rota_set") == set()
    reasons = [row["reason"] for row in listed(district.office)["quarantine"]]
    assert sorted(reasons) == [
        "no_account: config.rota_set names nobody with an account",
        "no_account: config.rota_set names nobody with an account",
        "no_duty: config.rota_set in jinxiu is not among the duties of who wrote it",
        "not_signed_in: who wrote config.rota_set has not signed in at this desk",
    ]  # fmt: skip
    sits(desk, "chief")
    assert replay(district.office)["kept"] == 1, "once they have, it can be taken after all"


HELP_COMES = ("incident.acknowledged", "incident.handling", "incident.on_scene", "incident.feedback")


def test_nobody_answers_an_alarm_at_a_desk_in_the_name_of_somebody_who_never_sat_there(
    district: Serving, join: Join
) -> None:
    """Whoever had taken a desk over could say that anybody at all was on the scene. Refused, people are only called more."""
    desk, elsewhere = join("caregiver"), join("caregiver")
    ann, bo = account(district, "ann", Role.CAREGIVER), account(district, "bo", Role.FAMILY, "yulan")
    sits(desk, "bo")
    sits(elsewhere, "ann")
    for kind in HELP_COMES:
        write(desk, kind, ann)
        write(desk, kind, bo)
        write(desk, kind, "system")
    desk.client.round()
    for kind in HELP_COMES:
        assert [i.event.payload and b"\"by\":\"" + bo.encode() in bytes(i.event.payload)
                for i in district.office.store.told([kind])] == [True], "in whatever role, and of whatever community"  # fmt: skip
    reasons = {row["reason"] for row in listed(district.office)["quarantine"]}
    assert reasons == {f"not_signed_in: who wrote {kind} has not signed in at this desk" for kind in HELP_COMES}
    sits(desk, "ann")
    write(desk, "incident.on_scene", ann)
    desk.client.round()
    assert len(kept(district, "incident.on_scene")) == 2


def test_where_nobody_signs_in_help_that_has_come_is_believed(district: Serving, join: Join) -> None:
    desk = join("caregiver")
    for kind in HELP_COMES:
        write(desk, kind, "whoever is on duty")
        desk.client.round()
        assert len(kept(district, kind)) == 1


def test_whose_account_has_ended_may_still_say_that_they_are_there(district: Serving, join: Join) -> None:
    desk = join("caregiver")
    ann = account(district, "ann", Role.CAREGIVER)
    sits(desk, "ann")
    district.office.accounts.change(ann, district.office.now_ms(), "system", disabled=True)
    write(desk, "incident.on_scene", ann)
    desk.client.round()
    assert len(kept(district, "incident.on_scene")) == 1


def test_a_seat_ends_with_the_lease_and_a_duty_with_the_account(district: Serving, join: Join) -> None:
    desk = join("caregiver")
    chief = account(district, "chief", Role.SUPERVISOR)
    sits(desk, "chief")
    district.office.accounts.sessions.sit(chief, desk.journal.device, int(time.time() * 1000) - LEASE_MS - 600_000)
    write(desk, "config.rota_set", chief)
    desk.client.round()
    assert kept(district, "config.rota_set") == set()
    sits(desk, "chief")
    district.office.accounts.change(chief, district.office.now_ms(), "system", disabled=True)
    write(desk, "config.rota_set", chief)
    desk.client.round()
    assert kept(district, "config.rota_set") == set()


def test_a_plan_by_somebody_who_may_not_is_answered_on_the_desk(district: Serving, join: Join) -> None:
    desk = join("caregiver")
    for role in Role:
        person = account(district, role.value.replace("_", "-"), role)
        sits(desk, role.value.replace("_", "-"))
        write(desk, "careplan.proposed", person, f"elder-{role.value}", base="")
    desk.client.round()
    deadline = time.monotonic() + 20
    while len(desk.journal.facts(SET) + desk.journal.facts(REFUSED)) < len(Role) and time.monotonic() < deadline:
        desk.client.round(wait_s=1)
    assert {f.envelope.subject for f in desk.journal.facts(SET)} == {f"elder-{role}" for role in PLANNERS}
    assert {there(f.payload)["because"] for f in desk.journal.facts(REFUSED)} == {"out_of_scope"}


@pytest.mark.parametrize("kind", ["careplan.set", "careplan.refused", "person.erased", "consent.applied", "district.x",
                                  "audit.x", "gateway.silent", "kiosk.silent"])  # fmt: skip
def test_what_is_the_districts_word_no_desk_and_no_kiosk_says(kind: str) -> None:
    assert not any(may_write(role, ("jinxiu",), kind, "jinxiu") for role in (DeviceRole.KIOSK, DeviceRole.CAREGIVER))


@pytest.mark.parametrize(
    ("kind", "may"),
    [
        ("passage.recorded", True), ("config.gate_described", True), ("config.staff_pin_set", True), ("consent.given", True),
        ("config.rota_set", False), ("config.ladder_set", False), ("careplan.proposed", False), ("verdict.given", False),
        ("margin.released", False), ("incident.closed", False), ("incident.opened", True), ("home.device_registered", False),
        ("notice.acknowledged", False), ("visit.recorded", False), ("record.viewed", False), ("checkin.pressed", True),
    ],
)  # fmt: skip
def test_a_kiosk_writes_what_happens_at_a_gate(kind: str, may: bool) -> None:
    assert may_write(DeviceRole.KIOSK, ("jinxiu",), kind, "jinxiu") is may


def test_a_desk_that_asks_nobody_to_sign_in_is_believed_only_where_the_district_says_so(
    district: Serving, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = join("caregiver")
    monkeypatch.setattr(district.office.authors, "_trusting", True)
    write(desk, "config.rota_set", "desk")
    desk.client.round()
    assert len(kept(district, "config.rota_set")) == 1
