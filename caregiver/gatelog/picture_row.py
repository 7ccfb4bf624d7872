"""The control that shows a passage's picture: a button, what is going on, the picture or why there is none."""

from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QLabel, QWidget

from caregiver.gatelog.log import Passage
from caregiver.gatelog.picture import PictureDesk
from caregiver.layout import column, row
from caregiver.memory.reading import reading
from caregiver.ui import Desk
from domain.errors import Mendable
from qtkit.buttons import Button
from qtkit.widgets import text

WIDEST = 240


class PictureRow(QWidget):
    """Belongs to one passage; the picture goes with it."""

    def __init__(self, desk: Desk, pictures: PictureDesk, passage: Passage) -> None:
        super().__init__()
        self._desk, self._pictures, self._passage = desk, pictures, passage
        self._asking = False
        self.show_it = Button(desk.theme, desk.tr("gatelog.picture_show"), "person", "quiet")
        self.show_it.clicked.connect(self._pressed)
        self.said = text("", "small", tone="muted")
        self.picture = QLabel()
        self.picture.setAccessibleName(desk.tr("gatelog.picture_name"))
        self.setLayout(column(row(self.show_it, 1), self.picture, self.said, space=desk.theme.px(4)))
        for part in (self.said, self.picture):
            part.hide()

    def _pressed(self) -> None:
        if self.picture.isVisible():
            self.picture.clear()
            self._show("", "gatelog.picture_show")
            return
        if self._asking:  # it stays as it is: the keyboard would go on to a verdict
            return
        desk, fact = self._desk, self._passage.fact
        self._asking = True
        self._say(desk.tr("gatelog.picture_asking"))
        work = reading(desk.state.journal.file, lambda reader: self._pictures.fetch(reader, fact))
        desk.background.run(work, self._got, self._failed, owner=self, asks=True)

    def _got(self, jpeg: bytes) -> None:
        shown = QPixmap()
        if not shown.loadFromData(jpeg):
            self._failed(Mendable("picture_broken"))
            return
        self.picture.setPixmap(shown.scaledToWidth(min(shown.width(), self._desk.theme.px(WIDEST))))
        self._show(self._desk.tr("gatelog.picture_seen"), "gatelog.picture_hide")
        self.picture.show()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, Mendable):
            self._show("", "gatelog.picture_show")
            raise error
        self._show(self._desk.language.tr(f"error.{error.code}", **error.details), "gatelog.picture_show")

    def _show(self, words: str, button: str) -> None:
        self.picture.hide()
        self._asking = False
        self.show_it.setText(self._desk.tr(button))
        self._say(words)

    def _say(self, words: str) -> None:
        self.said.setText(words)
        self.said.setVisible(bool(words))
