"""Pages of a room behind words in a row, which goes on in the next line where the words are large."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QSizePolicy, QWidget

from caregiver.layout import Pages, column
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.theme import Theme

HIGH_PX = 40
LEAST_PX = 240  # whatever the size of text: the screen is no larger with it, and each page scrolls


class Tabs(QWidget):
    """One page at a time, each scrolling beneath the words. `turned` when another one is shown; Ctrl+Tab goes on to the next."""

    turned = Signal()

    def __init__(self, theme: Theme, pages: Mapping[str, QWidget]) -> None:
        super().__init__()
        self._named, self._pages, group = dict(pages), Pages(), QButtonGroup(self)
        self.words: dict[str, Button] = {}
        for name, page in self._named.items():
            word = self.words[name] = Button(theme, role="tab", height=HIGH_PX)
            word.setCheckable(True)
            word.clicked.connect(lambda _=False, chosen=page: self.setCurrentWidget(chosen))
            group.addButton(word)
        self._pages.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)  # each scrolls by itself
        self._pages.setMinimumHeight(LEAST_PX)
        head = QWidget()
        head.setLayout(Flow(*self.words.values(), space=0))
        whole = column(head, self._pages, space=0)
        whole.setStretch(1, 1)
        self.setLayout(whole)
        for page in self._named.values():
            self._pages.addWidget(page)
        for keys, by in ((QKeySequence.StandardKey.NextChild, 1), (QKeySequence.StandardKey.PreviousChild, -1)):
            QShortcut(QKeySequence(keys), self).activated.connect(lambda by=by: self._go_on(by))
        self.setCurrentWidget(next(iter(self._named.values())))

    def currentWidget(self) -> QWidget:
        return self._pages.currentWidget()

    def setCurrentWidget(self, page: QWidget) -> None:
        name = next(name for name, named in self._named.items() if named is page)
        self.words[name].setChecked(True)
        if page is not self.currentWidget():
            self._pages.setCurrentWidget(page)
            self.turned.emit()

    def _go_on(self, by: int) -> None:
        pages = list(self._named.values())
        self.setCurrentWidget(pages[(pages.index(self.currentWidget()) + by) % len(pages)])
