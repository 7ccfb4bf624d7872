"""What is too long for an answer goes by a file in the data folder, which whoever may type commands reads there and takes away."""

import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from district.office import Office

_NAME = "taken-*.jsonl"
_KEPT_S = 3600  # a terminal that was closed half-way has left it behind


def handed_over(office: Office, lines: Iterable[bytes]) -> Path:
    """The file with these lines, for its reader to delete. A year's audit is hundreds of megabytes: it is never whole in memory."""
    path = office.settings.data / _NAME.replace("*", secrets.token_hex(8))
    path.touch(0o600, exist_ok=False)
    with path.open("wb") as file:
        file.writelines(lines)
    return path


def let_go(office: Office) -> None:
    """Delete what nobody took away; for the hourly job."""
    for path in office.settings.data.glob(_NAME):
        with suppress(FileNotFoundError):  # its reader has just taken it away
            if time.time() - path.stat().st_mtime > _KEPT_S:
                path.unlink()
