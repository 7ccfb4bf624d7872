"""What rings, what is a sign of life, and what is only kept: in doubt the first rings and the second is not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from district.intake import webhook, zigbee2mqtt
from district.intake.signals import Heard, Kind, Signal
from district.intake.silence import DeviceSilence
from domain.events import to_ms
from domain.subjects import of_stray
from tests.district_intake.conftest import ELDER, HERE, T0, Intake


def z2m(name: str, payload: str, retained: bool = False) -> Heard:
    return zigbee2mqtt.parse(f"zigbee2mqtt/{name}", payload.encode(), retained)


def test_every_live_action_is_an_event_of_its_own(intake: Intake) -> None:
    intake.furnish("b")
    for _ in range(3):
        intake.hear(z2m("b", '{"action":"emergency"}'), 1)
        intake.hear(z2m("b", '{"action":""}'))
    assert intake.recorded() == ["sign.sos"] * 3


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


class TestSilence:
    def blind(self, intake: Intake) -> list[tuple[bool, int]]:
        return [(f.payload["blind"], f.at) for f in intake.ledger.about(ELDER, ["device.blind"])]

    def look(self, intake: Intake, after: timedelta) -> None:
        intake.now += after
        DeviceSilence(intake.ledger, intake.desk._homes, intake.desk.memory).tick(intake.now)

    def test_a_device_that_stops_talking_is_blind_from_its_last_word_and_sees_again_at_its_next(
        self, intake: Intake
    ) -> None:
        intake.furnish("d")
        intake.hear(z2m("d", '{"battery":80}'))
        self.look(intake, timedelta(hours=25))
        assert self.blind(intake) == []
        self.look(intake, timedelta(hours=2))
        self.look(intake, timedelta(hours=2))
        assert self.blind(intake) == [(True, to_ms(T0))]
        intake.hear(z2m("d", '{"battery":80}'))
        self.look(intake, timedelta(minutes=1))
        assert self.blind(intake)[-1] == (False, to_ms(intake.now - timedelta(minutes=1)))

    def test_a_device_that_never_said_a_word_goes_blind_too(self, intake: Intake) -> None:
        intake.furnish("d")
        silence = DeviceSilence(intake.ledger, intake.desk._homes, intake.desk.memory)
        for fact in intake.ledger.since("")[0]:
            silence.follow(fact, intake.now)
        intake.now += timedelta(hours=27)
        silence.tick(intake.now)
        assert [b for b, _ in self.blind(intake)] == [True]

    def test_online_but_silent_for_weeks_is_blind_all_the_same(self, intake: Intake) -> None:
        intake.furnish("d")
        intake.hear(z2m("d", '{"battery":80}'))
        intake.now += timedelta(hours=30)
        intake.hear(z2m("d/availability", "online", retained=True))
        self.look(intake, timedelta(minutes=1))
        assert [b for b, _ in self.blind(intake)] == [True]

    def reasons(self, intake: Intake) -> list[str]:
        told = intake.ledger.about(ELDER, ["device.blind"])
        return [f.payload["reason"] if f.payload["blind"] else "sees" for f in told]

    def test_a_dead_gateway_says_so_once_and_makes_everything_behind_it_blind_from_then(self, intake: Intake) -> None:
        intake.furnish("d", "e", "panel")
        for name in ("d", "e"):
            intake.hear(z2m(name, '{"battery":80}'))
        intake.hear(Heard("sia", (Signal("sia", "panel", Kind.HEARTBEAT),)))
        intake.hear(z2m("bridge/state", '{"state":"online"}'))
        intake.hear(z2m("bridge/state", '{"state":"offline"}'), 3 * 3600)
        gone = to_ms(intake.now)
        self.look(intake, timedelta(minutes=1))
        assert self.blind(intake) == [(True, gone), (True, gone)]  # not the panel, which comes by another way
        assert self.reasons(intake) == ["gateway", "gateway"]
        (told,) = intake.ledger.told(["gateway.silent"])
        assert (told.payload["silent"], told.at) == (True, gone)

    def test_behind_a_gateway_that_came_back_a_device_has_a_day_to_say_something(self, intake: Intake) -> None:
        intake.furnish("d")
        intake.hear(z2m("d", '{"battery":80}'))
        intake.hear(z2m("bridge/state", "offline"), 3600)
        self.look(intake, timedelta(hours=40))
        intake.hear(z2m("bridge/state", "online"))
        self.look(intake, timedelta(minutes=1))
        assert self.reasons(intake) == ["gateway", "sees"]
        self.look(intake, timedelta(hours=27))
        assert self.reasons(intake) == ["gateway", "sees", "silent"]

    @pytest.mark.parametrize(
        ("queued", "back"), [(False, True), (True, False)], ids=["said now", "said before it fell silent"]
    )
    def test_a_gateway_is_there_again_when_a_device_speaks_through_it(
        self, intake: Intake, queued: bool, back: bool
    ) -> None:
        """A broker that was restarted, with devices on it that speak for themselves: nobody says "online"."""
        intake.furnish("plug")
        through = zigbee2mqtt.gateway("main")
        intake.hear(zigbee2mqtt.parse("zigbee2mqtt/plug", b'{"battery":80}', False, gateway=through))
        intake.hear(zigbee2mqtt.coordinator(through, False), 5)
        said = zigbee2mqtt.parse("zigbee2mqtt/plug", b'{"battery":75}', False, gateway=through)
        intake.hear(replace(said, signals=tuple(replace(s, timed=not queued) for s in said.signals)), 60)
        gateway = intake.desk.memory.device(HERE, through)
        assert gateway is not None
        assert gateway.online is back

    def test_a_device_that_is_gone_when_its_gateway_returns_is_blind_for_its_own_sake(self, intake: Intake) -> None:
        intake.furnish("d")
        intake.hear(z2m("d", '{"battery":80}'))
        intake.hear(z2m("bridge/state", "offline"), 3600)
        self.look(intake, timedelta(hours=1))
        intake.hear(z2m("bridge/state", "online"))
        intake.hear(z2m("d/availability", "offline"))
        for _ in range(3):
            self.look(intake, timedelta(minutes=1))
        assert self.reasons(intake) == ["gateway", "sees", "offline"]
        begun = intake.ledger.about(ELDER, ["device.blind"])[-1]
        assert begun.payload["since"] == begun.at == to_ms(intake.now - timedelta(minutes=2))

    def test_one_of_two_gateways_does_not_speak_for_the_other(self, intake: Intake) -> None:
        intake.furnish("d", "e")
        for name, through in (("d", "bridge/a"), ("e", "bridge/b")):
            intake.hear(zigbee2mqtt.parse(f"zigbee2mqtt/{name}", b'{"battery":80}', False, gateway=through))
        intake.hear(zigbee2mqtt.parse("zigbee2mqtt/bridge/state", b"offline", False, gateway="bridge/a"), 5)
        intake.hear(zigbee2mqtt.parse("zigbee2mqtt/bridge/state", b"online", False, gateway="bridge/b"), 5)
        self.look(intake, timedelta(minutes=1))
        assert [f.payload["device"] for f in intake.ledger.about(ELDER, ["device.blind"])] == ["d"]

    def test_a_device_that_promised_a_report_every_ten_minutes_is_missed_after_three(self, intake: Intake) -> None:
        told = {"device": "panel", "place": "hall", "every_min": 10}
        intake.ledger.add("home.device_registered", told, HERE, ELDER, to_ms(intake.now))
        intake.hear(Heard("sia", (Signal("sia", "panel", Kind.HEARTBEAT),)))
        self.look(intake, timedelta(minutes=29))
        assert self.blind(intake) == []
        self.look(intake, timedelta(minutes=2))
        assert self.blind(intake) == [(True, to_ms(T0))]

    def test_a_device_taken_down_is_missed_by_nobody_and_put_up_again_begins_anew(self, intake: Intake) -> None:
        intake.furnish("d")
        silence = DeviceSilence(intake.ledger, intake.desk._homes, intake.desk.memory)
        intake.hear(z2m("d", '{"battery":80}'))
        removed = intake.ledger.add("home.device_removed", {"device": "d"}, HERE, ELDER, to_ms(intake.now))
        silence.follow(removed, intake.now)
        intake.now += timedelta(hours=30)
        silence.tick(intake.now)
        assert self.blind(intake) == []
        assert intake.hear(z2m("d", '{"contact":true}')) == 0
        intake.furnish("d")
        silence.follow(intake.ledger.told(["home.device_registered"])[-1], intake.now)
        intake.now += timedelta(hours=1)
        silence.tick(intake.now)
        assert self.blind(intake) == []

    @pytest.mark.parametrize("payload", ['{"worn":false}', '{"charging":true}'])
    def test_not_worn_and_charging_are_blind_too(self, intake: Intake, payload: str) -> None:
        intake.furnish("w")
        intake.hear(z2m("w", payload))
        self.look(intake, timedelta(minutes=1))
        assert [b for b, _ in self.blind(intake)] == [True]

    def test_a_device_of_another_community_is_another_device(self, intake: Intake) -> None:
        intake.furnish("d")
        intake.desk.receive(z2m("d", '{"action":"sos"}'), "elsewhere", intake.now)
        assert intake.recorded() == []
