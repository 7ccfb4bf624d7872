"""Is this machine fit to run a district? One line a question, each with what to do."""

import shutil
import sqlite3
import ssl
import stat
import statistics
import sys
import time
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from district.config import DistrictSettings
from district.intake.strays import MOST
from district.upkeep.finding import Finding
from district.upkeep.keepsakes import DATABASE, IDENTITY, MASTER, keepsakes
from district.upkeep.lock import FolderLock

_WAL_RESET_FIXED = (3, 51, 3)
_LEAST_FREE = 2 * 1024**3
LAST_BACKUP = "last-backup"  # in the data folder: where the newest backup was written, and by its own time when
_OLDEST_BACKUP_DAYS = 7
_LEFT_OVER_DAYS = 30  # as backups: what is erased meanwhile is still in them
_LEAST_POSTGRESQL = 15
_ANSWER_MS = 5  # a call for help takes about sixty answers of the database, one after another
_CONNECTIONS = 40  # readers, writers, the operator and a copy of the database at once
_SOON_DAYS = 21  # for a certificate to end
_HERE = ("127.0.0.1", "::1", "localhost")  # what nobody reaches from outside
_EARLIEST = 1_790_000_000  # no clock may be before this build


def examine(settings: DistrictSettings) -> Iterator[Finding]:
    yield Finding(time.time() > _EARLIEST, "clock", {"now": time.strftime("%Y-%m-%d %H:%M:%S %Z")})
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    free = shutil.disk_usage(settings.data).free
    yield Finding(free > _LEAST_FREE, "disk", {"path": settings.data, "gib": f"{free / 1024**3:.1f}"})
    yield Finding(sys.version_info >= (3, 11), "python", {"version": sys.version.split()[0]})
    begun = (settings.data / DATABASE).exists()
    if settings.database:
        begun = yield from _postgresql(settings.database)
    else:
        fixed = sqlite3.sqlite_version_info >= _WAL_RESET_FIXED
        yield Finding(True, "sqlite" if fixed else "sqlite_one_writer", {"version": sqlite3.sqlite_version})
    yield from keepsakes(settings.data, begun)
    for name in (IDENTITY, MASTER):
        path = settings.data / name
        if path.exists():
            private = not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
            yield Finding(private or sys.platform == "win32", "key", {"path": path})
    if not settings.database and (settings.data / DATABASE).exists():
        yield _backup(settings.data / LAST_BACKUP)
    yield from _left_over(settings)
    if settings.tls_cert is not None:
        yield _certificate(settings.tls_cert)
        yield from _pair(settings.tls_cert, settings.tls_key)
    if settings.trust_desks:
        yield Finding(False, "trust_desks", {})
    if not settings.upstream:
        yield Finding(bool(settings.channels), "channels", {"names": ", ".join(sorted(settings.channels)) or "–"})
    for name, community in settings.lines.unlisted().items():
        yield Finding(bool(community), "unlisted", {"line": name, "community": community or "–"})
        if community and getattr(settings.lines, name).host not in _HERE:
            yield Finding(False, "strangers", {"line": name, "community": community, "most": MOST})
    if settings.host not in _HERE:
        on = settings.tls_cert is not None
        yield Finding(on, "tls_on" if on else "tls", {"host": settings.host})
    lock = FolderLock(settings.data)
    try:
        holder = None if lock.take() else lock.holder() or {}
    finally:
        lock.close()
    yield Finding(True, "idle" if holder is None else "serving", {"url": (holder or {}).get("url", "?")})


def _postgresql(url: str) -> Generator[Finding, None, bool]:
    """Whether the database answers, is new enough, and holds readers behind the second wall; whether there is anything in it."""
    import psycopg

    from district.store.wall import stands

    try:
        with psycopg.connect(url, connect_timeout=5) as db:
            number = db.info.server_version // 10_000
            slots = db.execute("SELECT current_setting('max_connections')::int").fetchone() or (0,)
            safe = db.execute("SELECT current_setting('fsync'), current_setting('synchronous_commit')").fetchone()
            tries = [_took_ms(lambda: db.execute("SELECT 1").fetchone()) for _ in range(9)]
            begun = (db.execute("SELECT to_regclass('facts')").fetchone() or (None,))[0] is not None
        walled = not begun or stands(url)  # the first start makes the role
    except psycopg.Error as e:
        yield Finding(False, "postgresql_down", {"what": str(e).partition("\n")[0]})
        return False
    yield Finding(number >= _LEAST_POSTGRESQL, "postgresql", {"version": number})
    ms = statistics.median(tries)
    yield Finding(ms <= _ANSWER_MS, "postgresql_answers", {"ms": f"{ms:.1f}", "most": _ANSWER_MS})
    yield Finding(slots[0] >= _CONNECTIONS, "postgresql_connections", {"n": slots[0], "least": _CONNECTIONS})
    yield Finding(safe is not None and "off" not in safe, "postgresql_durable", {})
    yield Finding(walled, "postgresql_wall", {})
    return begun


def _took_ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _backup(note: Path) -> Finding:
    try:
        days = (time.time() - note.stat().st_mtime) / 86_400
    except FileNotFoundError:
        return Finding(False, "no_backup", {})
    there = Path(note.read_text()).exists()
    return Finding(days <= _OLDEST_BACKUP_DAYS and there, "backup", {"path": note.read_text(), "days": f"{days:.0f}"})


def _left_over(settings: DistrictSettings) -> Iterator[Finding]:
    """Databases that nothing uses any more: put aside by a restore, or moved from."""
    files = sorted(settings.data.glob("district.sqlite.before-*[0-9]"))
    if settings.database:
        files += settings.data.glob("district.sqlite")
    old = [file for file in files if time.time() - file.stat().st_mtime > _LEFT_OVER_DAYS * 86_400]
    if files:
        told = {"path": settings.data, "files": ", ".join(f.name for f in files), "days": _LEFT_OVER_DAYS}
        yield Finding(not old, "left_over", told)


def _certificate(path: Path) -> Finding:
    try:
        ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError):
        return Finding(False, "certificate_unreadable", {"path": path})
    left = (ends - datetime.now(UTC)).days
    return Finding(left >= _SOON_DAYS, "certificate", {"path": path, "date": f"{ends:%Y-%m-%d}"})


def _pair(cert: Path, key: Path | None) -> Iterator[Finding]:
    """Nothing where they can be served with; asked as the server's own user, as which the doctor runs."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            cert, key, password=lambda: ""
        )  # it is not to ask for one
    except (ssl.SSLError, OSError):
        yield Finding(False, "certificate_pair", {"path": cert, "key": key})
