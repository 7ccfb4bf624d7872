"""Under an alarm's buttons: who was told by which channel and how far that got, a few at a time."""

from PySide6.QtWidgets import QWidget

from caregiver.incidents.big_words import Big
from caregiver.incidents.work import Told
from caregiver.layout import column, empty, row
from caregiver.ui import Desk
from caregiver.wording import term
from qtkit.buttons import Button

AT_ONCE = 6  # lines


class ToldList(QWidget):
    """`rest` turns to the next few of those who were told; after the last the first again."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk, self._all, self._from = desk, tuple[Told, ...](), 0
        self.lines = column(space=desk.theme.px(4))
        self.rest = Button(desk.theme, role="on_alarm", height=40)
        self.rest.clicked.connect(self._turn)
        self.setLayout(column(self.lines, row(self.rest, 1), space=desk.theme.px(8)))

    def show_told(self, told: tuple[Told, ...], *, anew: bool = False) -> None:
        """`anew` for another alarm: from the first on."""
        self._all = told
        if anew:
            self._from = 0
        self._list()

    def _list(self) -> None:
        empty(self.lines)
        shown = self._all[self._from : self._from + AT_ONCE]
        self.rest.setText(self._desk.tr("alarm.told_rest", n=len(self._all) - len(shown)))
        self.rest.setVisible(len(self._all) > len(shown))
        for told in shown:
            line = Big(15, self._desk, bold=False)
            line.setText(self._words(told))
            self.lines.addWidget(line)

    def _turn(self) -> None:
        self._from += AT_ONCE
        if self._from >= len(self._all):
            self._from = 0
        self._list()

    def _words(self, told: Told) -> str:
        desk, tongue = self._desk, self._desk.language
        state, at = term(tongue, "notice", told.state), f"{desk.state.local(told.at):%H:%M:%S}"
        level, channel = term(tongue, "level", str(int(told.level))), term(tongue, "channel", told.channel)
        parts = (level, desk.state.name_of(told.who), channel if told.channel else "", f"{state} {at}")
        return " · ".join(part for part in parts if part)
