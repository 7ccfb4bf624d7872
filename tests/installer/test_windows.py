"""The desktop's setup for Windows, as far as it can be held to its word without one."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.installer.travelling import imported, pins

HOUSE = Path(__file__).parents[2]
SETUP = HOUSE / "installer/windows"
DESKTOP = ("caregiver", "qtkit", "offline", "watch", "motion", "domain", "assets")
sys.path.insert(0, str(HOUSE / "packaging"))
import windows_setup  # noqa: E402  (a script beside the packages)


def test_everything_the_desktop_imports_travels_and_nothing_else_is_asked_for() -> None:
    asked = {line for line in (SETUP / "requirements.in").read_text().splitlines() if line and line[0] != "#"}
    # these ask a sound server and a session bus, which Windows does not have
    assert asked - {"tzdata"} == imported(DESKTOP) - {"pulsectl", "jeepney"}


def test_what_travels_is_what_was_tested() -> None:
    here, there = pins(HOUSE / "requirements.lock"), pins(SETUP / "requirements.lock")
    assert {"pyside6", "tzdata", "pywin32-ctypes"} <= set(there)
    assert {name: version for name, version in there.items() if name in here and here[name] != version} == {}


def test_the_desktop_asks_nothing_of_the_system_that_windows_does_not_have() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--platform", "win32", "--cache-dir", ".mypy_cache/windows", *DESKTOP],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A setup with everything but the packages."""
    folder = tmp_path_factory.mktemp("windows")
    parcel = folder / "parcel"
    (parcel / "wheels").mkdir(parents=True)
    shutil.copy(SETUP / "requirements.lock", parcel)
    windows_setup.icon(parcel / "shouwang.ico")
    windows_setup.setup(parcel, "1.2.3", folder / "shouwang.exe", None)
    return folder / "shouwang.exe"


def test_the_setup_is_a_program_for_64_bits(setup: Path) -> None:
    head = setup.read_bytes()[:1024]
    start = int.from_bytes(head[0x3C:0x40], "little")
    assert head[start : start + 6] == b"PE\0\0\x64\x86"


def test_without_python_it_says_so_and_leaves_nothing_behind(setup: Path, tmp_path: Path) -> None:
    if shutil.which("wine") is None:
        pytest.skip("there is no Wine on this machine to run it in")
    prefix = tmp_path / "wine"
    run = f"wine wineboot -i; wine '{setup}' /S; echo ended $?; wineserver -w"
    done = subprocess.run(
        ["xvfb-run", "-a", "sh", "-c", run],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "WINEPREFIX": str(prefix),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
        },
    )
    assert "ended 2" in done.stdout, done.stderr
    assert [p for p in prefix.rglob("*") if "shouwang" in p.name.lower()] == []
