"""A server that is started and stopped as a program, and what is typed beside it meanwhile."""

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bench._load import serving
from district.config import DistrictSettings
from district.people.audit import Audit
from tests.district_api.calls import call
from tests.district_api.typed import run
from tests.fakes.serving import Serving
from tests.fakes.there import there
from tests.fakes.waiting import until

pytestmark = pytest.mark.usefixtures("own_folders")


def test_a_port_in_use_is_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        status, _, err = run(capsys, "--data", str(tmp_path / "d"), "serve", "--port", port)
    assert status == 1
    assert err.startswith(f"Port {port} at 127.0.0.1 is in use")
    assert "Traceback" not in err


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
