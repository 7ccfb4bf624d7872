"""Nonces seen within the window of signatures: none is taken twice, by a server that was started again neither."""

import json
import os
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from offline.keys.signing import WINDOW_SECONDS

KEPT_S = 2 * WINDOW_SECONDS + 1  # from the earliest to the latest moment at which one signature may come
_MOST = 1_000_000
Key = tuple[str, str]  # device, nonce


class Nonces:
    """In memory, for one process; with a `folder`, written there too before the request is dealt with, a line each, in two files
    that take turns. What the machine had not put on its disk when the power went is forgotten: facts are idempotent all the same.
    """

    def __init__(self, folder: Path | None = None, now_s: float = 0) -> None:
        self._seen: set[Key] = set()
        self._order: deque[tuple[float, Key]] = deque()
        self._files = [] if folder is None else [folder / "nonces.0", folder / "nonces.1"]
        self._turn, self._since, self._open = 0, now_s, -1
        if self._files:
            told = [list(_read(file)) for file in self._files]
            for at, key in sorted(told[0] + told[1]):
                if at >= now_s - KEPT_S and key not in self._seen:
                    self._keep(at, key)
            begun = [lines[0][0] if lines else 0.0 for lines in told]
            self._turn, self._since = begun.index(max(begun)), max(begun) or now_s
            self._begin(os.O_APPEND)
            with suppress(OSError):
                os.write(self._open, b"\n")  # a crash may have cut the last line short

    def take(self, device: str, nonce: str, now_s: float) -> bool:
        """True the first time."""
        while self._order and (self._order[0][0] < now_s - KEPT_S or len(self._order) >= _MOST):
            self._seen.discard(self._order.popleft()[1])
        key = (device, nonce)
        if key in self._seen:
            return False
        self._keep(now_s, key)
        if self._files:
            self._write(now_s, key)
        return True

    def _keep(self, at: float, key: Key) -> None:
        self._seen.add(key)
        self._order.append((at, key))

    def _write(self, now_s: float, key: Key) -> None:
        if not 0 <= now_s - self._since <= KEPT_S:  # the other file holds nothing any more that is in the window
            self._turn, self._since = 1 - self._turn, now_s
            self._begin(os.O_TRUNC)
        with suppress(OSError):  # a disk that is full must not keep an alarm away
            os.write(self._open, json.dumps([now_s, *key]).encode() + b"\n")

    def _begin(self, how: int) -> None:
        self.close()
        with suppress(OSError):
            self._open = os.open(self._files[self._turn], os.O_WRONLY | os.O_CREAT | how, 0o600)

    def close(self) -> None:
        if self._open >= 0:
            os.close(self._open)
            self._open = -1


def _read(file: Path) -> Iterator[tuple[float, Key]]:
    """What a file holds; a line that a crash cut short is passed over."""
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    for line in lines:
        with suppress(ValueError, TypeError):
            at, device, nonce = json.loads(line)
            yield float(at), (str(device), str(nonce))
