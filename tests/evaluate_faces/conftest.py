"""People and pictures of the shared sets, and what a command answers."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.faces_data import LONDON


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOUWANG_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


def answer(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The last line of what a command printed."""
    found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Eight residents with two pictures, four strangers with one; one picture cannot be used."""
    for i, person in enumerate(("001", "002", "003", "004", "005", "006", "007", "008", "009", "010", "011", "012")):
        (tmp_path / person).mkdir()
        for expression in ("neutral", "smiling")[: 2 if i < 8 else 1]:
            name = f"{person}_{expression}.jpg"
            (tmp_path / person / name).symlink_to(LONDON / name)
    shutil.copy(__file__, tmp_path / "001" / "z_no_picture.jpg")
    return tmp_path
