"""The one place where the desktop's adapters are chosen and wired."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from apscheduler.schedulers.base import BaseScheduler
from platformdirs import user_cache_path
from PySide6.QtCore import QSettings

from caregiver.calls.line import CallLine
from caregiver.config import CaregiverSettings, Operator
from caregiver.frame.awake import Awake
from caregiver.main_window import MainWindow
from caregiver.memory.replica import Unsaved
from caregiver.session import Session
from caregiver.signin.seat import Seat
from caregiver.state import AppState, projections
from domain.errors import Mendable
from offline.journal.database import Database, Error
from offline.keys.identity import b64
from offline.keys.keystore import master_key
from offline.line.lease import Leases
from offline.line.link import SyncService
from offline.node import Node
from offline.public_holidays import calendar_of
from offline.scheduling import Every, make_scheduler
from offline.sqlite_files import delete
from qtkit.alarm import AlarmSound
from qtkit.apart import Apart
from qtkit.app import App
from qtkit.background import LAST_WORDS_S
from qtkit.mixer import PulseMixer
from qtkit.player import SystemPlayer
from watch.ledger import JournalLedger
from watch.rows import SqlFile
from watch.standby import Standby

STAND_BY_S = 10


@dataclass
class DeskSet:
    """A desktop that is put together: its line is up, `stop` takes everything down. `state` and `window` come with who sits."""

    settings: CaregiverSettings
    app: App
    node: Node
    scheduler: BaseScheduler
    standby_rows: SqlFile
    ledger: JournalLedger
    standby: Standby
    sound: AlarmSound
    awake: Awake
    unsaved: dict[str, Unsaved] = field(default_factory=dict)  # by who sat here: a session ends in the middle of a word

    def window(self, session: Session) -> MainWindow:
        """A window for whoever sits here."""
        node, settings = self.node, self.settings
        zone, calendar = ZoneInfo(settings.zone), calendar_of(settings.country)
        state = AppState(
            node.journal,
            node.keys,
            node.clock,
            session,
            node.sync,
            zone,
            calendar=calendar,
            routine=self.standby.routine,
        )
        try:
            return self._shown(state)
        except BaseException:  # it must not go on hearing, and answering for somebody who does not sit here
            state.close()
            raise

    def _shown(self, state: AppState) -> MainWindow:
        node, session = self.node, state.session
        state.unsaved = self.unsaved.setdefault(session.person, {})
        state.calls.box_key = b64(node.identity.box_public)
        state.calls.line = CallLine(node.line(), node.line(), node.identity.box, lambda: node.seated)
        if session.signed_in and node.district is not None:
            community, url = node.journal.community, node.district.url
            state.connect(node.line, lambda: node.seated, community, url)
        kept = kept_for_windows(self.settings)
        self.app.background.run(state.ask_names, state.colleague_names.update, asks=True)
        window = MainWindow(state, self.app.language, self.app.theme, self.app.background, self.sound, kept, self.awake)
        self.app.trouble.happened.connect(window.troubled)
        if (rescued := node.rescued) is not None:
            lost = "whole" if rescued.whole else "lost"
            window.say(window.desk.tr(f"rescued.{rescued.why}_{lost}", n=rescued.kept))
        elif node.keys.incomplete:
            window.say(window.desk.tr("rescued.keys"))
        elif not session.signed_in and self._leases().used:
            window.say(window.desk.tr("sign_in.asked_before"))
        return window

    @staticmethod
    def close(window: MainWindow) -> None:
        """The window goes, and what it knew of."""
        window.close()
        window.state.close()

    def seat(self) -> Seat:
        """Everybody signs in."""
        return Seat(self.app, self.node, self._leases(), self.window, self.close, self.sound, self.settings.community)

    def _leases(self) -> Leases:
        folder = self.settings.data
        master = master_key(folder / "keys" / "master", self.settings.keyring)
        return Leases(folder / "keys" / "leases", master, self.node.line, self.node.clock.now_ms)

    def stop(self) -> None:
        """What was just done here still goes up, where the line answers at once; the rest the next time."""
        self.awake.close()
        if self.node.sync is not None and not self.app.background.was_cut:  # it has been waited for already
            self.node.sync.settle(LAST_WORDS_S)
        self.node.stop()
        self.scheduler.shutdown()
        self.standby_rows.close()
        self.ledger.close()
        self.node.close()


def kept_for_windows(settings: CaregiverSettings) -> QSettings:
    """How whoever sits here arranged and reads their windows."""
    return QSettings(str(settings.data / "window.ini"), QSettings.Format.IniFormat)


def open_node(settings: CaregiverSettings) -> Node:
    """The desk's memory: replica, keys, line. Raises Mendable as they do."""
    return Node(settings.data, projections(), settings.keyring)


def make_desk(settings: CaregiverSettings, app: App) -> DeskSet:
    """Everything behind a desktop's windows, its line up. Raises Mendable, `not_enrolled` among them."""
    node = open_node(settings)
    if node.district is None:
        node.close()
        raise Mendable("not_enrolled")
    scheduler = make_scheduler()
    scheduler.start()
    sync = node.start(scheduler, listen=True, replica=True)
    rows = _standby_rows(node)
    ledger = JournalLedger(node.journal)
    standby = _stand_by(settings, node, ledger, sync, scheduler, rows)
    app.background.cut_by(node.hang_up)
    sound = AlarmSound(SystemPlayer(Apart, app.qt), user_cache_path("shouwang"), app.qt, PulseMixer())
    return DeskSet(settings, app, node, scheduler, rows, ledger, standby, sound, Awake(app.qt))


def _standby_rows(node: Node) -> SqlFile:
    """How far the standby has read; it reads from the beginning where that is lost, or where the journal was begun anew."""
    path = node.folder / "standby.sqlite"
    if node.rescued is not None:
        delete(path)
    file = Database.sealed(path, node.keys.secret("standby"))
    try:
        return SqlFile(file.writer())
    except Error:
        delete(path)
        return SqlFile(file.writer())


def operator_session(operator: Operator, settings: CaregiverSettings, node: Node) -> Session:
    """The seat of a desk that asks nobody to sign in."""
    return Session(operator.id, operator.role, operator.name, settings.community or node.journal.community)


def _stand_by(
    settings: CaregiverSettings,
    node: Node,
    ledger: JournalLedger,
    sync: SyncService,
    scheduler: BaseScheduler,
    rows: SqlFile,
) -> Standby:
    """While the line is down this desk watches on with what it knows; what it raises is marked unconfirmed."""
    standby = Standby(ledger, rows, calendar_of(settings.country))

    def tick() -> None:
        standby.tick(node.clock.now(), sync.stands())

    scheduler.add_job(tick, Every(STAND_BY_S))
    return standby
