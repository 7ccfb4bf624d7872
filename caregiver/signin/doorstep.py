"""What stands before the desk's window: one card that asks for a few things, and says in a sentence why they did not do."""

from PySide6.QtCore import QElapsedTimer, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from caregiver.frame.looks import zooms
from caregiver.layout import column, reachable, row
from caregiver.ui import LEAST_SCREEN, at_scale
from domain.errors import Mendable
from qtkit.buttons import Button
from qtkit.i18n import Language
from qtkit.theme import Theme
from qtkit.widgets import Banner, Card, Symbol, text

WIDE = 420
PATIENCE_MS = 600  # an answer that comes sooner needs no word about the waiting
ROOM_PX = 56  # for two lines of why not: nothing moves when they come


class Doorstep(QWidget):
    """A card with a title, the fields of `keys` and a button. `section` of the catalogue has the words: `title`, `hint`, `go`,
    `busy`, and one for every key. `asked` when every needed field is filled in; they rest then until `refuse`. Where the answer
    takes its time it says that it waits for it, and `given_up` comes when somebody will not any more.
    """

    asked = Signal()
    given_up = Signal()

    def __init__(
        self, theme: Theme, language: Language, section: str, keys: tuple[str, ...], optional: str = ""
    ) -> None:
        super().__init__()
        self._language, self._section, self._optional = language, section, optional
        self._error: Mendable | None = None
        self._waited, self._late = QElapsedTimer(), False
        self._wait = QTimer(self)
        self._wait.timeout.connect(self._still_waits)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setProperty("ground", "paper")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.alarm, self.error = Banner(theme, "title"), Banner(theme)
        self.stop = Button(theme, role="quiet", height=40)
        self.error.add(self.stop)
        room = self.error.sizePolicy()
        room.setRetainSizeWhenHidden(True)
        self.error.setSizePolicy(room)
        self.title, self.hint = text("", "display", wrap=False), text("", tone="muted")
        self.fields = {key: QLineEdit() for key in keys}
        self._labels = {key: QLabel() for key in keys}
        self.go = Button(theme, icon_name="check", role="primary")
        self.tongue = Button(theme, icon_name="globe", role="quiet")
        self.foot = row(1, self.tongue)
        card = Card(theme)
        card.body.addLayout(row(Symbol(theme, "lantern", "lantern", 40), self.title, 1, space=theme.px(12)))
        card.body.addWidget(self.hint)
        for key, field in self.fields.items():
            self._labels[key].setBuddy(field)
            card.body.addWidget(self._labels[key])
            card.body.addWidget(field)
            field.returnPressed.connect(self._ask)
        card.body.addWidget(self.go)
        card.body.addWidget(self.error)
        whole = QWidget()
        whole.setLayout(column(self.alarm, 1, row(1, card, 1), 1, self.foot, space=theme.px(16), margins=theme.px(24)))
        self.setLayout(column(reachable(whole)))
        self.go.clicked.connect(self._ask)
        self.stop.clicked.connect(self._give_up)
        self.tongue.clicked.connect(language.toggle)
        language.changed.connect(lambda _: self.say())
        zooms(self, theme)
        at_scale(theme, card, QWidget.setFixedWidth, WIDE)
        at_scale(theme, self.error, QWidget.setMinimumHeight, ROOM_PX)
        self.resize(QSize(theme.px(960), theme.px(640)).boundedTo(LEAST_SCREEN))
        next(iter(self.fields.values())).setFocus()

    def refuse(self, error: Mendable) -> None:
        """Say why not, and let them try again."""
        self._error = error
        self._busy(False)
        self.say()

    def word(self, key: str, **details: object) -> str:
        return self._language.tr(f"caregiver.{self._section}.{key}", **details)

    def say(self) -> None:
        """Set every word, in the language of now."""
        self.setWindowTitle(f"{self.word('title')} · 守望 Shouwang")
        self.title.setText(self.word("title"))
        self.hint.setText(self.word("hint"))
        for key, field in self.fields.items():
            self._labels[key].setText(self.word(key))
            field.setAccessibleName(self.word(key))
        self.go.setText(self.word("go" if self.go.isEnabled() else "busy"))
        self.tongue.setText(self._language.tr("caregiver.nav.language"))
        self.stop.setText(self.word("stop"))
        self.stop.setVisible(self._wait.isActive())
        why, seconds = self._error, self._waited.elapsed() // 1000
        if self._wait.isActive():
            self.error.say(self.word("waiting_for", s=max(1, seconds)) if self._late else "", "due", "clock")
        else:
            self.error.say(self._language.tr(f"error.{why.code}", **why.details) if why else "", "alarm", "attention")

    def _ask(self) -> None:
        for key, field in self.fields.items():
            if not field.text().strip() and key != self._optional:
                field.setFocus()
                return
        if self.go.isEnabled():
            self._error = None
            self._busy(True)
            self.say()
            self.asked.emit()

    def _still_waits(self) -> None:
        self._late = True
        self._wait.start(1000)
        self.say()

    def _give_up(self) -> None:
        self._busy(False)
        self.say()
        self.go.setFocus()
        self.given_up.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._wait.isActive():
            self._give_up()
        else:
            super().keyPressEvent(event)

    def _busy(self, busy: bool) -> None:
        if busy:
            self.setFocus()  # where a second press of Enter does nothing: else it would go on to the next button
        for part in (self.go, *self.fields.values()):
            part.setEnabled(not busy)
        if busy:
            self._late = False
            self._waited.start()
            self._wait.start(PATIENCE_MS)
        else:
            self._wait.stop()
