"""SIA DC-09 and SCAIP as their standards have them: what is answered, under which number, and what is refused."""

from datetime import datetime, timedelta

import pytest
from siadc09.message import parse_frame

from district.intake import scaip, sia
from district.intake.listener import Answer
from district.intake.signals import Kind
from tests.contracts.intakes import ACCOUNTS, NOW, UNITS, WAYS, by_scaip, by_sia, dc09, sip


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
        assert self.judge(sip("", "ACK")) == [], "of that refusal: two that answer each other's answers never end"
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
