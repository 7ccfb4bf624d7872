"""How both windows look: tokens of ``assets/theme.toml`` made into a palette and a style sheet of our own.

Contrast is the relative-luminance ratio of WCAG 2.2, 1.4.3.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from assets import asset
from qtkit.fonts import chinese_family

Step = Literal["small", "body", "title", "elder", "display"]
SMALLEST, LARGEST = 0.8, 2.0  # text, of its usual size
STATES = ("well", "due", "overdue", "alarm", "away", "blind")


class Mode(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Tokens:
    """``theme.toml`` as it stands: colours by ground, pixels at scale 1."""

    light: Mapping[str, str]
    dark: Mapping[str, str]
    type: Mapping[str, Mapping[Step, int]]


@cache
def tokens() -> Tokens:
    return Tokens(**tomllib.loads(asset("theme.toml").read_text("utf-8")))


def luminance(colour: str) -> float:
    """Relative luminance of ``#RRGGBB``, 0 (black) to 1 (white)."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """1 (the same) to 21 (black on white)."""
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


class Theme(QObject):
    """What is in force now. Widgets read it while painting and repaint on `changed`; everything else is the style sheet.

    `program` picks the type sizes; `scale` enlarges type, space and targets together (2.0 is 200 % text).
    """

    changed = Signal()

    def __init__(
        self,
        app: QApplication,
        program: Literal["desktop", "kiosk"] = "desktop",
        mode: Mode = Mode.SYSTEM,
        scale: float = 1.0,
        reduced_motion: bool = False,
    ) -> None:
        super().__init__(app)
        self._app, self.program, self._mode, self._scale = app, program, mode, scale
        self.reduced_motion = reduced_motion
        self.family = chinese_family()
        app.styleHints().colorSchemeChanged.connect(self._follow)
        self.apply()

    @property
    def dark(self) -> bool:
        if self._mode is Mode.SYSTEM:
            return self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return self._mode is Mode.DARK

    @property
    def mode(self) -> Mode:
        return self._mode

    @property
    def scale(self) -> float:
        return self._scale

    def set_mode(self, mode: Mode) -> None:
        if mode is not self._mode:
            self._mode = mode
            self.apply()

    def set_scale(self, scale: float) -> None:
        if abs(scale - self._scale) > 0.005:
            self._scale = scale
            self.apply()

    def zoom(self, by: float) -> None:
        """A step larger or smaller, from 0.8 to twice the usual size."""
        self.set_scale(min(LARGEST, max(SMALLEST, self.scale + by)))

    def hex(self, token: str) -> str:
        return (tokens().dark if self.dark else tokens().light)[token]

    def colour(self, token: str, alpha: float = 1.0) -> QColor:
        """The colour of a token; `alpha` 0 to 1. ``#RRGGBBAA`` tokens carry their own."""
        text = self.hex(token)
        colour = QColor(text[:7])
        colour.setAlphaF(alpha * (int(text[7:9], 16) / 255 if len(text) == 9 else 1.0))
        return colour

    def px(self, length: float) -> int:
        """A length of the 8 px grid at the current scale."""
        return round(length * self._scale)

    def type_px(self, step: Step) -> int:
        """Pixels of a type step. On the kiosk no word is under 28, however small the panel."""
        size = self.px(tokens().type[self.program][step])
        return max(size, 28) if self.program == "kiosk" else max(size, 11)

    def font(self, step: Step, bold: bool = False) -> QFont:
        font = QFont(self.family)
        font.setPixelSize(self.type_px(step))
        font.setFeature(QFont.Tag("tnum"), 1)
        font.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
        return font

    def apply(self) -> None:
        self._app.setStyle(QStyleFactory.create("Fusion"))
        self._app.setFont(self.font("body"))
        self._app.setPalette(self._palette())
        self._app.setStyleSheet(self.style_sheet())
        self.changed.emit()

    def style_sheet(self) -> str:
        """``theme.qss``: every ``Npx`` is scaled, ``@token`` is a colour, ``@type-step`` a type size."""
        sheet = Path(__file__).with_name("theme.qss").read_text("utf-8")
        sheet = re.sub(r"\b(\d+)px", lambda m: f"{max(1, self.px(int(m[1])))}px", sheet)
        for step in tokens().type[self.program]:
            sheet = sheet.replace(f"@type-{step};", f"{self.type_px(step)}px;")
        sheet = re.sub(r"@(\w+)\b", lambda m: self.hex(m[1]), sheet)
        return (
            sheet.replace("$family", self.family)
            .replace("$icons", asset("icons").as_posix())
            .replace("$mode", "dark" if self.dark else "light")
        )

    def _palette(self) -> QPalette:
        roles: dict[Any, str] = {
            QPalette.ColorRole.Window: "paper",
            QPalette.ColorRole.WindowText: "ink",
            QPalette.ColorRole.Base: "surface",
            QPalette.ColorRole.AlternateBase: "paper",
            QPalette.ColorRole.Text: "ink",
            QPalette.ColorRole.PlaceholderText: "muted",
            QPalette.ColorRole.Button: "surface",
            QPalette.ColorRole.ButtonText: "ink",
            QPalette.ColorRole.Highlight: "lantern",
            QPalette.ColorRole.HighlightedText: "on_lantern",
            QPalette.ColorRole.ToolTipBase: "surface",
            QPalette.ColorRole.ToolTipText: "ink",
            QPalette.ColorRole.Link: "lantern",
            QPalette.ColorRole.Mid: "line",
        }
        palette = QPalette()
        for role, token in roles.items():
            palette.setColor(role, self.colour(token))
        return palette

    def _follow(self) -> None:
        if self._mode is Mode.SYSTEM:
            self.apply()
