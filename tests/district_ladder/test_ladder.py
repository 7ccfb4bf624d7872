"""Somebody always answers: how alarms climb, who hears of what, and that no restart loses a step."""

from datetime import timedelta
from functools import partial

import pytest

from district.store.port import Execute
from domain import incident_kinds as k
from domain.events import to_ms
from domain.incident_kinds import Level, State
from tests.district_ladder.conftest import District

S = timedelta(seconds=1)


def test_an_unanswered_p1_climbs_at_60_s_180_s_and_10_min(district: District) -> None:
    district.tell("sign.sos", device="b")
    district.tick()
    assert district.told() == ["ann"]
    for after, expected in ((59, ["ann"]), (1, ["ann", "com"]), (119, ["ann", "com"]), (1, ["ann", "com", "str"])):
        district.tick(after * S)
        assert district.told() == expected
    district.tick(419 * S)
    assert "dis" not in district.told()
    district.tick(1 * S)
    assert district.told()[-1] == "dis"
    assert district.incident().level is Level.DISTRICT


def test_the_district_goes_on_ringing_for_as_long_as_nobody_answers(district: District) -> None:
    district.tell("sign.sos", device="b")
    district.tick()
    district.tick(600 * S)
    before = len(district.told())
    district.tick(301 * S)
    assert len(district.told()) > before


def test_an_acceptance_stops_the_climb_and_everyone_responsible_hears_of_it(district: District) -> None:
    district.tell("sign.sos", device="b")
    district.tick()
    district.tick(61 * S)
    district.step(k.ACKNOWLEDGED, "ann")
    district.tick(1 * S)
    assert district.told("inform")[-1:] == ["com"]  # ann knows: she did it
    district.tick(200 * S)
    assert "str" not in district.told()


def test_an_acceptance_that_goes_stale_starts_the_search_again(district: District) -> None:
    district.tell("sign.sos", device="b")
    district.tick()
    district.step(k.ACKNOWLEDGED, "ann")
    district.tick(1 * S)
    district.tick(300 * S)
    assert (district.incident().state, district.incident().level) == (State.DISPATCHED, Level.COMMUNITY)
    assert district.told()[-1] == "com"


def test_somebody_on_the_way_who_does_not_arrive_is_noticed(district: District) -> None:
    district.tell("sign.fall", device="w")
    district.tick()
    district.step(k.HANDLING, "ann")
    district.tick(45 * 60 * S)
    assert district.told("remind") == ["ann"]
    district.tick(15 * 60 * S)
    assert (district.incident().state, district.incident().level) == (State.HANDLING, Level.COMMUNITY)
    assert district.told()[-1] == "com"


def test_who_is_to_look_at_what_one_person_closed_alone_is_reminded_of_it_every_day(district: District) -> None:
    district.tell("sign.fall", device="w")
    district.tick()
    for kind in (k.ON_SCENE, k.FEEDBACK, k.CLOSED):
        district.step(kind, "ann")
        district.tick(10 * S)
    assert district.incident().state is State.CLOSED_REVIEW_DUE
    for day in (1, 2):
        district.tick(24 * 3600 * S)
        assert district.told("remind") == ["ann", "com"] * day
    district.step(k.CHECKED, "com")
    district.tick(24 * 3600 * S)
    assert district.told("remind") == ["ann", "com"] * 2


def test_feedback_is_due_after_two_hours(district: District) -> None:
    district.tell("sign.fall", device="w")
    district.tick()
    district.step(k.ON_SCENE, "ann")
    district.tick(10 * S)
    district.tick(2 * 3600 * S)
    assert "ann" in district.told("remind")


def test_a_server_that_was_down_for_an_hour_calls_every_level_at_once(district: District) -> None:
    district.tell("sign.sos", device="b")
    district.tick()
    district.crash()
    district.tick(3600 * S)
    assert district.told()[:4] == ["ann", "com", "str", "dis"]


def test_an_alarm_that_came_in_while_nothing_ticked_is_climbed_from_its_receipt(district: District) -> None:
    district.tell("sign.sos", device="b")
    district.now += 200 * S
    district.crash()
    district.tick()
    assert district.told()[:1] == ["ann"]


@pytest.mark.parametrize("jump", [-86_400, -60, 0, 3600])
def test_a_jump_of_the_clock_never_makes_a_step_late(district: District, jump: int) -> None:
    district.tell("sign.sos", device="b")
    district.tick()
    district.now += jump * S
    district.tick()
    district.tick(60 * S)
    assert "com" in district.told()


def test_a_jump_back_while_the_server_was_down_does_not_either(district: District) -> None:
    district.tell("sign.sos", device="b")
    district.tick()
    district.now -= timedelta(days=1)
    district.crash()
    district.tick()
    district.tick(60 * S)
    assert "com" in district.told()


def test_nobody_on_call_calls_the_next_level_at_once_and_leaves_a_note(district: District) -> None:
    district.town.rota = {"level:0": [], "level:1": [], "level:2": ["str"], "level:3": ["dis"]}
    district.tell("sign.sos", device="b")
    district.tick()
    assert district.told() == ["str"]
    assert [f["reason"] for f in district.failures()] == ["nobody_on_call", "nobody_on_call"]


def test_somebody_who_cannot_be_reached_calls_the_next_level_before_the_deadline(district: District) -> None:
    district.town.addresses = {"ann": ()}
    district.tell("sign.sos", device="b")
    district.tick()
    district.tick(1 * S)
    assert district.told() == ["com"]


def test_the_elder_may_be_asked_first_and_becomes_responsible_for_nothing(district: District) -> None:
    district.tell("careplan.set", revision=1, call_elder_first=True, caregiver="ann")
    district.tell("sign.sos", device="b")
    district.tick()
    assert (district.told("call_elder"), district.told()) == (["p1"], [])
    district.tick(20 * S)
    assert district.told() == ["ann"]
    assert district.incident().responsible == ("ann",)


def test_for_somebody_on_leave_whoever_is_on_duty_at_the_level_stands_in(district: District) -> None:
    district.tell("careplan.set", revision=1, caregiver="ann", contacts=[])
    district.town.rota["level:0"] = ["ben"]
    district.town.leave = frozenset({"ann"})
    district.tell("sign.sos", device="b")
    district.tick()
    assert district.told() == ["ben"]


@pytest.mark.parametrize("step", [k.HANDLING, k.ON_SCENE])
def test_pressed_again_while_people_are_at_work_it_climbs_until_one_says_they_know(
    district: District, step: str
) -> None:
    district.tell("sign.sos", device="b")
    district.tick()
    district.step(step, "ann")
    district.tick(20 * 60 * S)
    assert district.told() == ["ann"]
    district.tell("sign.sos", device="b")
    district.tick()
    assert district.told() == ["ann", "ann"]
    district.tick(60 * S)
    assert district.told()[2:] == ["ann", "com"]
    district.step(k.ACKNOWLEDGED, "com")
    district.tick(10 * 60 * S)
    assert "str" not in district.told()
    assert district.incident().state is State.HANDLING


@pytest.mark.parametrize("kind", ["sign.sos", "sign.fall"])
def test_pressed_again_after_people_have_reported_back_it_climbs_anew(district: District, kind: str) -> None:
    district.tell(kind, device="b")
    district.tick()
    for step in (k.ON_SCENE, k.FEEDBACK):
        district.step(step, "ann")
    district.tick(3 * 3600 * S)
    before = len(district.told())
    district.tell(kind, device="b")
    district.tick()
    district.tick(61 * S)
    assert district.told()[before:] == ["ann", "com"]
    assert [i.state for i in district.incidents()] == [State.FEEDBACK, State.DISPATCHED]


def test_a_late_sign_of_life_stops_the_climb_of_a_silence_but_not_of_a_fall(district: District) -> None:
    for kind in ("sign.inactivity", "sign.fall"):
        district.tell(kind, device="w")
    district.tick()
    silence = next(i for i in district.incidents() if i.kind == "inactivity")
    fall = next(i for i in district.incidents() if i.kind == "fall")
    for incident in (silence, fall):
        district.tell(k.EVIDENCE, incident=incident.id, by="system", resolves=True)
    district.tick(3 * 3600 * S)
    levels = {i.kind.value: i.level for i in district.incidents()}
    assert levels == {"inactivity": Level.HOME, "fall": Level.DISTRICT}


def test_a_transfer_rings_again_from_the_level_reached(district: District) -> None:
    district.tell("sign.sos", device="b")
    district.tick()
    district.tick(61 * S)
    district.step(k.ACKNOWLEDGED, "com")
    district.tick(1 * S)
    before = len(district.told())
    district.step(k.TRANSFERRED, "com", to=["bo"])
    district.tick(1 * S)
    assert sorted(district.told()[before:]) == ["bo", "com"]


def test_whoever_is_sent_is_rung_though_no_rota_names_them_and_the_climb_goes_on(district: District) -> None:
    district.tell("sign.sos", device="b")
    district.tick()
    district.step(k.DISPATCHED, "com", to=["bo"])
    district.tick(1 * S)
    assert district.told() == ["ann", "bo"]
    assert district.told("inform") == ["ann"]
    district.tick(59 * S)
    assert district.told() == ["ann", "bo", "com"]


def test_whoever_is_sent_once_somebody_has_taken_it_is_not_rung(district: District) -> None:
    """The server was down while both happened."""
    district.tell("sign.sos", device="b")
    district.tick()
    district.step(k.DISPATCHED, "com", to=["bo"])
    district.step(k.ACKNOWLEDGED, "ann")
    district.tick(60 * S)
    assert "bo" not in district.told()


def test_levels_of_the_same_people_called_at_once_are_no_hole(district: District) -> None:
    """After an hour without a server every level is called in one tick; whoever stands at two of them is told once."""
    district.town.rota |= {"level:2": ["com"], "level:3": ["com"]}
    district.tell("sign.sos", device="b")
    district.tick()
    district.tick(3600 * S)
    assert district.told().count("com") == 1
    assert district.failures() == []


def _empty(table: str, execute: Execute) -> None:
    execute(f"DELETE FROM {table}")


def test_losing_every_row_loses_nothing_that_matters(district: District) -> None:
    """The rows follow from the facts: a restored journal climbs on, and repeats no notice that is written down."""
    district.tell("sign.sos", device="b")
    district.tick()
    for table in ("ladder_rows", "ladder_handovers", "watch_state"):
        district.store.write(partial(_empty, table))
    district.crash()
    district.tick(61 * S)
    assert district.told() == ["ann", "com"]


def test_who_may_allow_more_time_hears_that_it_is_asked_for_though_they_were_not_called(district: District) -> None:
    district.tell("sign.sos", device="b")
    district.tick()
    district.step(k.ON_SCENE, "ann")
    district.step(k.LOWERED, "chief", severity=4)
    district.tick(1 * S)
    assert "com" not in district.told("inform")
    district.step(k.EXTENSION_ASKED, "ann", until=to_ms(district.now + timedelta(days=20)))
    district.tick(1 * S)
    assert district.told("inform")[-1] == "com"
