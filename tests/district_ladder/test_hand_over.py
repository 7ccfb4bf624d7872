"""From a step of the ladder to a person: storms, channels that fail, crashes on the way, and links that are pressed."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from district.reaching.channels import DesktopChannel, Message, Outcome, Result
from district.reaching.replies import Shown
from domain import incident_kinds as k
from domain.events import to_ms
from tests.district_ladder.conftest import ELDER, District
from tests.fakes.channels import RecordingChannel
from watch.evaluation import LOOKS

S = timedelta(seconds=1)


def test_the_elder_who_is_asked_first_gets_a_button_to_press(district: District) -> None:
    district.tell("careplan.set", revision=1, call_elder_first=True, caregiver="ann")
    district.tell("sign.inactivity", device="radar")
    district.tick()
    (message,) = district.recording.messages
    assert "I am well: https://watch.example/r/" in message.body
    district.watch.replies.act(message.body.rpartition("/r/")[2].split()[0], district.now)
    assert district.ledger.about(ELDER, ("sign.link",))


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


def test_an_address_that_is_refused_for_good_is_known_for_a_dead_end_until_it_takes_a_message(
    district: District,
) -> None:
    def reached() -> bool:
        return district.watch.dead_ends.leads_on("ann", [("recording", "ann")])

    district.recording.answers = [Outcome(Result.PERMANENT, "code_21211")]
    district.tell("sign.sos", device="b")
    district.tick()
    assert not reached()
    district.crash()
    assert not reached()
    district.tell("sign.sos", "p2", device="c")
    district.tick()
    assert reached()


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


def test_a_morning_missed_by_many_at_once_is_one_message_however_few_are_looked_at_between_two_alarms(
    district: District,
) -> None:
    window = {"id": "morning", "start": "16:00", "end": "17:00", "grace_min": 30, "remind_min": 0}
    for n in range(4 * LOOKS):
        plan = {"revision": 1, "since": to_ms(district.now), "windows": [window], "backstops": [], "caregiver": "ann"}
        district.tell("careplan.set", f"elder-{n}", **plan)
    for _ in range(3):
        district.tick()
    district.tick(timedelta(minutes=90))
    assert [m.title for m in district.recording.messages] == [f"{4 * LOOKS} alarms at once"]


def test_whoever_is_on_their_way_to_a_silence_hears_that_it_is_over(district: District) -> None:
    """Whoever had not taken it was told so; those who had went on to somebody who had opened the door meanwhile."""
    window = {"id": "morning", "start": "16:00", "end": "17:00", "grace_min": 30, "remind_min": 0}
    plan = {"revision": 1, "since": to_ms(district.now), "windows": [window], "backstops": [], "caregiver": "ann"}
    district.tell("careplan.set", **plan)
    district.tick(timedelta(minutes=91))
    district.step(k.ACKNOWLEDGED, "ann")
    district.tick()
    district.recording.messages.clear()
    district.tell("checkin.pressed")
    district.tick()
    (told,) = [m for m in district.recording.messages if m.person == "ann"]
    assert told.title == "Missed check-in, Ms Zhang: they have been heard again; somebody must still make sure"
    assert district.incident().open


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


class Down(Exception):
    """What a database raises that is away for a while."""


def fails(*_asked: Any, **_named: Any) -> Any:
    raise Down


@pytest.mark.parametrize("at", ["before it was sent", "before it was written down", "as it was claimed"])
def test_an_alarm_that_the_database_failed_under_is_handed_over_once_it_is_back(
    at: str, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had been claimed by this run, and stayed so: nobody was rung by it until the server was started again."""
    district.tell("sign.sos", device="b")
    handovers, courier = district.watch.handovers, district.watch.courier
    with monkeypatch.context() as away:
        if at == "as it was claimed":
            claim = handovers.claim
            away.setattr(handovers, "claim", lambda *asked: claim(*asked) and fails())
        else:
            away.setattr(courier, "_incident" if at == "before it was sent" else "_sent", fails)
            away.setattr(handovers, "again", fails)
        with suppress(Down):
            district.tick()
    sent = len(district.recording.messages)
    assert sent == (at == "before it was written down")
    district.tick(1 * S)
    district.tick(6 * S)
    assert district.told() == ["ann"]
    assert [m.possible_repeat for m in district.recording.messages] == [False, True][-1 - sent :]
    assert district.watch.handovers.waiting() == 0


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


def test_a_link_to_an_incident_that_was_merged_takes_the_one_it_is_part_of(district: District) -> None:
    """It used to say that it was over, to somebody who was about to go."""
    for kind in ("sign.sos", "sign.fall"):
        district.tell(kind, device="w")
    district.tick()
    sos, fall = (next(i for i in district.incidents() if i.kind == kind) for kind in ("sos", "fall"))
    (message,) = [m for m in district.recording.messages if m.title.startswith("Fall")]
    district.tell(k.MERGED, incident=fall.id, by="chief", into=sos.id)
    district.tick(1 * S)
    token = message.body.rpartition("/r/")[2].split()[0]
    replies = district.watch.replies
    assert replies.look(token, district.now).shown is Shown.ASK
    assert replies.act(token, district.now).shown is Shown.THANKS
    assert replies.act(token, district.now).shown is Shown.USED
    assert {i.kind.value: i.leader for i in district.incidents()} == {"sos": "ann", "fall": None}


def test_a_link_to_incidents_merged_in_a_circle_says_that_it_is_over(district: District) -> None:
    for kind in ("sign.sos", "sign.fall"):
        district.tell(kind, device="w")
    district.tick()
    sos, fall = (next(i for i in district.incidents() if i.kind == kind) for kind in ("sos", "fall"))
    for of, into in ((sos, fall), (fall, sos)):
        district.tell(k.MERGED, incident=of.id, by="chief", into=into.id)
    token = district.recording.messages[0].body.rpartition("/r/")[2].split()[0]
    assert district.watch.replies.look(token, district.now).shown is Shown.OVER
