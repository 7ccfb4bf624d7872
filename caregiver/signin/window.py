"""The window before anybody has signed in: login, password, code; and above it the alarms that wait for somebody."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from caregiver.ui import column, row
from domain.errors import Mendable
from qtkit.i18n import Language
from qtkit.theme import Theme
from qtkit.widgets import Banner, Button, Card, Symbol, text

WIDE = 420


class SignInWindow(QWidget):
    """`wanted(login, password, code)` when somebody wants in; answered by `refuse`, or by closing the window."""

    wanted = Signal(str, str, str)

    def __init__(self, theme: Theme, language: Language) -> None:
        super().__init__()
        self._theme, self._language = theme, language
        self._error: Mendable | None = None
        self._waiting = 0
        self.setProperty("ground", "paper")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.alarm, self.error = Banner(theme, "title"), Banner(theme)
        self.title, self.hint = text("", "display", wrap=False), text("", tone="muted")
        self.login, self.password, self.code = QLineEdit(), QLineEdit(), QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.code.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly)
        self.code.setMaxLength(12)
        self._labels = [QLabel() for _ in range(3)]
        self.go = Button(theme, icon_name="check", role="primary")
        self.tongue = Button(theme, icon_name="globe", role="quiet")
        card = Card(theme)
        card.setFixedWidth(theme.px(WIDE))
        card.body.addLayout(row(Symbol(theme, "lantern", "lantern", 40), self.title, 1, space=theme.px(12)))
        card.body.addWidget(self.hint)
        for label, field in zip(self._labels, (self.login, self.password, self.code), strict=True):
            label.setBuddy(field)
            card.body.addWidget(label)
            card.body.addWidget(field)
            field.returnPressed.connect(self._ask)
        card.body.addWidget(self.error)
        card.body.addWidget(self.go)
        self.setLayout(
            column(self.alarm, 1, row(1, card, 1), 1, row(1, self.tongue), space=theme.px(16), margins=theme.px(24))
        )
        self.go.clicked.connect(self._ask)
        self.tongue.clicked.connect(language.toggle)
        language.changed.connect(lambda _: self._say())
        self._say()
        self.resize(theme.px(960), theme.px(640))
        self.login.setFocus()

    def refuse(self, error: Mendable) -> None:
        """Say why not, and let them try again."""
        self._error = error
        self._busy(False)
        self._say()
        self.password.clear()
        self.password.setFocus()

    def wait_for(self, alarms: int) -> None:
        """How many alarms nobody has answered."""
        if alarms != self._waiting:
            self._waiting = alarms
            self._say()

    def known(self, login: str) -> None:
        """Whoever was here last need not type their login."""
        self.login.setText(login)
        self.password.setFocus()

    def _ask(self) -> None:
        if not self.login.text().strip():
            self.login.setFocus()
        elif not self.password.text():
            self.password.setFocus()
        elif self.go.isEnabled():
            self._error = None
            self._busy(True)
            self._say()
            self.wanted.emit(self.login.text(), self.password.text(), self.code.text().strip())

    def _busy(self, busy: bool) -> None:
        for part in (self.go, self.login, self.password, self.code):
            part.setEnabled(not busy)

    def _say(self) -> None:
        def word(key: str, **details: object) -> str:
            return self._language.tr(f"caregiver.sign_in.{key}", **details)

        self.setWindowTitle(f"{word('title')} · 守望 Shouwang")
        self.title.setText(word("title"))
        self.hint.setText(word("hint"))
        for label, field, key in zip(
            self._labels, (self.login, self.password, self.code), ("login", "password", "code"), strict=True
        ):
            label.setText(word(key))
            field.setAccessibleName(word(key))
        self.go.setText(word("go" if self.go.isEnabled() else "busy"))
        self.tongue.setText(self._language.tr("caregiver.nav.language"))
        key = "waiting_one" if self._waiting == 1 else "waiting"
        self.alarm.say(word(key, count=self._waiting) if self._waiting else "", "alarm", "alarm")
        why = self._error
        self.error.say(self._language.tr(f"error.{why.code}", **why.details) if why else "", "alarm", "attention")
