"""What rings, what is a sign of life, and what is only kept: in doubt the first rings and the second is not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from district.intake import webhook
from district.intake.signals import Heard, Kind, Signal
from domain.events import to_ms
from domain.subjects import of_stray
from tests.contracts.intakes import by_scaip, by_sia, dc09, sip
from tests.district_intake.conftest import ELDER, HERE, T0, Intake, z2m


def test_every_live_action_is_an_event_of_its_own(intake: Intake) -> None:
    intake.furnish("b")
    for _ in range(3):
        intake.hear(z2m("b", '{"action":"emergency"}'), 1)
        intake.hear(z2m("b", '{"action":""}'))
    assert intake.recorded() == ["sign.sos"] * 3


def test_what_the_database_did_not_take_is_counted_once_it_has_and_rings_then(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A panel gets no answer and says it again. Every attempt had been counted as a call that was recorded."""
    intake.furnish("b")

    def locked(*_: object) -> None:
        raise OSError("the database is locked")

    with monkeypatch.context() as away:
        away.setattr(intake.ledger, "add", locked)
        for _ in range(3):
            with pytest.raises(OSError, match="locked"):
                intake.hear(z2m("b", '{"sos":true}'), 1)
    intake.hear(z2m("b", '{"sos":true}'), 1)
    assert intake.recorded() == ["sign.sos"]
    assert intake.desk.counts["zigbee2mqtt", "recorded"] == 1


def test_a_retained_sos_does_not_ring(intake: Intake) -> None:
    intake.furnish("b")
    intake.hear(z2m("b", '{"action":"emergency"}', retained=True))
    assert intake.recorded() == []
    assert intake.desk.counts["zigbee2mqtt", "retained"] >= 1


def test_an_sos_right_after_pairing_does_not_ring_and_one_later_does(intake: Intake) -> None:
    intake.furnish("b")
    joined = '{"type":"device_joined","data":{"friendly_name":"b"}}'
    intake.hear(z2m("bridge/event", joined))
    intake.hear(z2m("b", '{"action":"emergency"}'), 3)
    assert intake.recorded() == []
    intake.hear(z2m("b", '{"action":"emergency"}'), 8)
    assert intake.recorded() == ["sign.sos"]


def test_a_clock_set_back_after_pairing_or_a_press_keeps_no_alarm_away(intake: Intake) -> None:
    intake.furnish("b", "held")
    intake.hear(z2m("bridge/event", '{"type":"device_joined","data":{"friendly_name":"b"}}'))
    intake.hear(z2m("held", '{"sos": true}'))
    for button, press in (("b", '{"action":"emergency"}'), ("held", '{"sos": true}')):
        intake.hear(z2m(button, press), after=-3600)
    assert intake.recorded() == ["sign.sos"] * 3


@pytest.mark.parametrize(
    ("kind", "fact"),
    [("wearable", "sign.press"), ("plain_button", "sign.press"), ("", "sign.press"), ("button", "sign.sos")],
)
@pytest.mark.parametrize("word", ["single", "double", "2_hold", "release"])
def test_a_press_that_says_no_more_is_a_sign_of_life_and_of_a_call_button_a_call_for_help(
    intake: Intake, kind: str, fact: str, word: str
) -> None:
    intake.furnish("b", kind=kind)
    intake.hear(z2m("b", f'{{"action":"{word}"}}', retained=True))
    assert intake.recorded() == []
    intake.hear(z2m("b", f'{{"action":"{word}"}}'), 60)
    (heard,) = intake.ledger.about(ELDER, [fact])
    assert intake.recorded() == [fact]
    assert word in heard.payload.values()


def test_a_button_put_up_anew_is_what_it_was_put_up_as_last(intake: Intake) -> None:
    intake.furnish("b", kind="button")
    intake.furnish("b", "other", kind="plain_button")
    intake.hear(z2m("b", '{"action":"single"}'))
    intake.furnish("b", kind="button")
    intake.given_back(("home.device_registered", {"device": "b", "kind": "plain_button"}, T0 - timedelta(days=1)))
    intake.hear(z2m("b", '{"action":"single"}'))
    assert intake.recorded() == ["sign.press", "sign.sos"]


def test_a_press_right_after_pairing_or_without_consent_is_no_sign(intake: Intake) -> None:
    intake.furnish("b", consent=False)
    assert intake.hear(z2m("b", '{"action":"single"}')) == 0
    intake.furnish("b")
    intake.hear(z2m("bridge/event", '{"type":"device_joined","data":{"friendly_name":"b"}}'))
    assert intake.hear(z2m("b", '{"action":"single"}'), 3) == 0
    assert intake.hear(z2m("b", '{"action":"single"}'), 8) == 1


def test_a_button_that_announces_itself_because_it_was_pressed_rings(intake: Intake) -> None:
    intake.furnish("b")
    intake.hear(z2m("bridge/event", '{"type":"device_announce","data":{"friendly_name":"b"}}'))
    intake.hear(z2m("b", '{"action":"emergency"}'), 1)
    assert intake.recorded() == ["sign.sos"]


def test_a_state_repeated_with_every_report_is_one_event_and_after_a_pause_a_new_one(intake: Intake) -> None:
    intake.furnish("r")
    for minutes in (0, 1, 5, 9):
        intake.hear(z2m("r", '{"fall_status":"fall_alarm"}'), minutes * 60)
    assert intake.recorded() == ["sign.fall"]
    intake.hear(z2m("r", '{"fall_status":"fall_alarm"}'), 601)
    assert intake.recorded() == ["sign.fall"] * 2


def test_a_state_that_was_dealt_with_rings_anew_at_once(intake: Intake) -> None:
    intake.furnish("button")
    held = z2m("button", '{"sos": true}')
    assert intake.hear(held) == 1
    assert intake.hear(held, after=60) == 0
    intake.desk.release(HERE, "button")  # somebody closed the incident
    assert intake.hear(held, after=60) == 1
    assert intake.recorded() == ["sign.sos"] * 2


@pytest.mark.parametrize(("status", "fact"), [("fall_warning", "fall.suspected"), ("fall_alarm", "sign.fall")])
@pytest.mark.parametrize("key", ["fall_status", "status"])
def test_the_next_fall_is_told_though_no_normal_came_between(intake: Intake, key: str, status: str, fact: str) -> None:
    """It was lost, or came under a key that may be about anything."""
    intake.furnish("r")
    for after in (0, 60, 300, 48 * 3600):
        intake.hear(z2m("r", f'{{"{key}":"{status}"}}'), after)
    assert intake.recorded() == [fact] * 2


def test_after_normal_the_next_fall_is_a_new_one_however_soon(intake: Intake) -> None:
    intake.furnish("r")
    for state in ("fall_alarm", "normal", "fall_alarm", "fall_alarm"):
        intake.hear(z2m("r", f'{{"fall_status":"{state}"}}'), 60)
    assert intake.recorded() == ["sign.fall", "fall.downgraded", "sign.fall"]


def test_a_warning_whose_incident_was_dealt_with_is_told_anew_at_once(intake: Intake) -> None:
    intake.furnish("r")
    warning = z2m("r", '{"fall_status":"fall_warning"}')
    assert intake.hear(warning) == 1
    intake.desk.release(HERE, "r")
    assert intake.hear(warning, after=200) == 1


def test_a_sensor_that_the_elder_paused_is_not_kept_and_still_calls_for_help(intake: Intake) -> None:
    intake.furnish("r")
    intake.desk.paused = lambda elder, device: (elder, device) == (ELDER, "r")
    intake.hear(z2m("r", '{"presence": false}'))
    intake.hear(z2m("r", '{"presence": true}'), 60)
    intake.hear(z2m("r", '{"fall_status": "fall_alarm"}'), 60)
    assert intake.recorded() == ["sign.fall"]


def test_a_battery_is_told_when_it_has_changed_by_a_step_and_when_it_is_low(intake: Intake) -> None:
    intake.furnish("button")
    for percent in (74, 73, 14):
        intake.hear(z2m("button", f'{{"battery": {percent}}}'), 60)
    for low in ("false", "true", "true", "false"):
        intake.hear(z2m("button", f'{{"battery_low": {low}}}'), 60)
    told = [f.payload["percent"] for f in intake.ledger.about(ELDER, ("device.battery",))]
    assert told == [70, 10, 10, 100]


def test_normal_speaks_only_to_a_fall_that_was_spoken_of(intake: Intake) -> None:
    intake.furnish("r")
    for state in ("normal", "normal", "fall_warning", "fall_warning", "normal", "normal"):
        intake.hear(z2m("r", f'{{"fall_status":"{state}"}}'), 2)
    assert intake.recorded() == ["fall.suspected", "fall.downgraded"]


def test_a_door_counts_when_it_changes_and_never_because_its_battery_reported(intake: Intake) -> None:
    intake.furnish("d")
    for contact in ("true", "true", "false", "false", "true"):
        intake.hear(z2m("d", f'{{"contact":{contact},"battery":90}}'), 60)
    assert intake.recorded() == ["sign.door"] * 2


def test_a_meter_counts_when_it_rises(intake: Intake) -> None:
    intake.furnish("m")
    for volume in (10.0, 10.0, 10.012, 3.0, 3.001):
        intake.hear(z2m("m", f'{{"water_consumed":{volume}}}'), 60)
    facts = [f.payload["amount"] for f in intake.ledger.about(ELDER, ["sign.water"])]
    assert facts == pytest.approx([0.012, 0.001])


def test_without_consent_a_sign_of_life_is_not_kept_and_a_call_for_help_is(intake: Intake) -> None:
    intake.furnish("d", consent=False)
    for payload in ('{"contact":true}', '{"contact":false}', '{"action":"sos"}'):
        intake.hear(z2m("d", payload), 5)
    assert intake.recorded() == ["sign.sos"]
    assert intake.desk.counts["zigbee2mqtt", "no_consent"] == 2


def test_an_unknown_device_is_counted_and_kept_for_somebody_to_look_at(intake: Intake) -> None:
    intake.hear(z2m("stranger", '{"contact": true, "tamper": true}'))
    assert intake.recorded() == []
    problems = intake.desk.memory.problems()
    assert {(p["problem"], p["device"]) for p in problems} == {("unknown_device", "stranger")}


def test_who_speaks_and_stands_nowhere_is_listed_with_the_newest_word_until_it_has_a_home(intake: Intake) -> None:
    for device, payload, wait in (
        ("hall", '{"contact":true}', 0),
        ("bath", '{"occupancy":true}', 60),
        ("hall", '{"contact":false}', 60),
    ):
        intake.hear(z2m(device, payload), wait)
    assert [(s["community"], s["device"], s["said"]) for s in intake.desk.strangers()] == [
        (HERE, "hall", "door True"),
        (HERE, "bath", "motion True"),
    ]
    intake.furnish("hall")
    assert [s["device"] for s in intake.desk.strangers()] == ["bath"]


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ('{"action":"emergency"}', "sign.sos"),
        ('{"fall_status":"fall_alarm"}', "sign.fall"),
        ('{"smoke":true}', "sign.smoke"),
    ],
)
def test_a_call_for_help_from_a_device_in_nobodys_home_is_about_that_device(
    intake: Intake, payload: str, kind: str
) -> None:
    intake.hear(z2m("stranger", payload, retained=True))
    assert intake.hear(z2m("stranger", payload), 60) == 1
    (fact,) = intake.ledger.about(of_stray(HERE, "stranger"))
    assert (fact.kind, fact.community, fact.payload["device"]) == (kind, HERE, "stranger")


def test_once_it_was_put_up_it_calls_for_the_one_it_belongs_to(intake: Intake) -> None:
    intake.hear(z2m("stranger", '{"action":"emergency"}'))
    intake.furnish("stranger")
    intake.hear(z2m("stranger", '{"action":"emergency"}'), 60)
    assert intake.recorded() == ["sign.sos"]


def test_a_replayed_request_changes_nothing_even_after_a_restart(tmp_path: Path) -> None:
    body = b'{"topic":"zigbee2mqtt/w","payload":{"fall":true}}'
    heard = webhook.parse(body, webhook.sign(body, "k", b"s", T0), T0, {"k": b"s"}).heard
    intake = Intake(tmp_path)
    intake.furnish("w")
    intake.hear(heard)
    intake.store.close()
    again = Intake(tmp_path)
    again.hear(heard, 2)
    assert again.recorded() == ["sign.fall"]
    again.store.close()


@pytest.mark.parametrize(
    ("hear", "call", "good"),
    [
        (by_sia, dc09('"ADM-CID"0001L0#1234[#1234|1101 00 001]'), 30),
        (by_scaip, sip("<mrq><ref>1</ref><cid>unit-7</cid><dty>0003</dty><stc>0010</stc></mrq>"), 300),
    ],
    ids=["DC-09 without a time", "SCAIP"],
)
@pytest.mark.parametrize("begin", [0, 9.9, 29.9, 299.9])
def test_what_a_panel_sends_again_is_one_call_on_whatever_second_it_began_and_later_a_new_one(
    intake: Intake, hear: Callable[[bytes], Heard], call: bytes, good: int, begin: float
) -> None:
    """Panels without a time, and units, count anew after a restart: the same number much later is another call."""
    intake.furnish("1234", "unit-7")
    intake.now += timedelta(seconds=begin)
    for after in (0, 0.2, good / 3, good / 2):
        intake.hear(hear(call), after)
    assert intake.recorded() == ["sign.sos"]
    for after in (good / 4, 1, good / 2):
        intake.hear(hear(call), after)
    assert intake.recorded() == ["sign.sos"] * 2
    assert intake.desk.counts["sia" if hear is by_sia else "scaip", "repeated"] == 5


def test_what_a_clock_in_the_future_says_is_evidence_only(intake: Intake) -> None:
    intake.furnish("d")
    tomorrow = datetime(2026, 11, 24, 8, tzinfo=UTC)
    intake.hear(Heard("webhook", (Signal("webhook", "d", Kind.DOOR, at=tomorrow),)))
    (fact,) = intake.ledger.about(ELDER, ["sign.door"])
    assert fact.payload["trusted"] is False
    assert fact.at == to_ms(T0)


def test_what_waited_in_a_queue_rings_and_clears_nothing(intake: Intake) -> None:
    intake.furnish("d")
    intake.hear(Heard("z", (Signal("z", "d", Kind.DOOR, timed=False), Signal("z", "d", Kind.SOS, timed=False))))
    facts = {f.kind: f.payload["trusted"] for f in intake.ledger.about(ELDER) if f.kind.startswith("sign.")}
    assert facts == {"sign.door": False, "sign.sos": False}


def test_a_flood_of_broken_messages_does_not_fill_the_disk(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("district.intake.memory.MAX_PROBLEMS_AN_HOUR", 5)
    for _ in range(20):
        intake.hear(z2m("d", "nonsense"))
    assert len(intake.desk.memory.problems()) == 5
    assert intake.desk.counts["zigbee2mqtt", "not_an_object"] == 20
