"""The icons are those of one set, as they are drawn by ``packaging/draw_icons.py``."""

import runpy
from pathlib import Path

from PySide6.QtWidgets import QApplication

from assets import asset

ROOT = Path(__file__).resolve().parents[2]


def test_the_icons_of_the_set_are_as_it_draws_them(qapp: QApplication) -> None:
    drawn = runpy.run_path(str(ROOT / "packaging" / "draw_icons.py"))["drawn"]()
    kept = {name: asset("icons", f"{name}.svg").read_text("utf-8") for name in drawn}
    assert kept == drawn, "run: python packaging/draw_icons.py"
