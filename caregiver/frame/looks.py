"""How whoever sits here likes to read, kept until the next time: the size of text, light or dark, the language."""

from contextlib import suppress
from functools import partial

from PySide6.QtCore import QObject, QSettings
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from qtkit.i18n import Language
from qtkit.theme import LARGEST, SMALLEST, Mode, Theme


def zooms(window: QWidget, theme: Theme) -> None:
    """By Ctrl and +, −, 0."""
    keys = {
        "Ctrl+=": partial(theme.zoom, 0.1),
        "Ctrl+-": partial(theme.zoom, -0.1),
        "Ctrl+0": partial(theme.set_scale, 1.0),
    }
    for key, act in keys.items():
        QShortcut(QKeySequence(key), window).activated.connect(act)


class Looks(QObject):
    """Begins with what was kept; what is as the settings have it is not kept, so that it follows them."""

    def __init__(self, theme: Theme, language: Language, kept: QSettings) -> None:
        super().__init__(theme)
        self._theme, self._language, self._kept = theme, language, kept
        self._usual = self._now()
        self._begin()
        theme.changed.connect(self._keep)
        language.changed.connect(self._keep)

    def _now(self) -> dict[str, str]:
        return {
            "looks/scale": f"{self._theme.scale:.2f}",
            "looks/mode": self._theme.mode.value,
            "looks/language": self._language.code,
        }

    def _begin(self) -> None:
        scale, mode, code = (self._kept.value(key, usual) for key, usual in self._usual.items())
        with suppress(ValueError):  # a file that somebody has written in
            self._theme.set_scale(min(LARGEST, max(SMALLEST, float(str(scale)))))
        with suppress(ValueError):
            self._theme.set_mode(Mode(str(mode)))
        with suppress(KeyError):
            self._language.set(str(code))

    def _keep(self) -> None:
        for key, now in self._now().items():
            if now == self._usual[key]:
                self._kept.remove(key)
            else:
                self._kept.setValue(key, now)
