"""Somebody always answers: how alarms climb, who hears of what, and that no restart loses a step."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from district.reaching.channels import DesktopChannel, Message, Outcome, Result
from district.reaching.replies import Shown
from domain import incident_kinds as k
from domain.events import to_ms
from domain.incident_kinds import Level, State
from tests.district_ladder.conftest import ELDER, District
from tests.fakes.channels import RecordingChannel

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
    district.tell("careplan.set", revision=1, call_elder_first=True, caregiver="ann", language="en")
    district.tell("sign.sos", device="b")
    district.tick()
    assert (district.told("call_elder"), district.told()) == (["p1"], [])
    district.tick(20 * S)
    assert district.told() == ["ann"]
    assert district.incident().responsible == ("ann",)


def test_the_elder_who_is_asked_first_gets_a_button_to_press(district: District) -> None:
    district.tell("careplan.set", revision=1, call_elder_first=True, caregiver="ann", language="en")
    district.tell("sign.inactivity", device="radar")
    district.tick()
    (message,) = district.recording.messages
    assert "I am well: https://watch.example/r/" in message.body
    district.watch.replies.act(message.body.rpartition("/r/")[2].split()[0], district.now)
    assert district.ledger.about(ELDER, ("sign.link",))


def test_for_somebody_on_leave_whoever_is_on_duty_at_the_level_stands_in(district: District) -> None:
    district.tell("careplan.set", revision=1, caregiver="ann", contacts=[])
    district.town.rota["level:0"] = ["ben"]
    district.town.leave = frozenset({"ann"})
    district.tell("sign.sos", device="b")
    district.tick()
    assert district.told() == ["ben"]


def test_what_is_long_over_is_forgotten_and_what_is_not_stays(district: District) -> None:
    district.tell("sign.sos", device="b")
    district.tick()
    (first,) = district.recording.messages
    token = first.body.rpartition("/r/")[2].split()[0]
    for days, rows, shown in ((1, 1, Shown.EXPIRED), (46, 0, Shown.EXPIRED)):
        later = district.now + timedelta(days=days)
        district.watch.expire(to_ms(later))
        assert district.watch.replies.look(token, later).shown is shown
        found = district.store.read("SELECT count(*) FROM ladder_handovers WHERE ref = ?", (first.ref,))
        assert found == [(rows,)]
    assert district.watch.handovers.waiting() == 0


def test_a_drill_says_so_in_every_message(district: District) -> None:
    district.tell("sign.sos", device="b", exercise=True)
    district.tick()
    assert district.incident().exercise
    assert all(m.title.startswith("[DRILL]") for m in district.recording.messages)


def test_a_storm_of_harmless_incidents_becomes_one_message_and_an_sos_stays_alone(tmp_path: Path) -> None:
    district = District(tmp_path)
    for n in range(8):
        district.tell(f"sign.{'tamper' if n else 'sos'}", f"elder-{n}", device=f"d{n}")
    district.tick()
    assert sorted(m.title for m in district.recording.messages) == ["7 alarms at once", "Call for help: Ms Zhang"]
    district.close()


def test_a_storm_that_comes_over_minutes_is_gathered_once_five_were_told_singly(tmp_path: Path) -> None:
    """A power cut: one device after the other falls silent. What is more urgent, and an SOS, do not wait."""
    district = District(tmp_path)
    for n in range(20):
        district.tell("sign.tamper", f"elder-{n}", device=f"d{n}")
        district.tick(2 * S)
    assert len(district.recording.messages) == 5
    district.tell("sign.water_leak", "elder-30", device="sink")
    district.tell("sign.sos", "elder-31", device="button")
    district.tick(1 * S)
    assert sorted(m.title for m in district.recording.messages[5:]) == [
        "Call for help: Ms Zhang",
        "Water leak: Ms Zhang",
    ]
    district.tick(300 * S)
    titles = [m.title for m in district.recording.messages]
    assert [title for title in titles if title.endswith("alarms at once")] == ["15 alarms at once"]
    district.close()


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


def test_a_crash_between_hand_over_and_commit_repeats_with_the_same_ref_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("district.watching.nightwatch.WithinTime", lambda channel: channel)
    crash_next = [True]

    def crash(_: Message) -> None:
        if crash_next:
            crash_next.pop()
            raise KeyboardInterrupt

    channel = RecordingChannel("crashing", having_sent=crash)
    district = District(tmp_path, [channel])
    district.town.addresses = {"ann": (("crashing", "ann"),)}
    district.tell("sign.sos", device="b")
    with pytest.raises(KeyboardInterrupt):
        district.tick()
    district.crash()
    district.tick()
    first, second = channel.messages
    assert first.ref == second.ref
    assert (first.possible_repeat, second.possible_repeat) == (False, True)
    assert "already" in second.body
    district.crash()
    district.tick()
    assert len(channel.messages) == 2
    district.close()


def test_a_crash_after_the_fact_repeats_nothing(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_: Any) -> None:
        raise KeyboardInterrupt

    district.tell("sign.sos", device="b")
    with monkeypatch.context() as broken:
        broken.setattr(district.watch.handovers, "done", crash)
        with pytest.raises(KeyboardInterrupt):
            district.tick()
    district.crash()
    district.tick()
    assert len(district.recording.messages) == 1


def test_a_dead_channel_gives_way_to_the_next_and_both_are_written_down(tmp_path: Path) -> None:
    dead = RecordingChannel("dead", answers=[Outcome(Result.TRY_AGAIN, "timed_out")] * 9)
    district = District(tmp_path, [dead])
    district.town.addresses = {"ann": (("dead", "1"), ("recording", "2"))}
    district.tell("sign.sos", device="b")
    district.tick()
    assert [m.address for m in district.recording.messages] == ["2"]
    assert [(f["channel"], f["permanent"]) for f in district.failures()] == [("dead", False)]
    district.close()


@pytest.mark.parametrize(("kind", "telephone"), [("sign.sos", 1), ("sign.water_leak", 0)])
def test_where_life_is_at_stake_the_telephone_rings_beside_a_desktop_that_listens(
    tmp_path: Path, kind: str, telephone: int
) -> None:
    d = District(tmp_path, [DesktopChannel(lambda person: person == "ann")])
    d.town.addresses = {"ann": (("desktop", "ann"), ("recording", "138"))}
    d.tell(kind, device="button-1")
    d.tick()
    assert [f.payload["channel"] for f in d.ledger.about(ELDER, ["notice.sent"])][:1] == ["desktop"]
    assert len(d.recording.messages) == telephone
    d.close()


@pytest.mark.parametrize("arrived", [True, False])
def test_a_desk_that_does_not_say_within_20_s_that_it_arrived_gives_way_to_the_telephone(
    tmp_path: Path, arrived: bool
) -> None:
    d = District(tmp_path, [DesktopChannel(lambda _: True)])
    d.town.addresses = {"ann": (("desktop", "ann"), ("recording", "138"))}
    d.tell("sign.water_leak", device="sink")
    d.tick()
    (sent,) = d.ledger.about(ELDER, ["notice.sent"])
    if arrived:
        d.tell(k.NOTICE_DELIVERED, incident=d.incident().id, ref=sent.payload["ref"], by="ann", channel="desktop")
    d.tick(19 * S)
    assert not d.recording.messages
    d.tick(1 * S)
    assert [m.address for m in d.recording.messages] == ([] if arrived else ["138"])
    d.close()


def test_a_passing_failure_is_tried_again_until_somebody_else_answers(tmp_path: Path) -> None:
    dead = RecordingChannel("dead", answers=[Outcome(Result.TRY_AGAIN, "http_503")] * 2)
    district = District(tmp_path, [dead])
    district.town.addresses = {"ann": (("dead", "1"),)}
    district.tell("sign.sos", device="b")
    district.tick()
    district.tick(1 * S)
    assert "com" in district.told()  # nobody at home could be reached: not waited for
    district.tick(6 * S)
    district.tick(11 * S)
    assert [m.person for m in dead.messages] == ["ann"]
    district.close()


def test_a_channel_abroad_needs_the_elders_consent(tmp_path: Path) -> None:
    abroad = RecordingChannel("abroad", abroad=True)
    district = District(tmp_path, [abroad])
    district.town.addresses = {"ann": (("abroad", "1"), ("recording", "2"))}
    district.tell("sign.sos", device="b")
    district.tick()
    assert not abroad.messages
    assert [f["reason"] for f in district.failures()] == ["no_consent"]
    district.close()


def test_losing_every_row_loses_nothing_that_matters(district: District) -> None:
    """The rows follow from the facts: a restored journal climbs on, and repeats no notice that is written down."""
    district.tell("sign.sos", device="b")
    district.tick()
    for table in ("ladder_rows", "ladder_handovers", "watch_state"):
        district.store.write(lambda execute, table=table: execute(f"DELETE FROM {table}"))
    district.crash()
    district.tick(61 * S)
    assert district.told() == ["ann", "com"]
