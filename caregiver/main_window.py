"""The window: a sidebar of words, what stands how, the line to the district, the pages; over all of it the alarm."""

import gc
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSettings, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from caregiver.calls.strip import CallStrip
from caregiver.frame.arrivals import Arrivals
from caregiver.frame.awake import Awake
from caregiver.frame.duties_banner import DutiesBanner
from caregiver.frame.gate_bell import GateBell
from caregiver.frame.help import Help, Tour
from caregiver.frame.leaving import AsksBefore
from caregiver.frame.looks import zooms
from caregiver.frame.pages import Begins
from caregiver.frame.refusals_view import RefusalBanner
from caregiver.frame.ringing import Ringing
from caregiver.frame.rooms import Rooms, keep_what_is_built
from caregiver.frame.sidebar import Sidebar, Standing
from caregiver.frame.spelling import Spelling
from caregiver.frame.top_bar import LineBanner, TopBar
from caregiver.frame.tray import Tray
from caregiver.frame.trouble import Trouble
from caregiver.incidents.actions import Action
from caregiver.incidents.page import IncidentsPage
from caregiver.incidents.subject import ELDER
from caregiver.layout import column, row
from caregiver.memory.changes import Changes
from caregiver.memory.refusals import ANSWERS
from caregiver.state import AppState
from caregiver.ui import Desk
from domain.incident_kinds import ACKNOWLEDGED
from offline.letters.duty_given import DUTY_GIVEN
from qtkit.alarm import AlarmSound
from qtkit.background import Background
from qtkit.i18n import Language
from qtkit.steady import Steady
from qtkit.theme import Theme
from qtkit.windows import InSight, OverAll, bring_forward, clear_the_way

TICK_MS = 1000


class MainWindow(QMainWindow):
    """`alarm_painted(incident)` once an alarm was really on the screen, `sign_shown(person)` once a new sign was."""

    alarm_painted = Signal(str)
    sign_shown = Signal(str)
    synced = Signal()  # after every change that was taken over
    signed_out = Signal()
    password_changed = Signal()

    def __init__(
        self,
        state: AppState,
        language: Language,
        theme: Theme,
        background: Background | None = None,
        sound: AlarmSound | None = None,
        settings: QSettings | None = None,
        awake: Awake | None = None,
    ) -> None:
        super().__init__()
        self.state = state
        self.desk = Desk(state, theme, language, background or Background(self), settings)
        self._own_background = background is None
        self._stands = False  # from its first moment to its end, also while it is gone to come before all others
        self._settings = settings
        self._build(sound, awake)
        self._join()
        self._listen()
        self._shortcuts()
        self._retitle()
        self.go("board")
        self.ringing.ring()
        keep_what_is_built()
        self._as_it_was()

    def appear(self) -> None:
        """For the first time: over the whole screen where something rings already."""
        if self.alarm.isHidden():
            self.show()
        else:
            self._over_all.come()

    def _build(self, sound: AlarmSound | None, awake: Awake | None) -> None:
        desk, state, px = self.desk, self.state, self.desk.theme.px
        self.resize(1366, 768)
        body = QWidget()
        self.ringing = Ringing(desk, state.incidents, state.elders.last_sign, body, sound, awake)
        self.alarm, self.mute = self.ringing.alarm, self.ringing.mute
        self.line, self.refusals, self.trouble = LineBanner(desk), RefusalBanner(desk), Trouble(desk)
        self.duties = DutiesBanner(desk)
        self.top = TopBar(
            desk, state.elders.board, self.line, self.trouble, self.line, self.mute, self.refusals, self.duties
        )
        self.call, self.rooms = CallStrip(desk, state.calls), Rooms(desk, state)
        self.board, self.side = self.rooms.board, Sidebar(desk, state.incidents)
        self.tour = Tour(desk)
        self.tour.hide()
        right = QWidget()
        right.setLayout(column(self.top, self.call, self.rooms, self.tour, space=px(8), margins=px(12)))
        for ground in (right, body):
            ground.setProperty("ground", "paper")
        body.setLayout(row(Standing(self.side), right, space=0))
        self.setCentralWidget(body)
        self.steady, self._in_sight, self._over_all = Steady(self), InSight(self), OverAll(self)
        self.tray, self._asks = Tray(desk, state.elders.board, self), AsksBefore(desk.theme, desk.language, self)

    def _join(self) -> None:
        """What is pressed in one part is done in another."""
        self.top.chosen.connect(self.rooms.only)
        self.side.chosen.connect(self.go)
        self.side.helped.connect(self.show_help)
        self.side.left.connect(self.signed_out)
        self.rooms.leaves.connect(self.side.mark)
        self.rooms.entered.connect(self.side.mark)
        self.rooms.failed.connect(self.say)
        self.rooms.password_changed.connect(self.password_changed)
        self.board.sign_shown.connect(self.sign_shown)
        self.board.stepped.connect(self._step)
        self.board.called.connect(lambda incident: self.open_incident(incident).detail.call(ELDER))
        self.alarm.painted.connect(self.alarm_painted)
        self.tray.opened.connect(partial(bring_forward, self))
        self.tour.there.connect(self.top.make_room)
        for moves in (self.rooms.moved, self.top.news.turned):
            moves.connect(self.steady.hold)
        self.alarm.covers.connect(self.steady.hold)
        self.tour.shows.connect(self.go)
        self.tour.done.connect(self._toured)

    def _listen(self) -> None:
        state = self.state
        self.bell = GateBell(self.call, self.ringing, self.steady, self)
        self.ringing.rings.connect(self._rings)
        self.ringing.quiet.connect(self._quiet)
        self.ringing.taken.connect(self._accepted)
        self.ringing.troubled.connect(self.troubled)
        self.arrivals = Arrivals(state, state.elders.board, self._first, self)
        self.arrivals.came.connect(self._came)
        self.arrivals.taken.connect(self._taken_over)
        self.arrivals.judged.connect(self._judged)
        self._second = QTimer(self, interval=TICK_MS)
        self._second.timeout.connect(self._tick)
        self._second.start()
        self.desk.language.changed.connect(lambda _: self._retitle())
        self.spelling = Spelling(self.desk, state.people, state.elders.board, self)

    def _as_it_was(self) -> None:
        """Where it stood the last time, and for somebody who has never seen it, the tour."""
        if self._settings is None:
            return
        self._in_sight.again(self._settings)
        if not self._settings.value("toured"):
            QTimer.singleShot(0, self, self._begin_tour)

    def _shortcuts(self) -> None:
        def on(keys: str, act: Callable[[], object]) -> None:
            QShortcut(QKeySequence(keys), self).activated.connect(act)

        def beneath(act: Callable[[], object]) -> Callable[[], object]:
            """Only while no alarm covers it: the keyboard would go where nobody sees it, and Enter would answer nothing."""
            return lambda: None if self.alarm.isVisible() else act()

        for number, name in enumerate(self.side.nav, 1):
            on(f"Ctrl+{number}", beneath(partial(self._go_by_key, name)))
        on("Ctrl+F", beneath(self.rooms.look_for))
        on("F1", self.show_help)
        zooms(self, self.desk.theme)
        on("Esc", beneath(self._back))

    def go(self, name: str) -> QWidget:
        """Show a page."""
        return self.rooms.go(name)

    def _go_by_key(self, name: str) -> None:
        """Whoever comes without the mouse goes on without it."""
        page = self.go(name)
        (page.begins if isinstance(page, Begins) else page).setFocus()

    @property
    def page(self) -> str:
        return self.rooms.page

    def open_elder(self, person: str) -> None:
        self.rooms.open_elder(person)

    def open_plan(self, person: str) -> None:
        self.rooms.open_plan(person)

    def open_incident(self, incident: str) -> IncidentsPage:
        return self.rooms.open_incident(incident)

    def _step(self, incident: str, action: Action) -> None:
        """Taken from the board: one accepts there, and everything else is done where the incident is."""
        if action.kind == ACKNOWLEDGED:
            self.ringing.acknowledge(incident)
        else:
            self.open_incident(incident).detail.do(action)

    def _back(self) -> None:
        if self.tour.isVisible():
            self.tour.end()
        elif self.page == "elder":
            self.go("board")

    def show_help(self) -> None:
        self._help = Help(self.desk, self, self.ringing.sound)
        self._help.show()

    def say(self, words: str) -> None:
        """One sentence about what did not work."""
        self.trouble.complain(words)

    def troubled(self, words: str) -> None:
        """The same, on the alarm too where one covers the window."""
        self.say(words)
        self.alarm.complain(words)

    # ---- what comes, and what rings ---------------------------------------------------------------------------------

    def _first(self, changes: Changes) -> None:
        if changes.incidents:
            self.ringing.ring()

    def _came(self, changes: Changes) -> None:
        if changes.roster:
            self.spelling.soon()
        self.board.changed(changes.people, changes.signs)
        if any(kind.startswith("call.") for kind in changes.kinds):
            self.call.refresh()
        if changes.kinds & ANSWERS:
            self.refusals.refresh()
            if self.alarm.isVisible() and self.refusals.of_alarms:  # it stands again, and covers the line that says why
                self.alarm.complain(self.desk.tr("refusals.alarm"))
        if DUTY_GIVEN in changes.kinds and self.state.session.administers:
            self.duties.refresh()
            self.desk.learn_names(self.duties.refresh, self)  # theirs is a new one
        self.rooms.heard(changes, covered=self.alarm.isVisible())

    def _taken_over(self) -> None:
        for part in (self.line, self.top, self.side, self.tray):
            part.refresh()
        self.synced.emit()

    def _judged(self) -> None:
        self.board.refresh()
        self.top.refresh()

    def _tick(self) -> None:
        self.ringing.tick()
        self.arrivals.tick()
        if self.call.isVisibleTo(self):
            self.call.refresh()
        self.line.refresh()
        self.top.refresh()
        self.rooms.tick()

    def _rings(self) -> None:
        if self._stands:
            self.tour.hide()
            clear_the_way(self)
            self._over_all.come()

    def _quiet(self) -> None:
        self._over_all.go_back()
        if self.alarm.rings_on:  # taken elsewhere, as Enter was on its way perhaps
            self.steady.hold(keys=True)
        self.rooms.catch_up()

    def _accepted(self, incident: str) -> None:
        """Go to what was just taken, unless something else rings."""
        self.arrivals.take()
        if not self.state.incidents.ringing():
            self.open_incident(incident).table.setFocus()

    def _begin_tour(self) -> None:
        """While nothing rings: the keyboard, and whoever has just taken an alarm, are busy then. It comes the next time."""
        if not self.alarm.isVisible():
            self.tour.begin()

    def _toured(self) -> None:
        self.go("board")
        if self._settings is not None:
            self._settings.setValue("toured", True)

    # ---- how it looks and how it ends -------------------------------------------------------------------------------

    def _retitle(self) -> None:
        self.setWindowTitle(self.desk.tr("title", community=self.state.session.community))
        self.top.refresh()
        self.line.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._stands = True

    def closeEvent(self, event: QCloseEvent) -> None:
        self._stands = False
        self._second.stop()
        self.arrivals.stop()
        self.ringing.stop()
        self._over_all.go_back()
        if self._settings is not None:
            self._in_sight.remember(self._settings)
        if self._own_background:
            self.desk.background.close()
        gc.unfreeze()
        super().closeEvent(event)
