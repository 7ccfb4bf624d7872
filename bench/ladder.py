"""A tick of the ladder over ten thousand open incidents with nothing due, and the rule itself asked about every one of them.

A district ticks every second: what a tick costs while nothing is due is what it costs all day.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench._load import printed
from district.ledger import StoreLedger
from district.reaching.handovers import Handovers
from district.reaching.ladder import LadderRunner
from district.store.sqlite import SqliteStore
from domain.events import to_ms
from domain.incident import Event
from domain.incident_kinds import OPENED, Severity
from domain.incidents import fold
from domain.ladder import Standing, next_steps
from domain.ladder_steps import default_ladder
from watch.plans import FactPlans
from watch.rows import Execute

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MINUTE_MS, ROUNDS = 60_000, 20


class Nobody:
    """A rota that nobody is asked from: nothing is due."""

    def on_call(self, *_asked: Any, **_named: Any) -> Sequence[str]:
        return ()

    def on_leave(self, *_asked: Any, **_named: Any) -> bool:
        return False


def waiting(store: SqliteStore, count: int) -> LadderRunner:
    """The ladders of `count` incidents that are open and due a minute from NOW."""
    runner = LadderRunner(StoreLedger(store), store, Nobody(), Handovers(store, "bench"), FactPlans())
    begun, due = to_ms(NOW), to_ms(NOW) + MINUTE_MS

    def fill(execute: Execute) -> None:
        for n in range(count):
            execute(
                "INSERT INTO ladder_rows (incident, community, elder, phase, round, round_at, phase_at, from_level, position,"
                " informed, due, rev) VALUES (?, 'here', ?, 'seek/1.1.0', 1, ?, ?, 0, 1, 0, ?, 1)",
                (f"i{n}", f"e{n}", begun, begun, due + n),
            )

    store.write(fill)
    runner.tick(NOW)
    return runner


def asked_of_all(count: int) -> None:
    """The rule about `count` incidents, one after another."""
    ladder = default_ladder(Severity.P1, ["ann"]).plain()
    incident = fold([Event(OPENED, {"incident": "i", "elder": "e", "kind": "fall", "ladder": ladder}, "system", NOW)])
    assert incident is not None
    standing = next_steps(incident, Standing(), NOW).standing
    for _ in range(count):
        next_steps(incident, standing, NOW)


def best_ms(work: Callable[[], object]) -> float:
    """The shortest of a few, in ms of this thread's processor: what others on the machine do is not ours."""

    def once() -> float:
        began = time.thread_time()
        work()
        return (time.thread_time() - began) * 1000

    return round(min(once() for _ in range(ROUNDS)), 3)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser("bench ladder", description=__doc__)
    parser.add_argument(
        "--json", action="store_true", help="the figures as one JSON object on the last line (they always are)"
    )
    parser.add_argument("--open", type=int, default=10_000, help="incidents that are open")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "district.sqlite", "district", lambda: to_ms(NOW))
        runner = waiting(store, args.open)
        tick = best_ms(lambda: runner.tick(NOW))
        store.close()
    printed({"open": args.open, "tick_ms": tick, "rule_ms": best_ms(lambda: asked_of_all(args.open))})
    return 0
