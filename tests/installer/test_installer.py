"""What install.sh puts on a machine, in a folder that stands for its disk."""

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.fakes.waiting import until
from tests.installer.travelling import imported, pins

HOUSE = Path(__file__).parents[2]
INSTALLER = HOUSE / "installer"
UNITS = sorted(p for p in INSTALLER.rglob("*") if p.suffix in (".service", ".timer"))
PACKAGES = ("domain", "motion", "offline", "watch", "qtkit", "kiosk", "caregiver", "district", "assets")


def sh(*command: object, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(c) for c in command], capture_output=True, text=True, timeout=900, check=False, env={**os.environ, **more}
    )


def install(*words: object) -> str:
    done = sh(INSTALLER / "install.sh", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("unit", UNITS, ids=lambda u: u.name)
def test_systemd_understands_every_unit(unit: Path, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd on this machine to ask")
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for other in UNITS:  # a timer looks for its service; the programs stand elsewhere here
        words = (
            other.read_text()
            .replace("/opt/shouwang/current/bin/", f"{program} ")
            .replace("/usr/bin/cage", str(program))
        )
        (tmp_path / other.name).write_text(words)
    done = sh(
        "systemd-analyze",
        "verify",
        "--man=no",
        tmp_path / unit.name,
        SYSTEMD_UNIT_PATH=f"{tmp_path}:/lib/systemd/system:",
    )
    assert unit.name not in done.stderr, done.stderr


def test_the_gate_has_its_run_time_folder_its_leave_to_come_first_and_a_screen_without_a_touch_panel() -> None:
    """Driven under systemd: with ProtectHome the compositor found no /run/user and hung, and the gate had no screen."""
    unit = (INSTALLER / "kiosk/shouwang-kiosk.service").read_text()
    assert "ProtectHome" not in "".join(line for line in unit.splitlines() if not line.startswith("#"))
    assert {"LimitNICE=-10", "LimitRTPRIO=1", "PAMName=shouwang-kiosk"} <= set(unit.splitlines())
    assert "WLR_LIBINPUT_NO_DEVICES=1" in unit
    assert "QT_WAYLAND_DISABLE_WINDOWDECORATION=1" in unit, "a bar with a cross, for everybody who passes"
    wanted = (INSTALLER / "packages.txt").read_text()
    assert "libpam-systemd" in wanted, "the session that makes /run/user"
    assert "sound: pulseaudio" in wanted, "Qt speaks through a sound server alone"


def test_the_script_says_how_it_is_used_and_refuses_what_it_does_not_know() -> None:
    assert "kiosk | caregiver | district" in sh(INSTALLER / "install.sh", "--help").stdout
    done = sh(INSTALLER / "install.sh", "toaster")
    assert (done.returncode, "What is toaster?" in done.stderr) == (2, True)


def test_the_package_carries_every_file_of_the_programs(tmp_path: Path) -> None:
    """An editable checkout finds what a package forgot: pictures, words, models, migrations."""
    for name in (*PACKAGES, "pyproject.toml", "README.md"):
        whole = HOUSE / name
        if whole.is_dir():
            shutil.copytree(whole, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif whole.exists():
            shutil.copy(whole, tmp_path)
    python = HOUSE / ".venv/bin/python"
    done = sh(python, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", tmp_path / "out", tmp_path)
    assert done.returncode == 0, done.stderr
    (built,) = (tmp_path / "out").glob("*.whl")
    carried = set(zipfile.ZipFile(built).namelist())
    tracked = sh("git", "-C", HOUSE, "ls-files", *PACKAGES).stdout.split()
    assert tracked
    assert set(tracked) - carried == set()


def test_what_is_installed_to_stay_is_all_that_the_programs_import_in_the_versions_tested_and_no_tool_of_testing() -> (
    None
):
    tested, stays = pins(HOUSE / "requirements.lock"), pins(INSTALLER / "requirements.lock")
    assert imported(PACKAGES) - set(stays) == set()
    assert {name: version for name, version in stays.items() if tested.get(name) != version} == {}
    assert not {"pytest", "hypothesis", "ruff", "mypy", "scikit-learn", "schemathesis"} & set(stays)


@pytest.mark.slow
@pytest.mark.timeout(900)  # whole installations
def test_a_district_is_installed_serves_is_updated_taken_back_and_removed(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    assert "is installed" in install("district", "--root", disk)
    home = disk / "opt/shouwang"
    first = (home / "current").readlink()
    program = home / "current/bin/shouwang-district"
    assert sh(program, "--version").stdout.startswith("shouwang-district")
    assert list(home.glob("current/lib/python3*/site-packages/district/__pycache__/bootstrap.*.pyc")), (
        "compiled at every start"
    )
    ready = tmp_path / "ready"
    serving = subprocess.Popen(
        [str(program), "--data", str(tmp_path / "data"), "serve", "--port", "0", "--ready-file", str(ready)],
        cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until(lambda: ready.exists() and ready.read_text().startswith("http"), 60)
    finally:
        serving.terminate()
        assert serving.wait(30) == 0
    assert (disk / "etc/systemd/system/shouwang-district.service").exists()
    sleeps = disk / "etc/systemd/sleep.conf.d/shouwang.conf"
    assert "AllowSuspend=no" in sleeps.read_text()
    (disk / "etc/shouwang/district.toml").write_text("port = 8999\n")
    (home / "0.0.9-older").mkdir()
    (home / "before").symlink_to("0.0.9-older")
    (home / "0.0.8-oldest").mkdir()
    install("back", "district", "--root", disk)
    assert (home / "current").readlink() == Path("0.0.9-older")
    install("district", "--root", disk)  # again: nothing is built twice, and settings are the operator's
    assert (home / "current").readlink() == first
    assert sorted(p.name for p in home.iterdir() if not p.is_symlink()) == sorted(["0.0.9-older", first.name])
    assert (disk / "etc/shouwang/district.toml").read_text() == "port = 8999\n"
    assert "Kept: /etc/shouwang/district.toml." in install("remove", "district", "--root", disk)
    assert not program.exists()
    assert not sleeps.exists()
    assert (disk / "etc/shouwang/district.toml").exists()


@pytest.mark.parametrize(("entered", "stands"), [(0, "here"), (1, "/")], ids=["may enter it", "may not"])
def test_a_command_typed_in_a_folder_that_is_closed_to_its_user_stands_elsewhere(
    tmp_path: Path, entered: int, stands: str
) -> None:
    """Typed in root's own folder, `shouwang-kiosk identify` recognised nobody: its recogniser could not start there."""
    script = (INSTALLER / "install.sh").read_text()
    written = script.split('cat > "$root/usr/local/bin/shouwang-$program" <<TEXT\n')[1].split("TEXT\n")[0]
    (tmp_path / "typed").write_text(
        written.replace("\\$", "$").replace("/etc/shouwang/$program.env", str(tmp_path / "empty"))
    )
    (tmp_path / "empty").touch()
    here = tmp_path / "here"
    here.mkdir()
    for name, does in (
        ("id", "case $1 in -un) echo root ;; *) echo 0 ;; esac"),
        ("runuser", f'case "$*" in *test*) exit {entered} ;; *) pwd ;; esac'),
    ):
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", tmp_path / "typed", "identify"], cwd=here, capture_output=True, text=True, check=True, timeout=60,
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert Path(done.stdout.strip()).name == Path(stands).name


@pytest.mark.slow
@pytest.mark.timeout(900)  # whole installations
def test_a_half_installed_version_is_never_switched_to(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    install("caregiver", "--root", disk)
    home = disk / "opt/shouwang"
    release = home / (home / "current").readlink()
    assert (disk / "usr/share/applications/shouwang-caregiver.desktop").exists()
    assert sh(release / "bin/shouwang-caregiver", "--version").returncode == 0
    (release / ".whole").unlink()  # as if the power had gone
    (release / "half").touch()
    install("caregiver", "--root", disk)
    assert not (release / "half").exists()
