"""Start the server and serve until it is told to stop (SIGINT, SIGTERM); what was accepted is finished first."""

import gc
import logging
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from assets.words import say
from district.bootstrap import opened
from district.config import DistrictSettings
from district.ledger import StoreLedger
from district.listening import listen, outward, server, url_of
from district.office import Office
from district.operator.handing_over import let_go
from district.people.coverage import Coverage
from district.upkeep.aside import expire_aside
from district.upkeep.lock import FolderLock
from district.upkeep.retention import SLICE, expire
from district.watching.clock_doubt import DAY_MS
from domain.errors import Mendable
from offline.program import terminal_language
from offline.scheduling import Every, make_scheduler

log = logging.getLogger(__name__)


def serve(settings: DistrictSettings, tell: Callable[[str], None], ready_file: Path | None = None) -> int:
    """Blocks; `tell` is handed the sentence with the address.

    Raises Mendable `district_running`, `port_in_use`, `address_unknown`, `certificate_wrong`, and what the store raises.
    """
    _many_descriptors()
    # a batch being read is thousands of live tuples and no cycles: 700 has them looked at over and over
    gc.set_threshold(50_000, 20, 20)
    sys.setswitchinterval(0.001)  # the store's threads ask for the interpreter often and need it shortly
    lock = FolderLock(settings.data)
    try:
        if not lock.take():
            raise Mendable("district_running", path=settings.data)
        listening = listen(settings)
        with listening, opened(settings) as office:
            url = url_of(settings, listening)

            def ready() -> None:
                lock.announce(url, office.pins[0] if settings.tls_cert else "")
                if ready_file is not None:
                    ready_file.write_text(url + "\n", "utf-8")
                shown = url_of(settings, listening, outward(settings.host))
                tell(say(terminal_language(), "district.ready", url=shown, fingerprint=office.identity.fingerprint))
                if (
                    office.hub_line is None
                    and (token := office.accounts.first_administrator(office.now_ms())) is not None
                ):
                    where = settings.public_url or f"{shown}/"
                    tell(say(terminal_language(), "district.first_administrator", url=f"{where}begin/{token}"))
                log.info("serving at %s", url)

            running = server(office, ready)
            office.nightwatch.start()
            if office.hub_line is not None:
                office.hub_line.start()
            housekeeping = make_scheduler()
            hourly, minutely = Every(3600), Every(60)
            housekeeping.add_job(_expire, hourly, args=[office])
            housekeeping.add_job(office.look_over, minutely)
            housekeeping.add_job(office.clock_doubt.look, minutely, next_run_time=datetime.now(UTC))
            housekeeping.add_job(office.nightwatch.look_after, minutely)
            if office.hub_line is None:  # who is on duty, and who has which, is the district's to know
                housekeeping.add_job(
                    lambda: office.duties_told.tell(office.now_ms()), minutely, next_run_time=datetime.now(UTC)
                )
                proof = Coverage(StoreLedger(office.store), office.store, office.rota)
                housekeeping.add_job(_cover, hourly, args=[office, proof], next_run_time=datetime.now(UTC))
            housekeeping.start()
            # uvicorn hands the signal on when it has stopped: to nobody, so that what follows still happens
            signal.signal(signal.SIGTERM, lambda *_: None)
            try:
                running.run(sockets=[listening])
            finally:
                housekeeping.shutdown()
            if not running.started:
                raise Mendable("port_in_use", host=settings.host, port=settings.port)
    finally:
        lock.close()
    return 0


def _expire(office: Office) -> None:
    """Null payloads that have served their time, in slices, so that nobody waits for long. Not by a clock that may be wrong."""
    let_go(office)
    if (doubt := office.clock_doubt.look()) is not None:
        log.error(
            "nothing is let go of: the clock seems to be %.1f days ahead (%s); `shouwang-district clock` says what to do",
            doubt.ahead / DAY_MS, f"{doubt.witnesses} machines say so" if doubt.witnesses else "since it was last believed",
        )  # fmt: skip
        return
    gone = 0
    while (found := expire(office.store, office.settings.retention, office.now_ms())) >= SLICE:
        gone += found
    gone += found + expire_aside(office.store, office.settings.retention, office.now_ms())
    if gone:
        log.info("retention: %d payloads", gone)
    office.nightwatch.expire(office.now_ms())
    office.expired = office.now_ms()


def _cover(office: Office, proof: Coverage) -> None:
    """Whether somebody can be reached in every hour of the coming week."""
    proof.check(sorted(office.store.heads()), office.now())


def _many_descriptors() -> None:
    """A stream holds a descriptor: as many as this process may have."""
    try:
        import resource  # not on every system
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 65_536)), hard))
