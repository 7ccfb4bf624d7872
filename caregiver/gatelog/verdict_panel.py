"""The six verdicts, always at the same place, and what is said beside them."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from caregiver.gatelog.columns import STANDING_TOKEN
from caregiver.gatelog.log import Passage
from caregiver.layout import column, empty
from caregiver.ui import Desk
from caregiver.wording import term
from domain.verdicts import VERDICTS, Standing
from qtkit.buttons import Button
from qtkit.widgets import Card, retone, text

ABREAST = 2


class VerdictPanel(Card):
    """`judged(verdict)` by button or key, `unsaid` by key: the last one is taken back. What cannot be said of a passage rests.
    Words come and go above the buttons, which stay where they are: whoever reads one after another presses without looking."""

    judged = Signal(str)
    unsaid = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.theme)
        self._desk = desk
        self._said = QVBoxLayout()
        self._title = text("", strong=True)
        self.buttons = {verdict: Button(desk.theme) for verdict in VERDICTS}
        grid = QGridLayout()
        grid.setSpacing(desk.theme.px(8))
        for number, (verdict, button) in enumerate(self.buttons.items()):
            button.clicked.connect(lambda _=False, v=verdict: self.judged.emit(v))
            grid.addWidget(button, number // ABREAST, number % ABREAST)
        self.body.addLayout(column(self._said, self._title, grid))

    def show_passage(self, p: Passage) -> None:
        desk, tongue, me = self._desk, self._desk.language, self._desk.state.session.person
        mine = dict(p.verdicts).get(me)
        self._title.setText(desk.tr("gatelog.your_verdict"))
        for number, (verdict, button) in enumerate(self.buttons.items(), 1):
            button.setText(f"{number}  {term(tongue, 'verdict', verdict)}")
            retone(button, "role", "primary" if verdict == mine else "")
            button.setEnabled(p.takes(verdict))
            button.setToolTip("" if p.takes(verdict) else desk.tr(f"gatelog.unfit_{verdict}"))
            button.refresh()
        empty(self._said)
        for by, verdict in p.seen_by(me):
            words = desk.tr("gatelog.reader", name=desk.state.name_of(by), verdict=term(tongue, "verdict", verdict))
            self._said.addWidget(text(words, "small", tone="muted"))
        if (hint := _hint(p, me)) is not None:
            token = STANDING_TOKEN.get(p.standing, "muted")
            disputed = p.standing is Standing.DISPUTED
            self._said.addWidget(text(desk.tr(hint), "small", tone=token, strong=disputed))

    def keys_on(self, *where: QWidget) -> None:
        """1 to 6, and 0 to take the last one back, while the keyboard is in one of these; pressed once, however long it is held."""
        for widget in where:
            for number, verdict in enumerate(("", *VERDICTS)):
                key = QShortcut(QKeySequence(str(number)), widget)
                key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                key.setAutoRepeat(False)
                key.activated.connect(lambda v=verdict: self.judged.emit(v) if v else self.unsaid.emit())


def _hint(p: Passage, me: str) -> str | None:
    """What a reader is told beside the verdicts: never what somebody else said before they have spoken."""
    mine = me in dict(p.verdicts)
    match p.standing:
        case Standing.SECOND:
            return "gatelog.waits_for_second" if mine else "gatelog.read_blind"
        case Standing.DISPUTED:
            return "gatelog.third_decides" if mine else "gatelog.disputed"
        case Standing.SETTLED:
            return "gatelog.is_settled"
    return None
