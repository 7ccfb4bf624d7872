"""How many stand how, the line to the district, and what must be known besides: always in sight, always at the same place."""

from datetime import timedelta

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from caregiver.elders.board import Board
from caregiver.elders.standing import Urgency
from caregiver.frame.news import News
from caregiver.layout import ABREAST_PX, row
from caregiver.ui import Desk, at_scale
from caregiver.wording import span, term
from offline.line.link import Link
from offline.program import program_version
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.theme import Theme
from qtkit.widgets import Banner, Chip, text

HIGH_PX = 68  # for three small lines, or two of counts, so that the page beneath stays where it is whatever is said
COUNT_PX = 32
COUNTED = (Urgency.ALARM, Urgency.OVERDUE, Urgency.DUE, Urgency.BLIND, Urgency.AWAY)


class Count(Button):
    """How many stand one way: symbol, figure and word in the state's colour."""

    def __init__(self, theme: Theme, token: str) -> None:
        self.token = token
        super().__init__(theme, icon_name=token, role="quiet", height=COUNT_PX)

    def _ink(self) -> str:
        return self.token

    def refresh(self) -> None:
        super().refresh()
        self.setStyleSheet(
            f"color: {self._theme.hex(self.token)}; font-weight: 700; padding: 2px {self._theme.px(8)}px;"
        )


class TopBar(QWidget):
    """`chosen(token)` when one of the counts is pressed. `banners` speak beside them, the gravest first; what `of_the_line` says is
    what its chip says too."""

    chosen = Signal(str)

    def __init__(self, desk: Desk, board: Board, of_the_line: Banner, *banners: Banner) -> None:
        super().__init__()
        self._desk, self._board = desk, board
        self.total = text("", "body", strong=True, wrap=False)
        at_scale(desk.theme, self.total, QWidget.setMinimumHeight, COUNT_PX)  # on a line with the counts
        self.counts = {u.token: Count(desk.theme, u.token) for u in COUNTED}
        for token, button in self.counts.items():
            button.clicked.connect(lambda _=False, t=token: self.chosen.emit(t))
        self.line = Chip(desk.theme, "well", "", "small")
        self._standing, self.news = QWidget(), News(desk, banners, self.line, of_the_line)
        self._standing.setLayout(Flow(self.total, *self.counts.values(), space=desk.theme.px(4)))
        whole = self._whole = row(self._standing, self.news, space=desk.theme.px(8))
        whole.setAlignment(self._standing, Qt.AlignmentFlag.AlignVCenter)
        self.setLayout(whole)
        desk.theme.changed.connect(self._keep_the_place)
        self.news.turned.connect(self._keep_the_place)
        self._keep_the_place()
        desk.language.changed.connect(lambda _: self.refresh())

    def _keep_the_place(self) -> None:
        theme = self._desk.theme
        # what is said stands under the counts, and a page needs the room more
        narrow = self.width() < theme.px(ABREAST_PX)
        under = narrow and self.news.any
        self._whole.setDirection(QBoxLayout.Direction.TopToBottom if under else QBoxLayout.Direction.LeftToRight)
        # of the width; of the height none, which is the page's
        shares = (0, 0) if under else (1, 1) if self.news.any else (4, 3)
        for part, share in enumerate(shares):
            self._whole.setStretch(part, share)
        self.setMinimumHeight(0 if narrow else theme.px(HIGH_PX))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._keep_the_place()

    def make_room(self, wanted: bool) -> None:
        """For something that needs the room: nothing but what must be known stays."""
        self._standing.setHidden(wanted)
        self.setHidden(wanted and not self.news.any)

    def refresh(self) -> None:
        desk, counts = self._desk, self._board.counts()
        self.total.setText(desk.tr("top.total", n=len(self._board)))
        for token, button in self.counts.items():
            button.setText(desk.tr("top.count", n=counts[token], state=term(desk.language, "state", token)))
        line = desk.state.connection()
        if line.word == "sample":
            self.line.show_state("away", desk.tr("line.sample"))
        elif line.online:
            age = desk.tr("line.age_s", s=(line.age_ms or 0) // 1000)
            self.line.show_state("well", desk.tr("line.online", age=age))
        elif line.word == Link.STARTING:
            self.line.show_state("due", desk.tr("line.catching_up"))
        elif line.word == Link.UNWATCHED:
            self.line.show_state("blind", desk.tr("line.no_watch"))
        else:
            self.line.show_state("blind", desk.tr("line.offline"))


class LineBanner(Banner):
    """What the line's trouble means, and what to do: how old the data is, what waits to be sent."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.theme, "small")
        self._desk = desk
        desk.language.changed.connect(lambda _: self.refresh())

    def refresh(self) -> None:
        desk, line = self._desk, self._desk.state.connection()
        if line.online or (line.word == Link.STARTING and not line.pending):
            wanted = desk.tr("line.update", wanted=line.update, here=program_version()) if line.update else ""
            self.say(wanted, "lantern", "down-file")
            return
        words = desk.tr(f"line.{line.word}")
        if line.age_ms is not None:
            words += " " + desk.tr("line.age", span=span(desk.language, timedelta(milliseconds=line.age_ms)))
        if line.pending:
            words += " " + desk.tr("line.pending", n=line.pending)
        self.say(
            words, "alarm" if line.word in ("revoked", "untrusted", "outdated", "unwatched") else "overdue", "offline"
        )
