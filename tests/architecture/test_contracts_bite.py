"""The import contracts fail when they are broken: proved on a copy that breaks them on purpose."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.packages import PACKAGES, ROOT, TOOLS

BREACHES = {
    "domain imports numpy": ("domain/people.py", "import numpy"),
    "domain looks up to offline": ("domain/people.py", "import offline.wire"),
    "programs look sideways": ("caregiver/__init__.py", "import kiosk"),
    "the district draws windows": ("district/__init__.py", "import PySide6"),
    "cv2 outside the faces": ("kiosk/visit/presenter.py", "import cv2"),
    "a visit knows its screens": ("kiosk/visit/wording.py", "import kiosk.screens.night"),
    "the journal leans on the line": ("offline/journal/outbox.py", "import offline.line.link"),
    "a room of the kiosk leans on one above it": ("kiosk/passages/facts.py", "import kiosk.residents.known"),
    "a room of the desk leans on one above it": ("caregiver/incidents/desk.py", "import caregiver.elders.board"),
    "a view of the desk knows every room": ("caregiver/ui.py", "import caregiver.state"),
    "a room of the district leans on one above it": ("district/reaching/ladder.py", "import district.people.accounts"),
    "a room of the kiosk has no place": ("kiosk/another_room.py", ""),
    "a room of the district has no place": ("district/another_room.py", ""),
    "requests outside the transport": ("caregiver/__init__.py", "import requests"),
}


def test_every_package_is_held_to_its_contracts_and_its_types() -> None:
    there = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert there | {"tests.fakes"} == set(PACKAGES)
    assert there | {"tests"} == set(TOOLS["mypy"]["packages"])


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env={"PYTHONPATH": str(folder)})


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    for package in PACKAGES:
        path = package.replace(".", "/")
        shutil.copytree(ROOT / path, folder / path, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_the_house_as_it_stands_keeps_its_contracts(copy: Path) -> None:
    result = lint_imports(copy)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_is_caught(copy: Path, breach: str) -> None:
    name, line = BREACHES[breach]
    module = copy / name
    kept = module.read_text("utf-8") if module.exists() else None
    try:
        module.write_text(f"{kept or ''}\n{line}\n", "utf-8")
        result = lint_imports(copy)
    finally:
        module.unlink() if kept is None else module.write_text(kept, "utf-8")
    assert result.returncode == 1, result.stdout + result.stderr
    assert "BROKEN" in result.stdout
