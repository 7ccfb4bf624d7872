"""The window: a sidebar of words, what stands how, the line to the district, the pages; over all of it the alarm."""

import logging
from collections.abc import Callable
from functools import partial
from time import monotonic

from PySide6.QtCore import QObject, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QFrame, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from caregiver.calls.strip import CallStrip
from caregiver.elders.board_page import BoardPage
from caregiver.elders.page import ElderPage
from caregiver.help import Help, Tour
from caregiver.incidents.alarm_view import AlarmView
from caregiver.incidents.page import IncidentsPage
from caregiver.state import AppState, Changes
from caregiver.top_bar import LineBanner, TopBar
from caregiver.tray import Tray
from caregiver.ui import Desk, Words, column, row
from domain.errors import Mendable
from domain.incident_kinds import EVIDENCE, Severity
from domain.incidents import Incident
from qtkit.alarm import AlarmSound
from qtkit.background import Background
from qtkit.i18n import Language
from qtkit.theme import Mode, Theme
from qtkit.tones import Severity as Tone
from qtkit.widgets import Banner, Button, Symbol, text

log = logging.getLogger(__name__)

COALESCE_S, TICK_MS, JUDGE_MS = 0.03, 1000, 15
PEOPLE_AT_ONCE = 200
TONES = {Severity.P1: Tone.ALARM, Severity.P2: Tone.WARNING}
ICONS = {
    "board": "board",
    "incidents": "bell",
    "gatelog": "gate",
    "residents": "people",
    "reports": "chart",
    "admin": "gear",
}


class Bridge(QObject):
    """Brings "something came" from the thread it came on to the window's."""

    changed = Signal()


class MainWindow(QMainWindow):
    """`alarm_painted(incident)` once an alarm was really on the screen, `sign_shown(person)` once a new sign was."""

    alarm_painted = Signal(str)
    sign_shown = Signal(str)
    synced = Signal()  # after every change that was taken over
    signed_out = Signal()

    def __init__(
        self,
        state: AppState,
        language: Language,
        theme: Theme,
        background: Background | None = None,
        sound: AlarmSound | None = None,
        settings: QSettings | None = None,
    ) -> None:
        super().__init__()
        self.desk = Desk(state, theme, language, background or Background(self))
        self._own_background = background is None
        self._words, self._sound, self._settings = Words(self.desk, self), sound, settings
        self._pages: dict[str, QWidget] = {}
        self._bridge = Bridge(self)
        self._build()
        self._timers()
        self._shortcuts()
        self._bridge.changed.connect(self._wake)
        state.on_change(self._bridge.changed.emit)
        theme.changed.connect(self._restyle)
        language.changed.connect(lambda _: self._retitle())
        self._restyle()
        self._retitle()
        self.go("board")
        self._check_sound()
        self._ring()
        self.desk.background.run(state.people.spell, self._spelled, owner=self)
        self.tray = Tray(self.desk, self)
        self.tray.opened.connect(self._raise)
        self.tour = Tour(self.desk, self.alarm.parentWidget() or self)
        self.tour.hide()
        self.tour.shows.connect(self.go)
        self.tour.done.connect(self._toured)
        if settings is not None:
            if (kept := settings.value("geometry")) is not None:
                self.restoreGeometry(kept)
            if not settings.value("toured"):
                QTimer.singleShot(0, self, self.tour.begin)

    # ---- building ---------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        desk, px = self.desk, self.desk.theme.px
        self.resize(1366, 768)
        self.top = TopBar(desk)
        self.top.chosen.connect(self._only)
        self.line = LineBanner(desk)
        self.trouble, self.mute, self.call = Banner(desk.theme), Banner(desk.theme), CallStrip(desk)
        self.stack = QStackedWidget()
        right = QWidget()
        right.setLayout(
            column(self.top, self.line, self.mute, self.trouble, self.call, self.stack, space=px(8), margins=px(12))
        )
        right.setProperty("ground", "paper")
        body = QWidget()
        body.setLayout(row(self._sidebar(), right, space=0))
        body.setProperty("ground", "paper")
        self.setCentralWidget(body)
        self.board = BoardPage(desk)
        self.board.elder_chosen.connect(self.open_elder)
        self.board.sign_shown.connect(self.sign_shown)
        self._add("board", self.board)
        self.alarm = AlarmView(desk, body)
        self.alarm.acknowledge.connect(self.acknowledge)
        self.alarm.called.connect(self._called)
        self.alarm.painted.connect(self.alarm_painted)

    def _sidebar(self) -> QWidget:
        desk, px = self.desk, self.desk.theme.px
        side = QFrame()
        side.setProperty("ground", "surface")
        brand = row(Symbol(desk.theme, "lantern", "lantern", 32), text("守望", "title", wrap=False), 1)
        lines = QVBoxLayout()
        lines.setContentsMargins(px(12), px(16), px(12), px(12))
        lines.setSpacing(px(4))
        lines.addLayout(brand)
        lines.addSpacing(px(12))
        self.nav = QButtonGroup(self)
        self._nav: dict[str, Button] = {}
        for name in self._visible_pages():
            button = Button(desk.theme, icon_name=ICONS[name], role="quiet")
            button.setCheckable(True)
            button.setProperty("nav", True)
            button.clicked.connect(partial(self.go, name))
            self.nav.addButton(button)
            self._nav[name] = button
            self._words.put(button.setText, f"nav.{name}")
            lines.addWidget(button)
        lines.addStretch(1)
        self.who = text("", "small", tone="muted")
        self.tongue = Button(desk.theme, icon_name="globe", role="quiet")
        self.tongue.clicked.connect(desk.language.toggle)
        self.ground = Button(desk.theme, icon_name="sun", role="quiet")
        self.ground.clicked.connect(self._toggle_ground)
        self.help = Button(desk.theme, icon_name="question", role="quiet")
        self.help.clicked.connect(self.show_help)
        self.leave = Button(desk.theme, icon_name="left", role="quiet")
        self.leave.clicked.connect(self.signed_out)
        for button in (self.tongue, self.ground, self.help, self.leave):
            button.setProperty("nav", True)
            lines.addWidget(button)
        self.leave.setVisible(desk.state.session.signed_in)
        self._words.put(self.leave.setText, "sign_in.out")
        lines.addWidget(self.who)
        self._words.put(self.tongue.setText, "nav.language")
        self._words.put(self.ground.setText, "nav.ground")
        self._words.put(self.help.setText, "nav.help")
        side.setLayout(lines)
        self._side = side
        return side

    def _visible_pages(self) -> list[str]:
        session = self.desk.state.session
        names = ["board", "incidents"]
        if session.sees_gate:
            names += ["gatelog", "residents"]
        names.append("reports")
        if session.administers:
            names.append("admin")
        return names

    def _add(self, name: str, page: QWidget) -> None:
        self._pages[name] = page
        self.stack.addWidget(page)

    def _make(self, name: str) -> QWidget:
        """A page is made when it is first asked for, so that the board does not wait for it."""
        desk = self.desk
        match name:
            case "incidents":
                page = IncidentsPage(desk)
                page.elder_chosen.connect(self.open_elder)
                page.detail.failed.connect(self.say)
                return page
            case "elder":
                elder = ElderPage(desk)
                elder.back.connect(lambda: self.go("board"))
                elder.incident_chosen.connect(self.open_incident)
                elder.care_plan.connect(self.open_plan)
                return elder
            case "careplan":
                from caregiver.elders.plan_page import PlanPage

                plan = PlanPage(desk)
                plan.back.connect(lambda: self.open_elder(plan.person))
                return plan
            case _:
                return make_page(name, desk)

    def _timers(self) -> None:
        self._quiet_until = 0.0
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._take)
        self._second = QTimer(self, interval=TICK_MS)
        self._second.timeout.connect(self._tick)
        self._second.start()
        self._judging = QTimer(self, interval=JUDGE_MS)
        self._judging.timeout.connect(self._judge)
        self._judging.start()

    def _shortcuts(self) -> None:
        def on(keys: str, act: Callable[[], object]) -> None:
            QShortcut(QKeySequence(keys), self).activated.connect(act)

        for number, name in enumerate(self._nav, 1):
            on(f"Ctrl+{number}", partial(self.go, name))
        on("Ctrl+F", self._find)
        on("F1", self.show_help)
        on("Ctrl+=", partial(self._zoom, 0.1))
        on("Ctrl+-", partial(self._zoom, -0.1))
        on("Ctrl+0", partial(self._zoom, None))
        on("Esc", self._back)

    # ---- moving about -----------------------------------------------------------------------------------------------

    def go(self, name: str) -> QWidget:
        """Show a page."""
        if name not in self._pages:
            self._add(name, self._make(name))
        page = self._pages[name]
        self.stack.setCurrentWidget(page)
        if name in self._nav:
            self._nav[name].setChecked(True)
        refresh = getattr(page, "shown", None)
        if refresh is not None:
            refresh()
        return page

    @property
    def page(self) -> str:
        return next(name for name, page in self._pages.items() if page is self.stack.currentWidget())

    def open_elder(self, person: str) -> None:
        page = self.go("elder")
        assert isinstance(page, ElderPage)
        page.show_person(person)

    def open_plan(self, person: str) -> None:
        page = self.go("careplan")
        page.show_person(person)  # type: ignore[attr-defined]

    def open_incident(self, incident: str) -> None:
        page = self.go("incidents")
        assert isinstance(page, IncidentsPage)
        page.refresh()
        page.select(incident)

    def _only(self, token: str) -> None:
        self.go("board")
        self.board.only(token)

    def _find(self) -> None:
        self.go("board")
        self.board.search.setFocus()
        self.board.search.selectAll()

    def _back(self) -> None:
        if self.page == "elder":
            self.go("board")

    def _zoom(self, by: float | None) -> None:
        scale = 1.0 if by is None else min(2.0, max(0.8, self.desk.theme.scale + by))
        self.desk.theme.set_scale(scale)

    def _toggle_ground(self) -> None:
        self.desk.theme.set_mode(Mode.LIGHT if self.desk.theme.dark else Mode.DARK)

    def show_help(self) -> None:
        self._help = Help(self.desk, self)
        self._help.show()

    def say(self, words: str) -> None:
        """One sentence about what did not work."""
        self.trouble.say(words, "alarm", "attention")

    # ---- what comes -------------------------------------------------------------------------------------------------

    def _wake(self) -> None:
        """At once after a quiet moment; under a flood no more often than leaves the window four fifths of the time."""
        if not self._soon.isActive():
            self._soon.start(max(0, round((self._quiet_until - monotonic()) * 1000)))

    def _take(self) -> None:
        began = monotonic()
        changes = self.desk.state.take(PEOPLE_AT_ONCE, self._first)
        if changes:
            self._show(changes)
        self.line.refresh()
        self.top.refresh()
        self.tray.refresh()
        self.synced.emit()
        self._quiet_until = monotonic() + max(COALESCE_S, 4 * (monotonic() - began))
        if self.desk.state.more:
            self._wake()

    def _first(self, changes: Changes) -> None:
        if changes.incidents:
            self._ring()

    def _show(self, changes: Changes) -> None:
        self.board.changed(changes.people, changes.signs)
        if any(kind.startswith("call.") for kind in changes.kinds) and self.call.refresh() and self._sound is not None:
            self._sound.sound(Tone.NOTICE, loop=False)
        if not self._judging.isActive():
            self._judging.start()
        if not self.alarm.isVisible():  # what it covers is read again when it goes
            self._show_page(changes)

    def _show_page(self, changes: Changes) -> None:
        page = self.stack.currentWidget()
        if (isinstance(page, IncidentsPage) and changes.incidents) or (
            isinstance(page, ElderPage) and page.person in changes.people
        ):
            page.refresh()
        elif (heard := getattr(page, "heard", None)) is not None:
            heard(changes)

    def _ring(self) -> None:
        """Show and sound what rings, or be quiet."""
        ringing = self.desk.state.incidents.ringing()
        try:
            self._show_alarm(ringing)
        finally:  # what cannot be shown is heard at least
            if self._sound is not None:
                self._sound.silence()
                if ringing:
                    self._sound.sound(TONES.get(ringing[0].severity, Tone.NOTICE))
        if ringing and self.isVisible():
            self._raise()

    def _show_alarm(self, ringing: list[Incident]) -> None:
        work = self.desk.state.incidents.work(ringing[0].id) if ringing else None
        covered = self.alarm.isVisible()
        self.alarm.show_work(work, len(ringing) - 1)
        page = self.stack.currentWidget()
        if covered and work is None and isinstance(page, IncidentsPage | ElderPage):
            page.refresh()

    def _raise(self) -> None:
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def _toured(self) -> None:
        self.go("board")
        if self._settings is not None:
            self._settings.setValue("toured", True)

    def acknowledge(self, incident: str) -> None:
        """Take an incident and go to it."""
        try:
            self.desk.state.acknowledge(incident)
        except Mendable as e:
            self._complain(e)
            return
        self._take()
        if not self.desk.state.incidents.ringing():
            self.open_incident(incident)

    def _called(self, incident: str, whom: str) -> None:
        try:
            self.desk.state.incidents.step(incident, EVIDENCE, called=whom)
        except Mendable as e:
            self._complain(e)

    def _complain(self, error: Mendable) -> None:
        words = self.desk.language.tr(f"error.{error.code}", **error.details)
        self.say(words)
        self.alarm.complain(words)

    def _tick(self) -> None:
        self.alarm.tick()
        if self._sound is not None:
            self._sound.check()
        if self.desk.state.more:  # what could not be taken over a moment ago
            self._wake()
        if self.call.isVisibleTo(self):
            self.call.refresh()
        self.line.refresh()
        self.top.refresh()
        page = self.stack.currentWidget()
        if isinstance(page, IncidentsPage):
            page.detail.tick()
        if not self._judging.isActive():
            self._judging.start()

    def _judge(self) -> None:
        """Judge a slice of the elders; rest once everybody is judged."""
        board = self.desk.state.board
        if not board.rejudge():
            self._judging.stop()
        elif board.judged:
            self.board.refresh()
            self.top.refresh()

    def _spelled(self, spelled: dict[str, str]) -> None:
        self.desk.state.people.learn_spelling(spelled)
        self.desk.state.board.rename()

    def _check_sound(self) -> None:
        if self._sound is None:
            return
        self._sound.working_changed.connect(self._sounding)
        self._sounding(self._sound.check())  # said to every window: the sound outlives who sits here

    def _sounding(self, working: bool) -> None:
        self.mute.say("" if working else self.desk.language.tr("qtkit.sound.dead"), "overdue", "speaker-off")

    # ---- how it looks and how it ends -------------------------------------------------------------------------------

    def _restyle(self) -> None:
        theme = self.desk.theme
        self._side.setFixedWidth(theme.px(168))
        self._side.setStyleSheet(
            f"QPushButton {{ text-align: left; padding-left: {theme.px(12)}px; }}"
            f"QPushButton:checked {{ background: {theme.hex('sunken')}; border-color: {theme.hex('sunken')};"
            f" color: {theme.hex('ink')}; font-weight: 700; }}"
            f"QPushButton:focus {{ border-color: {theme.hex('lantern')}; }}"
        )

    def _retitle(self) -> None:
        session = self.desk.state.session
        self.setWindowTitle(self.desk.tr("title", community=session.community))
        self.who.setText(" · ".join(p for p in (session.name, self.desk.tr(f"role.{session.role}")) if p))
        self.top.refresh()
        self.line.refresh()
        if not self.mute.isHidden():
            self._sounding(False)

    def closeEvent(self, event: QCloseEvent) -> None:
        for timer in (self._soon, self._second, self._judging):
            timer.stop()
        if self._sound is not None:
            self._sound.silence()
        if self._settings is not None:
            self._settings.setValue("geometry", self.saveGeometry())
        if self._own_background:
            self.desk.background.close()
        super().closeEvent(event)


def make_page(name: str, desk: Desk) -> QWidget:
    """The pages that only some roles see."""
    match name:
        case "gatelog":
            from caregiver.gatelog.page import GateLogPage

            return GateLogPage(desk)
        case "residents":
            from caregiver.residents.page import ResidentsPage

            return ResidentsPage(desk)
        case "reports":
            from caregiver.reports.page import ReportsPage

            return ReportsPage(desk)
        case "admin":
            from caregiver.admin.page import AdminPage

            return AdminPage(desk)
        case _:
            raise KeyError(name)
