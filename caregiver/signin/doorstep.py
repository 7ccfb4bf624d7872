"""What stands before the desk's window: one card that asks for a few things, and says in a sentence why they did not do."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from caregiver.ui import LEAST_SCREEN, column, reachable, row
from domain.errors import Mendable
from qtkit.i18n import Language
from qtkit.theme import Theme
from qtkit.widgets import Banner, Button, Card, Symbol, text

WIDE = 420


class Doorstep(QWidget):
    """A card with a title, the fields of `keys` and a button. `section` of the catalogue has the words: `title`, `hint`, `go`,
    `busy`, and one for every key. `asked` when every needed field is filled in; they rest then until `refuse`.
    """

    asked = Signal()

    def __init__(
        self, theme: Theme, language: Language, section: str, keys: tuple[str, ...], optional: str = ""
    ) -> None:
        super().__init__()
        self._theme, self._language, self._section, self._optional = theme, language, section, optional
        self._error: Mendable | None = None
        self.setProperty("ground", "paper")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.alarm, self.error = Banner(theme, "title"), Banner(theme)
        self.title, self.hint = text("", "display", wrap=False), text("", tone="muted")
        self.fields = {key: QLineEdit() for key in keys}
        self._labels = {key: QLabel() for key in keys}
        self.go = Button(theme, icon_name="check", role="primary")
        self.tongue = Button(theme, icon_name="globe", role="quiet")
        self.foot = row(1, self.tongue)
        card = Card(theme)
        card.setFixedWidth(theme.px(WIDE))
        card.body.addLayout(row(Symbol(theme, "lantern", "lantern", 40), self.title, 1, space=theme.px(12)))
        card.body.addWidget(self.hint)
        for key, field in self.fields.items():
            self._labels[key].setBuddy(field)
            card.body.addWidget(self._labels[key])
            card.body.addWidget(field)
            field.returnPressed.connect(self._ask)
        card.body.addWidget(self.error)
        card.body.addWidget(self.go)
        whole = QWidget()
        whole.setLayout(column(self.alarm, 1, row(1, card, 1), 1, self.foot, space=theme.px(16), margins=theme.px(24)))
        self.setLayout(column(reachable(whole)))
        self.go.clicked.connect(self._ask)
        self.tongue.clicked.connect(language.toggle)
        language.changed.connect(lambda _: self.say())
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
        why = self._error
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

    def _busy(self, busy: bool) -> None:
        for part in (self.go, *self.fields.values()):
            part.setEnabled(not busy)
