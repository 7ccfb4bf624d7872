"""Taking records out: it takes two people, it is told in the audit, and it ends."""

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from district.__main__ import main
from district.config import DistrictSettings
from district.operator.handing_over import handed_over
from district.people.exports import DECIDE_MS, TAKE_MS
from district.scope import EVERYWHERE
from district.serving import _expire
from district.upkeep import doctor
from district.upkeep.doctor import examine
from domain.people import Role
from tests.district_api.calls import call
from tests.fakes.serving import GENEROUS, Serving
from tests.fakes.staff import PASSWORD, People

RECORD = {"what": "person", "reason": "subject_request", "reference": "2026/17", "person": "p1", "community": "jinxiu"}
LEADS = {"jinxiu": {Role.SUPERVISOR}}


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> DistrictSettings:
    database = "" if request.param == "sqlite" else request.getfixturevalue("empty_database")()
    return DistrictSettings(port=0, data=tmp_path / "district", limits=GENEROUS, database=database)


def test_the_doctor_looks_at_postgresql(
    empty_database: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(url: str) -> dict[str, bool]:
        told = examine(DistrictSettings(data=tmp_path / "d", database=url))
        return {f.key: f.ok for f in told if f.key.startswith("postgresql")}

    monkeypatch.setattr(doctor, "_ANSWER_MS", 60_000)  # whatever else this machine does
    fine = {f"postgresql{what}": True for what in ("", "_answers", "_connections", "_durable", "_wall")}
    url = empty_database()
    assert found(url) == fine
    monkeypatch.setattr(doctor, "_ANSWER_MS", 0)
    assert found(url) == fine | {"postgresql_answers": False}
    assert found("postgresql://127.0.0.1:1/none") == {"postgresql_down": False}


@pytest.fixture
def desk(district: Serving) -> People:
    people = People(district)
    people.add("li", LEADS)
    people.add("wu", LEADS)
    people.add("elsewhere", {"yulan": {Role.SUPERVISOR}})
    return people


def asked(desk: People, token: str) -> str:
    status, told = desk.call("POST", "/v1/exports", RECORD, token)
    assert (status, told["state"]) == (201, "asked")
    return f"/v1/exports/{told['id']}"


def later(desk: People, ms: int) -> None:
    wall = desk.office.wall
    desk.office.wall = lambda: wall() + ms / 1000


def taken(desk: People, path: str, token: str) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {token}"}
    status, told = call(desk.district.url + f"{path}/file", "POST", headers=headers)
    assert status == 200
    return [json.loads(line) for line in (told if isinstance(told, str) else json.dumps(told)).splitlines()]


def test_one_asks_another_allows_and_the_first_takes_it(desk: People) -> None:
    store, now = desk.office.store, desk.office.now_ms()
    store.append_own("sign.door", "jinxiu", "p1", now, {"open": True})
    store.append_own("sign.door", "yulan", "p1", now, {"open": True})
    li, wu = desk.token("li"), desk.token("wu")
    path = asked(desk, li)
    assert desk.call("POST", f"{path}/file", token=li)[1]["code"] == "not_allowed"
    assert desk.call("POST", f"{path}/decision", {"allow": True}, li)[1]["code"] == "own_request"
    assert desk.call("POST", f"{path}/decision", {"allow": True}, desk.token("elsewhere"))[0] == 404
    assert desk.call("POST", f"{path}/decision", {"allow": True}, wu)[1]["state"] == "allowed"
    assert desk.call("POST", f"{path}/decision", {"allow": False}, wu)[1]["code"] == "decided"
    assert desk.call("POST", f"{path}/file", token=wu)[1]["code"] == "not_allowed"
    head, *facts = taken(desk, path, li)
    assert head["reference"] == "2026/17"
    assert [(f["event"]["kind"], f["event"]["community"]) for f in facts] == [("sign.door", "jinxiu")]
    told = [line.action for line in desk.office.audit.lines(action="export.")]
    assert told == ["export.asked", "export.allowed", "export.taken"]
    assert [line.action for line in desk.office.audit.lines(about="p1")] == ["record.exported"]
    assert desk.call("GET", "/v1/exports", token=wu)[1][0]["taken"] == 1


def test_what_was_refused_is_not_given_out(desk: People) -> None:
    li = desk.token("li")
    path = asked(desk, li)
    assert desk.call("POST", f"{path}/decision", {"allow": False}, desk.token("wu"))[1]["state"] == "refused"
    assert desk.call("POST", f"{path}/file", token=li)[0] == 403
    (stands,) = desk.call("GET", "/v1/exports", token=li)[1]
    assert (stands["state"], bool(stands["decided_by"])) == ("refused", True)


def test_a_span_begins_with_its_first_moment_and_ends_before_its_last(desk: People) -> None:
    store, now = desk.office.store, desk.office.now_ms()
    since, until = now - 5_000, now - 1_000
    for at in (since - 1, since, until - 1, until):
        store.append_own("sign.door", "jinxiu", "p1", at, {"at": at})
    li = desk.token("li")
    status, told = desk.call("POST", "/v1/exports", RECORD | {"since": since, "until": until}, li)
    assert status == 201
    path = f"/v1/exports/{told['id']}"
    desk.call("POST", f"{path}/decision", {"allow": True}, desk.token("wu"))
    assert [fact["event"]["at"] for fact in taken(desk, path, li)[1:]] == [since, until - 1]


def test_an_export_ends_by_time_whether_it_was_allowed_or_not(desk: People) -> None:
    path = asked(desk, desk.token("li"))
    desk.call("POST", f"{path}/decision", {"allow": True}, desk.token("wu"))
    later(desk, TAKE_MS)
    li = desk.token("li")
    assert desk.call("POST", f"{path}/file", token=li)[1]["code"] == "expired"
    other = asked(desk, li)
    later(desk, DECIDE_MS)
    answer = desk.call("POST", f"{other}/decision", {"allow": True}, desk.token("wu"))
    assert answer[1]["code"] == "expired"


def test_the_audit_itself_is_for_those_whose_duty_is_everywhere(desk: People) -> None:
    audit = {"what": "audit", "reason": "inspection"}
    assert desk.call("POST", "/v1/exports", audit, desk.token("li"))[0] == 403
    desk.add("boss", {EVERYWHERE: {Role.ADMINISTRATOR}})
    desk.add("chief", {EVERYWHERE: {Role.SUPERVISOR}})
    boss = desk.token("boss")
    status, told = desk.call("POST", "/v1/exports", audit, boss)
    assert status == 201
    path = f"/v1/exports/{told['id']}"
    assert desk.call("POST", f"{path}/decision", {"allow": True}, desk.token("chief"))[0] == 200
    lines = taken(desk, path, boss)[1:]
    assert [line["line"] for line in lines] == list(range(1, len(lines) + 1))
    assert lines[-1]["action"] == "export.taken"


@pytest.mark.parametrize(
    "wrong", [{"person": ""}, {"community": EVERYWHERE}, {"since": 5, "until": 5}, {"what": "audit"}]
)
def test_what_nobody_can_mean_is_not_asked_for(desk: People, wrong: dict[str, object]) -> None:
    desk.add("boss", {EVERYWHERE: {Role.ADMINISTRATOR}})
    assert desk.call("POST", "/v1/exports", RECORD | wrong, desk.token("boss"))[0] == 422


def test_at_the_terminal_it_takes_two_people_as_well(
    desk: People, settings: DistrictSettings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("district.terminal.audit.ask_secret", lambda _prompt: PASSWORD)
    data = settings.data
    listing = desk.office.store

    def run(*args: str) -> tuple[int, list[dict[str, object]]]:
        from district.operator.commands import perform

        monkeypatch.setattr(
            "district.terminal.audit.ask", lambda _settings, name, **given: perform(desk.office, name, given)
        )
        status = main(["--data", str(data), "export", *args])
        return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    about = ("--what", "person", "--reason", "subject_request", "--person", "p1", "--community", "jinxiu")
    listing.append_own("sign.door", "jinxiu", "p1", desk.office.now_ms(), {"open": True})
    status, [export] = run("ask", "--login", "li", *about)
    assert status == 0
    id = str(export["id"])
    assert run("allow", id, "--login", "li")[0] != 0
    assert run("allow", id, "--login", "wu")[0] == 0
    status, lines = run("take", id, "--login", "li")
    assert status == 0
    assert len(lines) == 2
    assert list(data.glob("taken-*")) == [], "it stays nowhere here"
    assert [e["state"] for e in run("list", "--login", "wu")[1]] == ["allowed"]
    assert run("list", "--login", "elsewhere")[1] == []


def test_what_a_closed_terminal_did_not_take_away_is_gone_within_hours(desk: People) -> None:
    left, taken = (handed_over(desk.office, [b"{}\n"]) for _ in range(2))
    assert left.stat().st_mode & 0o077 == 0
    os.utime(left, (0, left.stat().st_mtime - 3_700))
    _expire(desk.office)
    assert (left.exists(), taken.exists()) == (False, True)


def test_a_password_that_nobody_types_is_no_fault_of_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["--data", str(tmp_path), "export", "list", "--login", "wu"]) == 1
    assert capsys.readouterr().err.startswith(("Nothing was typed", "没有输入"))
