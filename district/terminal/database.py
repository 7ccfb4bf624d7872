"""The database: its copies, and its move to PostgreSQL."""

import argparse
import json
import time
from pathlib import Path

from district.config import DistrictSettings
from district.terminal.saying import Commands
from district.upkeep import backup
from district.upkeep.doctor import LAST_BACKUP
from district.upkeep.lock import FolderLock
from district.upkeep.move import move
from domain.errors import Mendable


def add(commands: Commands) -> None:
    saved = commands.add_parser("backup", help="copy the SQLite database while the server runs (keys are not in it)")
    saved.set_defaults(do=_backup)
    saved.add_argument("file", type=Path)
    restore = commands.add_parser("restore", help="put a backup in the database's place; the server must be stopped")
    restore.set_defaults(do=_restore)
    restore.add_argument("file", type=Path)
    moved = commands.add_parser(
        "move", help="copy a SQLite district to PostgreSQL and prove both equal; repeat, last time stopped"
    )
    moved.set_defaults(do=_move)
    moved.add_argument(
        "--to", required=True, metavar="URL", help="postgresql://…, an empty database or one moved to before"
    )


def _backup(settings: DistrictSettings, args: argparse.Namespace) -> int:
    made = backup.backup(_database(settings), args.file)
    (settings.data / LAST_BACKUP).write_text(str(args.file.resolve()))
    _say_copied(made)
    return 0


def _restore(settings: DistrictSettings, args: argparse.Namespace) -> int:
    database = _database(settings)
    lock = FolderLock(settings.data)
    try:
        if not lock.take():
            raise Mendable("district_running", path=settings.data)
        _say_copied(backup.restore(args.file, database))
    finally:
        lock.close()
    return 0


def _database(settings: DistrictSettings) -> Path:
    if settings.database:
        raise Mendable("backup_postgresql")
    return settings.data / "district.sqlite"


def _say_copied(made: backup.Backup) -> None:
    print(json.dumps({"path": made.path, "digest": made.digest, **made.counts}))


def _move(settings: DistrictSettings, args: argparse.Namespace) -> int:
    lock = FolderLock(settings.data)
    try:
        if not (settings.data / "district.sqlite").exists():
            raise Mendable("backup_nothing", path=settings.data / "district.sqlite")
        if not args.to.startswith(("postgresql://", "postgres://")):
            raise Mendable("database_address")
        stopped = lock.take()
        found = move(settings.data / "district.sqlite", args.to, int(time.time() * 1000))
    finally:
        lock.close()
    print(json.dumps({"equal": found.equal, "server_stopped": stopped, "rows": found.rows, "digests": found.digests}))
    return 0 if found.equal and stopped else 1
