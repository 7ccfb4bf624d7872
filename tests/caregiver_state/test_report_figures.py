"""A report's shares: whoever nobody came to met nothing."""

from datetime import datetime, timedelta, timezone

from caregiver.reports.figures import last_days, report
from caregiver.state import AppState
from domain.events import to_ms

NOW = datetime(2026, 11, 23, 9, 41, tzinfo=timezone(timedelta(hours=8)))
M = timedelta(minutes=1)


def alarm(state: AppState, id: str, opened: datetime, **steps: datetime) -> None:
    told = {"incident": id, "elder": "p1", "kind": "sos", "severity": 1, "by": "system", "received": to_ms(opened)}
    state.journal.append("incident.opened", told, subject="p1", at=to_ms(opened))
    for kind, at in steps.items():
        state.journal.append(f"incident.{kind}", {"incident": id, "by": "ann"}, subject="p1", at=to_ms(at))


def test_an_alarm_that_nobody_reached_counts_against_the_target(state: AppState) -> None:
    before = report(state.reader, last_days(NOW.date(), 7), NOW.tzinfo, 48, NOW)
    opened = NOW - timedelta(hours=5)
    alarm(state, "reached", opened, acknowledged=opened + M / 2, on_scene=opened + 20 * M)
    alarm(state, "nobody came", opened, acknowledged=opened + M / 2)
    alarm(state, "just now", NOW - M / 2)  # has time still, and is held to nothing yet
    found = report(state.reader, last_days(NOW.date(), 7), NOW.tzinfo, 48, NOW)
    assert found.on_scene_45.met - before.on_scene_45.met == 1
    assert found.on_scene_45.of - before.on_scene_45.of == 2
    assert found.answered_60.of - before.answered_60.of == 2
    assert found.incidents - before.incidents == 3
