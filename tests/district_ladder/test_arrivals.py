"""What a service reports of messages: sent, delivered and acknowledged are three facts, and what was lost goes another way."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from district.reaching.channels import Message
from district.reaching.twilio import outcome, sign, signed
from domain import incident_kinds as k
from tests.district_ladder.conftest import ELDER, District
from tests.fakes.channels import RecordingChannel

KEY = "12345"
S = timedelta(seconds=1)


@pytest.fixture
def sms() -> RecordingChannel:
    return RecordingChannel("sms", key=KEY)


@pytest.fixture
def district(tmp_path: Path, sms: RecordingChannel) -> Iterator[District]:
    found = District(tmp_path, [sms])
    found.town.addresses = {"ann": (("sms", "+15551231111"), ("recording", "ann"))}
    found.tell("sign.sos", device="b")
    found.tick()
    yield found
    found.close()


def report(district: District, message: Message, state: Mapping[str, str], key: str = KEY) -> bool:
    form = {name: [value] for name, value in state.items()}
    signature = sign(key, message.receipt + "".join(f"{n}{v}" for n, v in sorted(state.items()))).decode()
    heard = district.watch.arrivals.hear("sms", message.receipt.rpartition("/")[2], signature, form, district.now)
    district.tick(S)
    return heard


def states(district: District) -> list[tuple[str, str]]:
    facts = district.ledger.about(ELDER, (k.NOTICE_SENT, k.NOTICE_DELIVERED, k.NOTICE_FAILED))
    return [(f.kind, f.payload["channel"]) for f in facts if f.payload["person"] == "ann"]


def test_twilios_own_example_of_a_signature_is_ours() -> None:
    """https://www.twilio.com/docs/usage/security: the worked example of its documentation."""
    form = {
        "CallSid": ["CA1234567890ABCDE"],
        "Caller": ["+14158675309"],
        "Digits": ["1234"],
        "From": ["+14158675309"],
        "To": ["+18005551212"],
    }
    address, signature = "https://mycompany.com/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert signed(KEY, address, form, signature)
    assert signed(KEY, "https://mycompany.com:443/myapp.php?foo=1&bar=2", form, signature)
    assert not signed(KEY, address, {**form, "Digits": ["1235"]}, signature)
    assert not signed("54321", address, form, signature)


@pytest.mark.parametrize(
    ("form", "what"),
    [
        ({"MessageStatus": "delivered"}, (True, "")),
        ({"MessageStatus": "read"}, (True, "")),
        ({"CallStatus": "completed"}, (True, "")),
        ({"MessageStatus": "sent"}, (None, "")),
        ({"MessageStatus": "undelivered", "ErrorCode": "30003"}, (False, "undelivered_30003")),
        ({"CallStatus": "no-answer"}, (False, "no-answer")),
        ({"MessageStatus": "failed", "ErrorCode": "<b>"}, (False, "failed")),
        ({}, (None, "")),
    ],
)
def test_twilios_states(form: Mapping[str, str], what: tuple[bool | None, str]) -> None:
    assert outcome({name: [value] for name, value in form.items()}) == what


def test_a_message_that_arrived_is_delivered_once_and_acknowledged_by_nobody(
    district: District, sms: RecordingChannel
) -> None:
    (message,) = sms.messages
    assert message.receipt.startswith(f"https://watch.example/arrived/sms/{message.ref}.")
    for state in ("queued", "sent", "delivered", "delivered"):
        assert report(district, message, {"MessageStatus": state, "To": "+15551231111"})
    assert states(district) == [(k.NOTICE_SENT, "sms"), (k.NOTICE_DELIVERED, "sms")]
    assert district.incident().accepted_by == ()
    assert not [m for m in district.recording.messages if m.person == "ann"]


def test_a_message_that_did_not_arrive_goes_by_the_next_channel_at_once_and_only_once(
    district: District, sms: RecordingChannel
) -> None:
    (message,) = sms.messages
    for _ in range(3):
        assert report(district, message, {"MessageStatus": "undelivered", "ErrorCode": "30003"})
    assert states(district) == [(k.NOTICE_SENT, "sms"), (k.NOTICE_FAILED, "sms"), (k.NOTICE_SENT, "recording")]
    assert len([m for m in district.recording.messages if m.person == "ann"]) == len(sms.messages) == 1


def test_a_number_at_which_nothing_will_ever_arrive_is_a_dead_end_until_something_does(
    district: District, sms: RecordingChannel
) -> None:
    def leads_on() -> bool:
        return district.watch.dead_ends.leads_on("ann", [("sms", "+15551231111")])

    (message,) = sms.messages
    report(district, message, {"MessageStatus": "undelivered", "ErrorCode": "30003"})
    assert leads_on(), "switched off for now"
    report(district, message, {"MessageStatus": "undelivered", "ErrorCode": "30006"})
    assert not leads_on(), "a landline"
    district.tell("sign.sos", "p2", device="c")
    district.tick()
    assert not leads_on(), "the service takes every message"
    report(district, sms.messages[-1], {"MessageStatus": "delivered"})
    assert leads_on()


def test_a_second_number_on_the_same_channel_is_another_way_and_no_dead_end(
    district: District, sms: RecordingChannel
) -> None:
    """A daughter has two telephones. What became of the one was held against both: the other never rang."""
    first, second = "+15551231111", "+15551232222"
    district.town.addresses = {"ann": (("sms", first), ("sms", second))}
    for n in range(2):
        assert report(district, sms.messages[n], {"MessageStatus": "undelivered", "ErrorCode": "30006"})
        assert report(district, sms.messages[n], {"MessageStatus": "undelivered", "ErrorCode": "30006"}), (
            "and once more"
        )
        assert [m.address for m in sms.messages if m.ref == sms.messages[0].ref] == [first, second]
        ways = [district.watch.dead_ends.leads_on("ann", [("sms", number)]) for number in (first, second)]
        assert ways == [False, n == 0]
    assert district.told() == ["ann", "ann", "com"], "where both are lost the next level is called"


def test_where_no_channel_is_left_the_next_level_is_called(district: District, sms: RecordingChannel) -> None:
    district.town.addresses = {"ann": (("sms", "+15551231111"),)}
    report(district, sms.messages[0], {"MessageStatus": "failed"})
    district.tick(S)
    assert district.told() == ["ann", "com"]


def test_what_somebody_has_taken_meanwhile_is_not_sent_again(district: District, sms: RecordingChannel) -> None:
    district.step(k.ACKNOWLEDGED, "com")
    district.tick()
    report(district, sms.messages[0], {"MessageStatus": "undelivered"})
    assert [m for m in district.recording.messages if m.person == "ann" and m.title.startswith("Call")] == []


def test_nobody_else_can_say_that_it_arrived(district: District, sms: RecordingChannel) -> None:
    (message,) = sms.messages
    assert not report(district, message, {"MessageStatus": "delivered"}, key="guess")
    assert not district.watch.arrivals.hear(
        "recording", message.ref, "", {"MessageStatus": ["delivered"]}, district.now
    )
    assert states(district) == [(k.NOTICE_SENT, "sms")]


def test_of_a_storm_that_did_not_arrive_every_incident_goes_by_the_next_channel(tmp_path: Path) -> None:
    sms = RecordingChannel("sms", key=KEY)
    district = District(tmp_path, [sms])
    district.town.addresses = {"ann": (("sms", "+15551231111"), ("recording", "ann"))}
    elders = [f"elder-{n}" for n in range(6)]
    for elder in elders:
        district.tell("sign.tamper", elder, device=f"d-{elder}")
    district.tick()
    (storm,) = sms.messages
    assert storm.title == "6 alarms at once"
    district.crash()  # which notices the message was for is known by the next run, too
    for _ in range(2):
        assert report(district, storm, {"MessageStatus": "undelivered", "ErrorCode": "30003"})
    assert [m.title for m in district.recording.messages if m.person == "ann"] == ["6 alarms at once"]
    for elder in elders:
        facts = district.ledger.about(elder, (k.NOTICE_SENT, k.NOTICE_FAILED))
        ways = [(f.kind, f.payload["channel"]) for f in facts if f.payload["person"] == "ann"]
        assert ways == [(k.NOTICE_SENT, "sms"), (k.NOTICE_FAILED, "sms"), (k.NOTICE_SENT, "recording")]
    district.close()


def test_of_a_storm_that_arrived_every_incident_says_so(tmp_path: Path) -> None:
    sms = RecordingChannel("sms", key=KEY)
    district = District(tmp_path, [sms])
    district.town.addresses = {"ann": (("sms", "+15551231111"),)}
    for n in range(6):
        district.tell("sign.tamper", f"elder-{n}", device=f"d{n}")
    district.tick()
    assert report(district, sms.messages[0], {"MessageStatus": "delivered"})
    assert all(district.ledger.about(f"elder-{n}", (k.NOTICE_DELIVERED,)) for n in range(6))
    district.close()


def test_a_channel_that_lost_one_message_of_a_storm_carries_none_of_it_again(tmp_path: Path) -> None:
    """Else what comes new with it would go by the dead channel and take the others along."""
    sms = RecordingChannel("sms", key=KEY)
    district = District(tmp_path, [sms])
    district.town.addresses = {"ann": (("sms", "+15551231111"), ("recording", "ann"))}
    for n in range(5):
        district.tell("sign.tamper", f"elder-{n}", device=f"d{n}")
    district.tick()
    district.tell("sign.water_leak", "elder-9", device="sink")  # graver, so that it leads the message
    assert report(district, sms.messages[0], {"MessageStatus": "failed"})
    assert [m.title for m in district.recording.messages if m.person == "ann"] == ["6 alarms at once"]
    assert len(sms.messages) == 1
    district.close()
