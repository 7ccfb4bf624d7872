"""What every view is given, and the words on it: set once, set again whenever the language changes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QBoxLayout, QComboBox, QFrame, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from caregiver.state import AppState
from qtkit.background import Background
from qtkit.i18n import Language
from qtkit.theme import Theme


@dataclass(frozen=True)
class Desk:
    """The window's surroundings, handed to every view."""

    state: AppState
    theme: Theme
    language: Language
    background: Background

    def tr(self, key: str, **details: object) -> str:
        return self.language.tr(f"caregiver.{key}", **details)


class Words(QObject):
    """Remembers which setter shows which sentence; `put` sets it now and after every change of language."""

    def __init__(self, desk: Desk, owner: QWidget) -> None:
        super().__init__(owner)
        self._desk = desk
        self._set: list[tuple[Callable[[str], Any], str, dict[str, object]]] = []
        desk.language.changed.connect(self.refresh)

    def put(self, setter: Callable[[str], Any], key: str, **details: object) -> None:
        self._set.append((setter, key, details))
        setter(self._desk.tr(key, **details))

    def refresh(self) -> None:
        for setter, key, details in self._set:
            setter(self._desk.tr(key, **details))


class Choice(QComboBox):
    """A drop-down of (value, sentence) that keeps its value while the sentences change."""

    def __init__(self, name: str = "") -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)

    def offer(self, items: list[tuple[str, str]]) -> None:
        kept = self.currentData()
        self.blockSignals(True)
        self.clear()
        for value, words in items:
            self.addItem(words, value)
        self.setCurrentIndex(max(0, self.findData(kept)))
        self.blockSignals(False)

    @property
    def value(self) -> str:
        return str(self.currentData() or "")

    def choose(self, value: str) -> None:
        self.setCurrentIndex(max(0, self.findData(value)))


def row(*things: QWidget | int | QLayout, space: int = 8, margins: int = 0) -> QHBoxLayout:
    """Widgets side by side; a number is a stretch."""
    layout = QHBoxLayout()
    _fill(layout, things, space, margins)
    return layout


def column(*things: QWidget | int | QLayout, space: int = 8, margins: int = 0) -> QVBoxLayout:
    """Widgets under one another; a number is a stretch."""
    layout = QVBoxLayout()
    _fill(layout, things, space, margins)
    return layout


def _fill(layout: QBoxLayout, things: tuple[QWidget | int | QLayout, ...], space: int, margins: int) -> None:
    layout.setSpacing(space)
    layout.setContentsMargins(margins, margins, margins, margins)
    for thing in things:
        if isinstance(thing, int):
            layout.addStretch(thing)
        elif isinstance(thing, QLayout):
            layout.addLayout(thing)
        else:
            layout.addWidget(thing)


def scrolling(inner: QWidget) -> QScrollArea:
    """`inner` in a frameless area that scrolls down only."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inner)
    area.viewport().setProperty("ground", "paper")
    inner.setProperty("ground", "paper")
    return area


def empty(layout: QLayout) -> None:
    """Take everything out of a layout and let it go."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            empty(inner)
