"""The webhook and Zigbee2MQTT: what is signed, what devices were seen to say, and what is none of ours."""

from datetime import timedelta

import pytest

from district.intake import webhook, zigbee2mqtt
from district.intake.signals import Kind
from tests.contracts.intakes import NOW, SECRET


class TestWebhook:
    BODY = b'{"topic":"zigbee2mqtt/b","payload":{"action":"emergency"}}'

    def status(
        self, body: bytes = BODY, *, secret: bytes = SECRET, late: int = 0, headers: dict[str, str] | None = None
    ) -> int:
        signed = webhook.sign(body, "k", secret, NOW) | (headers or {})
        return webhook.parse(body, signed, NOW + timedelta(seconds=late), {"k": SECRET}).status

    def test_the_signature_covers_body_key_and_time(self) -> None:
        assert self.status() == 202
        assert self.status(secret=b"other") == 401
        assert self.status(late=301) == 401
        assert webhook.parse(b"{}", webhook.sign(self.BODY, "k", SECRET, NOW), NOW, {"k": SECRET}).status == 401
        assert self.status(headers={webhook.KEY: "other"}) == 401
        assert self.status(headers={webhook.TIME: "²"}) == 401

    def test_header_names_are_of_any_case(self) -> None:
        signed = {k.upper(): v for k, v in webhook.sign(self.BODY, "k", SECRET, NOW).items()}
        assert webhook.parse(self.BODY, signed, NOW, {"k": SECRET}).status == 202

    def test_a_list_is_read_to_its_end_though_one_item_is_wrong(self) -> None:
        body = b'[{"device":"w","kind":"dance"},' + self.BODY + b"]"
        answer = webhook.parse(body, webhook.sign(body, "k", SECRET, NOW), NOW, {"k": SECRET})
        assert (answer.status, answer.heard.problem) == (202, "unknown_form")
        assert Kind.SOS in [s.kind for s in answer.heard.signals]

    def test_too_much_is_refused(self) -> None:
        assert self.status(b"[" + b"1," * 200_000 + b"1]") == 413
        assert self.status(b"[" + b"{}," * 300 + b"{}]") == 400


class TestZigbee:
    def kinds(self, topic: str, payload: bytes, retained: bool = False) -> list[tuple[str, object]]:
        heard = zigbee2mqtt.parse(f"zigbee2mqtt/{topic}", payload, retained)
        return [(s.kind.value, s.value) for s in heard.signals if s.kind is not Kind.HEARTBEAT]

    @pytest.mark.parametrize(
        ("payload", "expected"),
        [
            (b'{"action":""}', []),
            (b'{"sos":true}', [("sos", True)]),
            (b'{"action":"single"}', [("press", "single")]),
            (b'{"action":"1_double"}', [("press", "1_double")]),
            (b'{"action":"button_2_hold"}', [("press", "button_2_hold")]),
            (b'{"action":"arrow_left_click"}', [("press", "arrow_left_click")]),
            (b'{"action":"long_press"}', [("press", "long_press")]),
            (b'{"action":"release"}', [("press", "release")]),
            (b'{"action":"toggle"}', [("press", "toggle")]),
            (b'{"click":"single"}', [("press", "single")]),
            (b'{"action":"checkin"}', [("checkin", True)]),
            (b'{"action":"vibration"}', []),  # of a thing, not of a finger
            (b'{"action":"auto_lock"}', []),
            (b'{"contact":false}', [("door", True)]),
            (b'{"occupancy":true,"battery":91}', [("motion", True), ("battery", 91.0)]),
            (b'{"water_leak":true,"battery_low":false}', [("water_leak", True), ("battery_low", False)]),
            (b'{"fall_status":"fall_warning"}', [("fall_suspected", True)]),
            (b'{"status":"falling"}', [("fall", True)]),
            (b'{"status":"normal"}', []),
            (b'{"battery":NaN}', []),
            (b'{"occupancy":"yes"}', []),  # a sign of life is strict, an alarm is not
            (b'{"smoke":"on"}', [("smoke", True)]),
        ],
    )
    def test_payloads_seen_in_the_field(self, payload: bytes, expected: list[tuple[str, object]]) -> None:
        assert self.kinds("name", payload) == expected

    @pytest.mark.parametrize("payload", [b"online", b'{"state":"online"}', b'"online"'])
    def test_availability(self, payload: bytes) -> None:
        assert self.kinds("room/name/availability", payload) == [("online", True)]

    def test_what_the_broker_kept_is_not_live(self) -> None:
        heard = zigbee2mqtt.parse("zigbee2mqtt/b", b'{"action":"emergency"}', retained=True)
        assert not any(s.live for s in heard.signals)

    def test_pairing_is_told_and_an_announcement_is_not_pairing(self) -> None:
        joined = b'{"type":"device_joined","data":{"friendly_name":"b"}}'
        announced = b'{"type":"device_announce","data":{"friendly_name":"b"}}'
        assert self.kinds("bridge/event", joined) == [("joined", True)]
        assert self.kinds("bridge/event", announced) == []

    def test_commands_to_devices_are_not_signals(self) -> None:
        assert self.kinds("b/set", b'{"action":"emergency"}') == []
