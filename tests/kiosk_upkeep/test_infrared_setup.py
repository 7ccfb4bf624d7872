"""Setting up the infrared eye, with made pairs: no such camera was at hand."""

import io
import tomllib
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.__main__ import main
from kiosk.config import KioskSettings
from tests.fakes.faces_data import london, needs_data, scene

pytestmark = needs_data


def film(
    folder: Path, shift: tuple[int, int], px: float, *, grey: bool = False, jump: int = 0, lamp: bool = True
) -> None:
    """Somebody sways before a camera that stands `shift` pixels beside the other, by less than would tell that the two films were
    not begun at the same moment; `jump` moves it every frame."""
    folder.mkdir()
    (folder / "fps.txt").write_text("10")
    rng = np.random.default_rng(0)
    for i in range(24):
        x, y = 110 + round(6 * np.sin(i / 4)) + shift[0], 20 + shift[1]
        x += int(rng.integers(-jump, jump + 1)) if jump else 0
        image = scene((london("001", px=px), x, y))
        if grey:
            image = cv2.cvtColor((cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) * 0.8).astype(np.uint8), cv2.COLOR_GRAY2BGR)
        cv2.imwrite(str(folder / f"{i:03}.png"), image if lamp else image * 0)


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (file := tmp_path / "kiosk.toml").write_text(
        f"data = '{tmp_path / 'data'}'\n[camera]\nsource = '{tmp_path / 'colour'}'\nsimulated = true\nloop = true\n"
        f"[infrared]\nsource = '{tmp_path / 'infrared'}'\n"
    )
    monkeypatch.setenv("SHOUWANG_KIOSK_CONFIG", str(file))
    monkeypatch.setenv("SHOUWANG_LANGUAGE", "en")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setattr("kiosk.__main__.keep_log", lambda *_, **__: None)
    film(tmp_path / "colour", (0, 0), 60)
    return tmp_path


def test_the_offset_is_printed_as_the_settings_take_it(configured: Path, capsys: pytest.CaptureFixture[str]) -> None:
    film(configured / "infrared", (40, 24), 54, grey=True)
    assert main(["infrared", "--seconds", "60"]) == 0
    printed = capsys.readouterr().out
    told = KioskSettings(**tomllib.loads(printed[printed.index("[infrared]") :])).infrared
    # 60 px between the eyes become 54: a picture of 384 px one of 346, moved by 40 and 24
    assert told.scale == pytest.approx(0.9, abs=0.04)
    assert told.dx == pytest.approx((40 - 0.05 * 384) / 640, abs=0.03)
    assert told.dy == pytest.approx((24 - 0.05 * 384) / 480, abs=0.03)


def test_a_lamp_that_is_off_is_said(configured: Path, capsys: pytest.CaptureFixture[str]) -> None:
    film(configured / "infrared", (40, 24), 54, lamp=False)
    assert main(["infrared", "--seconds", "2"]) == 1
    assert "lamp" in capsys.readouterr().err


def test_cameras_that_are_not_fixed_are_said(configured: Path, capsys: pytest.CaptureFixture[str]) -> None:
    film(configured / "infrared", (40, 24), 54, grey=True, jump=70)
    assert main(["infrared", "--seconds", "60"]) == 1
    assert "disagree" in capsys.readouterr().err


def test_no_camera_named_is_said(configured: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (configured / "kiosk.toml").read_text()
    (configured / "kiosk.toml").write_text(text[: text.index("[infrared]")])
    assert main(["infrared"]) == 1
    assert "[infrared]" in capsys.readouterr().err
