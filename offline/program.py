"""How a program speaks at the terminal: one sentence in the user's language, the detail in the log, and never a traceback."""

import argparse
import errno
import json
import locale
import logging
import logging.handlers
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from getpass import getpass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from assets.words import LANGUAGES, say
from domain.errors import Mendable
from offline.settings import config_path, log_path

log = logging.getLogger("shouwang")


def program_version() -> str:
    try:
        return version("shouwang")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "0"


def terminal_language() -> str:
    """zh or en, as the terminal's locale has it; SHOUWANG_LANGUAGE overrides."""
    named = os.environ.get("SHOUWANG_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    named = named or (locale.getlocale()[0] or "").replace("Chinese", "zh")  # Windows' own name for it
    return next((language for language in LANGUAGES if named.lower().startswith(language)), "en")


def program_parser(program: str) -> argparse.ArgumentParser:
    """What a program with a window takes before any command, in the terminal's language."""
    language = terminal_language()
    about = say(language, f"help.{program}", config=config_path(program), log=log_path(program))
    top = argparse.ArgumentParser(
        f"shouwang-{program}", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    top.add_argument("--version", action="version", version=f"%(prog)s {program_version()}")
    top.add_argument("--config", type=Path, metavar="FILE", help=say(language, "help.config"))
    top.add_argument("-v", "--verbose", action="store_true", help=say(language, "help.verbose"))
    top.add_argument("--windowed", action="store_true", help=say(language, f"help.{program}_windowed"))
    return top


def sentence(error: Mendable, language: str) -> str:
    """What a person is told of an error they can mend."""
    return say(language, f"error.{error.code}", **error.details)


def day(text: str) -> date:
    """A day on the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError as e:
        raise argparse.ArgumentTypeError(say(terminal_language(), "terminal.no_day", text=text)) from e


def ask_secret(prompt: str, again: str = "") -> str:
    """What somebody types unseen, twice where `again` asks for it; from a pipe, its first line.

    Raises Mendable: `nothing_typed`, `typed_twice`.
    """
    if not sys.stdin.isatty():
        typed = sys.stdin.readline().strip()
    else:
        try:
            typed = getpass(prompt).strip()
            if again and typed and getpass(again).strip() != typed:
                raise Mendable("typed_twice")
        except EOFError:
            typed = ""
    if not typed:
        raise Mendable("nothing_typed")
    return typed


def keep_log(path: Path, *, verbose: bool = False, each: Callable[[logging.LogRecord], bool] | None = None) -> None:
    """Log to `path` (5 files of 2 MiB), and to the terminal as well where `verbose`. Without a log the program still runs.

    `each` sees every record before it is written, and may put into it where it belongs.
    """
    handlers: list[logging.Handler] = [logging.StreamHandler()] if verbose else []
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(logging.handlers.RotatingFileHandler(path, maxBytes=2**21, backupCount=4, encoding="utf-8"))
    except OSError as e:
        print(say(terminal_language(), "terminal.no_log", path=path, why=e.strerror), file=sys.stderr)
    form = "%(asctime)s %(levelname)s %(name)s %(threadName)s %(message)s"
    handlers = handlers or [logging.NullHandler()]  # with none at all Python writes tracebacks to the terminal
    if each is not None:
        for handler in handlers:
            handler.addFilter(each)
    logging.basicConfig(level=logging.INFO, format=form, handlers=handlers, force=True)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


def mendable(error: OSError) -> Mendable | None:
    """What somebody can do about a file or folder that the system refuses; None where no file is named."""
    if error.filename is None:
        return None
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Mendable("disk_full", path=error.filename)
    if error.errno == errno.EROFS:
        return Mendable("disk_readonly", path=error.filename)
    if error.errno in (errno.EACCES, errno.EPERM):
        return Mendable("file_denied", path=error.filename)
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return Mendable("file_no_folder", path=error.filename)
    return Mendable("file_unusable", path=error.filename, why=error.strerror)


def not_writable(folder: Path) -> Mendable:
    """What somebody can do where no file can be opened in `folder`: its disk only lets read, or this user may not."""
    if sys.platform != "win32" and os.statvfs(folder).f_flag & os.ST_RDONLY:
        return Mendable("disk_readonly", path=folder)
    return Mendable("file_denied", path=folder)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One window a data folder: two would work the same gate, or show the same alarm twice. Falls with the process.

    Raises Mendable `already_running`, `file_denied`, `disk_readonly`.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        lock = sqlite3.connect(folder / "running.sqlite", isolation_level=None, timeout=0)
    except sqlite3.OperationalError as e:
        raise not_writable(folder) from e
    with closing(lock):
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as e:
            if e.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise Mendable("already_running", path=folder) from e
            raise not_writable(folder) from e
        yield


def measuring(main: Callable[[], int]) -> int:
    """Run a command whose answer is one JSON object on its last line; so it is where it fails, for a program may be reading.

    The exit status: 1 after what somebody can mend, 2 after arguments that cannot be understood, 130 after Ctrl-C.
    """
    try:
        status = main()
        sys.stdout.flush()
        return status
    except SystemExit as e:  # of the arguments' parser, which has said what is wrong; or --help
        if e.code:
            print(json.dumps({"error": "arguments"}))
        raise
    except Mendable as e:
        return _failed(e)
    except BrokenPipeError:  # whoever read our output has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as e:
        if (known := mendable(e)) is None:
            raise
        return _failed(known)
    except KeyboardInterrupt:
        return 130


def _failed(error: Mendable) -> int:
    said = sentence(error, terminal_language())
    print(said, file=sys.stderr)
    print(json.dumps({"error": error.code, "said": said}, ensure_ascii=False))
    return 1


def at_terminal(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def guarded(program: str, main: Callable[[], int], tell: Callable[[str], None] = at_terminal) -> int:
    """Run `main`; its exit status, or 1 after one clear sentence that `tell` hands on; 130 after Ctrl-C."""
    language, kept = terminal_language(), log_path(program)
    try:
        status = main()
        if sys.stdout is not None:  # Windows gives a program without a terminal none
            sys.stdout.flush()
        return status
    except Mendable as e:
        log.error("%s", e, exc_info=True)
        tell(sentence(e, language))
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever read our output, `head` for one, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as e:
        log.exception("unexpected")
        known = mendable(e) if isinstance(e, OSError) else None
        tell(sentence(known, language) if known else say(language, "error.ours", log=kept))
    return 1
