"""Choosing pictures by a click or by dropping them, and showing those that are kept."""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPixmap
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QWidget

from caregiver.layout import column, empty, row
from caregiver.memory.photos import KINDS, MOST, Photo, shrunk
from caregiver.ui import Desk, Words
from domain.errors import Mendable
from qtkit.buttons import Button
from qtkit.widgets import text

CHOSEN_PX, KEPT_PX = 64, 240


@dataclass(eq=False, slots=True)
class Chosen:
    """Pictures for one thing, and how many are still being scaled for it."""

    jpegs: list[bytes] = field(default_factory=list)
    waiting: int = 0


class PhotoPick(QWidget):
    """Up to `MOST` pictures, scaled beside the window; `take` hands them over and forgets them. What is scaled by then comes to
    those it was chosen with. `changed` when there is another picture, or one less."""

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk, self._words = desk, Words(desk, self)
        self.chosen = Chosen()
        self.add = Button(desk.theme, icon_name="camera", role="quiet")
        self.add.clicked.connect(self._choose)
        self._words.put(self.add.setText, "photo.add")
        self._words.put(self.add.setToolTip, "photo.drop")
        self.said = text("", "small", tone="overdue")
        self.said.hide()
        self._thumbs = QHBoxLayout()
        self.setAcceptDrops(True)
        self.setLayout(column(row(self.add, 1), self._thumbs, self.said, space=desk.theme.px(4)))

    @property
    def jpegs(self) -> list[bytes]:
        return self.chosen.jpegs

    @property
    def busy(self) -> bool:
        """A picture is still being scaled."""
        return self.chosen.waiting > 0

    def take(self) -> Chosen:
        taken = self.chosen
        self.put(Chosen())
        return taken

    def put(self, chosen: Chosen) -> None:
        """Show pictures that `take` handed over before."""
        self.chosen = chosen
        self._show()

    def read(self, paths: list[Path]) -> None:
        """Scale these and show them; what is no picture is said and left out."""
        chosen = self.chosen
        room = MOST - len(chosen.jpegs) - chosen.waiting
        if len(paths) > room:
            self._say(self._desk.tr("photo.too_many", n=MOST))
        else:
            self._say("")
        for path in paths[: max(0, room)]:
            chosen.waiting += 1
            self.changed.emit()
            self._desk.background.run(
                partial(shrunk, path), partial(self._got, chosen), partial(self._failed, chosen), self
            )

    def _got(self, chosen: Chosen, jpeg: bytes) -> None:
        chosen.waiting -= 1
        chosen.jpegs.append(jpeg)
        if chosen is self.chosen:
            self._show()

    def _failed(self, chosen: Chosen, error: Exception) -> None:
        chosen.waiting -= 1
        if not isinstance(error, Mendable):
            raise error
        if chosen is self.chosen:
            self._say(self._desk.language.tr(f"error.{error.code}", **error.details))

    def _say(self, words: str) -> None:
        self.said.setText(words)
        self.said.setVisible(bool(words))

    def _choose(self) -> None:
        kinds = " ".join(f"*.{kind}" for kind in KINDS)
        paths, _ = QFileDialog.getOpenFileNames(self, self.add.text(), "", f"{self._desk.tr('photo.files')} ({kinds})")
        self.read([Path(path) for path in paths])

    def _show(self) -> None:
        empty(self._thumbs)
        for number, jpeg in enumerate(self.jpegs):
            button = Button(self._desk.theme, icon_name="close", role="quiet")
            button.setAccessibleName(self._desk.tr("photo.leave_out", n=number + 1))
            button.setToolTip(button.accessibleName())
            button.clicked.connect(lambda _=False, n=number: self._drop(n))
            self._thumbs.addWidget(picture(self._desk, jpeg, CHOSEN_PX))
            self._thumbs.addWidget(button)
        self._thumbs.addStretch(1)
        self.changed.emit()

    def _drop(self, number: int) -> None:
        del self.jpegs[number]
        self._show()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(_is_picture(url.toLocalFile()) for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [url.toLocalFile() for url in event.mimeData().urls()]
        self.read([Path(path) for path in paths if _is_picture(path)])
        event.acceptProposedAction()


def _is_picture(path: str) -> bool:
    return Path(path).suffix.lower().lstrip(".") in KINDS


def picture(desk: Desk, jpeg: bytes, side: int) -> QLabel:
    """A picture no larger than `side` (before scaling) in both directions."""
    shown = QPixmap()
    shown.loadFromData(jpeg)
    label, px = QLabel(), desk.theme.px(side)
    label.setPixmap(
        shown.scaled(px, px, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
    )
    label.setAccessibleName(desk.tr("photo.kept"))
    return label


def kept(desk: Desk, photo: Photo) -> QWidget:
    """A kept picture with who brought it and when."""
    box = QWidget()
    by = desk.state.known_name(photo.by)
    words = " · ".join(part for part in (f"{desk.state.local(photo.at):%m-%d %H:%M}", by) if part)
    box.setLayout(column(picture(desk, photo.jpeg, KEPT_PX), text(words, "small", tone="muted"), space=2))
    return box
