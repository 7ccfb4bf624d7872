"""The desk reads the same facts as the district, through the same eyes."""

from contextlib import closing
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from caregiver.elders.judging import assessment, devices, judge_for, signs, sources
from caregiver.elders.standing import Urgency
from caregiver.invented import Feed
from caregiver.state import AppState
from domain.assessment import State
from domain.calendars import Calendar
from domain.careplan import CarePlan
from domain.checkins import assess
from domain.consent import Purpose
from domain.events import to_ms
from domain.routine import BINS, CELLS, Routine
from offline.letters.gate_card import GATE_DESCRIBED
from tests.caregiver_state.conftest import NOW
from watch.ledger import JournalLedger
from watch.outages import STOOD, server_of
from watch.plan_payloads import plan_of
from watch.signs import FACES_LOST, KIOSK_SILENT, SOURCE_FACTS, sign_of_life
from watch.signs import sources as as_the_district_reads

ELDER = "p" + "e" * 32


@pytest.fixture
def plan() -> CarePlan:
    return plan_of(ELDER, {
        "since": to_ms(NOW - timedelta(days=1)), "backstops": [], "consents": [Purpose.HOME_MONITORING.value],
        "windows": [{"id": "m", "start": "06:00", "end": "08:00", "counted": ["motion", "door", "wearable"]}],
    })  # fmt: skip


def say(state: AppState, kind: str, at: datetime, /, **payload: object) -> None:
    state.journal.append(kind, payload, subject=ELDER, at=to_ms(at))


def install(state: AppState, device: str, kind: str = "") -> None:
    say(state, "home.device_registered", NOW - timedelta(days=2), device=device, kind=kind, place="hall")


def go_blind(state: AppState, device: str, since: datetime, **why: str) -> None:
    say(state, "device.blind", since, device=device, blind=True, since=to_ms(since), **why)


def both(state: AppState, plan: CarePlan) -> tuple[State, State]:
    """How the elder stands on the desk, and by the same rule over the facts themselves."""
    with closing(JournalLedger(state.journal)) as ledger:
        heard = [sign for fact in ledger.about(ELDER) if (sign := sign_of_life(fact)) is not None]
        told = as_the_district_reads(ledger.about(ELDER, SOURCE_FACTS), heard)
    return assessment(state.reader, plan, NOW).state, assess(plan, heard, NOW, sources=told).state


def test_of_two_gates_one_that_is_heard_and_recognises_faces_is_waited_at(state: AppState) -> None:
    plan = plan_of(ELDER, {
        "since": to_ms(NOW - timedelta(days=1)), "backstops": [],
        "windows": [{"id": "m", "start": "06:00", "end": "08:00", "counted": ["gate", "button"]}],
    })  # fmt: skip
    feed, hour = Feed("jinxiu", 300), timedelta(hours=1)
    state.journal.absorb([feed.item(GATE_DESCRIBED, {}, None, NOW - 9 * hour, gate) for gate in ("north", "south")])
    state.journal.absorb([feed.item(KIOSK_SILENT, {"since": to_ms(NOW - 8 * hour)}, "north", NOW - 8 * hour)])
    assert assessment(state.reader, plan, NOW).state is State.MISSED
    since = {"gate": "s", "since": to_ms(NOW - 8 * hour)}
    state.journal.absorb([feed.item(FACES_LOST, since, "south", NOW - 7 * hour, "south")])
    assert assessment(state.reader, plan, NOW).state is State.BLIND


def test_a_drill_and_a_signal_with_a_doubtful_clock_show_nothing_of_the_elder(state: AppState, plan: CarePlan) -> None:
    install(state, "hall", "motion")
    say(state, "sign.motion", NOW - timedelta(hours=3), device="hall", exercise=True)
    say(state, "sign.motion", NOW - timedelta(hours=3), device="hall", trusted=False)
    assert both(state, plan) == (State.MISSED, State.MISSED)
    assert state.reader.value("SELECT at FROM elders_last WHERE person = ?", (ELDER,)) is None
    say(state, "sign.motion", NOW - timedelta(hours=3), device="hall")
    assert both(state, plan) == (State.WELL, State.WELL)


def test_the_smoke_alarm_of_a_home_is_no_sign_of_life(state: AppState) -> None:
    say(state, "sign.smoke", NOW - timedelta(hours=1), device="kitchen")
    assert signs(state.reader, ELDER, 0) == []
    assert state.reader.value("SELECT at FROM elders_last WHERE person = ?", (ELDER,)) is None


def test_blind_hours_that_are_over_still_postpone_a_deadline(state: AppState, plan: CarePlan) -> None:
    install(state, "hall", "motion")
    go_blind(state, "hall", NOW - timedelta(hours=5))
    assert both(state, plan) == (State.BLIND, State.BLIND)
    say(state, "device.blind", NOW - timedelta(minutes=5), device="hall", blind=False)
    assert both(state, plan) == (State.DUE, State.DUE)


def test_a_device_of_no_known_kind_watches_for_what_it_has_shown(state: AppState, plan: CarePlan) -> None:
    install(state, "box")
    say(state, "sign.door", NOW - timedelta(days=1), device="box")
    go_blind(state, "box", NOW - timedelta(hours=5))
    assert both(state, plan) == (State.BLIND, State.BLIND)


def test_a_gap_of_the_gateway_and_one_of_the_wearer_are_read_as_such(state: AppState) -> None:
    install(state, "watch", "wearable")
    for hours, reason in ((30, "charging"), (10, "gateway")):
        begun = NOW - timedelta(hours=hours)
        go_blind(state, "watch", begun, reason=reason)
        say(state, "device.blind", begun + timedelta(hours=1), device="watch", blind=False)
    (source,) = [s for s in sources(state.reader, ELDER, []) if s.id == "watch"]
    assert source.excused == {NOW - timedelta(hours=30)}
    assert source.shared == {NOW - timedelta(hours=10)}


def test_what_is_told_of_a_device_counts_in_the_order_in_which_it_was_said(state: AppState) -> None:
    """And not by when it began: a device that went blind before it was put up anew is blind."""
    install(state, "hall", "motion")
    say(state, "home.device_removed", NOW - timedelta(hours=3), device="hall")
    say(state, "home.device_registered", NOW - timedelta(hours=2), device="hall", kind="motion")
    go_blind(state, "hall", NOW - timedelta(hours=5))
    (hall,) = [s for s in sources(state.reader, ELDER, []) if s.id == "hall"]
    assert hall.gaps == ((NOW - timedelta(hours=5), None),)


def test_an_older_word_that_comes_late_takes_no_device_down(state: AppState) -> None:
    feed, hour = Feed("jinxiu", 301), timedelta(hours=1)
    told = {"device": "hall", "kind": "motion"}
    gone = feed.item("home.device_removed", told, ELDER, NOW - 3 * hour)
    state.journal.absorb([feed.item("home.device_registered", told, ELDER, NOW - 2 * hour), gone])
    assert [s.id for s in sources(state.reader, ELDER, []) if not s.kiosk] == ["hall"]
    assert [ended for s, ended in devices(state.reader) if s.id == "hall"] == [None]


@pytest.mark.parametrize(("words", "stands"), [(3, ("p2", 0)), (4, ("p2", 1)), (5, None)])
def test_a_device_stands_on_the_desk_where_it_was_said_last_in_whatever_order_the_words_come(
    state: AppState, words: int, stands: tuple[str, int] | None
) -> None:
    told = [
        ("home.device_registered", "p1", {}), ("home.device_registered", "p2", {}), ("home.device_removed", "p1", {}),
        ("device.blind", "p2", {"blind": True}), ("home.device_removed", "p2", {}),
    ]  # fmt: skip
    feed, orders = Feed("jinxiu", 302), list(permutations(range(words)))
    for came in range(words):
        for n, order in enumerate(orders):
            kind, person, more = told[order[came]]
            said = NOW - timedelta(hours=9 - order[came])
            state.journal.absorb(
                [feed.item(kind, {"device": f"b{n}", **more}, person, said, f"from {n} {order[came]}")]
            )
    rows = state.reader.rows("SELECT device, person, blind FROM elders_devices")
    found = {device: tuple(row) for device, *row in rows}
    assert {found.get(f"b{n}") for n in range(len(orders))} == {stands}


def test_an_older_level_of_a_battery_that_comes_late_is_not_the_level_now(state: AppState) -> None:
    install(state, "hall", "motion")
    feed = Feed("jinxiu", 303)
    for hours, level in ((1, 80), (5, 20)):
        told = {"device": "hall", "percent": level}
        state.journal.absorb([feed.item("device.battery", told, ELDER, NOW - timedelta(hours=hours))])
    assert state.reader.value("SELECT battery FROM elders_devices WHERE device = 'hall'", ()) == 80


def test_devices_of_two_communities_may_have_one_name(state: AppState) -> None:
    install(state, "door")
    known = state.reader.rows("SELECT community, device FROM elders_devices WHERE person = ?", (ELDER,))
    assert known == [(state.journal.community, "door")]
    keys = state.reader.rows("SELECT name FROM pragma_table_info('elders_devices') WHERE pk > 0")
    assert keys == [("community",), ("device",)]


def test_a_weekday_window_rests_on_a_public_holiday_here_too(state: AppState) -> None:
    plan = plan_of(ELDER, {
        "since": to_ms(NOW - timedelta(days=2)), "backstops": [],
        "windows": [{"id": "m", "start": "06:00", "end": "08:00", "days": "weekdays"}],
    })  # fmt: skip
    assert assessment(state.reader, plan, NOW).state is State.MISSED
    assert assessment(state.reader, plan, NOW, calendar=Calendar({NOW.date()})).state is State.DUE


def test_the_desk_tells_by_when_the_learned_routine_would_ring(state: AppState) -> None:
    """The district rings by it: the next moment on the card was that of a window, or none at all."""
    agreed = {"purpose": "home_monitoring", "version": "1"}
    state.journal.append("consent.given", agreed, subject=ELDER)
    install(state, "hall", "motion")
    say(state, "sign.motion", NOW - timedelta(hours=1), device="hall")
    plan = {"since": to_ms(NOW - timedelta(days=1)), "windows": [], "backstops": []}
    three_hours = Routine("Asia/Shanghai", 28, 1 / 61, dict.fromkeys(CELLS, (3.0,) * BINS), 2.5, 3.5)
    known = judge_for(state.reader, routine={ELDER: three_hours}.get)(ELDER, plan, NOW)
    assert (known.word, known.until) == ("well", NOW + timedelta(hours=2))
    late = judge_for(state.reader, routine={ELDER: three_hours}.get)(ELDER, plan, NOW + timedelta(hours=2, minutes=1))
    assert late.urgency is Urgency.OVERDUE
    known = judge_for(state.reader)(ELDER, plan, NOW)
    assert (known.word, known.until) == ("well", NOW + timedelta(hours=23)), "as far as this desk knows"
    assert judge_for(state.reader)(ELDER, plan, NOW + timedelta(hours=24)).word == "unheard"


def test_who_was_never_heard_is_not_called_well_because_a_plan_was_made(state: AppState) -> None:
    plan = {"since": to_ms(NOW), "windows": [{"id": "m", "start": "20:00", "end": "21:00"}], "backstops": []}
    fresh = judge_for(state.reader)(ELDER, plan, NOW)
    assert (fresh.urgency, fresh.word) == (Urgency.DUE, "unheard")
    state.journal.append("visit.recorded", {"how": "call"}, subject=ELDER, at=to_ms(NOW))
    assert judge_for(state.reader)(ELDER, plan, NOW + timedelta(minutes=1)).word == "well"


def test_what_a_hub_says_that_it_did_not_hear_excuses_no_home_that_another_server_heard(
    state: AppState, plan: CarePlan
) -> None:
    """As at the district: the desk had taken any such word, and showed nobody as missed."""
    install(state, "hall", "motion")
    feed, hour = Feed("jinxiu", 300), timedelta(hours=1)
    told = {"since": to_ms(NOW - 3 * hour), "until": to_ms(NOW - hour), "by": "system"}
    state.journal.absorb([feed.item(STOOD, told, server_of("jinxiu"), NOW - hour, "hub")])
    assert assessment(state.reader, plan, NOW).state is State.DUE
    heard = feed.item("sign.water", {"device": "meter", "amount": 0.001}, ELDER, NOW - 2 * hour, "district")
    state.journal.absorb([heard])
    assert assessment(state.reader, plan, NOW).state is State.MISSED


def test_a_device_taken_down_watches_over_nobody(state: AppState, plan: CarePlan) -> None:
    install(state, "hall", "motion")
    go_blind(state, "hall", NOW - timedelta(hours=5))
    say(state, "home.device_removed", NOW - timedelta(hours=4), device="hall")
    assert [s for s in sources(state.reader, ELDER, []) if s.id == "hall"] == []
    assert state.reader.rows("SELECT device FROM elders_devices WHERE person = ?", (ELDER,)) == []
    assert both(state, plan) == (State.MISSED, State.MISSED)


@pytest.mark.parametrize(("mute", "stands"), [(True, State.WELL), (False, State.MISSED)])
def test_for_a_dead_contact_nobody_who_is_about_is_missed_on_the_board(
    state: AppState, mute: bool, stands: State
) -> None:
    plan, hour = plan_of(ELDER, {
        "since": to_ms(NOW - timedelta(days=2)), "consents": [Purpose.HOME_MONITORING.value], "windows": [],
        "backstops": [{"id": "no_door", "kinds": ["door"], "after_min": 24 * 60}],
    }), timedelta(hours=1)  # fmt: skip
    install(state, "door", "door")
    install(state, "hall", "motion")
    say(state, "sign.door", NOW - 25 * hour, device="door")
    if mute:
        say(state, "device.mute", NOW - 17 * hour, device="door", mute=True, since=to_ms(NOW - 25 * hour))
    for hours in range(1, 24):
        say(state, "sign.motion", NOW - hours * hour, device="hall")
    assert assessment(state.reader, plan, NOW).state is stands
