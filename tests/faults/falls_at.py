"""The district's own program, killed (SIGKILL) by itself where it passes a named point: `python falls_at.py POINT NTH ARGUMENTS…`.

The points lie in the code as it is: each is a method of it that is passed through, and nothing else is changed.
"""

import os
import signal
import sys
from collections.abc import Callable
from itertools import count
from typing import Any
from unittest.mock import patch

import district.api.sync as api
import district.store.sqlite as sqlite
from district.__main__ import main
from district.erasures import Erasures
from district.store.port import Fresh
from district.store.postgresql_commit import Transaction as PostgresqlTransaction
from district.store.sqlite_commit import Transaction as SqliteTransaction
from district.store.taking import Taking
from district.store.writing import Writing
from offline.keys.keystore import Keystore
from offline.wire import Ack
from tests.faults.torn import half_written

STAGED = "staged"  # a device's batch is written, and not committed
COMMITTED = "committed"  # it is durable, and nobody has been told
ANSWERING = "answering"  # everybody here has been told; the device has not
CHECKPOINTING = "checkpointing"  # the log is about to be copied into the file
COPYING = "copying"  # half of one of its pages is in the file
CHECKPOINTED = "checkpointed"
ERASING = "erasing"  # somebody's payloads are nulled, and it is not committed
ERASED = "erased"  # that is durable, and the key is still there
KEYLESS = "keyless"  # the key is gone, and nobody has been told
POINTS = (STAGED, COMMITTED, ANSWERING, CHECKPOINTING, COPYING, CHECKPOINTED, ERASING, ERASED, KEYLESS)
OF_SQLITE = (CHECKPOINTING, COPYING, CHECKPOINTED)
CHECKPOINT_EVERY = 30  # facts, in place of thousands


def aim(point: str, nth: int) -> None:
    """Die at the `nth` passage of the point; while copying, in the `nth` page."""
    passages = count(1)

    def passed() -> None:
        if next(passages) == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    match point:
        case "staged":
            of_devices(lambda transaction: around(transaction, "finish", after=passed))
        case "committed":
            of_devices(lambda transaction: None)
            around(Writing, "_tell", before=passed, when=lambda _store, tx: hasattr(tx, "of_a_device"))
        case "answering":
            around(api, "answer", before=passed, when=lambda value: isinstance(value, Ack))
        case "checkpointing" | "checkpointed":
            sqlite.CHECKPOINT_EVERY = CHECKPOINT_EVERY

            def full(store: Any, weight: int) -> bool:
                return bool(store._uncopied + weight >= CHECKPOINT_EVERY)

            how = {"before" if point == CHECKPOINTING else "after": passed}
            around(sqlite.SqliteStore, "_checkpoint", when=full, **how)
        case "copying":
            sqlite.CHECKPOINT_EVERY = CHECKPOINT_EVERY
            half_written("district.sqlite", lambda: next(passages) >= nth, lambda: os.kill(os.getpid(), signal.SIGKILL))
        case "erasing":
            for transaction in (SqliteTransaction, PostgresqlTransaction):
                around(transaction, "erase", after=passed)
        case "erased":
            around(Erasures, "heard", before=passed, when=lambda _erasures, fresh: erases(fresh))
        case "keyless":
            around(Keystore, "destroy", after=passed)
        case _:
            raise ValueError(point)


def erases(fresh: Fresh) -> bool:
    return bool(fresh.erased)


def of_devices(then: Callable[[type[Taking]], object]) -> None:
    """Mark the transactions that carry a device's batch, and let `then` look at both kinds."""
    append = Taking.append

    def marked(self: Any, batch: Any) -> Any:
        self.of_a_device = True
        return append(self, batch)

    patch.object(Taking, "append", marked).start()
    for transaction in (SqliteTransaction, PostgresqlTransaction):
        then(transaction)


def around(
    where: Any, name: str, before: Callable[[], None] | None = None, after: Callable[[], None] | None = None,
    when: Callable[..., bool] = lambda *_: True,
) -> None:  # fmt: skip
    """Call `before` or `after` around a function of a class or a module, where `when` of its arguments holds."""
    usual = getattr(where, name)

    def passing(*told: Any, **more: Any) -> Any:
        holds = when(*told) if name != "finish" else hasattr(told[0], "of_a_device")
        if holds and before is not None:
            before()
        found = usual(*told, **more)
        if holds and after is not None:
            after()
        return found

    setattr(where, name, passing)


if __name__ == "__main__":
    aim(sys.argv[1], int(sys.argv[2]))
    sys.exit(main(sys.argv[3:]))
