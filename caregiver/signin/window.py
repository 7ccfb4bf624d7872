"""The window before anybody has signed in: login, password, code; and above it the alarms that wait for somebody."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from caregiver.signin.doorstep import Doorstep
from caregiver.ui import at_scale
from domain.errors import Mendable
from qtkit.i18n import Language
from qtkit.theme import Theme

WAITING_PX = 48  # one sentence


class SignInWindow(Doorstep):
    """`wanted(login, password, code)` when somebody wants in; answered by `refuse`, or by closing the window."""

    wanted = Signal(str, str, str)

    def __init__(self, theme: Theme, language: Language) -> None:
        super().__init__(theme, language, "sign_in", ("login", "password", "code"), optional="code")
        self.waiting = 0
        self.login, self.password, self.code = self.fields.values()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.code.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly)
        self.code.setMaxLength(12)
        self.asked.connect(self._want)
        self._keep_its_place(theme)
        self.say()

    def _keep_its_place(self, theme: Theme) -> None:
        """An alarm that comes while somebody signs in moves no field: their password would stand in another."""
        at_scale(theme, self.alarm, QWidget.setMinimumHeight, WAITING_PX)
        kept = self.alarm.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self.alarm.setSizePolicy(kept)

    def refuse(self, error: Mendable) -> None:
        super().refuse(error)
        self.password.clear()
        self.password.setFocus()

    def wait_for(self, alarms: int) -> None:
        """How many alarms nobody has answered."""
        if alarms != self.waiting:
            self.waiting = alarms
            self.say()

    def known(self, login: str) -> None:
        """Whoever was here last need not type their login."""
        self.login.setText(login)
        self.password.setFocus()

    def _want(self) -> None:
        self.wanted.emit(self.login.text(), self.password.text(), self.code.text().strip())

    def say(self) -> None:
        super().say()
        key = "waiting_one" if self.waiting == 1 else "waiting"
        self.alarm.say(self.word(key, count=self.waiting) if self.waiting else "", "alarm", "alarm")
