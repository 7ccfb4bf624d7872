"""How a program speaks at the terminal: one sentence in the user's language, the detail in the log, and never a traceback."""

import locale
import logging
import logging.handlers
import os
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from assets.words import LANGUAGES, say
from domain.errors import Mendable
from offline.settings import log_path

log = logging.getLogger("shouwang")


def program_version() -> str:
    try:
        return version("shouwang")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "0"


def terminal_language() -> str:
    """zh or en, as the terminal's locale has it; SHOUWANG_LANGUAGE overrides."""
    named = os.environ.get("SHOUWANG_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    named = named or (locale.getlocale()[0] or "")
    return next((language for language in LANGUAGES if named.lower().startswith(language)), "en")


def sentence(error: Mendable, language: str) -> str:
    """What a person is told of an error they can mend."""
    return say(language, f"error.{error.code}", **error.details)


def keep_log(path: Path, *, verbose: bool = False) -> None:
    """Log to `path` (5 files of 2 MiB), and to the terminal as well where `verbose`."""
    handlers: list[logging.Handler] = [logging.StreamHandler()] if verbose else []
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(logging.handlers.RotatingFileHandler(path, maxBytes=2**21, backupCount=4, encoding="utf-8"))
    except OSError as e:
        print(f"log: {e}", file=sys.stderr)
    form = "%(asctime)s %(levelname)s %(name)s %(threadName)s %(message)s"
    logging.basicConfig(level=logging.INFO, format=form, handlers=handlers, force=True)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


def guarded(program: str, main: Callable[[], int]) -> int:
    """Run `main`; its exit status, or 1 after one clear sentence on standard error."""
    language, kept = terminal_language(), log_path(program)
    try:
        return main()
    except Mendable as e:
        log.error("%s", e, exc_info=True)
        print(sentence(e, language), file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    except Exception:
        log.exception("unexpected")
        print(say(language, "error.ours", log=kept), file=sys.stderr)
    return 1
