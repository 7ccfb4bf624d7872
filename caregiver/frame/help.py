"""F1: every shortcut in one list; and the three steps of the first run."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QSizePolicy, QWidget

from caregiver.incidents.actions import ACTIONS
from caregiver.layout import beside, column, row, scrolling
from caregiver.ui import Desk
from domain.incident_kinds import ACKNOWLEDGED
from qtkit.alarm import AlarmSound
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.tones import Severity as Tone
from qtkit.widgets import Card, text

KEYS = (
    ("Enter", "take"), ("C", "call"), ("1", "emergency"), ("D", "send"), ("Tab", "move"), ("Ctrl+1 … 6", "pages"),
    ("Ctrl+F", "find"), ("Esc", "back"), ("1 … 6", "verdict"), ("0", "unsaid"),
    ("Ctrl + / −", "zoom"), ("Ctrl+0", "usual"), ("F1", "help"),
)  # fmt: skip


def shortcuts(desk: Desk) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(keys, what they do): those of the window, and those of the chosen incident."""
    of_window = [(keys, desk.tr(f"help.{what}")) for keys, what in KEYS]
    return of_window, [(a.shortcut, desk.tr(f"action.{a.key}")) for a in ACTIONS if a.kind != ACKNOWLEDGED]


class Help(QDialog):
    """Not modal: one may read and work at the same time."""

    def __init__(self, desk: Desk, parent: QWidget, sound: AlarmSound | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(desk.tr("help.title"))
        of_window, of_incident = shortcuts(desk)
        halves = (self._half(desk, "window", of_window), self._half(desk, "incident", of_incident))
        done = Button(desk.theme, desk.tr("do.close"), role="primary")
        done.clicked.connect(self.accept)
        done.setFocus()  # and Enter sounds nothing
        self.sounds = {tone: self._sound(desk, tone, sound) for tone in Tone} if sound is not None else {}
        pad, keys = desk.theme.px(24), beside(*halves, space=desk.theme.px(24))
        foot = Flow(*self._hear(desk), done)
        told = column(text(desk.tr("help.title"), "title"), scrolling(keys), foot, space=desk.theme.px(16), margins=pad)
        told.setStretch(1, 1)
        self.setLayout(told)
        wide = keys.sizeHint().width() + 2 * pad + desk.theme.px(24)  # beside the bar
        high = keys.sizeHint().height() + 2 * pad + desk.theme.px(120)
        self.resize(QSize(max(wide, foot.sizeHint().width() + 2 * pad), high).boundedTo(parent.window().size()))

    @staticmethod
    def _half(desk: Desk, title: str, listed: list[tuple[str, str]]) -> QWidget:
        """Keys, and what each does."""
        half, grid = QWidget(), QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(desk.theme.px(24))
        grid.setVerticalSpacing(desk.theme.px(8))
        grid.addWidget(text(desk.tr(f"help.{title}"), tone="muted"), 0, 0, 1, 2)
        for number, (key, what) in enumerate(listed, 1):
            grid.addWidget(text(key, strong=True, wrap=False), number, 0)
            grid.addWidget(text(what), number, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(len(listed) + 1, 1)
        half.setLayout(grid)
        return half

    def _sound(self, desk: Desk, tone: Tone, sound: AlarmSound) -> Button:
        button = Button(desk.theme, desk.tr(f"help.sound_{tone.value}"), icon_name="speaker", role="quiet")
        button.clicked.connect(lambda: sound.try_out(tone))
        return button

    def _hear(self, desk: Desk) -> list[QWidget]:
        return [text(desk.tr("help.sounds"), tone="muted", wrap=False), *self.sounds.values()] if self.sounds else []


class Tour(Card):
    """Three steps, once, beneath the real page; `shows(page)` asks for a step's page, `done` at the end; `there` whether it can be
    seen, for something else must give it the room."""

    there = Signal(bool)
    shows = Signal(str)
    done = Signal()
    STEPS = ("board", "incidents", "reports")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.theme, edge="lantern")
        self._desk, self._step = desk, 0
        self.title, self.words, self.count = text("", "title"), text(""), text("", "small", tone="muted", wrap=False)
        self.next, self.skip = Button(desk.theme, role="primary"), Button(desk.theme, role="quiet")
        self.next.clicked.connect(self._on)
        self.skip.clicked.connect(self.end)
        told = row(column(self.title, self.words), self.count, self.skip, self.next, space=desk.theme.px(16))
        told.setStretch(0, 1)
        inside = QWidget()
        inside.setProperty("ground", "surface")
        inside.setLayout(told)
        self.body.setContentsMargins(*(desk.theme.px(edge) for edge in (16, 8, 16, 8)))
        self.body.addWidget(scrolling(inside))  # large words on a small screen leave it little room
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        desk.language.changed.connect(lambda _: self._say())

    def begin(self) -> None:
        self._step = 0
        self._say()
        self.shows.emit(self.STEPS[0])
        self.show()
        self.next.setFocus()

    def _say(self) -> None:
        desk, step = self._desk, self._step + 1
        self.title.setText(desk.tr(f"tour.title_{step}"))
        self.words.setText(desk.tr(f"tour.words_{step}"))
        self.count.setText(f"{step} / {len(self.STEPS)}")
        self.skip.setText(desk.tr("tour.skip"))
        self.next.setText(desk.tr("tour.finish" if step == len(self.STEPS) else "do.next"))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.there.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.there.emit(False)

    def _on(self) -> None:
        if self._step + 1 == len(self.STEPS):
            self.end()
        else:
            self._step += 1
            self._say()
            self.shows.emit(self.STEPS[self._step])

    def end(self) -> None:
        self.hide()
        self.done.emit()
