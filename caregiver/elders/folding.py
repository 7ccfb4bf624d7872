"""A card whose fields stay folded until somebody asks for them: a heading that opens it, and beside it how things stand."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from caregiver.layout import bring_into_sight, row
from caregiver.ui import Desk, Words
from qtkit.buttons import Button
from qtkit.widgets import Card, text


class Fold(Card):
    """`changed` when a field has. What stands is told by `say`, folded or not."""

    changed = Signal()

    def __init__(self, desk: Desk, title: str) -> None:
        super().__init__(desk.theme)
        self._desk, self._words = desk, Words(desk, self)
        self.head, self.gist = Button(desk.theme, icon_name="unfold", role="quiet"), text("", "small", tone="muted")
        self.inside = QWidget()
        self.fields = QVBoxLayout(self.inside)
        px = desk.theme.px
        self.body.setContentsMargins(px(4), px(4), px(16), px(4))
        self.body.setSpacing(0)
        self.fields.setContentsMargins(px(12), 0, 0, px(12))
        self.fields.setSpacing(px(8))
        line = row(self.head, self.gist)
        line.setStretch(1, 1)
        self.body.addLayout(line)
        self.body.addWidget(self.inside)
        self.inside.hide()
        self.head.clicked.connect(lambda: self.unfold(not self.unfolded))
        self._words.put(self.head.setText, title)

    @property
    def unfolded(self) -> bool:
        return not self.inside.isHidden()

    def unfold(self, wanted: bool) -> None:
        self.inside.setVisible(wanted)
        self.head.set_icon("fold" if wanted else "unfold")
        if wanted:
            bring_into_sight(self)

    def say(self, gist: str) -> None:
        self.gist.setText(gist)
        self.head.setAccessibleDescription(gist)
