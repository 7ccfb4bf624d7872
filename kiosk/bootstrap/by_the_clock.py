"""What a kiosk does by the clock, and what its maintenance screen tells of it."""

from datetime import datetime, timedelta

from apscheduler.schedulers.base import BaseScheduler

from domain.events import Clock, from_ms
from kiosk.bootstrap.ground import Ground
from kiosk.config import KioskSettings
from kiosk.cut_off import CutOff
from kiosk.faces.engine import title
from kiosk.faces.gallery import Gallery
from kiosk.faces.recogniser import Recogniser
from kiosk.gate.relay_gate import RelayGate
from kiosk.passages.habits import habits_feed
from kiosk.passages.pictures import PassagePictures
from kiosk.residents.known import Residents
from kiosk.residents.lending import Lending
from kiosk.upkeep.backup import Backups
from kiosk.upkeep.fallback_rows import fallback_rows
from kiosk.upkeep.nightly import SelfTest, let_go, sweep
from kiosk.upkeep.status import Fittings
from offline.scheduling import Every
from qtkit.player import SystemPlayer

SELF_TEST_HOUR, LET_GO_HOUR, LOOKALIKES_HOUR, BACKUP_HOUR = 3, 4, 2, 5  # local, when a gate is quietest
HABITS_EVERY_MIN = 5
EXPIRE_EVERY_S, LEND_EVERY_MIN, MAKE_GOOD_EVERY_MIN = 60, 10, 20


def timetable(
    ground: Ground,
    scheduler: BaseScheduler,
    self_test: SelfTest,
    pictures: PassagePictures,
    lending: Lending,
    residents: Residents,
    recogniser: Recogniser,
) -> None:
    """What is done by the clock. Whoever is usual is learnt now as well.

    A gate that is switched off at night lets go of what is old at its start, and does by day what else it has missed.
    """
    journal, engine, keep = ground.node.journal, ground.engine, timedelta(days=ground.settings.keep_passages_days)

    looked: datetime | None = None
    tested: datetime | None = None  # in this run; the record is dated by the machine's clock, which may be another

    def look_for_alikes() -> None:
        nonlocal looked
        looked = ground.known().least
        gallery = Gallery(residents.gallery(), dim=engine.dim, homes=residents.homes())
        if sweep(journal, gallery, engine, ground.settings.face.target_fpir):
            ground.hurry()

    def test_itself() -> None:
        nonlocal tested
        tested = ground.known().least
        self_test.run()

    def let_go_of_old() -> None:
        residents.let_go()
        let_go(journal, ground.known().stays(keep), pictures.let_go)

    backups = backups_of(ground)

    def make_good() -> None:
        """Not while the gate starts: people wait before it then."""
        if backups is not None and backups.missed():
            backups.run()
        if ground.known().missed(looked):
            look_for_alikes()
        if ground.known().missed(tested or self_test.last()):
            test_itself()

    scheduler.add_job(test_itself, "cron", hour=SELF_TEST_HOUR)
    scheduler.add_job(let_go_of_old, "cron", hour=LET_GO_HOUR)
    scheduler.add_job(let_go_of_old)
    scheduler.add_job(look_for_alikes, "cron", hour=LOOKALIKES_HOUR)
    if backups is not None:
        scheduler.add_job(backups.run, "cron", hour=BACKUP_HOUR)
    scheduler.add_job(make_good, Every(60 * MAKE_GOOD_EVERY_MIN))
    scheduler.add_job(lending.expire, Every(EXPIRE_EVERY_S))
    scheduler.add_job(lending.offer, Every(60 * LEND_EVERY_MIN))
    learn = habits_feed(journal, recogniser.set_habits, title(engine), ground.now, residents.elders)
    scheduler.add_job(learn, Every(60 * HABITS_EVERY_MIN))
    learn()


def backups_of(ground: Ground) -> Backups | None:
    folder = ground.settings.backup_folder
    return None if folder is None else Backups(ground.node, folder, ground.known)


def keep_pictures(settings: KioskSettings) -> timedelta:
    """A picture goes with what its passage says, at the latest."""
    return timedelta(days=min(settings.keep_pictures_days, settings.keep_passages_days))


def fittings(ground: Ground, gate: RelayGate, player: SystemPlayer, cut_off: CutOff) -> Fittings:
    settings, node, backups = ground.settings, ground.node, backups_of(ground)
    return Fittings(
        engine=title(ground.engine),
        data=settings.data,
        simulated_gate=gate.simulated,
        simulated_camera=settings.camera.simulated,
        infrared=bool(settings.infrared.source),
        reader=bool(settings.card_reader),
        sound=player.working,
        link=lambda: node.sync.status if node.sync is not None else None,
        keep=timedelta(days=settings.keep_passages_days),
        keep_pictures=keep_pictures(settings),
        backed_up=lambda: backups.last() if backups is not None else None,
        no_backup=backups.hindrance if backups is not None else lambda: "unnamed",
        keys_lost=lambda: node.keys.incomplete,
        cut_off=None if cut_off.after is None else from_ms(cut_off.after),
        fallback=fallback_rows(settings.fallback, ground.silence),
        clock=lambda: (node.clock.state is Clock.SYNCED, node.clock.wall_error_ms()),
    )
