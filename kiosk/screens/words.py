"""The words of a page: the headline in both languages and the next step, the headline as large as its room allows."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from kiosk.screens.shape import Shape
from kiosk.screens.speech import other, sentence
from kiosk.visit.view import View
from qtkit.i18n import Language
from qtkit.theme import Theme
from qtkit.widgets import retone, text

CHINESE = re.compile("[\u4e00-\u9fff]")
MARKS = re.compile("[，。：！？]")
CENTRE = Qt.AlignmentFlag.AlignCenter


class Words(QWidget):
    """The headline in both languages and the next step. Beside a picture the headline is as large as there is room for."""

    def __init__(self, theme: Theme, language: Language) -> None:
        super().__init__()
        self._theme, self._language = theme, language
        self._grows, self._elder, self._large = False, False, False
        self._fitted: tuple[object, ...] = ()
        self.headline = text("", "title")
        self.foreign = text("", "body", "muted")
        self.second = text("", "body")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, theme.px(12))
        column.setSpacing(theme.px(12))
        column.addStretch(1)
        for label in (self.headline, self.foreign, self.second):
            label.setAlignment(CENTRE)
            label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
            column.addWidget(label)
        column.addStretch(1)

    def arrange(self, shape: Shape) -> None:
        self._grows = shape.beside

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def show_view(self, view: View, tone: str = "", *, foreign: bool = True) -> None:
        code = self._language.code
        self._elder, self._large = view.elder, view.large
        self.headline.setText(sentence(view.headline, code))
        self.foreign.setText(sentence(view.headline, other(code)))
        self.foreign.setVisible(foreign and not view.large)
        self.second.setText(sentence(view.second, code))
        self.second.setVisible(view.second is not None)
        retone(self.headline, "tone", tone)
        retone(self.headline, "type", "elder" if view.elder else "title")
        self.setAccessibleName(f"{self.headline.text()} {self.second.text()}")
        self._fit()

    @property
    def _least(self) -> int:
        return self._theme.type_px("elder" if self._elder else "title")

    def _fit(self) -> None:
        """An elder's greeting up to the clock's size, any other headline up to an elder's, without breaking into another line;
        at the hours of elders into one more, but not in Chinese, which would break within a word."""
        words = map(_shown, (self.headline, self.foreign, self.second))
        fitted = (self._grows, self._elder, self._large, self.size(), *words)
        if fitted == self._fitted:
            return
        self._fitted = fitted
        for label in (self.headline, self.foreign, self.second):
            label.setContentsMargins(0, 0, 0, 0)
        grows = self._grows or self._large
        most = self._theme.type_px("display" if self._elder else "elder") if grows else self._least
        lines = self._lines(self._least) + (self._large and " " in self.headline.text())
        fits = (s for s in range(most, self._least, -2) if self._needed(s) <= self.height() and self._lines(s) <= lines)
        size = next(fits, self._least)
        self.headline.setStyleSheet(f"font-size: {size}px;")
        for label in (self.headline, self.foreign, self.second):
            even(label, self.width())

    def _needed(self, size: int) -> int:
        """The height of all words in this width, with a headline of so many pixels."""
        heights = [] if self.headline.isHidden() else [self._measured(size).height()]
        labels = [label for label in (self.foreign, self.second) if not label.isHidden()]
        heights += [label.heightForWidth(self.width()) for label in labels]
        return sum(height + self._theme.px(12) for height in heights)

    def _lines(self, size: int) -> int:
        """How many lines the headline takes; more than any number where a word is too wide."""
        measured, font = self._measured(size), self._font(size)
        return 99 if measured.width() > self.width() else round(measured.height() / QFontMetrics(font).lineSpacing())

    def _measured(self, size: int) -> QRect:
        asked = QRect(0, 0, self.width(), 10_000)
        return QFontMetrics(self._font(size)).boundingRect(asked, Qt.TextFlag.TextWordWrap, self.headline.text())

    def _font(self, size: int) -> QFont:
        font = self._theme.font("title", bold=True)
        font.setPixelSize(size)
        return font


def even(label: QLabel, width: int) -> None:
    """Narrow a label so far that its lines are about as long as each other and none more: no word stands alone in the last one.
    Chinese, which would break within a word, breaks after a mark where both lines have room."""
    label.ensurePolished()
    metrics, words = label.fontMetrics(), label.text()

    def height(narrowed: int) -> int:
        return metrics.boundingRect(QRect(0, 0, narrowed, 10_000), Qt.TextFlag.TextWordWrap, words).height()

    if height(width) < 2 * metrics.height():
        return
    if CHINESE.search(words):
        lengths = _after_a_mark(words, metrics.horizontalAdvance)
        narrowest = min((length for length in lengths if length < width), default=width)
    else:
        whole = range(max(map(metrics.horizontalAdvance, words.split())), width)
        narrowest = whole.start + bisect_left(whole, True, key=lambda narrowed: height(narrowed) <= height(width))
    margin = max(0, width - narrowest) // 2
    label.setContentsMargins(margin, 0, margin, 0)


def _after_a_mark(words: str, advance: Callable[[str], int]) -> Iterator[int]:
    """In what widths it breaks into two just there."""
    for mark in MARKS.finditer(words):
        first, second = words[: mark.end()], words[mark.end() :]
        room = max(advance(first), advance(second)) + 2
        if second and advance(first + second[0]) > room:
            yield room


def _shown(label: QLabel) -> str:
    return "" if label.isHidden() else label.text()
