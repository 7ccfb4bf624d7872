"""One's own account: another password, and codes of a telephone beside it."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from caregiver.account.own import OwnAccount, Secret
from caregiver.layout import column
from caregiver.parts.errands import Errands
from caregiver.parts.qr import qr_image
from caregiver.ui import Desk, Words, at_scale
from domain.errors import Mendable
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.widgets import Banner, Card, Chip, text

CARD_PX, CODE_PX, CODE_MOST = 420, 200, 12


class AccountPage(QWidget):
    """`own` gives the account, None where nobody is signed in at a district. `password_changed` once every session has ended."""

    password_changed = Signal()

    def __init__(self, desk: Desk, own: Callable[[], OwnAccount | None]) -> None:
        super().__init__()
        self._desk, self._words, self._own = desk, Words(desk, self), own
        self._codes = False
        self.said = Banner(desk.theme)
        self._errands = Errands(desk, self, self.said, self._rest)
        self.who, self.hint = text("", "title"), text("", "small", tone="muted")
        self.old, self.new, self.again, self.code = _secret(), _secret(), _secret(), _digits()
        self.change = Button(desk.theme, icon_name="check", role="primary")
        self.stands, self.how = Chip(desk.theme, "muted"), text("", "small", tone="muted")
        self.password, self.last_code = _secret(), _digits()
        self.begin, self.end = Button(desk.theme, icon_name="qr"), Button(desk.theme, icon_name="close")
        self.picture, self.typed = QLabel(), text("", tone="muted")
        self.first, self.confirm = _digits(), Button(desk.theme, icon_name="check", role="primary")
        self._labels: dict[QWidget, QLabel] = {}
        self._build()
        desk.language.changed.connect(lambda _: self._say())
        self._show(False)

    def _build(self) -> None:
        put, px = self._words.put, self._desk.theme.px
        passwords, codes = self._card("account.password_title"), self._card("account.codes_title")
        passwords.body.addWidget(self.hint)
        put(self.hint.setText, "account.password_hint")
        for field, key in (
            (self.old, "account.old"), (self.new, "account.new"), (self.again, "account.again"), (self.code, "sign_in.code"),
        ):  # fmt: skip
            self._put_field(passwords, field, key)
        passwords.body.addWidget(self.change)
        codes.body.addWidget(self.stands)
        codes.body.addWidget(self.how)
        self._put_field(codes, self.password, "account.old")
        self._put_field(codes, self.last_code, "account.code_now")
        codes.body.addWidget(self.begin)
        codes.body.addWidget(self.end)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.typed.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        codes.body.addWidget(self.picture)
        codes.body.addWidget(self.typed)
        self._put_field(codes, self.first, "account.first_code")
        codes.body.addWidget(self.confirm)
        for setter, key in (
            (self.change.setText, "account.change"), (self.begin.setText, "account.begin"), (self.end.setText, "account.end"),
            (self.confirm.setText, "account.confirm"), (self.picture.setAccessibleName, "account.picture"),
        ):  # fmt: skip
            put(setter, key)
        cards = Flow(passwords, codes, space=px(16))
        for card in (passwords, codes):
            cards.setAlignment(card, Qt.AlignmentFlag.AlignTop)
        self.setLayout(column(self.who, cards, self.said, 1, space=px(12), margins=px(8)))
        for field, button in (
            (self.again, self.change), (self.code, self.change), (self.password, self.begin), (self.first, self.confirm),
            (self.last_code, self.end),
        ):  # fmt: skip
            field.returnPressed.connect(button.click)
        self.change.clicked.connect(self._change)
        self.begin.clicked.connect(self._begin)
        self.confirm.clicked.connect(self._confirm)
        self.end.clicked.connect(self._end)

    def _card(self, title: str) -> Card:
        card, heading = Card(self._desk.theme), text("", "title")
        at_scale(self._desk.theme, card, QWidget.setFixedWidth, CARD_PX)
        self._words.put(heading.setText, title)
        card.body.addWidget(heading)
        return card

    def _put_field(self, card: Card, field: QLineEdit, key: str) -> None:
        label = self._labels[field] = QLabel()
        label.setBuddy(field)
        self._words.put(label.setText, key)
        self._words.put(field.setAccessibleName, key)
        card.body.addWidget(label)
        card.body.addWidget(field)

    # ---- what is shown ----------------------------------------------------------------------------------------------

    def shown(self) -> None:
        """Ask the district whether codes are in force; nothing typed before is left standing."""
        self.said.say("")
        self._show(self._codes)
        if (own := self._own()) is None:
            self._errands.complain(Mendable("account_sign_in"))
        else:
            self._errands.run(own.asks_for_codes, self._show)

    def _show(self, codes: bool, secret: Secret | None = None) -> None:
        """`secret`: one that was begun and waits for its first code."""
        self._codes = codes
        for field in (self.old, self.new, self.again, self.code, self.password, self.last_code, self.first):
            field.clear()
        begun = secret is not None
        for part, visible in (
            (self.code, codes), (self.last_code, codes), (self.end, codes), (self.password, not begun),
            (self.begin, not codes and not begun), (self.first, begun),
        ):  # fmt: skip
            part.setVisible(visible)
            if part in self._labels:
                self._labels[part].setVisible(visible)
        self.picture.setVisible(begun)
        self.typed.setVisible(begun)
        self.confirm.setVisible(begun)
        self.picture.clear()
        self.typed.clear()
        if secret is not None:
            side = self._desk.theme.px(CODE_PX)
            image = qr_image(secret.uri).scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio)
            self.picture.setPixmap(QPixmap.fromImage(image))
            self.typed.setText(secret.words)
            self.first.setFocus()
        self._say()

    def _say(self) -> None:
        tr = self._desk.tr
        self.who.setText(tr("account.title", name=self._desk.state.session.name))
        if self._codes:
            self.stands.show_state("well", tr("account.codes_on"))
        else:
            self.stands.show_state("muted", tr("account.codes_off"))
        self.how.setText(
            tr("account.codes_begun" if self.first.isVisibleTo(self) else f"account.codes_hint_{self._codes}")
        )

    # ---- what is done -----------------------------------------------------------------------------------------------

    def _change(self) -> None:
        own, old, new, code = self._own(), self.old.text(), self.new.text(), self.code.text().strip()
        if own is None or not self._filled(self.old, self.new, self.again):
            return
        if new != self.again.text():
            self.again.clear()
            self.again.setFocus()
            self._errands.complain(Mendable("account_differ"))
            return
        self._errands.run(lambda: own.change_password(old, new, code), lambda _: self.password_changed.emit())

    def _begin(self) -> None:
        own, password = self._own(), self.password.text()
        if own is not None and self._filled(self.password):
            self._errands.run(lambda: own.begin_codes(password), lambda secret: self._show(False, secret))

    def _confirm(self) -> None:
        own, code = self._own(), self.first.text().strip()
        if own is not None and self._filled(self.first):
            self._errands.run(lambda: own.confirm_codes(code), lambda _: self._done(True))

    def _end(self) -> None:
        own, password, code = self._own(), self.password.text(), self.last_code.text().strip()
        if own is not None and self._filled(self.password, self.last_code):
            self._errands.run(lambda: own.end_codes(password, code), lambda _: self._done(False))

    def _done(self, codes: bool) -> None:
        self._show(codes)
        self.said.say(self._desk.tr(f"account.done_{codes}"), "well", "check")

    def _rest(self, busy: bool) -> None:
        for button in (self.change, self.begin, self.confirm, self.end):
            button.setEnabled(not busy)

    @staticmethod
    def _filled(*fields: QLineEdit) -> bool:
        """Whether nothing is missing; the first that is takes the keyboard."""
        empty = next((field for field in fields if not field.text()), None)
        if empty is not None:
            empty.setFocus()
        return empty is None


def _secret() -> QLineEdit:
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    return field


def _digits() -> QLineEdit:
    field = QLineEdit()
    field.setMaxLength(CODE_MOST)
    field.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly)
    return field
