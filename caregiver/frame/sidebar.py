"""The sidebar: the pages in words, then the language, light or dark, the help, the way out, and who sits here."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame

from caregiver.frame.pages import visible_pages
from caregiver.incidents.desk import IncidentDesk
from caregiver.layout import Area, column, row
from caregiver.ui import Desk, Words
from qtkit.buttons import Button
from qtkit.theme import Mode
from qtkit.widgets import Symbol, text

ICONS = {
    "board": "board",
    "incidents": "bell",
    "gatelog": "gate",
    "residents": "people",
    "reports": "chart",
    "admin": "gear",
}
WIDE_PX = 168


class Sidebar(QFrame):
    """`chosen(page)` when a page's word is pressed; `nav` holds the button of each page this role sees, in order."""

    shaped = Signal()  # anew, for the size of text
    chosen = Signal(str)
    helped = Signal()
    left = Signal()

    def __init__(self, desk: Desk, incidents: IncidentDesk) -> None:
        super().__init__()
        self._desk, self._incidents, self._words = desk, incidents, Words(desk, self)
        self.setProperty("ground", "surface")
        self.nav: dict[str, Button] = {}
        self._group = QButtonGroup(self)
        for name in visible_pages(desk.state.session):
            button = self._button(ICONS[name], f"nav.{name}")
            button.setCheckable(True)
            button.clicked.connect(partial(self.chosen.emit, name))
            self._group.addButton(button)
            self.nav[name] = button
        self.tongue = self._button("globe", "nav.language")
        self.tongue.clicked.connect(desk.language.toggle)
        self.ground = self._button("sun", "nav.ground")
        self.ground.clicked.connect(self._toggle_ground)
        self.help = self._button("question", "nav.help")
        self.help.clicked.connect(self.helped)
        self.account = self._button("person", "nav.account")
        self.account.setCheckable(True)
        self._group.addButton(self.account)
        self.account.clicked.connect(partial(self.chosen.emit, "account"))
        self.leave = self._button("left", "sign_in.out")
        self.leave.clicked.connect(self.left)
        self.who = text("", "small", tone="muted")
        px = desk.theme.px
        self.who.setContentsMargins(px(12), 0, 0, 0)  # under the words of the buttons
        brand = row(Symbol(desk.theme, "lantern", "lantern", 32), text("守望", "title", wrap=False), 1)
        self._lines = column(
            brand,
            *self.nav.values(),
            1,
            self.tongue,
            self.ground,
            self.help,
            self.account,
            self.leave,
            self.who,
            space=px(4),
        )
        self._lines.insertSpacing(1, px(12))
        self.setLayout(self._lines)
        for button in (self.account, self.leave):  # in their place first: alone they would be windows
            button.setVisible(desk.state.session.signed_in)
        desk.theme.changed.connect(self._restyle)
        desk.language.changed.connect(lambda _: self._name())
        self._restyle()
        self._name()

    @property
    def wide(self) -> int:
        return self._desk.theme.px(WIDE_PX)

    def give_way(self, bar: int) -> None:
        """Its margin is narrower by what a scroll bar takes of it, pixels."""
        px = self._desk.theme.px
        self._lines.setContentsMargins(px(12), px(16), max(0, px(12) - bar), px(12))

    def mark(self, page: str) -> None:
        """Show which page is open; one that is reached from another page leaves the mark where it is."""
        button = self.account if page == "account" else self.nav.get(page)
        if button is not None:
            button.setChecked(True)

    def refresh(self) -> None:
        """How many incidents are open stands beside their page's word."""
        if (alarms := self.nav.get("incidents")) is not None:
            count = len(self._incidents.open())
            alarms.setText(self._desk.tr("nav.incidents") + (f"  {count}" if count else ""))

    def _button(self, icon: str, words: str) -> Button:
        button = Button(self._desk.theme, icon_name=icon, role="quiet")
        button.setProperty("nav", True)
        self._words.put(button.setText, words)
        return button

    def _toggle_ground(self) -> None:
        self._desk.theme.set_mode(Mode.LIGHT if self._desk.theme.dark else Mode.DARK)

    def _name(self) -> None:
        session = self._desk.state.session
        self.refresh()
        self.who.setText(" · ".join(p for p in (session.name, self._desk.tr(f"role.{session.role}")) if p))

    def _restyle(self) -> None:
        theme = self._desk.theme
        self.setStyleSheet(
            f"QPushButton {{ text-align: left; padding-left: {theme.px(12)}px; }}"
            f"QPushButton:checked {{ background: {theme.hex('sunken')}; border-color: {theme.hex('sunken')};"
            f" color: {theme.hex('ink')}; font-weight: 700; }}"
            f"QPushButton:focus {{ border-color: {theme.hex('lantern')}; }}"
        )
        self.shaped.emit()


class Standing(Area):
    """The sidebar, as high as the window; where large words need more it scrolls, with the bar on its margin."""

    def __init__(self, side: Sidebar) -> None:
        super().__init__(side)
        self._side = side
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        side.shaped.connect(self._shape)
        self.verticalScrollBar().rangeChanged.connect(self._shape)
        self._shape()

    def _shape(self) -> None:
        bar = self.verticalScrollBar()
        self._side.give_way(bar.sizeHint().width() if bar.maximum() > 0 else 0)
        self.setFixedWidth(self._side.wide)
