"""The command line: helpful, and one sentence for everything an operator can mend."""

import argparse
import io
import json
import socket
import sqlite3
import sys
from pathlib import Path

import pytest

from district.__main__ import parser
from district.bootstrap import opened
from district.config import DistrictSettings
from district.people.accounts import Accounts, SignInRefused
from district.people.audit import Audit
from district.store.people import ERASED
from tests.district_api.typed import run

pytestmark = pytest.mark.usefixtures("own_folders")


def test_help_says_how_to_begin(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--help")
    assert status == 0
    assert "shouwang-district serve" in out
    assert "district.toml" in out


def test_everything_that_can_be_typed_is_done_by_something() -> None:
    def commands(of: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
        below = [each for a in of._actions if isinstance(a, argparse._SubParsersAction) for each in a.choices.values()]
        return [one for each in below for one in commands(each)] if below else [of]

    assert [each.prog for each in commands(parser()) if not callable(each.get_default("do"))] == []


def test_codes_devices_and_status_work_without_a_server(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    data = ["--data", str(tmp_path / "d")]
    status, out, _ = run(capsys, *data, "code", "--role", "kiosk", "--community", "Jinxiu")
    assert status == 0
    assert len(out.strip().split("-")) == 2
    assert run(capsys, *data, "devices")[0] == 0
    assert json.loads(run(capsys, *data, "status")[1])["facts"] == 0
    assert json.loads(run(capsys, *data, "audit", "verify")[1])["whole"]
    assert run(capsys, *data, "doctor")[1].startswith("ok")


def test_broken_settings_name_file_and_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "district.toml"
    file.write_text("port = 1\nhost = \n", "utf-8")
    status, _, err = run(capsys, "--config", str(file), "status")
    assert status == 1
    assert str(file) in err
    assert "line 2" in err


def test_a_database_from_a_newer_version_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    data = ["--data", str(tmp_path / "d")]
    run(capsys, *data, "status")
    with sqlite3.connect(tmp_path / "d" / "district.sqlite") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    status, _, err = run(capsys, *data, "status")
    assert status == 1
    assert "newer version" in err


def test_an_unknown_device_is_one_sentence_in_chinese(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    status, _, err = run(capsys, "--data", str(tmp_path / "d"), "revoke", "v0")
    assert status == 1
    assert err.startswith("没有设备 v0")


def test_a_drill_is_opened_timed_and_for_somebody_who_is_watched_here(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    settings = DistrictSettings(data=tmp_path / "d")
    data = ["--data", str(settings.data)]
    with opened(settings) as office:
        office.store.append_own("careplan.set", "jinxiu", "p1", office.now_ms(), {"revision": 1, "windows": []})
    status, _, err = run(capsys, *data, "drill", "--community", "jinxiu", "--elder", "nobody")
    assert status == 1
    assert err.startswith("Nobody with the id nobody has a care plan in jinxiu")
    assert run(capsys, *data, "drill", "--community", "jinxiu", "--elder", "p1")[0] == 0
    with opened(settings) as office:
        office.nightwatch.tick(office.now())
    told = json.loads(run(capsys, *data, "figures")[1])
    assert told["incidents"] == 0  # a drill is no incident of the figures
    assert [d["answered_s"] for d in told["drills"]] == [None]
    assert told["visits_due"] == ["p1"]


def test_a_backup_is_restored_and_what_was_erased_since_stays_erased(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    settings = DistrictSettings(data=tmp_path / "d")
    data = ["--data", str(settings.data)]
    with opened(settings) as office:
        office.store.append_own("person.registered", "jinxiu", "p1", 1, {"profile": "x", "revision": 1})
        office.store.append_own("passage.recorded", "jinxiu", "p1", 2, {"outcome": "identified"})
    saved = tmp_path / "saved.sqlite"
    status, out, _ = run(capsys, *data, "backup", str(saved))
    assert status == 0
    assert json.loads(out)["facts"] == 2
    assert saved.stat().st_mode & 0o077 == 0, "hashes of passwords and what people did are in it"
    with opened(settings) as office:
        office.keys.take({"p1": bytes(32)})
        office.store.append_own(ERASED, "jinxiu", "p1", 3, {})
        assert office.keys.find("p1") is None
    assert run(capsys, *data, "restore", str(saved))[0] == 0
    with opened(settings) as office:
        kept = {i.event.kind: i.event.payload for i in office.store.about("p1")}
        assert kept["passage.recorded"] is None
        assert kept["person.registered"] is None
        assert ERASED in kept
    assert run(capsys, *data, "backup", str(saved))[0] == 1
    saved.write_bytes(saved.read_bytes()[:5000])
    assert run(capsys, *data, "restore", str(saved))[0] == 1


def test_the_audit_of_another_identity_does_not_verify(tmp_path: Path) -> None:
    from offline.keys.identity import Identity

    with opened(DistrictSettings(data=tmp_path / "d")) as office:
        for at in (0, 86_400_000):
            office.audit.note(at, "a", "b")
        assert office.audit.verify().whole
        assert Audit(office.store, Identity.create()).verify().broken_day == "1970-01-01"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serve", "--port", "99999"], "--port"),
        (["serve", "--port", "0", "--host", "192.0.2.1"], "no address named"),
        (["serve", "--port", "0", "--tls-cert", "none.pem", "--tls-key", "key.pem"], "key.pem"),
        (["--database", "mysql://x", "status"], "not one of PostgreSQL"),
        (["--database", "postgresql://127.0.0.1:1/x", "status"], "does not answer"),
        (["move", "--to", "postgresql://127.0.0.1:1/x"], "no database at"),
        (["backup", "none/b.sqlite"], "none/b.sqlite"),
        (["restore", "none/b.sqlite"], "no backup at"),
        (["restore", "words.txt"], "not a whole backup"),
        (["pin", "none.pem"], "none.pem cannot be used (No such file"),
        (["pin", "words.txt"], "no certificate and no private key in words.txt"),
    ],
)
def test_an_operators_mistake_is_told_in_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "words.txt").write_text("not a database", "utf-8")
    if arguments[0] == "backup":
        run(capsys, "--data", str(tmp_path / "d"), "status")
    status, _, told = run(capsys, "--data", str(tmp_path / "d"), *arguments)
    assert status == 1
    assert said in told
    assert "our side" not in told
    assert len(told.strip().splitlines()) == 1


def test_a_folder_that_may_not_be_written_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr("district.upkeep.lock.sqlite3.connect", refuse)
    status, _, told = run(capsys, "--data", str(tmp_path), "status")
    assert status == 1
    assert str(tmp_path) in told


def test_nothing_to_list_is_said_and_not_printed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for command in (["devices"], ["incidents"], ["device", "list"]):
        status, out, told = run(capsys, "--data", str(tmp_path), *command)
        assert (status, out) == (0, "")
        assert told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ZONE", "Asia/Shangai"),
        ("LIMITS__SIGN_IN", "often"),
        ("PUBLIC_URL", "district.example"),
        ("CHANNELS__SMS__URL", "sms"),
        ("LANGUAGE", "de"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_named_before_anything_starts(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"SHOUWANG_DISTRICT_{name}", value)
    status, out, err = run(capsys, "--data", str(tmp_path / "d"), "status")
    assert (status, out) == (1, "")
    assert f"SHOUWANG_DISTRICT_{name}" in err
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize(
    ("given", "machine", "called"),
    [
        ({}, "srv1", "district"),
        ({"upstream": "http://above"}, "jinxiu-office.example", "jinxiu-office"),
        ({"upstream": "http://above"}, "localhost", "hub"),
        ({"upstream": "http://above", "name": "锦绣"}, "srv1", "锦绣"),
    ],
)
def test_a_hub_that_nobody_has_named_is_called_like_its_machine(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], machine: str, called: str
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: machine)
    assert DistrictSettings(**given).called == called


def test_what_an_operator_changes_is_in_the_audit_without_a_secret(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = ["--data", str(tmp_path / "d")]
    _, code, _ = run(capsys, *data, "code", "--role", "kiosk", "--community", "Jinxiu")
    _, bridge, _ = run(capsys, *data, "bridge", "--community", "Jinxiu")
    run(capsys, *data, "device", "add", "--community", "Jinxiu", "--name", "watch-1", "--elder", "p1")
    run(capsys, *data, "device", "remove", "--community", "Jinxiu", "--name", "watch-1")
    assert run(capsys, *data, "revoke", "v0")[0] == 1
    with opened(DistrictSettings(data=tmp_path / "d")) as office:
        lines = office.audit.lines(actor="operator")
        assert [(line.action, line.about) for line in lines] == [
            ("code.issued", ""),
            ("bridge.made", bridge.split()[1]),
            ("home_device.added", "p1"),
            ("home_device.removed", "p1"),
        ]
        told = " ".join(line.detail for line in lines)
    assert '"role": "kiosk"' in told
    assert code.strip() not in told
    assert bridge.split()[3] not in told


@pytest.mark.parametrize(
    ("wait_s", "said"),
    [(0, "Login, password or code is not right.\n"), (61, "Too many attempts. Wait 2 min and try again")],
)
def test_a_login_that_is_refused_is_told_to_wait_only_where_it_must(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait_s: int, said: str
) -> None:
    def refuse(*_: object) -> None:
        raise SignInRefused(wait_s)

    monkeypatch.setattr(Accounts, "sign_in", refuse)
    monkeypatch.setattr(sys, "stdin", io.StringIO("not the password\n"))
    status, _, err = run(capsys, "--data", str(tmp_path / "d"), "export", "list", "--login", "li.na")
    assert status == 1
    assert err.startswith(said)
