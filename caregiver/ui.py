"""What every view is given, and the words on it: set once, set again whenever the language changes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QSettings, QSize, Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QLineEdit,
    QWidget,
)

from caregiver.memory.replica import Replica
from caregiver.wording import term
from qtkit.background import Background
from qtkit.i18n import Language
from qtkit.theme import Theme

W = TypeVar("W", bound=QWidget)
LEAST_SCREEN = QSize(1366, 768)  # nothing opens larger, whatever the size of the text


@dataclass(frozen=True)
class Desk:
    """The window's surroundings, handed to every view."""

    state: Replica
    theme: Theme
    language: Language
    background: Background
    kept: QSettings | None = None  # how whoever sits here arranged their windows

    def tr(self, key: str, **details: object) -> str:
        return self.language.tr(f"caregiver.{key}", **details)

    def learn_names(self, then: Callable[[], object], owner: QObject) -> None:
        """Ask the district who works here now, for a list to choose from: somebody invited since the sign-in is on it too."""

        def learned(names: dict[str, str]) -> None:
            self.state.colleague_names.update(names)
            then()

        self.background.run(self.state.ask_names, learned, owner=owner, asks=True)

    def place(self, place: str) -> str:
        """A room in words; a gate by the name that it gave itself."""
        named = self.state.gate_names.get(place, {}).get(self.language.code)
        return named or term(self.language, "place", place)


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


class _Length(QObject):
    """Sets a length anew with the size of text; goes with the widget that it is of."""

    def __init__(self, theme: Theme, widget: QWidget, set_it: Callable[[int], Any], length: int) -> None:
        super().__init__(widget)
        self._theme, self._set, self._length = theme, set_it, length
        theme.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        self._set(self._theme.px(self._length))


def at_scale(theme: Theme, widget: W, setter: Callable[[W, int], Any], length: int) -> None:
    """Set pixels of the grid now, and after every change of the size of text."""
    _Length(theme, widget, partial(setter, widget), length)


class Choice(QComboBox):
    """A drop-down of (value, sentence) that keeps its value while the sentences change. Where that is offered no more it says none
    (""), or nothing: no other is chosen for somebody, and nothing changes under the hand while the list is open."""

    def __init__(self, name: str = "") -> None:
        super().__init__()
        self._later: list[tuple[str, str]] | None = None
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)

    def offer(self, items: list[tuple[str, str]]) -> None:
        if self.view().isVisible():
            self._later = items
            return
        if items == [(self.itemData(n), self.itemText(n)) for n in range(self.count())]:
            return
        kept, left_open = self.currentData(), self.count() > 0 and self.currentIndex() < 0
        self.blockSignals(True)
        self.clear()
        for value, words in items:
            self.addItem(words, value)
        # what said that there was none to choose gives way to those there are
        other = self.findData("") if kept or left_open else 0
        self.setCurrentIndex(other if left_open or (found := self.findData(kept)) < 0 else found)
        self.blockSignals(False)

    def hidePopup(self) -> None:
        super().hidePopup()
        if self._later is not None:
            QTimer.singleShot(0, self, self._offer_later)  # once what was chosen in it is chosen

    def _offer_later(self) -> None:
        items, self._later = self._later, None
        if items is not None:
            self.offer(items)

    @property
    def value(self) -> str:
        return str(self.currentData() or "")

    def choose(self, value: str) -> None:
        self.setCurrentIndex(max(0, self.findData(value)))


class Hinted(QLineEdit):
    """A field that is no narrower than what it says while nobody has written in it."""

    def sizeHint(self) -> QSize:
        return self._wide_enough(super().sizeHint())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._wide_enough(QSize()).width(), super().minimumSizeHint().height())

    def _wide_enough(self, hint: QSize) -> QSize:
        words = self.fontMetrics()
        rim = super().minimumSizeHint().width() - words.maxWidth()
        return hint.expandedTo(QSize(words.horizontalAdvance(self.placeholderText()) + rim, 0))
