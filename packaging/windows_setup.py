"""Make the desktop's setup for Windows, on Linux: ``python packaging/windows_setup.py FOLDER [--python PYTHON-SETUP.exe]``.

Everything travels inside: the desktop as a wheel, and every package it needs as the wheel for Windows that
installer/windows/requirements.lock names by its hash. With ``--python``, the installer of Python 3.11 (64-bit) from python.org
travels along and is run where a computer has none. Needs the Debian package nsis.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from PIL import Image
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

HOUSE = Path(__file__).parents[1]
LOCK = HOUSE / "installer/windows/requirements.lock"
SCRIPT = HOUSE / "installer/windows/setup.nsi"
PROGRAMS = ("domain", "motion", "offline", "watch", "qtkit", "kiosk", "caregiver", "district", "assets")
PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")


def download(lock: Path, wheels: Path) -> None:
    """The wheels for Windows that `lock` names. Raises CalledProcessError where one is not to be had, or is another."""
    windows = ("--platform", "win_amd64", "--python-version", "3.11", "--only-binary", ":all:")
    subprocess.run([*PIP, "download", "--no-deps", "--require-hashes", *windows, "-d", wheels, "-r", lock], check=True)


def build(wheels: Path) -> None:
    """Our own wheel. Building writes into the folder it builds, so it is done beside the checkout."""
    with tempfile.TemporaryDirectory() as folder:
        for name in PROGRAMS:
            shutil.copytree(HOUSE / name, Path(folder, name), ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(HOUSE / name, folder)
        same = {**os.environ, "SOURCE_DATE_EPOCH": "315532800"}  # the same content, the same wheel
        subprocess.run([*PIP, "wheel", "--no-deps", "--no-build-isolation", "-w", wheels, folder], check=True, env=same)


def icon(path: Path) -> None:
    """The lantern, in the sizes that Windows shows."""
    drawn = QImage(256, 256, QImage.Format.Format_ARGB32)
    drawn.fill(0)
    painter = QPainter(drawn)
    QSvgRenderer(str(HOUSE / "assets/icons/lantern-glowing.svg")).render(painter)
    painter.end()
    Image.fromqimage(drawn).save(path, sizes=[(n, n) for n in (16, 24, 32, 48, 64, 128, 256)])


def digest(parcel: Path) -> str:
    """What tells one parcel from another: twelve digits over the names and contents of its files."""
    whole = hashlib.sha256()
    for file in sorted(p for p in parcel.rglob("*") if p.is_file()):
        whole.update(file.name.encode() + hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()[:12]


def setup(parcel: Path, version: str, out: Path, python: Path | None) -> None:
    """Write `out` from what stands in `parcel`. Raises CalledProcessError, FileNotFoundError without makensis."""
    given = {"VERSION": version, "RELEASE": f"{version}-{digest(parcel)}", "PARCEL": parcel, "OUT": out.absolute()}
    if python is not None:
        given["PYTHON_SETUP"] = python.absolute()
    subprocess.run(
        ["makensis", "-V2", "-WX", "-INPUTCHARSET", "UTF8", *(f"-D{k}={v}" for k, v in given.items()), SCRIPT],
        check=True,
    )


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path, metavar="FOLDER", help="where the setup is put")
    arguments.add_argument("--python", type=Path, metavar="PYTHON-SETUP.exe", help="from python.org")
    asked = arguments.parse_args()
    if shutil.which("makensis") is None:
        sys.stderr.write("makensis is not installed. Install the package nsis and run this again.\n")
        return 1
    version = tomllib.loads((HOUSE / "pyproject.toml").read_text())["project"]["version"]
    asked.folder.mkdir(parents=True, exist_ok=True)
    out = asked.folder / f"shouwang-caregiver-{version}-windows.exe"
    with tempfile.TemporaryDirectory() as folder:
        parcel = Path(folder)
        download(LOCK, parcel / "wheels")
        build(parcel / "wheels")
        icon(parcel / "shouwang.ico")
        shutil.copy(LOCK, parcel)
        setup(parcel, version, out, asked.python)
    sys.stdout.write(f"{out}: {out.stat().st_size / 1e6:.0f} MB\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
