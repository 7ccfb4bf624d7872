"""A gateway of one home whose devices speak only when something happens: nobody can tell it from somebody who does nothing."""

from datetime import timedelta

from district.intake import zigbee2mqtt
from district.intake.silence import DeviceSilence
from domain.events import to_ms
from domain.subjects import of_gateway
from tests.district_intake.conftest import ELDER, HERE, Intake

M, H = timedelta(minutes=1), timedelta(hours=1)
BRIDGE = "bridge/li"


def moves(intake: Intake, *devices: str) -> None:
    for n, device in enumerate(devices):
        body = f'{{"occupancy":{"true" if (intake.now.day + intake.now.hour // 4 + n) % 2 else "false"}}}'
        intake.hear(zigbee2mqtt.parse(f"zigbee2mqtt/{device}", body.encode(), False, gateway=BRIDGE))


def live(intake: Intake, days: int, *devices: str) -> None:
    """From seven to eleven in the evening something is heard every four hours, at night nothing for eight; until eleven."""
    while intake.now.hour != 23:
        intake.look(H)
    for _ in range(days):
        for pause in (8, 4, 4, 4, 4):
            intake.look(pause * H / 2)
            intake.look(pause * H / 2)
            moves(intake, *devices)


def gateway(intake: Intake) -> list[tuple[bool, int]]:
    told = intake.ledger.about(of_gateway(HERE, BRIDGE), ["gateway.silent"])
    return [(f.payload["silent"], f.payload["since"]) for f in told]


def blind(intake: Intake) -> list[tuple[str, bool, str]]:
    told = intake.ledger.about(ELDER, ["device.blind"])
    return [(f.payload["device"], f.payload["blind"], f.payload.get("reason", "")) for f in told]


def wait(intake: Intake, hours: float) -> None:
    for _ in range(int(hours)):
        intake.look(H)


def test_after_twice_its_longest_silence_it_is_told_of_and_no_device_is_blind_yet(intake: Intake) -> None:
    intake.furnish("hall", "kitchen", "door")
    live(intake, 9, "hall", "kitchen", "door")
    last = to_ms(intake.now)
    wait(intake, 15)
    assert gateway(intake) == []
    wait(intake, 2)
    assert gateway(intake) == [(True, last)]
    assert blind(intake) == [], "whoever lies on the floor there is missed as ever"
    wait(intake, 12)
    assert sorted(blind(intake)) == [(device, True, "gateway") for device in ("door", "hall", "kitchen")]


def test_with_the_first_word_through_it_it_is_back_and_each_device_has_a_day(intake: Intake) -> None:
    intake.furnish("hall", "kitchen")
    live(intake, 9, "hall", "kitchen")
    last = to_ms(intake.now)
    wait(intake, 30)
    for _ in range(5):
        moves(intake, "hall")
        wait(intake, 5)
    assert gateway(intake) == [(True, last), (False, last)]
    assert [told for told in blind(intake) if told[0] == "kitchen"] == [
        ("kitchen", True, "gateway"),
        ("kitchen", False, ""),
    ]
    wait(intake, 3)
    assert blind(intake)[-1] == ("kitchen", True, "silent")


def test_a_server_that_was_started_anew_has_not_heard_it(intake: Intake) -> None:
    intake.furnish("hall", "kitchen")
    live(intake, 9, "hall", "kitchen")
    wait(intake, 18)
    intake.now += 3 * H
    DeviceSilence(intake.ledger, intake.desk._homes, intake.desk.memory).tick(intake.now)
    assert [silent for silent, _ in gateway(intake)] == [True]


def test_a_bridge_that_says_it_is_gone_is_no_longer_in_doubt(intake: Intake) -> None:
    intake.furnish("hall", "kitchen")
    live(intake, 9, "hall", "kitchen")
    wait(intake, 18)
    for state in ("offline", "online"):
        intake.hear(zigbee2mqtt.parse("zigbee2mqtt/bridge/state", state.encode(), False, gateway=BRIDGE))
        wait(intake, 1)
    assert [silent for silent, _ in gateway(intake)] == [True, False]


def test_of_a_single_device_and_in_the_first_week_nothing_is_told(intake: Intake) -> None:
    intake.furnish("hall")
    live(intake, 9, "hall")
    wait(intake, 30)
    assert gateway(intake) == []
    assert blind(intake) == [("hall", True, "silent")]
