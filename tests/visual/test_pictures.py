"""Every screen of both programs, and every page on a telephone, in both languages and modes, is what it was when somebody last
looked at it.

What is on purpose is renewed by ``./run screens --pinned``. What differs is left in ``.var/visual`` as three pictures.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from demo.comparing import EXPECTED, SHRINK, Place, compare, difference, shrunk
from demo.screens import COMPARED, MODES
from qtkit.buttons import Button
from qtkit.shots import settle, shoot
from qtkit.theme import Mode, Theme
from qtkit.widgets import retone, text

ROOT = Path(__file__).resolve().parents[2]
DRAWN = [("caregiver" if begins.startswith(("zh-", "en-")) else "kiosk", begins) for begins in COMPARED]
DRAWN += [("telephone", begins) for begins in MODES]


@pytest.mark.timeout(600)  # a whole program is drawn beside this one
@pytest.mark.parametrize(("program", "begins"), DRAWN, ids=[f"{begins}{program}" for program, begins in DRAWN])
def test_every_screen_looks_as_it_did(program: str, begins: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "demo.screens", "--pinned", "--exact", "--only", program]
    command += ["--begins", begins, "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    made = {path.name: path for path in (tmp_path / program).glob("*.png")}
    kept = {path.name: path for path in (EXPECTED / program).glob(f"{begins}*.png")}
    assert made, "nothing was drawn"
    assert sorted(set(made) ^ set(kept)) == [], "these are new or gone: ./run screens --pinned"
    evidence = ROOT / ".var" / "visual" / program
    differing = []
    for name, path in sorted(made.items()):
        actual = Image.open(path)
        places = compare(actual, kept[name], SHRINK[program])
        if places:
            evidence.mkdir(parents=True, exist_ok=True)
            stem = evidence / Path(name).stem
            shutil.copy(path, f"{stem}-actual.png")
            shutil.copy(kept[name], f"{stem}-expected.png")
            difference(actual, Image.open(kept[name])).save(f"{stem}-difference.png")
            differing.append(f"{stem}-difference.png: {'; '.join(map(str, places))}")
    assert not differing, "\n".join(["", *differing, "Meant? Look at each, then ./run screens --pinned"])


# ---------------------------------------------------------------- what the comparison finds and what it lets pass

Bench = tuple[QWidget, QLabel, Button]


@pytest.fixture
def bench(clean_app: QApplication) -> Iterator[Bench]:
    theme = Theme(clean_app, "desktop", Mode.LIGHT)
    page = QWidget()
    column = QVBoxLayout(page)
    title, button = text("王秀兰 今天安好", "title", tone="well"), Button(theme, "接警 Enter", role="primary")
    for part in (title, text("最后一次: 08:52 南门", tone="muted"), button):
        column.addWidget(part)
    page.setFixedSize(420, 240)
    page.show()
    settle(page)
    yield page, title, button
    page.close()


@pytest.fixture
def kept(bench: Bench, tmp_path: Path) -> Path:
    path = tmp_path / "kept.png"
    shrunk(shoot(bench[0], tmp_path / "whole.png"), "caregiver").save(path)
    return path


def found(bench: Bench, kept: Path) -> list[Place]:
    return compare(shrunk(shoot(bench[0], kept.with_name("again.png")), "caregiver"), kept, 2)


def test_the_same_again_is_the_same(bench: Bench, kept: Path) -> None:
    assert found(bench, kept) == []


@pytest.mark.parametrize(("right", "down"), [(2, 0), (-2, 0), (0, 2)])
def test_a_button_that_has_moved_by_two_pixels_is_found(bench: Bench, kept: Path, right: int, down: int) -> None:
    _, _, button = bench
    button.move(button.x() + right, button.y() + down)
    places = found(bench, kept)
    assert places
    assert all(place.top > button.y() - 8 for place in places), "and it is said where"


def test_another_word_is_found(bench: Bench, kept: Path) -> None:
    bench[1].setText("王秀兰 今天平安")
    assert found(bench, kept)


def test_another_colour_is_found(bench: Bench, kept: Path) -> None:
    retone(bench[1], "tone", "overdue")
    assert found(bench, kept)


def test_a_word_that_is_gone_or_a_picture_of_another_size_is_found(bench: Bench, kept: Path) -> None:
    bench[1].setText("")
    assert found(bench, kept)
    bench[0].setFixedSize(421, 242)
    assert found(bench, kept) == [Place(0, 0, 422, 242, 211 * 121)]


def test_rims_drawn_a_little_softer_and_a_grain_nobody_sees_pass(bench: Bench, kept: Path, tmp_path: Path) -> None:
    whole = Image.open(shoot(bench[0], tmp_path / "soft.png")).convert("RGB")
    soft = whole.filter(ImageFilter.Kernel((3, 3), (1, 1, 1, 1, 24, 1, 1, 1, 1)))
    grain = np.random.default_rng(7).integers(-10, 11, (*soft.size[::-1], 3))
    Image.fromarray(np.clip(np.asarray(soft, int) + grain, 0, 255).astype(np.uint8)).save(tmp_path / "soft.png")
    assert compare(shrunk(tmp_path / "soft.png", "caregiver"), kept, 2) == []


def test_the_difference_shows_in_red_where_it_is(bench: Bench, kept: Path) -> None:
    bench[1].setText("")
    again = shrunk(shoot(bench[0], kept.with_name("again.png")), "caregiver")
    red = np.argwhere((np.asarray(difference(again, Image.open(kept))) == (200, 0, 0)).all(axis=2))
    assert len(red) > 50
    assert red[:, 0].max() < 60, "the words stood at the top"
