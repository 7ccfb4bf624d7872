"""What every way in promises, whatever its language: a call for help is heard, nonsense is not, a copy is known."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from siadc09.message import parse_frame

from district.intake import scaip, sia, webhook, zigbee2mqtt
from district.intake.listener import Answer
from district.intake.signals import ALARMS, METERS, SWITCHES, Kind
from tests.contracts.intakes import ACCOUNTS, NOW, SECRET, UNITS, WAYS, Way, by_scaip, by_sia, dc09, sip

every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())


@every_way
def test_a_call_for_help_is_heard_live_and_once(way: Way) -> None:
    heard = way.hear(way.sos)
    assert [s.kind for s in heard.signals if s.kind in ALARMS] == [Kind.SOS]
    assert all(s.live for s in heard.signals)
    assert not heard.problem


@every_way
def test_a_fall_is_heard_as_a_fall(way: Way) -> None:
    assert Kind.FALL in [s.kind for s in way.hear(way.fall).signals]


@every_way
def test_nonsense_has_a_problem_and_is_kept_and_is_no_sign_of_anything(way: Way) -> None:
    heard = way.hear(way.nonsense)
    assert heard.problem
    assert heard.raw
    assert not {s.kind for s in heard.signals} & (ALARMS | SWITCHES | METERS | {Kind.CHECKIN})


@every_way
def test_a_copy_has_the_key_of_its_original_and_the_next_event_another(way: Way) -> None:
    if not way.copies_known:
        assert all(not s.key for s in way.hear(way.sos).signals)
        return
    keys = [[s.key for s in way.hear(raw).signals if s.kind in ALARMS] for raw in (way.sos, way.sos, way.fall)]
    assert keys[0] == keys[1] != keys[2]


@every_way
@given(junk=st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_no_bytes_whatever_crash_it_or_count_as_life(way: Way, junk: bytes) -> None:
    for raw in (junk, way.sos[: len(junk)], way.sos[:20] + junk + way.sos[20:]):
        heard = way.hear(raw)
        assert not {s.kind for s in heard.signals} & (SWITCHES | METERS | {Kind.CHECKIN}) or not heard.problem


def reply(answer: Answer) -> str:
    (only,) = answer.replies
    return only.decode()


class TestSia:
    def test_an_event_is_acknowledged_under_its_own_number(self) -> None:
        assert '"ACK"0001L0#1234[]' in reply(sia.receive(WAYS["sia"].sos, ACCOUNTS, NOW))

    def test_a_frame_out_of_its_time_is_refused_with_ours_and_does_not_ring(self) -> None:
        raw = dc09('"SIA-DCS"0002L0#1234[#1234|NQA001]_07:58:00,11-23-2026')
        answer = sia.receive(raw, ACCOUNTS, NOW)
        assert '"NAK"' in reply(answer)
        assert "08:00:00,11-23-2026" in reply(answer)
        assert (answer.heard.signals, answer.heard.problem) == ((), "outside_window")

    def test_a_panel_that_cannot_set_its_clock_is_heard_when_it_calls_for_help_again(self) -> None:
        """A conforming one comes back by our time. This one has a flat battery for its clock, and somebody pressed its button."""
        refused: dict[str, datetime] = {}
        call = dc09('"SIA-DCS"0002L0#1234[#1234|NQA001]_07:58:00,01-01-2000')
        assert '"NAK"' in reply(sia.receive(call, ACCOUNTS, NOW, refused))
        again = sia.receive(call, ACCOUNTS, NOW + timedelta(seconds=10), refused)
        assert '"ACK"0002' in reply(again)
        sos = again.heard.signals[0]
        assert (sos.kind, sos.at, sos.timed, again.heard.problem) == (Kind.SOS, None, False, "outside_window")
        link_test = dc09('"NULL"0000L0#1234[]_07:58:00,01-01-2000')
        assert '"NAK"' in reply(sia.receive(link_test, ACCOUNTS, NOW + timedelta(seconds=20), refused))
        much_later = NOW + timedelta(minutes=6)
        assert '"NAK"' in reply(sia.receive(call, ACCOUNTS, much_later, {"1234": NOW}))

    @pytest.mark.parametrize(
        ("event", "kind", "value"),
        [
            ("1101", Kind.SOS, True),
            ("6101", Kind.SOS, True),  # still so: the first word of it may have been lost
            ("3101", Kind.SOS, False),
            ("1104", Kind.SOS, True),
            ("1117", Kind.SMOKE, True),
            ("1129", Kind.SOS, True),
            ("1381", Kind.ONLINE, False),
            ("3381", Kind.ONLINE, True),
        ],
    )
    def test_contact_id_codes(self, event: str, kind: Kind, value: bool) -> None:
        heard = by_sia(dc09(f'"ADM-CID"0001L0#1234[#1234|{event} 00 001]'))
        assert (heard.signals[0].kind, heard.signals[0].value) == (kind, value)

    @pytest.mark.parametrize(("seconds", "taken"), [(-41, False), (-40, True), (20, True), (21, False)])
    def test_the_window_is_that_of_the_standard(self, seconds: int, taken: bool) -> None:
        at = NOW + timedelta(seconds=seconds)
        raw = dc09(f'"SIA-DCS"0002L0#1234[#1234|NQA001]_{at:%H:%M:%S,%m-%d-%Y}')
        assert ('"ACK"' in reply(sia.receive(raw, ACCOUNTS, NOW))) is taken

    def test_a_damaged_frame_is_met_with_silence(self) -> None:
        raw = bytearray(WAYS["sia"].sos)
        raw[-4] ^= 1
        assert sia.receive(bytes(raw), ACCOUNTS, NOW).replies == ()

    @pytest.mark.parametrize(
        "body", ['"ADM-CID"0001L0#9999[#9999|1101 00 001]', '"FOO"0001L0#1234[x]', '"ACK"0001L0#1234[]']
    )
    def test_what_cannot_be_processed_is_said_so(self, body: str) -> None:
        assert '"DUH"' in reply(sia.receive(dc09(body), ACCOUNTS, NOW))

    def test_an_account_that_nobody_listed_is_heard_when_it_calls_for_help_and_for_nothing_else(self) -> None:
        for event, taken in (("1101", True), ("1110", True), ("3101", False), ("1301", False), ("1602", False)):
            raw = dc09(f'"ADM-CID"0001L0#9999[#9999|{event} 00 001]')
            answer = sia.receive(raw, ACCOUNTS, NOW, unlisted="jinxiu")
            assert ('"ACK"0001L0#9999' in reply(answer)) is taken
            assert {s.device for s in answer.heard.signals} == ({"9999"} if taken else set())
            assert (answer.heard.problem, answer.heard.raw) == ("unknown_account", raw), "kept: somebody should list it"
            assert answer.community == ("jinxiu" if taken else "")
            assert '"DUH"' in reply(sia.receive(raw, ACCOUNTS, NOW)), "nobody could be rung"

    def test_an_encrypted_event_is_read_and_acknowledged_encrypted(self) -> None:
        key = bytes(range(16))
        accounts = {"1234": sia.Account("jinxiu", key)}
        plain = parse_frame(dc09('"SIA-DCS"0007L0#1234[#1234|NQA001]_08:00:00,11-23-2026'))
        plain.account.set_key(key)
        answer = sia.receive(plain.encode(encrypt=True), accounts, NOW)
        assert answer.heard.signals[0].kind is Kind.SOS
        assert '"*ACK"0007' in reply(answer)
        assert '"DUH"' in reply(sia.receive(plain.encode(encrypt=False), accounts, NOW))  # no downgrade
        other = {"1234": sia.Account("jinxiu", bytes(16))}
        assert sia.receive(plain.encode(encrypt=True), other, NOW).heard.signals == ()

    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            ("NA", Kind.INACTIVITY),
            ("FA", Kind.SMOKE),
            ("GA", Kind.GAS),
            ("WA", Kind.WATER_LEAK),
            ("TA", Kind.TAMPER),
            ("YT", Kind.BATTERY_LOW),
        ],
    )
    def test_dcs_codes(self, code: str, kind: Kind) -> None:
        heard = by_sia(dc09(f'"SIA-DCS"0002L0#1234[#1234|N{code}001]'))
        assert heard.signals[0].kind is kind

    def test_a_link_test_is_a_heartbeat_and_nothing_more(self) -> None:
        assert [s.kind for s in by_sia(dc09('"NULL"0000L0#1234[]')).signals] == [Kind.HEARTBEAT]

    def test_a_stream_is_cut_into_frames(self) -> None:
        stream = b"junk" + WAYS["sia"].sos + WAYS["sia"].fall[:-3]
        first = sia.split(stream)
        assert first == (WAYS["sia"].sos, WAYS["sia"].fall[:-3])
        assert sia.split(first[1]) is None


class TestScaip:
    def judge(self, raw: bytes) -> list[str]:
        found = scaip.receive(raw, UNITS, ("192.0.2.1", 5060), "alarm@example.org")
        return [r.decode() for r in found.replies]

    def test_a_request_gets_ok_and_a_response_under_its_reference(self) -> None:
        final, message = self.judge(WAYS["scaip"].sos)
        assert final.startswith("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1\r\n")
        assert "Call-ID: c1\r\nCSeq: 1 MESSAGE" in final
        assert message.startswith("MESSAGE sip:192.0.2.1:5060;transport=udp SIP/2.0")
        assert "<ref>1</ref><snu>0</snu>" in message

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ("<mrq><cid>unit-7</cid></mrq>", 7),
            ("<mrq><ref>9</ref><cid>stranger</cid></mrq>", 5),
            ("<mrq><ref>9</ref><cid>unit-7</cid><stc>7777</stc></mrq>", 3),
            ("<nonsense/>", 2),
            ('<!DOCTYPE x [<!ENTITY a "b">]><mrq><ref>&a;</ref></mrq>', 2),
        ],
    )
    def test_what_is_wrong_is_said_by_number(self, body: str, status: int) -> None:
        assert f"<snu>{status}</snu>" in self.judge(sip(body))[1]

    def test_other_methods_and_media_are_refused_by_sip(self) -> None:
        assert self.judge(sip("", "INVITE"))[0].startswith("SIP/2.0 405")
        assert self.judge(sip("x", media="text/plain"))[0].startswith("SIP/2.0 415")
        assert self.judge(sip("", "OPTIONS"))[0].startswith("SIP/2.0 200")

    def test_their_headers_cannot_smuggle_lines_into_ours(self) -> None:
        raw = WAYS["scaip"].sos.replace(b"Call-ID: c1", b"Call-ID: c1\r\n X-Evil: 1")
        assert "\r\nX-Evil" not in "".join(self.judge(raw))

    @pytest.mark.parametrize(("device", "kind"), [("0003", Kind.SOS), ("0005", Kind.FALL)])
    def test_a_pendant_with_a_status_nobody_knows_rings(self, device: str, kind: Kind) -> None:
        heard = by_scaip(sip(f"<mrq><ref>3</ref><cid>unit-7</cid><dty>{device}</dty><stc>0042</stc></mrq>"))
        assert heard.signals[0].kind is kind

    @pytest.mark.parametrize(
        ("tags", "status"),
        [("<dty>0003</dty>", 0), ("<dty>0003</dty><stc>0016</stc>", 5), ("<mty>PI</mty>", 5), ("<dty>0010</dty>", 5)],
    )
    def test_a_unit_that_nobody_listed_is_heard_when_it_calls_for_help_and_for_nothing_else(
        self, tags: str, status: int
    ) -> None:
        raw = sip(f"<mrq><ref>9</ref><cid>stranger</cid>{tags}</mrq>")
        found = scaip.receive(raw, UNITS, ("192.0.2.1", 5060), "alarm@example.org", "jinxiu")
        assert f"<snu>{status}</snu>" in found.replies[1].decode()
        assert [s.device for s in found.heard.signals] == ["stranger"] * (status == 0)
        assert found.heard.problem == "unknown_unit"

    def test_low_battery_is_not_a_call_for_help(self) -> None:
        heard = by_scaip(sip("<mrq><ref>3</ref><cid>unit-7</cid><dty>0003</dty><stc>0016</stc></mrq>"))
        assert heard.signals[0].kind is Kind.BATTERY_LOW

    def test_a_stream_is_cut_by_content_length(self) -> None:
        stream = b"\r\n\r\n" + WAYS["scaip"].sos + WAYS["scaip"].fall[:-5]
        first = scaip.split(stream)
        assert first == (WAYS["scaip"].sos, WAYS["scaip"].fall[:-5])
        assert scaip.split(first[1]) is None


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
