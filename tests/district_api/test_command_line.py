"""The command line: helpful, and one sentence for everything an operator can mend."""

import argparse
import io
import json
import os
import re
import shlex
import socket
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from assets.words import say
from bench._load import serving
from district.__main__ import main, parser
from district.bootstrap import opened
from district.config import DistrictSettings
from district.intake.lines import Line, LineSettings
from district.people.accounts import Accounts, SignInRefused
from district.people.audit import Audit
from district.store.people import ERASED, HOME_DEVICE
from district.upkeep.doctor import examine
from tests.district_api.calls import call
from tests.district_api.test_hubs_keep_faith import spoil
from tests.fakes.serving import Serving
from tests.fakes.there import there
from tests.fakes.waiting import until


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    try:
        status = main(list(args))
    except SystemExit as e:
        status = int(e.code or 0)
    told = capsys.readouterr()
    return status, told.out, told.err


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


def test_every_command_of_the_page_for_operators_can_be_typed() -> None:
    page = (Path(__file__).parents[2] / "docs" / "OPERATIONS.md").read_text("utf-8")
    blocks = "".join(re.findall(r"^```\n(.*?)^```", page, re.DOTALL | re.MULTILINE))
    lines = [line for line in blocks.replace("\\\n", "").splitlines() if "shouwang-district" in line]
    typed = [shlex.split(part, comments=True) for line in lines for part in re.split(r"&&|\|", line)]
    ours = [words for each in typed if (words := each[each[:1] == ["sudo"] :])[:1] == ["shouwang-district"]]
    for _, *words in ours:
        parser().parse_args(words[: words.index(">")] if ">" in words else words)
    assert len(ours) > 30


def test_codes_devices_and_status_work_without_a_server(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    data = ["--data", str(tmp_path / "d")]
    status, out, _ = run(capsys, *data, "code", "--role", "kiosk", "--community", "Jinxiu")
    assert status == 0
    assert len(out.strip().split("-")) == 2
    assert run(capsys, *data, "devices")[0] == 0
    assert json.loads(run(capsys, *data, "status")[1])["facts"] == 0
    assert json.loads(run(capsys, *data, "audit", "verify")[1])["whole"]
    assert run(capsys, *data, "doctor")[1].startswith("ok")


def test_a_port_in_use_is_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        status, _, err = run(capsys, "--data", str(tmp_path / "d"), "serve", "--port", port)
    assert status == 1
    assert err.startswith(f"Port {port} at 127.0.0.1 is in use")
    assert "Traceback" not in err


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


def test_what_is_said_of_a_device_in_a_home_is_kept_whole(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    settings = DistrictSettings(data=tmp_path / "d")
    told = ["--community", "jinxiu", "--name", "watch-1", "--elder", "p1", "--place", "hall", "--kind", "wearable"]
    data = ["--data", str(settings.data)]
    assert run(capsys, *data, "device", "add", *told, "--every", "10", "--position", "waist")[0] == 0
    with opened(settings) as office:
        (item,) = office.store.told([HOME_DEVICE])
        kept = json.loads(bytes(there(item.event.payload)))
    assert kept == {"device": "watch-1", "place": "hall", "kind": "wearable", "every_min": 10, "position": "waist"}


def test_the_doctor_ends_content_once_an_altered_fact_was_settled(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, district: Serving, settings: DistrictSettings
) -> None:
    from district.upkeep.lock import FolderLock

    item = district.office.store.append_own("config.set", "jinxiu", None, 1, {"n": 1})
    spoil(district, "UPDATE facts SET at = at + 1 WHERE kind = 'config.set'")
    district.office.look_over()
    data, lock = ["--data", str(settings.data)], FolderLock(settings.data)
    assert lock.take()
    lock.announce(district.url)
    try:
        assert "MEND  Of the facts looked at so far, 1 are not what their hash says" in run(capsys, *data, "doctor")[1]
        number = [item.device, str(item.epoch), str(item.event.seq)]
        assert run(capsys, *data, "records", "list")[1].startswith(f"altered  {' '.join(number)}  jinxiu  here ")
        status, _, err = run(capsys, *data, "records", "settle", *number, "--because", "no_copy")
        assert status == 0
        assert "is settled" in err
        assert run(capsys, *data, "records", "list")[1].rstrip().endswith("no_copy")
        told = run(capsys, *data, "doctor")[1]
        assert "ok    Of the facts looked at so far, 0 are not what their hash says" in told
        assert "ok    1 altered facts are settled" in told
    finally:
        lock.close()


def test_the_doctor_asks_to_delete_a_database_that_a_restore_put_aside_a_month_ago(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """What was erased since is still in it."""
    data, saved = ["--data", str(tmp_path / "d")], tmp_path / "saved.sqlite"
    run(capsys, *data, "code", "--role", "kiosk", "--community", "Jinxiu")
    assert run(capsys, *data, "backup", str(saved))[0] == 0
    assert "any more lie in" not in run(capsys, *data, "doctor")[1]
    assert run(capsys, *data, "restore", str(saved))[0] == 0
    assert "ok    Databases that nothing uses any more lie in" in run(capsys, *data, "doctor")[1]
    (aside,) = (tmp_path / "d").glob("district.sqlite.before-*[0-9]")
    month_ago = aside.stat().st_mtime - 31 * 86_400
    os.utime(aside, (month_ago, month_ago))
    assert "MEND  Databases that nothing uses any more lie in" in run(capsys, *data, "doctor")[1]


def test_a_second_server_on_the_same_folder_is_refused_and_commands_reach_the_first(
    district: Serving, settings: DistrictSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    from district.operator_line import ask
    from district.upkeep.lock import FolderLock

    lock = FolderLock(settings.data)
    assert lock.take()
    lock.announce(district.url)
    try:
        status, _, err = run(capsys, "--data", str(settings.data), "serve", "--port", "0")
        assert status == 1
        assert err.startswith("Another district server is running")
        code = ask(settings, "code", role="kiosk", community="jinxiu")["code"]
        assert code.count("-") == 1
        assert ask(settings, "status")["node"] == district.office.store.node
    finally:
        lock.close()


def test_a_command_that_reads_a_year_through_is_waited_for(
    district: Serving, settings: DistrictSettings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from district import operator_line
    from district.upkeep.lock import FolderLock

    whole, slowly = Audit.verify, threading.Event()
    monkeypatch.setattr(operator_line, "TIMEOUT_S", 0.3)
    monkeypatch.setattr(Audit, "verify", lambda audit: slowly.wait(1) or whole(audit))
    monkeypatch.setattr(district.office.store, "counts", lambda: slowly.wait(1) or {})
    lock = FolderLock(settings.data)
    assert lock.take()
    lock.announce(district.url)
    try:
        assert json.loads(run(capsys, "--data", str(settings.data), "audit", "verify")[1])["whole"]
        assert "does not answer" in run(capsys, "--data", str(settings.data), "doctor")[1], "it may hang"
    finally:
        lock.close()


def test_the_audit_of_another_identity_does_not_verify(tmp_path: Path) -> None:
    from offline.identity import Identity

    with opened(DistrictSettings(data=tmp_path / "d")) as office:
        for at in (0, 86_400_000):
            office.audit.note(at, "a", "b")
        assert office.audit.verify().whole
        assert Audit(office.store, Identity.create()).verify().broken_day == "1970-01-01"


def test_the_module_starts_as_a_program() -> None:
    told = subprocess.run([sys.executable, "-m", "district", "--version"], capture_output=True, text=True, timeout=60)
    assert told.returncode == 0
    assert told.stdout.startswith("shouwang-district")


def test_a_server_that_is_told_to_stop_leaves_in_good_order(tmp_path: Path) -> None:
    with serving(tmp_path) as (_, _, settings, process):
        assert (settings.data / "serving.json").exists()
        process.terminate()
        assert process.wait(30) == 0
    assert not (settings.data / "serving.json").exists()
    assert not (settings.data / "district.sqlite-wal").exists()


@pytest.mark.parametrize(("above", "lines"), [("", 3), ("https://district.example:8700", 2)])
def test_the_district_alone_has_a_first_administrator(tmp_path: Path, above: str, lines: int) -> None:
    """A hub's people have their accounts at the district: a link at the hub would lead to one that nobody can sign in with."""
    told = [sys.executable, "-m", "district", "--data", str(tmp_path), "serve", "--port", "0"]
    with subprocess.Popen(
        told, stdout=subprocess.PIPE, text=True, env=os.environ | {"SHOUWANG_DISTRICT_UPSTREAM": above}
    ) as served:
        out = there(served.stdout)
        said = [out.readline(), out.readline()]
        served.terminate()
        said += out.readlines()
    assert len(said) == lines
    assert ("/begin/" in said[-1]) == (not above)


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


def test_the_devices_in_homes_are_listed_with_what_they_are_and_when_they_were_heard(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = ["--data", str(tmp_path)]
    home = ["--community", "Jinxiu", "--elder", "p1", "--place", "hall"]
    run(capsys, *data, "device", "add", *home, "--name", "front", "--kind", "door")
    run(capsys, *data, "device", "add", *home, "--name", "gone")
    run(capsys, *data, "device", "remove", "--community", "Jinxiu", "--name", "gone")
    _, out, _ = run(capsys, *data, "device", "list")
    (line,) = out.splitlines()
    assert line.split("  ")[:5] == ["Jinxiu", "front", "p1", "hall", "door"]
    assert line.split("  ")[5] == "never heard"


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


def test_an_unknown_elder_and_a_mistyped_community_are_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    data = ["--data", str(tmp_path / "d")]
    with opened(DistrictSettings(data=tmp_path / "d")) as office:
        office.store.append_own("person.registered", "jinxiu", "p1", office.now_ms(), {})
    right = run(capsys, *data, "device", "add", "--community", "jinxiu", "--name", "w1", "--elder", "p1")
    assert (right[0], right[2].count("\n")) == (0, 1)
    wrong = run(capsys, *data, "device", "add", "--community", "jinxui", "--name", "w2", "--elder", "p2")[2]
    assert "known so far: jinxiu" in wrong
    assert "Nobody has told of p2 in jinxui" in wrong
    assert "known so far: jinx" in run(capsys, *data, "bridge", "--community", "yulann")[2]
    assert run(capsys, *data, "bridge", "--community", "jinxiu")[2] == ""


@pytest.mark.parametrize(("host", "warns"), [("127.0.0.1", False), ("0.0.0.0", True)])
def test_the_doctor_warns_of_a_port_where_whoever_reaches_it_can_ring_a_community(
    tmp_path: Path, host: str, warns: bool
) -> None:
    lines = LineSettings(sia=Line(host=host, port=10000, community="jinxiu"))
    found = [f.ok for f in examine(DistrictSettings(data=tmp_path, lines=lines)) if f.key == "strangers"]
    assert found == [False] * warns
    for language in ("zh", "en"):
        assert "lines.sia" in say(language, "district.doctor_strangers", line="sia", community="jinxiu", most=10)


def test_the_doctor_asks_for_a_backup_and_is_content_with_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = ["--data", str(tmp_path / "d")]
    run(capsys, *data, "status")
    assert "MEND  There is no backup yet" in run(capsys, *data, "doctor")[1]
    run(capsys, *data, "backup", str(tmp_path / "copy"))
    assert f"ok    The newest backup, {tmp_path / 'copy'}, is 0 days old" in run(capsys, *data, "doctor")[1]


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


def test_a_server_that_nobody_listens_to_at_its_start_serves_all_the_same(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    command = [sys.executable, "-m", "district", "--data", str(tmp_path / "d"), "serve", "--port", "0", "--ready-file"]
    with subprocess.Popen([*command, str(ready)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdout is not None
        server.stdout.close()  # as `| head` does, or a terminal that is gone
        until(lambda: ready.exists() and ready.read_text().endswith("\n"), 60)
        assert call(ready.read_text().strip() + "/readyz") == (200, {"status": "ready"})
        server.terminate()
        assert server.wait(30) == 0
