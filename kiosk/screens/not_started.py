"""The whole screen when the kiosk could not start: nobody stands before a black panel, and staff read what to mend."""

import sys
from typing import cast

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from assets.words import LANGUAGES, say
from offline.program import at_terminal
from qtkit.app import can_show
from qtkit.theme import Mode, Theme
from qtkit.widgets import Symbol, text

STAYS_MS = 30_000  # then the program ends, and whatever started it tries again


class NotStarted(QWidget):
    """`sentence` says why, for staff."""

    def __init__(self, theme: Theme, sentence: str) -> None:
        super().__init__()
        self.setProperty("ground", "paper")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(*[theme.px(40)] * 4)
        inside.setSpacing(theme.px(24))
        inside.addStretch(1)
        inside.addWidget(Symbol(theme, "attention", "overdue", 160), 0, Qt.AlignmentFlag.AlignHCenter)
        for language in LANGUAGES:
            inside.addWidget(self._centred(text(say(language, "kiosk.out_of_order.not_started"), "title", strong=True)))
        self.why = self._centred(text(sentence, tone="muted"))
        inside.addWidget(self.why)
        inside.addStretch(1)

    @staticmethod
    def _centred(label: QLabel) -> QLabel:
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        return label


def show(sentence: str) -> None:
    """Stay on the screen for STAYS_MS; where there is none, say it at the terminal."""
    from kiosk.screens.shape import panel_scale
    from qtkit.windows import panel

    if not can_show():
        at_terminal(sentence)
        return
    qt = cast(QApplication, QApplication.instance() or QApplication(sys.argv[:1]))
    window = NotStarted(Theme(qt, "kiosk", Mode.LIGHT, panel_scale(*panel(qt))), sentence)
    window.showFullScreen()
    QTimer.singleShot(STAYS_MS, qt.quit)
    qt.exec()
