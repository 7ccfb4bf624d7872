"""The one place where the desktop's adapters are chosen and wired."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from holidays import country_holidays
from platformdirs import user_cache_path
from PySide6.QtCore import QSettings

from caregiver.config import CaregiverSettings
from caregiver.main_window import MainWindow
from caregiver.state import AppState, Session, projections
from domain.errors import Mendable
from offline.node import Node
from offline.sync import Link, SyncService
from qtkit.alarm import AlarmSound, SystemPlayer
from qtkit.app import App
from watch.ledger import JournalLedger
from watch.rows import SqlFile
from watch.standby import Standby

STAND_BY_S = 10


@dataclass
class DeskSet:
    """A desktop that is put together: `start` brings up the line, `stop` takes everything down."""

    node: Node
    state: AppState
    window: MainWindow
    scheduler: BaseScheduler
    standby_rows: SqlFile

    def stop(self) -> None:
        self.window.close()
        self.node.stop()
        self.scheduler.shutdown()
        self.standby_rows.close()
        self.state.close()
        self.node.close()


def open_node(settings: CaregiverSettings) -> Node:
    """The desk's memory: replica, keys, line. Raises Mendable as they do."""
    return Node(settings.data, projections(), settings.keyring)


def make_desk(settings: CaregiverSettings, app: App) -> DeskSet:
    """Everything behind one desktop window, its line up. Raises Mendable, `not_enrolled` among them."""
    node = open_node(settings)
    if node.district is None:
        node.close()
        raise Mendable("not_enrolled")
    scheduler = BackgroundScheduler(job_defaults={"coalesce": True, "misfire_grace_time": None})
    scheduler.start()
    sync = node.start(scheduler, listen=True)
    rows = SqlFile(settings.data / "standby.sqlite")
    _stand_by(settings, node, sync, scheduler, rows)
    operator = settings.operator
    session = Session(operator.id, operator.role, operator.name, settings.community or node.journal.community)
    state = AppState(node.journal, node.keys, node.clock, session, sync, ZoneInfo(settings.zone))
    sound = AlarmSound(SystemPlayer(app.qt), user_cache_path("shouwang"), app.qt)
    kept = QSettings(str(settings.data / "window.ini"), QSettings.Format.IniFormat)
    window = MainWindow(state, app.language, app.theme, app.background, sound, kept)
    return DeskSet(node, state, window, scheduler, rows)


def _stand_by(
    settings: CaregiverSettings, node: Node, sync: SyncService, scheduler: BaseScheduler, rows: SqlFile
) -> None:
    """While the line is down this desk watches on with what it knows; what it raises is marked unconfirmed."""
    standby = Standby(JournalLedger(node.journal), rows, country_holidays(settings.country))

    def tick() -> None:
        standby.tick(node.clock.now(), sync.status.link in (Link.CONNECTED, Link.STARTING))

    scheduler.add_job(tick, "interval", seconds=STAND_BY_S, max_instances=1)
