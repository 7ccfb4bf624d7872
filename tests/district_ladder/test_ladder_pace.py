"""Ten thousand open incidents: a tick asks one index, and the rule itself is cheap."""

import time
from datetime import timedelta
from pathlib import Path

from district.handovers import Handovers
from district.ladder import LadderRunner
from district.ledger import StoreLedger
from district.store.sqlite import SqliteStore
from domain.events import to_ms
from domain.incident_kinds import OPENED, Severity
from domain.incidents import Event, fold
from domain.ladder import Standing, next_steps
from domain.ladder_steps import default_ladder
from tests.district_ladder.conftest import T0, Town

OPEN = 10_000
LIMIT_MS = 100


def test_ten_thousand_open_incidents_are_ticked_in_a_tenth_of_a_second(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "district.db", "district", lambda: to_ms(T0))
    ledger = StoreLedger(store)
    runner = LadderRunner(ledger, store, Town(), Handovers(store, "run"))
    due = to_ms(T0 + timedelta(seconds=60))

    def fill(execute: object) -> None:
        for n in range(OPEN):
            execute(  # type: ignore[operator]
                "INSERT INTO ladder_rows (incident, community, elder, phase, round, round_at, phase_at, from_level, position,"
                " informed, due, rev) VALUES (?, 'here', ?, 'seek/1.1.0', 1, ?, ?, 0, 1, 0, ?, 1)",
                (f"i{n}", f"e{n}", to_ms(T0), to_ms(T0), due + n),
            )

    store.write(fill)
    runner.tick(T0)
    best = min(_timed(lambda: runner.tick(T0)) for _ in range(5))
    store.close()
    assert best <= LIMIT_MS


def test_the_rule_alone_goes_through_them_all_in_that_time() -> None:
    ladder = default_ladder(Severity.P1, ["ann"]).plain()
    opened = {"incident": "i", "elder": "e", "kind": "fall", "ladder": ladder}
    incident = fold([Event(OPENED, opened, "system", T0)])
    assert incident is not None
    standing = next_steps(incident, Standing(), T0).standing

    def all_of_them() -> None:
        for _ in range(OPEN):
            next_steps(incident, standing, T0)

    assert min(_timed(all_of_them) for _ in range(5)) <= LIMIT_MS


def _timed(work: object) -> float:
    begin = time.perf_counter()
    work()  # type: ignore[operator]
    return (time.perf_counter() - begin) * 1000
