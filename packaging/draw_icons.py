"""Draw assets/icons from qtawesome's Phosphor set; a test holds the files to it.

qtawesome draws with fonts that it loads as a program starts: 0.2 s and 36 MB that a desktop cannot spare (docs/decisions/0081).
Drawn once, the same pictures are files. What says something of Shouwang's own (the states, the lantern, the gate and its keypad) is
drawn by hand.
"""

import json
import os
from pathlib import Path

os.environ.setdefault("QT_API", "pyside6")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import qtawesome
from PySide6.QtGui import QFont, QGuiApplication, QPainterPath, QRawFont

ICONS = Path(__file__).resolve().parents[1] / "assets" / "icons"
GRID = 256
"""The side of an icon's square in the units that Phosphor is drawn in."""

PHOSPHOR = {
    "attention": "warning-circle-bold",
    "away": "arrow-line-right-bold",
    "bell": "bell-bold",
    "board": "squares-four-bold",
    "camera": "camera-bold",
    "camera-off": "camera-slash-bold",
    "card": "credit-card-bold",
    "chart": "chart-bar-bold",
    "check": "check-bold",
    "check-on-dark": "check-bold",
    "check-on-light": "check-bold",
    "chevron-down-mid": "caret-down-bold",
    "clock": "clock-bold",
    "close": "x-bold",
    "copy": "copy-bold",
    "down-file": "download-simple-bold",
    "erase": "backspace-bold",
    "face": "user-focus-bold",
    "fold": "caret-down-bold",
    "gear": "gear-six-bold",
    "globe": "globe-bold",
    "guard": "headset-bold",
    "heart": "heart-bold",
    "home": "house-bold",
    "info": "info-bold",
    "left": "arrow-left-bold",
    "list": "list-bullets-bold",
    "lock": "lock-bold",
    "muted": "minus-circle-bold",
    "note": "pencil-simple-bold",
    "offline": "wifi-slash-bold",
    "online": "wifi-high-bold",
    "page": "file-text-bold",
    "people": "users-bold",
    "person": "user-bold",
    "phone": "phone-bold",
    "plus": "plus-bold",
    "printer": "printer-bold",
    "qr": "qr-code-bold",
    "question": "question-bold",
    "refresh": "arrows-clockwise-bold",
    "right": "arrow-right-bold",
    "sheet": "table-bold",
    "speaker": "speaker-high-bold",
    "speaker-off": "speaker-x-bold",
    "sun": "sun-bold",
    "unfold": "caret-right-bold",
}
"""Ours: theirs."""

COLOURS = {"check-on-dark": "#2A1205", "check-on-light": "#FFFFFF", "chevron-down-mid": "#7F8C90"}
"""A style sheet cannot colour a picture: what it names carries its colour."""


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _commands(path: QPainterPath) -> str:
    """The path as SVG's `d`: Qt gives a cubic as its first control point and two elements of data."""
    letters = {
        QPainterPath.ElementType.MoveToElement: "M",
        QPainterPath.ElementType.LineToElement: "L",
        QPainterPath.ElementType.CurveToElement: "C",
        QPainterPath.ElementType.CurveToDataElement: " ",
    }
    elements = [path.elementAt(i) for i in range(path.elementCount())]
    return "".join(f"{letters[e.type]}{_number(e.x)} {_number(e.y)}" for e in elements)


def drawn() -> dict[str, str]:
    """The SVG of every icon that is Phosphor's, by our name. Wants a running QGuiApplication, which reads fonts.

    Raises KeyError for a glyph that the set does not have.
    """
    folder, files = qtawesome.get_fonts_info()
    [font_file] = [name for name in files if name.startswith("phosphor")]
    [charmap] = Path(folder).glob("phosphor-charmap-*.json")
    codes = json.loads(charmap.read_text("utf-8"))
    font = QRawFont(str(Path(folder) / font_file), GRID, QFont.HintingPreference.PreferNoHinting)
    icons = {}
    for name, glyph in PHOSPHOR.items():
        [index] = font.glyphIndexesForString(chr(int(codes[glyph], 16)))
        path = font.pathForGlyph(index).translated(0, font.ascent())
        icons[name] = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {GRID} {GRID}">'
            f'<path fill="{COLOURS.get(name, "currentColor")}" d="{_commands(path)}"/></svg>\n'
        )
    return icons


if __name__ == "__main__":
    application = QGuiApplication([])
    for name, svg in drawn().items():
        (ICONS / f"{name}.svg").write_text(svg, "utf-8")
