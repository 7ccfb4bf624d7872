"""Who works here: accounts with their duty and where messages reach them, invitations by a one-time link, and an account that ends
at once."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from caregiver.admin.accounts import Account
from caregiver.admin.presenter import Administration
from caregiver.admin.reach_card import LANGUAGES, ReachCard
from caregiver.layout import Side, beside, bring_into_sight, column, row
from caregiver.parts.errands import Errands
from caregiver.parts.rest_of_line import rest_of_line
from caregiver.parts.tables import Column, Table, TableModel
from caregiver.ui import Choice, Desk, Words
from caregiver.wording import begin, term
from domain.errors import Mendable
from domain.people import Role
from qtkit.buttons import Button
from qtkit.widgets import Banner, Card, EmptyState, text

SIDE_PX = 360


class PeopleTab(QWidget):
    """Needs the district: what cannot be asked of it is said in a sentence, and nothing is shown that may be old."""

    known = Signal(list)  # of accounts, after each look

    def __init__(self, desk: Desk, administration: Administration) -> None:
        super().__init__()
        self._desk, self._administration, self._words = desk, administration, Words(desk, self)
        self.said = Banner(desk.theme)
        self._errands = Errands(desk, self, self.said)
        self.model = TableModel(desk, self._columns())
        self.table = Table(desk, self.model, "people")
        self.none = EmptyState(desk.theme, "people", "")
        self.role, self.give = Choice(), Button(desk.theme, icon_name="check")
        self.end, self.again = Button(desk.theme, icon_name="close"), Button(desk.theme, icon_name="refresh")
        self.login, self.name, self.channel, self.address = QLineEdit(), QLineEdit(), Choice(), QLineEdit()
        self._channels: list[str] | None = None  # by which the district reaches people, once that is known
        self.reach, self.first_language = ReachCard(desk), Choice()
        self.first_language.offer(list(LANGUAGES))
        self.first_language.choose(desk.language.code)
        self.first_role, self.invite = Choice(), Button(desk.theme, icon_name="plus", role="primary")
        self.link, self.copy = QLineEdit(), Button(desk.theme, icon_name="copy")
        self.link.setReadOnly(True)
        self._build()
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._choose())
        desk.language.changed.connect(lambda _: self._offer())
        self._offer()
        self._choose()

    def _build(self) -> None:
        desk, put, px = self._desk, self._words.put, self._desk.theme.px
        left = QWidget()
        left.setLayout(column(self.table, self.none, rest_of_line(desk, self.table, self.model)))
        self.chosen, self.new = Card(desk.theme), Card(desk.theme, edge="lantern")
        self.who = text("", "title")
        for part in (self.who, self.role, self.give, self.reach, self.again, self.end):
            self.chosen.body.addWidget(part)
        self.reach.saved.connect(self._reach)
        title = text("", "title")
        put(title.setText, "people.invite_title")
        self.new.body.addWidget(title)
        for field, key in (
            (self.name, "people.name"), (self.login, "people.login"), (self.first_role, "people.role"),
            (self.channel, "people.channel"), (self.address, "people.address"), (self.first_language, "people.language"),
        ):  # fmt: skip
            label = QLabel()
            label.setBuddy(field)
            put(label.setText, key)
            put(field.setAccessibleName, key)
            self.new.body.addWidget(label)
            self.new.body.addWidget(field)
        self.hint = text("", "small", tone="muted")
        put(self.hint.setText, "people.invite_hint")
        self.new.body.addWidget(self.invite)
        self.new.body.addWidget(self.hint)
        self.new.body.addLayout(row(self.link, self.copy))
        for setter, key in (
            (self.role.setAccessibleName, "people.role"), (self.give.setText, "people.give"),
            (self.end.setText, "people.end"), (self.again.setText, "people.again"), (self.invite.setText, "people.invite"),
            (self.link.setAccessibleName, "people.link"), (self.copy.setText, "people.copy"),
            (self.table.setAccessibleName, "admin.people"), (self.none.say, "people.none"),
            (self.login.setPlaceholderText, "people.login_hint"),
        ):  # fmt: skip
            put(setter, key)
        right = QWidget()
        right.setLayout(column(self.chosen, self.new, 1, space=px(8)))
        body = beside(left, Side(desk, right, SIDE_PX), space=px(8), shares=(1, 0))
        outer = column(body, self.said, margins=px(8))  # below: nothing moves under the next press
        outer.setStretch(0, 1)
        self.setLayout(outer)
        for shown in (self.link, self.copy, self.none):  # until it is known that there is nobody
            shown.hide()
        self.give.clicked.connect(self._give)
        self.end.clicked.connect(self._end)
        self.again.clicked.connect(self._again)
        self.invite.clicked.connect(self._invite)
        self.channel.currentIndexChanged.connect(self._addressed)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.link.text()))

    def _columns(self) -> list[Column]:
        tongue = self._desk.language

        def roles(a: Account) -> str:
            return self._desk.tr("residents.comma").join(term(tongue, "role", r.value) for r in Role if r in a.roles)

        def state(a: Account) -> str:
            return self._desk.tr("people.ended" if a.disabled else "people.serving")

        return [
            Column("state", state, 112, lambda a: "muted" if a.disabled else "well"),
            Column("name", lambda a: a.name, 160),
            Column("role", roles, 200),
            Column("login", lambda a: a.login, 160),
        ]

    def refresh(self) -> None:
        """Ask the district who there is."""
        accounts = self._administration.accounts
        if accounts is None:
            self._show([])
            self._errands.complain(Mendable("accounts_sign_in"))
        else:
            self._errands.run(lambda: (accounts.all(), accounts.channels()), self._came)

    def _came(self, told: tuple[list[Account], list[str]]) -> None:
        found, self._channels = told
        self._offer()
        self._show(found)

    def _show(self, found: list[Account]) -> None:
        kept: Account | None = self.table.current()
        self.model.show(found)
        if kept is not None:  # what was done to them can be taken back where it was done
            self.table.selectRow(next((n for n, a in enumerate(found) if a.person == kept.person), -1))
        self.table.setVisible(bool(found))
        self.none.setVisible(not found)
        self._choose()
        self.known.emit(found)

    def _choose(self) -> None:
        account: Account | None = self.table.current()
        self.chosen.setVisible(account is not None)
        if account is not None:
            self.who.setText(account.name)
            self.end.setText(self._desk.tr("people.back" if account.disabled else "people.end"))
            self.reach.show_account(account)
            self.role.choose(next((r.value for r in Role if r in account.roles), Role.CAREGIVER.value))

    def _offer(self) -> None:
        roles = [(r.value, term(self._desk.language, "role", r.value)) for r in Role]
        for choice in (self.role, self.first_role):
            choice.offer(roles)
        none = self._desk.tr("people.channels_none" if self._channels == [] else "people.channel_none")
        services = [(name, begin(term(self._desk.language, "channel", name))) for name in self._channels or ()]
        self.channel.offer([("", none), *services])
        self.reach.offer(services or [("", none)])
        self._addressed()
        self._choose()

    def _addressed(self) -> None:
        """An address is asked for where a service is chosen that would use it."""
        self.address.setEnabled(bool(self.channel.value))

    def _give(self) -> None:
        account: Account | None = self.table.current()
        if account is not None and (accounts := self._administration.accounts) is not None:
            role = Role(self.role.value)
            self._errands.run(lambda: accounts.give(account, role), lambda _: self._done("people.given", account))

    def _reach(self, language: str, addresses: list[tuple[str, str]]) -> None:
        account: Account | None = self.table.current()
        if account is not None and (accounts := self._administration.accounts) is not None:
            self._errands.run(
                lambda: accounts.reach(account, language, addresses),
                lambda _: self._done("people.reach_changed", account),
            )

    def _end(self) -> None:
        """At once, and back as easily: so nobody is asked whether they are sure."""
        account: Account | None = self.table.current()
        if account is not None and (accounts := self._administration.accounts) is not None:
            key = "people.is_back" if account.disabled else "people.has_ended"
            self._errands.run(
                lambda: accounts.disable(account, not account.disabled), lambda _: self._done(key, account)
            )

    def _again(self) -> None:
        account: Account | None = self.table.current()
        if account is not None and (accounts := self._administration.accounts) is not None:
            self._errands.run(lambda: accounts.invite_again(account), self._linked)

    def _invite(self) -> None:
        accounts, login, name = (
            self._administration.accounts,
            self.login.text().strip().lower(),
            self.name.text().strip(),
        )
        if accounts is None or not login or not name:
            (self.login if name else self.name).setFocus()
            return
        role = Role(self.first_role.value or Role.CAREGIVER.value)
        channel, address = self.channel.value, self.address.text().strip()
        if channel and not address:
            self.address.setFocus()
            return
        addresses = [(channel, address)] if channel else []
        language = self.first_language.value
        self._errands.run(lambda: accounts.invite(login, name, role, addresses, language), self._invited)

    def _invited(self, link: str) -> None:
        for field in (self.login, self.name, self.address):
            field.clear()
        self.channel.choose("")
        self._linked(link)
        self.refresh()

    def _linked(self, link: str) -> None:
        self.link.setText(link)
        for shown in (self.link, self.copy):
            shown.show()
        self.said.say(self._desk.tr("people.link_made"), "well", "check")
        self.copy.setFocus()
        bring_into_sight(self.copy)  # on a small screen it stands below the edge

    def _done(self, key: str, account: Account) -> None:
        self.said.say(self._desk.tr(key, name=account.name), "well", "check")
        self.refresh()
