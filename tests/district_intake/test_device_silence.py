"""A device, or a gateway, from which nothing is heard: blind from its last word on, and that is never no activity."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from district.intake import zigbee2mqtt
from district.intake.quiet_gateways import GatewayPaces
from district.intake.signals import Heard, Kind, Signal
from district.intake.silence import DeviceSilence
from domain.events import to_ms
from domain.subjects import of_gateway
from tests.district_intake.conftest import ELDER, HERE, T0, Intake, z2m
from watch.signs import SOURCE_FACTS, sources


def blind(intake: Intake) -> list[tuple[bool, int]]:
    return [(f.payload["blind"], f.at) for f in intake.ledger.about(ELDER, ["device.blind"])]


def test_a_device_that_stops_talking_is_blind_from_its_last_word_and_sees_again_at_its_next(intake: Intake) -> None:
    intake.furnish("d")
    intake.hear(z2m("d", '{"battery":80}'))
    intake.look(timedelta(hours=25))
    assert blind(intake) == []
    intake.look(timedelta(hours=2))
    intake.look(timedelta(hours=2))
    assert blind(intake) == [(True, to_ms(T0))]
    intake.hear(z2m("d", '{"battery":80}'))
    intake.look(timedelta(minutes=1))
    assert blind(intake)[-1] == (False, to_ms(intake.now - timedelta(minutes=1)))


def test_a_device_that_never_said_a_word_goes_blind_too(intake: Intake) -> None:
    intake.furnish("d")
    silence = DeviceSilence(intake.ledger, intake.desk._homes, intake.desk.memory)
    for fact in intake.ledger.since("")[0]:
        silence.follow(fact, intake.now)
    intake.now += timedelta(hours=27)
    silence.tick(intake.now)
    assert [b for b, _ in blind(intake)] == [True]


def test_online_but_silent_for_weeks_is_blind_all_the_same(intake: Intake) -> None:
    intake.furnish("d")
    intake.hear(z2m("d", '{"battery":80}'))
    intake.now += timedelta(hours=30)
    intake.hear(z2m("d/availability", "online", retained=True))
    intake.look(timedelta(minutes=1))
    assert [b for b, _ in blind(intake)] == [True]


def reasons(intake: Intake) -> list[str]:
    told = intake.ledger.about(ELDER, ["device.blind"])
    return [f.payload["reason"] if f.payload["blind"] else "sees" for f in told]


def test_a_dead_gateway_says_so_once_and_makes_everything_behind_it_blind_from_then(intake: Intake) -> None:
    intake.furnish("d", "e", "panel")
    for name in ("d", "e"):
        intake.hear(z2m(name, '{"battery":80}'))
    intake.hear(Heard("sia", (Signal("sia", "panel", Kind.HEARTBEAT),)))
    intake.hear(z2m("bridge/state", '{"state":"online"}'))
    intake.hear(z2m("bridge/state", '{"state":"offline"}'), 3 * 3600)
    gone = to_ms(intake.now)
    intake.look(timedelta(minutes=1))
    assert blind(intake) == [(True, gone), (True, gone)]  # not the panel, which comes by another way
    assert reasons(intake) == ["gateway", "gateway"]
    (told,) = intake.ledger.told(["gateway.silent"])
    assert (told.payload["silent"], told.at) == (True, gone)


@pytest.mark.parametrize("after_s", [0, 3600], ids=["its word was the last", "it died before"])
def test_behind_a_gateway_that_came_back_a_device_has_a_day_to_say_something(intake: Intake, after_s: int) -> None:
    intake.furnish("d")
    intake.hear(z2m("d", '{"battery":80}'))
    intake.hear(z2m("bridge/state", "offline"), after_s)
    intake.look(timedelta(hours=40))
    intake.hear(z2m("bridge/state", "online"))
    intake.look(timedelta(minutes=1))
    assert reasons(intake) == ["gateway", "sees"]
    intake.look(timedelta(hours=27))
    assert reasons(intake) == ["gateway", "sees", "silent"]


def test_a_dead_device_is_told_of_again_once_its_gateway_has_come_and_gone(intake: Intake) -> None:
    """The second silence had the first one's name, and nothing was told of it."""
    intake.furnish("d")
    intake.hear(z2m("d", '{"battery":80}'))
    intake.look(timedelta(hours=27))
    for state in ("offline", "online"):
        intake.hear(z2m("bridge/state", state), 60)
        intake.look(timedelta(minutes=1))
    intake.look(timedelta(hours=27))
    assert reasons(intake) == ["silent", "sees", "gateway", "sees", "silent"]
    starts = [f.payload["since"] for f in intake.ledger.about(ELDER, ["device.blind"]) if f.payload["blind"]]
    assert len(set(starts)) == 3


@pytest.mark.parametrize("restarted", [False, True])
def test_a_device_that_speaks_only_after_its_gateway_was_back_is_told_to_speak_once(
    intake: Intake, restarted: bool
) -> None:
    """Or those who were called for it were called on for days: that it could be heard again was the last that was told of it."""
    intake.furnish("d")
    intake.hear(z2m("d", '{"battery":80}'))
    intake.look(timedelta(hours=27))
    for state in ("offline", "online"):
        intake.hear(z2m("bridge/state", state), 60)
        intake.look(timedelta(minutes=1))
    intake.look(timedelta(hours=3))
    assert reasons(intake) == ["silent", "sees", "gateway", "sees"]
    if restarted:
        del intake.silence
    intake.hear(z2m("d", '{"battery":80}'), 60)
    spoke = to_ms(intake.now)
    for _ in range(3):
        intake.look(timedelta(minutes=1))
    told = [(f.payload["spoke"], f.at) for f in intake.ledger.about(ELDER, ["device.blind"]) if not f.payload["blind"]]
    assert [s for s, _ in told] == [False, False, True]
    assert told[-1][1] == spoke
    intake.look(timedelta(hours=27))
    assert reasons(intake)[-1] == "silent", "and is watched as before"


@pytest.mark.parametrize(
    ("queued", "back"), [(False, True), (True, False)], ids=["said now", "said before it fell silent"]
)
def test_a_gateway_is_there_again_when_a_device_speaks_through_it(intake: Intake, queued: bool, back: bool) -> None:
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


@pytest.mark.parametrize(
    ("came", "measured", "back"),
    [(-1, None, False), (0, None, False), (1, None, True), (1, -60, False), (1, -3 * 86400, True)],
    ids=["before", "at that moment", "since", "since, and measured before", "since, by a clock that stands"],
)
def test_a_report_from_before_a_gateway_was_gone_does_not_call_it_back(
    intake: Intake, came: int, measured: int | None, back: bool
) -> None:
    """Messages are kept side by side: one that came first may be dealt with last, and nobody would look at the gateway again."""
    intake.furnish("plug")
    through = zigbee2mqtt.gateway("main")
    intake.hear(zigbee2mqtt.parse("zigbee2mqtt/plug", b'{"battery":80}', False, gateway=through))
    intake.hear(zigbee2mqtt.coordinator(through, False), 60)
    gone = intake.now
    said = zigbee2mqtt.parse("zigbee2mqtt/plug", b'{"battery":75}', False, gateway=through)
    at = None if measured is None else gone + timedelta(seconds=measured)
    said = replace(said, signals=tuple(replace(s, at=at) for s in said.signals))
    intake.hear(replace(said, received=gone + timedelta(seconds=came)), 5)
    gateway = intake.desk.memory.device(HERE, through)
    assert gateway is not None
    assert gateway.online is back


def test_a_device_that_is_gone_when_its_gateway_returns_is_blind_for_its_own_sake(intake: Intake) -> None:
    intake.furnish("d")
    intake.hear(z2m("d", '{"battery":80}'))
    intake.hear(z2m("bridge/state", "offline"), 3600)
    intake.look(timedelta(hours=1))
    intake.hear(z2m("bridge/state", "online"))
    intake.hear(z2m("d/availability", "offline"))
    for _ in range(3):
        intake.look(timedelta(minutes=1))
    assert reasons(intake) == ["gateway", "sees", "offline"]
    begun = intake.ledger.about(ELDER, ["device.blind"])[-1]
    assert begun.payload["since"] == begun.at == to_ms(intake.now - timedelta(minutes=2))


def test_one_of_two_gateways_does_not_speak_for_the_other(intake: Intake) -> None:
    intake.furnish("d", "e")
    for name, through in (("d", "bridge/a"), ("e", "bridge/b")):
        intake.hear(zigbee2mqtt.parse(f"zigbee2mqtt/{name}", b'{"battery":80}', False, gateway=through))
    intake.hear(zigbee2mqtt.parse("zigbee2mqtt/bridge/state", b"offline", False, gateway="bridge/a"), 5)
    intake.hear(zigbee2mqtt.parse("zigbee2mqtt/bridge/state", b"online", False, gateway="bridge/b"), 5)
    intake.look(timedelta(minutes=1))
    assert [f.payload["device"] for f in intake.ledger.about(ELDER, ["device.blind"])] == ["d"]


def test_a_device_that_promised_a_report_every_ten_minutes_is_missed_after_three(intake: Intake) -> None:
    told = {"device": "panel", "place": "hall", "every_min": 10}
    intake.ledger.add("home.device_registered", told, HERE, ELDER, to_ms(intake.now))
    intake.hear(Heard("sia", (Signal("sia", "panel", Kind.HEARTBEAT),)))
    intake.look(timedelta(minutes=29))
    assert blind(intake) == []
    intake.look(timedelta(minutes=2))
    assert blind(intake) == [(True, to_ms(T0))]


def test_an_older_promise_that_is_given_back_late_is_no_promise_any_more(intake: Intake) -> None:
    """It promised a word a day, and since the technician came one every ten minutes."""
    intake.now += timedelta(hours=2)
    told = {"device": "panel", "place": "hall", "every_min": 10}
    newer = intake.ledger.add("home.device_registered", told, HERE, ELDER, to_ms(intake.now))
    intake.silence.follow(newer, intake.now)
    for older in intake.given_back(("home.device_registered", {**told, "every_min": 1440}, T0)):
        intake.silence.follow(older, intake.now)
    intake.hear(Heard("sia", (Signal("sia", "panel", Kind.HEARTBEAT),)))
    intake.look(timedelta(minutes=31))
    assert [b for b, _ in blind(intake)] == [True]


def test_a_silence_that_a_server_no_longer_knows_it_told_of_ends_with_the_next_word(intake: Intake) -> None:
    """It stopped between the telling and the knowing, or was put back: the elder was blind in that room for ever."""
    intake.furnish("d")
    intake.hear(z2m("d", '{"battery":80}'))
    intake.hear(z2m("bridge/state", "online"))
    gateway = of_gateway(HERE, zigbee2mqtt.GATEWAY)
    since = {"since": to_ms(T0), "by": "system"}
    for kind, subject, told in (
        ("device.blind", ELDER, {"device": "d", "blind": True, "reason": "silent"}),
        ("gateway.silent", gateway, {"place": "zigbee2mqtt", "silent": True}),
    ):
        fact = intake.ledger.add(kind, {**told, **since}, HERE, subject, to_ms(T0))
        intake.silence.follow(fact, intake.now)
    intake.hear(z2m("d", '{"battery":80}'), 60)
    intake.look(timedelta(minutes=1))
    assert [b for b, _ in blind(intake)] == [True, False]
    assert [silent for silent, _ in gateways(intake)] == [True, False]
    (source,) = sources(intake.ledger.about(ELDER, SOURCE_FACTS))
    assert [end is None for _, end in source.gaps] == [False]


def test_a_device_taken_down_is_missed_by_nobody_and_put_up_again_begins_anew(intake: Intake) -> None:
    intake.furnish("d")
    silence = DeviceSilence(intake.ledger, intake.desk._homes, intake.desk.memory)
    intake.hear(z2m("d", '{"battery":80}'))
    removed = intake.ledger.add("home.device_removed", {"device": "d"}, HERE, ELDER, to_ms(intake.now))
    silence.follow(removed, intake.now)
    intake.now += timedelta(hours=30)
    silence.tick(intake.now)
    assert blind(intake) == []
    assert intake.hear(z2m("d", '{"contact":true}')) == 0
    intake.furnish("d")
    silence.follow(intake.ledger.told(["home.device_registered"])[-1], intake.now)
    intake.now += timedelta(hours=1)
    silence.tick(intake.now)
    assert blind(intake) == []


@pytest.mark.parametrize("payload", ['{"worn":false}', '{"charging":true}'])
def test_not_worn_and_charging_are_blind_too(intake: Intake, payload: str) -> None:
    intake.furnish("w")
    intake.hear(z2m("w", payload))
    intake.look(timedelta(minutes=1))
    assert [b for b, _ in blind(intake)] == [True]


def test_a_device_of_another_community_is_another_device(intake: Intake) -> None:
    intake.furnish("d")
    intake.desk.receive(z2m("d", '{"action":"sos"}'), "elsewhere", intake.now)
    assert intake.recorded() == []


HOUR_MS = 3600_000
THROUGH = zigbee2mqtt.gateway("b1")


def reports(intake: Intake, *devices: str, after: float = 0) -> None:
    """As a bridge posts them with a key of its own; it says nothing of itself."""
    for name in devices:
        intake.hear(zigbee2mqtt.parse(f"zigbee2mqtt/{name}", b'{"battery":80}', False, gateway=THROUGH), after)


@pytest.fixture
def bridge(intake: Intake) -> Intake:
    """Four devices behind one bridge, of which three have promised a report every half hour."""
    for name in ("hall", "bed", "bath", "door"):
        told = {"device": name, "place": name} | ({"every_min": 30} if name != "door" else {})
        intake.ledger.add("home.device_registered", told, HERE, ELDER, to_ms(intake.now))
    reports(intake, "hall", "bed", "bath", "door", after=5)
    return intake


def gateways(intake: Intake) -> list[tuple[bool, int]]:
    return [(f.payload["silent"], f.at) for f in intake.ledger.told(["gateway.silent"])]


def test_a_bridge_that_dies_without_a_word_is_told_of_once_for_everything_behind_it(bridge: Intake) -> None:
    """It was found device by device, each an incident of an elder."""
    last = to_ms(bridge.now)
    for _ in range(80):
        bridge.look(timedelta(minutes=1))
    assert blind(bridge) == []
    bridge.look(timedelta(minutes=10))
    assert gateways(bridge) == [(True, last)]
    assert blind(bridge) == [(True, last)] * 4
    assert set(reasons(bridge)) == {"gateway"}
    reports(bridge, "bed", after=60)
    bridge.look(timedelta(minutes=1))
    assert [silent for silent, _ in gateways(bridge)] == [True, False]
    assert reasons(bridge)[4:] == ["sees"] * 4
    for _ in range(3):
        reports(bridge, "bed", after=1800)
        bridge.look()
    assert reasons(bridge)[8:] == ["silent", "silent"], "the two that did not come back with it"
    assert len(gateways(bridge)) == 2


@pytest.mark.parametrize("speaks", ["bath", "door", "next door"])
def test_two_that_die_together_while_anything_comes_through_their_bridge_are_two(bridge: Intake, speaks: str) -> None:
    for _ in range(4):
        reports(bridge, speaks, after=1800)
        bridge.look()
    silent = {"bath": 2, "door": 3, "next door": 3}[speaks]
    assert reasons(bridge) == ["silent"] * silent
    assert gateways(bridge) == []


def test_one_that_dies_beside_those_that_only_speak_when_something_happens_is_one(intake: Intake) -> None:
    """What the others do not say may be the elder's silence."""
    intake.furnish("door", "hall")
    told = {"device": "bed", "place": "bed", "every_min": 30}
    intake.ledger.add("home.device_registered", told, HERE, ELDER, to_ms(intake.now))
    reports(intake, "door", "hall", "bed")
    for _ in range(20):
        intake.look(timedelta(minutes=30))
    assert [f.payload["device"] for f in intake.ledger.about(ELDER, ["device.blind"])] == ["bed"]
    assert gateways(intake) == []


def test_a_bridge_that_is_back_by_its_own_word_has_its_time_anew(bridge: Intake) -> None:
    bridge.look(timedelta(minutes=91))
    bridge.hear(zigbee2mqtt.coordinator(THROUGH, True), 60)
    back = to_ms(bridge.now)
    for _ in range(80):
        bridge.look(timedelta(minutes=1))
    assert [silent for silent, _ in gateways(bridge)] == [True, False]
    bridge.look(timedelta(minutes=11))
    assert gateways(bridge)[2:] == [(True, back)]


def test_a_server_that_stood_still_calls_no_bridge_silent(bridge: Intake) -> None:
    bridge.look()
    bridge.now += timedelta(hours=5)
    bridge.silence.tick(bridge.now)
    for _ in range(80):
        bridge.look(timedelta(minutes=1))
    assert (gateways(bridge), blind(bridge)) == ([], [])


@pytest.mark.parametrize(("homes", "found"), [(3, True), (2, False)])
def test_homes_that_were_never_silent_together_for_so_long_are_behind_a_bridge_that_died(
    intake: Intake, homes: int, found: bool
) -> None:
    """Their contacts and sensors speak when something happens and of nothing else; two elders may both be asleep."""
    for n in range(homes):
        told = {"device": f"hall-{n}", "place": "hall", "kind": "motion"}
        intake.ledger.add("home.device_registered", told, HERE, f"elder-{n}", to_ms(intake.now))
    rng = random.Random(2)
    for _ in range(9 * 24 * 2):
        name, occupied = f"hall-{rng.randrange(homes)}", rng.random() < 0.5
        said = f'{{"occupancy":{str(occupied).lower()}}}'.encode()
        intake.hear(zigbee2mqtt.parse(f"zigbee2mqtt/{name}", said, False, gateway=THROUGH), rng.uniform(900, 1800))
        intake.look()
    intake.silence = DeviceSilence(intake.ledger, intake.desk._homes, intake.desk.memory)  # another run
    last = to_ms(intake.now)
    for _ in range(4):
        intake.look(timedelta(minutes=20))
    assert gateways(intake) == []
    intake.look(timedelta(minutes=20))
    assert gateways(intake) == ([(True, last)] if found else [])


def test_an_outage_of_a_bridge_teaches_nobody_that_it_may_be_silent_for_so_long(intake: Intake) -> None:
    """After two of ten hours each, its homes were cut off for thirty before anybody was told."""
    for n in range(3):
        told = {"device": f"hall-{n}", "place": "hall", "kind": "motion"}
        intake.ledger.add("home.device_registered", told, HERE, f"elder-{n}", to_ms(intake.now))
    paces = GatewayPaces(intake.desk.memory)
    for day in range(10):
        for hour in range(24):
            if day in (8, 9) and hour == 1:
                intake.hear(zigbee2mqtt.coordinator(THROUGH, False))
            if day in (8, 9) and hour == 12:
                intake.hear(zigbee2mqtt.coordinator(THROUGH, True))
            if day < 8 or not 1 <= hour < 12:
                said = f'{{"occupancy":{str(hour % 2 == 0).lower()}}}'.encode()
                intake.hear(zigbee2mqtt.parse(f"zigbee2mqtt/hall-{hour % 3}", said, False, gateway=THROUGH))
            intake.look(timedelta(hours=1))
    assert paces.late_after((HERE, THROUGH)) == 3 * HOUR_MS
