"""Looking something up in the audit: by what was done, by whom, about whom, when, each alone and together."""

from datetime import datetime, timedelta, timezone

import pytest

from caregiver.admin.audit import PAGE, Wanted, doers, search
from caregiver.state import AppState
from domain.events import to_ms

NOW = datetime(2026, 11, 23, 9, 41, tzinfo=timezone(timedelta(hours=8)))
NIGHT = datetime(2031, 3, 3, 2, tzinfo=NOW.tzinfo)  # when nothing else was done
DONE = (  # what, about whom, by whom, how many hours into that night
    ("visit.recorded", "p-1", "ann", 0),
    ("record.glass_broken", "p-1", "bob", 1),
    ("visit.recorded", "p-2", "bob", 2),
    ("config.ladder_set", None, "ann", 30),
)


@pytest.fixture
def done(state: AppState) -> AppState:
    for kind, subject, by, hour in DONE:
        state.journal.append(kind, {"by": by}, subject=subject, at=to_ms(NIGHT + timedelta(hours=hour)))
    return state


@pytest.mark.parametrize(
    ("wanted", "hours"),
    [
        (Wanted(by="bob"), [2, 1]),
        (Wanted(by="ann"), [30, 0]),
        (Wanted(by="ann", family="config"), [30]),
        (Wanted(by="bob", person="p-1"), [1]),
        (Wanted(since=to_ms(NIGHT)), [30, 2, 1, 0]),
        (Wanted(since=to_ms(NIGHT), until=to_ms(NIGHT + timedelta(hours=2))), [1, 0]),
        (Wanted(since=to_ms(NIGHT), family="visit"), [2, 0]),
        (Wanted(by="nobody"), []),
    ],
)
def test_each_condition_holds_alone_and_with_others(done: AppState, wanted: Wanted, hours: list[int]) -> None:
    found = search(done.reader, wanted)
    assert [e.at for e in found] == [to_ms(NIGHT + timedelta(hours=hour)) for hour in hours]


def test_all_who_did_something_are_known_by_their_ids(done: AppState) -> None:
    assert {"ann", "bob"} <= doers(done.reader)
    assert "" not in doers(done.reader)


def test_what_one_did_is_read_page_by_page_and_nothing_twice(state: AppState) -> None:
    state.journal.append_all(
        ("visit.recorded", {"by": "ann" if n % 2 else "bob"}, "p-1", to_ms(NIGHT + timedelta(minutes=n)), None)
        for n in range(2 * PAGE + 60)
    )
    first = search(state.reader, Wanted(by="ann"))
    rest = search(state.reader, Wanted(by="ann"), (first[-1].at, first[-1].row))
    assert (len(first), len(rest)) == (PAGE, 30)
    assert len({e.row for e in first + rest}) == PAGE + 30
    assert {e.by for e in first + rest} == {"ann"}
