"""A program that dies at any of its durable writes."""

from collections.abc import Callable
from typing import Any

from watch.rows import Execute, SqlFile


class Crash(KeyboardInterrupt):
    """The program is gone, now."""


class Fuse:
    """Burns down with every durable write and crashes before or after one."""

    def __init__(self) -> None:
        self.left: int | None = None

    def burn(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise Crash


class FusedSql:
    def __init__(self, sql: SqlFile, fuse: Fuse) -> None:
        self._sql, self._fuse = sql, fuse

    def read(self, sql: str, parameters: Any = ()) -> Any:
        return self._sql.read(sql, parameters)

    def write(self, work: Callable[[Execute], Any]) -> Any:
        self._fuse.burn()
        return self._sql.write(work)
