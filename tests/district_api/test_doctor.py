"""The doctor names what an operator has to mend, and is content once it is."""

import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from assets.words import say
from district.bootstrap import opened
from district.config import DistrictSettings
from district.intake.lines import Line, LineSettings, MqttLine
from district.upkeep.doctor import examine
from district.upkeep.lock import FolderLock
from domain.errors import Mendable
from tests.district_api.damage import spoil
from tests.district_api.typed import run
from tests.fakes.serving import Serving, run_district

pytestmark = pytest.mark.usefixtures("own_folders")


@contextmanager
def announced(settings: DistrictSettings, district: Serving) -> Iterator[None]:
    """The server is found by its folder, as one that was started from a terminal."""
    lock = FolderLock(settings.data)
    assert lock.take()
    lock.announce(district.url)
    try:
        yield
    finally:
        lock.close()


def test_the_doctor_ends_content_once_an_altered_fact_was_settled(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, district: Serving, settings: DistrictSettings
) -> None:
    item = district.office.store.append_own("config.set", "jinxiu", None, 1, {"n": 1})
    spoil(district, "UPDATE facts SET at = at + 1 WHERE kind = 'config.set'")
    district.office.look_over()
    data = ["--data", str(settings.data)]
    with announced(settings, district):
        assert "MEND  Of the facts looked at so far, 1 are not what their hash says" in run(capsys, *data, "doctor")[1]
        number = [item.device, str(item.epoch), str(item.event.seq)]
        assert run(capsys, *data, "records", "list")[1].startswith(f"altered  {' '.join(number)}  jinxiu  here ")
        status, _, err = run(capsys, *data, "records", "settle", *number, "--because", "no_copy")
        assert status == 0
        assert "is settled" in err
        assert run(capsys, *data, "records", "list")[1].rstrip().endswith("no_copy")
        told = run(capsys, *data, "doctor")[1]
        assert "ok    Of the facts looked at so far, 0 are not what their hash says" in told
        assert "ok    1 altered fact is settled" in told


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


BROKEN: dict[str, Callable[[Path], object]] = {
    "district.sqlite": lambda path: path.write_bytes(b"no database at all" * 300),
    "identity.json": lambda path: path.write_text("{"),
    "keys/master": lambda path: path.write_bytes(b"short"),
    "keys/keys.sqlite": lambda path: path.write_bytes(b"no database at all" * 300),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("gone", [False, True])
def test_the_doctor_names_a_file_that_cannot_be_done_without_where_it_is_broken_or_gone(
    tmp_path: Path, name: str, gone: bool
) -> None:
    settings = DistrictSettings(data=tmp_path / "d")
    with opened(settings) as office:
        office.keys.create("p1")
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"d/district.sqlite{suffix}").unlink(missing_ok=True)

    def wrong() -> list[tuple[str, Path]]:
        about = ("whole", "missing", "newer")
        return [(f.key, f.details["path"]) for f in examine(settings) if f.key in about and not f.ok]  # type: ignore[misc]

    assert wrong() == []
    path = tmp_path / "d" / name
    if not gone:
        BROKEN[name](path)
    elif name == "district.sqlite":
        return  # then nothing has begun
    else:
        path.unlink()
    assert ("missing" if gone else "whole", path) in wrong()
    before = sorted(p.name for p in (tmp_path / "d").rglob("*") if "ballast" not in p.name)
    wrong()
    assert sorted(p.name for p in (tmp_path / "d").rglob("*") if "ballast" not in p.name) == before, (
        "nothing is made anew"
    )


def test_the_doctor_says_of_keys_that_another_master_key_wrapped(tmp_path: Path) -> None:
    settings = DistrictSettings(data=tmp_path)
    with opened(settings) as office:
        office.keys.create("p1")
    (tmp_path / "keys" / "master").write_bytes(bytes(32))
    assert [f.details["path"] for f in examine(settings) if f.key == "whole" and not f.ok] == [
        tmp_path / "keys/keys.sqlite"
    ]


def test_a_district_whose_keys_are_damaged_starts_and_the_doctor_says_what_lies_aside(tmp_path: Path) -> None:
    settings = DistrictSettings(data=tmp_path)
    with opened(settings) as office:
        office.keys.create("p1")
    (tmp_path / "keys" / "keys.sqlite").write_bytes(b"no database at all" * 300)
    with opened(settings) as office:
        assert office.keys.begun_anew
        assert office.keys.create("p2")
    assert [f.details["path"] for f in examine(settings) if f.key == "keys_aside"] == [
        tmp_path / "keys/keys.unreadable"
    ]


def test_a_district_that_does_not_know_who_it_is_says_so_and_makes_up_nobody(tmp_path: Path) -> None:
    settings = DistrictSettings(data=tmp_path)
    with opened(settings):
        pass
    for nonsense in ("{", "[]", '{"sign": "aaa", "box": "b"}', "{}", '{"sign": 5, "box": 5}'):
        (tmp_path / "identity.json").write_text(nonsense)
        with pytest.raises(Mendable, match="identity_broken"), opened(settings):
            pass
        assert (tmp_path / "identity.json").read_text() == nonsense


@pytest.mark.parametrize(
    ("refused", "mend"), [("", "does not answer at 127.0.0.1:1"), ("Not authorized", "refuses us (Not authorized)")]
)
def test_the_doctor_names_the_broker_behind_which_nobody_is_heard(
    capsys: pytest.CaptureFixture[str],
    settings: DistrictSettings,
    monkeypatch: pytest.MonkeyPatch,
    refused: str,
    mend: str,
) -> None:
    lines = LineSettings(mqtt={"homes": MqttLine(community="jinxiu", host="127.0.0.1", port=1)})
    for district in run_district(settings.model_copy(update={"lines": lines})):
        told = district.office.nightwatch.brokers
        assert told == [{"name": "homes", "where": "127.0.0.1:1", "heard": False, "refused": ""}]
        monkeypatch.setattr(type(district.office.nightwatch), "brokers", [told[0] | {"refused": refused}])
        with announced(settings, district):
            out = run(capsys, "--data", str(settings.data), "doctor")[1]
    assert f"MEND  The broker lines.mqtt.homes {'at 127.0.0.1:1 ' if refused else ''}{mend}" in out


def test_the_doctor_says_why_a_server_could_not_start_its_port_taken_or_its_key_another_ones(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = ["--data", str(tmp_path / "d")]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("SHOUWANG_DISTRICT_PORT", str(port))
        out = run(capsys, *data, "doctor")[1]
    assert f"MEND  A server could not start now. Port {port} at 127.0.0.1 is in use by another program." in out
    assert "could not start now" not in run(capsys, *data, "doctor")[1]
    for name in ("one", "other"):
        subprocess.run(
            f"openssl req -x509 -newkey rsa:2048 -nodes -days 90 -subj /CN=x -keyout {name}.key -out {name}.pem".split(),
            cwd=tmp_path, check=True, capture_output=True,
        )  # fmt: skip
    for key, fits in (("one", True), ("other", False)):
        served = DistrictSettings(data=tmp_path, tls_cert=tmp_path / "one.pem", tls_key=tmp_path / f"{key}.key")
        assert ("certificate_pair" not in {f.key for f in examine(served)}) is fits
