"""The window: a sidebar of words, what stands how, the line to the district, the pages; over all of it the alarm."""

import gc
import logging
from collections.abc import Callable
from functools import partial
from time import monotonic

from PySide6.QtCore import QObject, QSettings, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QWidget

from caregiver.calls.strip import CallStrip
from caregiver.elders.board_page import BoardPage
from caregiver.elders.page import ElderPage
from caregiver.help import Help, Tour
from caregiver.incidents.alarm_view import AlarmView
from caregiver.incidents.page import IncidentsPage
from caregiver.pages import Hears, Shown, make_page
from caregiver.refusals import ANSWERS, Refused
from caregiver.refusals_view import RefusalBanner, RefusalList
from caregiver.sidebar import Sidebar, Standing
from caregiver.state import AppState, Changes
from caregiver.top_bar import LineBanner, TopBar
from caregiver.tray import Tray
from caregiver.ui import Desk, Pages, column, row
from domain.errors import Mendable
from domain.incident_kinds import EVIDENCE, Severity
from domain.incidents import Incident
from qtkit.alarm import AlarmSound
from qtkit.background import Background
from qtkit.i18n import Language
from qtkit.theme import Theme
from qtkit.tones import Severity as Tone
from qtkit.widgets import Banner, bring_forward, keep_in_sight

log = logging.getLogger(__name__)

COALESCE_S, TICK_MS, JUDGE_MS = 0.03, 1000, 15
PEOPLE_AT_ONCE = 200
TONES = {Severity.P1: Tone.ALARM, Severity.P2: Tone.WARNING}


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
        self.desk = Desk(state, theme, language, background or Background(self), settings)
        self._own_background = background is None
        self._sound, self._settings = sound, settings
        self._pages: dict[str, QWidget] = {}
        self._bridge = Bridge(self)
        self._build()
        self._timers()
        self._shortcuts()
        self._bridge.changed.connect(self._wake)
        state.on_change(self._bridge.changed.emit)
        language.changed.connect(lambda _: self._retitle())
        self._retitle()
        self.go("board")
        self._check_sound()
        self._ring()
        self.desk.background.run(state.people.spell, self._spelled, owner=self)
        self.tray = Tray(self.desk, self)
        self.tray.opened.connect(partial(bring_forward, self))
        self.tour = Tour(self.desk, self.alarm.parentWidget() or self)
        self.tour.hide()
        self.tour.shows.connect(self.go)
        self.tour.done.connect(self._toured)
        if isinstance(app := QGuiApplication.instance(), QGuiApplication):
            app.screenRemoved.connect(self._unplugged)
        self._keep()
        if settings is not None:
            if (kept := settings.value("geometry")) is not None:
                self.restoreGeometry(kept)
                keep_in_sight(self)
            if not settings.value("toured"):
                QTimer.singleShot(0, self, self._begin_tour)

    # ---- building ---------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        desk, px = self.desk, self.desk.theme.px
        self.resize(1366, 768)
        self.top = TopBar(desk)
        self.top.chosen.connect(self._only)
        self.line = LineBanner(desk)
        self.refusals = RefusalBanner(desk, int(self._settings.value("refusals_seen") or 0) if self._settings else 0)
        self.refusals.looked.connect(self._refused)
        self.trouble, self.mute, self.call = Banner(desk.theme), Banner(desk.theme), CallStrip(desk)
        self.stack = Pages()
        right = QWidget()
        right.setLayout(
            column(
                self.top,
                self.line,
                self.refusals,
                self.mute,
                self.trouble,
                self.call,
                self.stack,
                space=px(8),
                margins=px(12),
            )
        )
        right.setProperty("ground", "paper")
        self.side = Sidebar(desk)
        self.side.chosen.connect(self.go)
        self.side.helped.connect(self.show_help)
        self.side.left.connect(self.signed_out)
        body = QWidget()
        body.setLayout(row(Standing(self.side), right, space=0))
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

    def _add(self, name: str, page: QWidget) -> None:
        self._pages[name] = page
        self.stack.addWidget(page)

    @staticmethod
    def _keep() -> None:
        """What was read in and built until now stays while the window does: to look through all of it for garbage now and then
        holds every thread for 50 ms and more."""
        gc.freeze()

    def _make(self, name: str) -> QWidget:
        """A page is made when it is first asked for, so that the board does not wait for it."""
        page = make_page(name, self.desk)
        if isinstance(page, IncidentsPage):
            page.elder_chosen.connect(self.open_elder)
            page.detail.failed.connect(self.say)
        elif isinstance(page, ElderPage):
            page.back.connect(lambda: self.go("board"))
            page.incident_chosen.connect(self.open_incident)
            page.care_plan.connect(self.open_plan)
        return page

    def _timers(self) -> None:
        self._taken_at = self._took_s = 0.0
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

        for number, name in enumerate(self.side.nav, 1):
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
            self._keep()
        page = self._pages[name]
        self.stack.setCurrentWidget(page)
        self.side.mark(name)
        if isinstance(page, Shown):
            page.shown()
        return page

    @property
    def page(self) -> str:
        return next(name for name, page in self._pages.items() if page is self.stack.currentWidget())

    def open_elder(self, person: str) -> None:
        page = self.go("elder")
        assert isinstance(page, ElderPage)
        page.show_person(person)

    def open_plan(self, person: str) -> None:
        from caregiver.elders.plan_page import PlanPage

        fresh = "careplan" not in self._pages
        page = self.go("careplan")
        assert isinstance(page, PlanPage)
        if fresh:
            page.back.connect(lambda: self.open_elder(page.person))
        page.show_person(person)

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
        if self.tour.isVisible():
            self.tour.end()
        elif self.page == "elder":
            self.go("board")

    def _zoom(self, by: float | None) -> None:
        scale = 1.0 if by is None else min(2.0, max(0.8, self.desk.theme.scale + by))
        self.desk.theme.set_scale(scale)

    def show_help(self) -> None:
        self._help = Help(self.desk, self)
        self._help.show()

    def _refused(self, found: list[Refused]) -> None:
        told = RefusalList(self.desk, found, self)
        told.understood.connect(self._understood)
        told.show()

    def _understood(self) -> None:
        self.refusals.understood()
        if self._settings is not None:
            self._settings.setValue("refusals_seen", self.refusals.seen)

    def say(self, words: str) -> None:
        """One sentence about what did not work."""
        self.trouble.say(words, "alarm", "attention")

    def troubled(self, words: str) -> None:
        """The same, on the alarm too where one covers the window."""
        self.say(words)
        self.alarm.complain(words)

    def _unplugged(self) -> None:
        """A screen has gone; Qt moves its windows itself where the system does not, so look once it is done."""
        QTimer.singleShot(0, self, partial(keep_in_sight, self))

    # ---- what comes -------------------------------------------------------------------------------------------------

    def _wake(self) -> None:
        """At once after a quiet moment; under a flood no more often than leaves the window four fifths of the time, though an
        incident waits for no more than `COALESCE_S`."""
        quiet = COALESCE_S if self.desk.state.urgent else max(COALESCE_S, 4 * self._took_s)
        wait = max(0, round((self._taken_at + quiet - monotonic()) * 1000))
        if not self._soon.isActive() or wait < self._soon.remainingTime():
            self._soon.start(wait)

    def _take(self) -> None:
        began = monotonic()
        changes = self.desk.state.take(PEOPLE_AT_ONCE, self._first)
        if changes:
            self._show(changes)
        self.line.refresh()
        self.top.refresh()
        self.side.refresh()
        self.tray.refresh()
        self.synced.emit()
        self._taken_at = monotonic()
        self._took_s = self._taken_at - began
        if self.desk.state.more:
            self._wake()

    def _first(self, changes: Changes) -> None:
        if changes.incidents:
            self._ring()

    def _show(self, changes: Changes) -> None:
        self.board.changed(changes.people, changes.signs)
        if any(kind.startswith("call.") for kind in changes.kinds) and self.call.refresh() and self._sound is not None:
            self._sound.sound(Tone.NOTICE, loop=False)
        if changes.kinds & ANSWERS:
            self.refusals.refresh()
        if not self._judging.isActive():
            self._judging.start()
        if not self.alarm.isVisible():  # what it covers is read again when it goes
            self._show_page(changes)

    def _show_page(self, changes: Changes) -> None:
        page = self._pages[self.page]
        if isinstance(page, Hears):
            page.heard(changes)

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
            bring_forward(self)

    def _show_alarm(self, ringing: list[Incident]) -> None:
        work = self.desk.state.incidents.work(ringing[0].id) if ringing else None
        if work is not None and self.isVisible():
            self.tour.hide()
        covered = self.alarm.isVisible()
        self.alarm.show_work(work, len(ringing) - 1)
        page = self.stack.currentWidget()
        if covered and work is None and isinstance(page, IncidentsPage | ElderPage):
            page.refresh()

    def _begin_tour(self) -> None:
        """While nothing rings: the keyboard, and whoever has just taken an alarm, are busy then. It comes the next time."""
        if not self.alarm.isVisible():
            self.tour.begin()

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
        self.troubled(self.desk.language.tr(f"error.{error.code}", **error.details))

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
        if page is self.board:
            self.board.tick()
        elif isinstance(page, IncidentsPage):
            page.detail.tick()
        if not self._judging.isActive():
            self._judging.start()

    def _judge(self) -> None:
        """Judge a slice of the elders, unless an incident waits to be shown; rest once everybody is judged."""
        board = self.desk.state.board
        if self.desk.state.urgent:
            return
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

    def _retitle(self) -> None:
        session = self.desk.state.session
        self.setWindowTitle(self.desk.tr("title", community=session.community))
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
        gc.unfreeze()
        super().closeEvent(event)
