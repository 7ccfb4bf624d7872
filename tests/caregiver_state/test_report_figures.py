"""A report's shares: whoever nobody came to met nothing."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from openpyxl import load_workbook

from caregiver.elders.judging import sources
from caregiver.parts.period import Period, last_days, last_month
from caregiver.reports.elders import ElderMonth
from caregiver.reports.figures import report
from caregiver.reports.sheet import workbook
from caregiver.state import AppState
from domain.events import to_ms
from qtkit.i18n import Language

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


def test_false_alarms_and_blind_minutes_are_told_by_elder_and_month(state: AppState) -> None:
    """A device that was blind over the turn of the month, another that still heard her for a part of it, and two false alarms."""
    turn = datetime(2026, 11, 1, tzinfo=NOW.tzinfo)
    for device in ("door", "bed"):
        put_up = {"device": device, "kind": device, "place": "home"}
        state.journal.append("home.device_registered", put_up, subject="p-she", at=to_ms(turn - timedelta(days=9)))
    for device, start, end in (("door", turn - 60 * M, turn + 90 * M), ("bed", turn - 30 * M, turn + 300 * M)):
        for blind, at in ((True, start), (False, end)):
            told = {"device": device, "blind": blind, "since": to_ms(start)}
            state.journal.append("device.blind", told, subject="p-she", at=to_ms(at))
    stood = to_ms(turn + timedelta(days=1))
    told = {"since": stood, "until": to_ms(turn + timedelta(days=1, minutes=10))}
    state.journal.append("gateway.stood_still", told, subject="gateway:jinxiu:server", at=stood)
    for id, day in (("one", 3), ("two", 4)):
        opened = datetime(2026, 11, day, 9, tzinfo=NOW.tzinfo)
        told = {"incident": id, "elder": "p-she", "kind": "sos", "severity": 1, "by": "system"}
        state.journal.append("incident.opened", told, subject="p-she", at=to_ms(opened))
        state.journal.append("incident.rejected", {"incident": id, "by": "ann"}, subject="p-she", at=to_ms(opened + M))
    period = Period(date(2026, 10, 20), NOW.date())
    found = report(state.reader, period, NOW.tzinfo, 48, NOW, lambda person: f"Ms {person}")
    assert [line for line in found.by_elder if line.elder == "p-she"] == [
        ElderMonth("2026-11", "p-she", "Ms p-she", 2, 100),
        ElderMonth("2026-10", "p-she", "Ms p-she", 0, 30),
    ]
    assert found.by_elder == tuple(sorted(found.by_elder, key=lambda line: line.month, reverse=True))
    assert sum(line.false_alarms for line in found.by_elder) == found.false_alarms


def test_blind_minutes_end_with_the_device_the_period_and_the_hour(state: AppState) -> None:
    """Not at the end of a day that has only begun; nor is a sensor counted that was taken down, or whose elder was erased."""
    today = Period(NOW.date(), NOW.date())
    before = report(state.reader, today, NOW.tzinfo, 48, NOW).blind_min

    def tell(kind: str, device: str, at: datetime, **more: object) -> None:
        told = {"device": device, "kind": "door", "place": "hall", **more}
        state.journal.append(kind, told, subject="p-she", at=to_ms(at))

    for device in ("still", "gone", "back", "anew"):
        tell("home.device_registered", device, NOW - timedelta(days=9))
        tell("device.blind", device, NOW - 60 * M, blind=True, since=to_ms(NOW - 60 * M))
    tell("home.device_removed", "gone", NOW - 40 * M)  # 20 minutes
    tell("device.blind", "back", NOW - 50 * M, blind=False, since=to_ms(NOW - 60 * M))  # 10 minutes
    tell("home.device_removed", "anew", NOW - 30 * M)  # 30 minutes
    tell("home.device_registered", "anew", NOW - 20 * M)
    assert report(state.reader, today, NOW.tzinfo, 48, NOW).blind_min - before == 60 + 20 + 10 + 30
    yesterday = Period(NOW.date() - timedelta(days=1), NOW.date() - timedelta(days=1))
    assert report(state.reader, yesterday, NOW.tzinfo, 48, NOW).blind_min == 0
    tomorrow = Period(NOW.date() + timedelta(days=1), NOW.date() + timedelta(days=1))
    assert report(state.reader, tomorrow, NOW.tzinfo, 48, NOW).blind_min == 0


def test_an_elder_whom_only_gates_see_is_blind_while_no_gate_does(state: AppState) -> None:
    since = NOW - timedelta(days=2)
    state.journal.append("careplan.set", {"windows": []}, subject="p-gate", at=to_ms(since))
    for gate in ["v1", *(each.id for each in sources(state.reader, "p-gate", ()))]:
        for silent, at in ((True, since - 60 * M), (False, since + 40 * M)):
            told = {"silent": silent, "since": to_ms(since - 60 * M)}
            state.journal.append("kiosk.silent", told, subject=gate, at=to_ms(at))
    found = report(state.reader, last_days(NOW.date(), 7), NOW.tzinfo, 48, NOW)
    assert [line.blind_min for line in found.by_elder if line.elder == "p-gate"] == [40]


def test_a_name_is_no_formula_and_what_a_sheet_cannot_hold_stops_no_report(state: AppState, tmp_path: Path) -> None:
    odd = ElderMonth("2026-11", "p1", '=HYPERLINK("//far")\x0b', 1, 30)
    found = replace(report(state.reader, last_days(NOW.date(), 7), NOW.tzinfo, 48, NOW), by_elder=(odd,))
    workbook(found, Language("zh"), "锦绣社区", tmp_path / "r.xlsx")
    name = load_workbook(tmp_path / "r.xlsx").worksheets[-1]["B2"]
    assert (name.value, name.data_type) == ('=HYPERLINK("//far")', "s")


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (date(2026, 12, 1), date(2026, 11, 1), date(2026, 11, 30)),
        (date(2027, 1, 31), date(2026, 12, 1), date(2026, 12, 31)),
        (date(2028, 3, 1), date(2028, 2, 1), date(2028, 2, 29)),
    ],
)
def test_a_monthly_report_is_about_the_whole_month_before(today: date, first: date, last: date) -> None:
    assert last_month(today) == Period(first, last)
