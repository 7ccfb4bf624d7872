"""Where messages reach somebody who works here, and in which language, as the district has it and as it should be from now on."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from caregiver.admin.accounts import Account
from caregiver.layout import column, empty, row
from caregiver.ui import Choice, Desk, Words
from caregiver.wording import begin, term
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.widgets import text

LANGUAGES = (("zh", "中文"), ("en", "English"))
Addresses = list[tuple[str, str]]


class ReachCard(QWidget):
    """`saved(language, addresses)`. Hidden for an account whose addresses whoever sits here may not see."""

    saved = Signal(str, object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk, self._words = desk, Words(desk, self)
        self._account: Account | None = None
        self._addresses: Addresses = []
        self._lines = QVBoxLayout()
        self.language, self.channel, self.address = Choice(), Choice(), QLineEdit()
        self.language.offer(list(LANGUAGES))
        self.add, self.save = Button(desk.theme, icon_name="plus", role="quiet"), Button(desk.theme, icon_name="check")
        title, spoken, put = text("", strong=True), text("", wrap=False), self._words.put
        self.setLayout(
            column(
                title, self._lines, self.channel, row(self.address, self.add), Flow(spoken, self.language), self.save
            )
        )
        for setter, key in (
            (title.setText, "people.reached"), (spoken.setText, "people.language"),
            (self.language.setAccessibleName, "people.language"), (self.channel.setAccessibleName, "people.channel"),
            (self.address.setAccessibleName, "people.address"), (self.address.setPlaceholderText, "people.address"),
            (self.add.setAccessibleName, "people.address_add"), (self.add.setToolTip, "people.address_add"),
            (self.save.setText, "people.reach_save"),
        ):  # fmt: skip
            put(setter, key)
        self.add.clicked.connect(self._add)
        self.address.returnPressed.connect(self._add)
        self.address.textChanged.connect(self._ready)
        self.channel.currentIndexChanged.connect(self._ready)
        self.language.currentIndexChanged.connect(self._ready)
        self.save.clicked.connect(self._save)
        desk.language.changed.connect(lambda _: self._draw())
        self.show_account(None)

    def offer(self, channels: list[tuple[str, str]]) -> None:
        """The services of the district."""
        self.channel.offer(channels)
        self._ready()

    def show_account(self, account: Account | None) -> None:
        if account is not None and account == self._account:
            return  # read again, and what is half typed stays
        self._account = account
        known = account.addresses if account is not None else None
        self._addresses = list(known or ())
        self.language.choose(account.language if account is not None else "zh")
        self.address.clear()
        self.setVisible(known is not None)
        self._draw()

    def _draw(self) -> None:
        empty(self._lines)
        for one in self._addresses:
            drop = Button(self._desk.theme, icon_name="close", role="quiet", height=40)
            drop.setAccessibleName(self._desk.tr("people.address_drop", address=one[1]))
            drop.clicked.connect(lambda _=False, gone=one: self._drop(gone))
            words = row(
                text(begin(term(self._desk.language, "channel", one[0])), "small", tone="muted", wrap=False),
                text(one[1]),
                drop,
            )
            words.setStretch(1, 1)
            self._lines.addLayout(words)
        if not self._addresses:
            self._lines.addWidget(text(self._desk.tr("people.channel_none"), "small", tone="muted"))
        self._ready()

    def _typed(self) -> tuple[str, str]:
        return self.channel.value, self.address.text().strip()

    def _ready(self) -> None:
        account, typed = self._account, self._typed()
        self.address.setEnabled(bool(self.channel.value))
        self.add.setEnabled(all(typed))
        if account is None:
            return
        now = (self.language.value, tuple(self._addresses))
        self.save.setEnabled(all(typed) or now != (account.language, account.addresses))

    def _add(self) -> None:
        if all(typed := self._typed()):
            if typed not in self._addresses:
                self._addresses.append(typed)
            self.address.clear()
            self._draw()

    def _drop(self, one: tuple[str, str]) -> None:
        self._addresses.remove(one)
        self._draw()
        self.channel.setFocus()

    def _save(self) -> None:
        self._add()  # what is typed is meant
        self.saved.emit(self.language.value, list(self._addresses))
