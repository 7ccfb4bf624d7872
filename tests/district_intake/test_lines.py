"""The lines of a configuration, from the socket to the fact."""

import socket
from collections.abc import Mapping
from typing import Any

import pytest

from district.intake.announcer import Announcer, Publish
from district.intake.lines import Line, Lines, LineSettings, Panel
from domain.errors import Mendable
from domain.events import to_ms
from domain.subjects import of_stray
from tests.contracts.intakes import NOW, WAYS, dc09
from tests.district_intake.conftest import ELDER, HERE, Intake


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def test_a_panels_alarm_becomes_a_fact_and_wakes_the_watch(intake: Intake) -> None:
    intake.furnish("1234", "unit-7")
    woken: list[int] = []
    settings = LineSettings(
        sia=Line(port=free_port()),
        panels={"1234": Panel(community=HERE)},
        scaip=Line(port=free_port()),
        units={"unit-7": HERE},
    )
    lines = Lines(settings, intake.desk, lambda: NOW, lambda: woken.append(1))
    lines.start()
    for listener in lines.listeners:
        with socket.create_connection(("127.0.0.1", listener.port), 5) as line:
            line.sendall(WAYS[listener.protocol.name].sos)
            assert line.recv(4096)
    lines.close()
    assert intake.recorded() == ["sign.sos", "sign.sos"]
    assert len(woken) == 2


@pytest.mark.parametrize(
    ("settings", "rung"),
    [
        (
            LineSettings(
                panels={"1": Panel(community="yulan"), "2": Panel(community=HERE), "3": Panel(community=HERE)}
            ),
            HERE,
        ),
        (LineSettings(sia=Line(community=HERE), panels={"1": Panel(community="yulan")}), HERE),
        (LineSettings(), ""),
    ],
    ids=["most are listed there", "it is named", "nobody is listed"],
)
def test_a_panel_that_nobody_listed_and_that_calls_for_help_rings_a_community(
    intake: Intake, settings: LineSettings, rung: str
) -> None:
    opened = settings.model_copy(update={"sia": settings.sia.model_copy(update={"port": free_port()})})
    assert opened.unlisted() == {"sia": rung}
    lines = Lines(opened, intake.desk, lambda: NOW, lambda: None)
    lines.start()
    with socket.create_connection(("127.0.0.1", lines.listeners[0].port), 5) as line:
        line.sendall(dc09('"ADM-CID"0001L0#9999[#9999|1101 00 001]'))
        assert (b'"ACK"0001' in line.recv(4096)) is bool(rung)
    lines.close()
    facts = intake.ledger.about(of_stray(rung, "9999"))
    assert [(f.kind, f.community) for f in facts] == [("sign.sos", rung)] * bool(rung)
    assert [p["problem"] for p in intake.desk.memory.problems()] == ["unknown_account"]


def test_the_same_frame_again_is_acknowledged_again_and_recorded_once(intake: Intake) -> None:
    intake.furnish("1234")
    settings = LineSettings(sia=Line(port=free_port()), panels={"1234": Panel(community=HERE)})
    lines = Lines(settings, intake.desk, lambda: NOW, lambda: None)
    (listener,) = lines.listeners
    replies = [listener.answer(WAYS["sia"].sos, ("127.0.0.1", 1)) for _ in range(2)]
    listener.release()
    assert replies[0] == replies[1] != ()
    assert intake.recorded() == ["sign.sos"]


def test_nothing_configured_opens_nothing(intake: Intake) -> None:
    lines = Lines(LineSettings(), intake.desk, lambda: NOW, lambda: None)
    assert (lines.listeners, lines.brokers) == ([], [])


def test_a_port_in_use_and_a_bad_key_name_their_mend(intake: Intake) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = LineSettings(sia=Line(port=taken.getsockname()[1]))
        with pytest.raises(Mendable, match="port_in_use"):
            Lines(settings, intake.desk, lambda: NOW, lambda: None)
    settings = LineSettings(panels={"1": Panel(community=HERE, key="abc")})
    with pytest.raises(Mendable, match="panel_key"):
        Lines(settings, intake.desk, lambda: NOW, lambda: None)


def test_a_homes_own_broker_hears_of_its_devices_and_of_nothing_else(intake: Intake) -> None:
    told: list[tuple[str, bool]] = []
    announcer = Announcer(
        intake.ledger, lambda _w, device, _n, state: told.append((device, bool(state and state["alarm"])))
    )
    intake.furnish("b")
    opened = {"incident": "i", "elder": ELDER, "kind": "sos", "device": "b", "by": "system"}
    for kind, payload in (
        ("incident.opened", opened),
        ("incident.acknowledged", {"incident": "i", "by": "ann"}),
        ("incident.rejected", {"incident": "i", "by": "ann"}),
        ("incident.opened", {"incident": "j", "elder": ELDER, "kind": "missed_checkin", "by": "system"}),
    ):
        intake.ledger.add(kind, payload, HERE, ELDER, to_ms(NOW))
    for fact in intake.ledger.since("")[0]:
        announcer.follow(fact, NOW)
    assert told == [("b", False), ("b", True), ("b", False)]


Stand = dict[str, Mapping[str, Any]]


def standing(intake: Intake) -> tuple[Stand, Stand]:
    """What a broker was told in the course of events, and what one would be told that has forgotten it all."""
    told: Stand = {}
    recalled: Stand = {}

    def into(found: Stand) -> Publish:
        def publish(_where: str, device: str, _name: str, state: Mapping[str, Any] | None) -> None:
            found.pop(device, None)
            found.update({} if state is None else {device: state})

        return publish

    announcer = Announcer(intake.ledger, into(told))
    for fact in intake.ledger.since("")[0]:
        announcer.follow(fact, NOW)
    Announcer(intake.ledger, into(recalled)).recall(into(recalled))
    return told, recalled


def test_how_devices_stand_is_known_after_a_restart_and_one_taken_down_is_gone(intake: Intake) -> None:
    intake.furnish("calls", "was_dealt_with", "taken_down", "moved")
    for number, device in enumerate(("calls", "was_dealt_with")):
        told = {"incident": f"i{number}", "elder": ELDER, "kind": "sos", "device": device, "by": "system"}
        intake.ledger.add("incident.opened", told, HERE, ELDER, to_ms(NOW))
    intake.ledger.add("incident.closed", {"incident": "i1", "by": "ann"}, HERE, ELDER, to_ms(NOW))
    intake.ledger.add("home.device_removed", {"device": "taken_down"}, HERE, ELDER, to_ms(NOW))
    intake.ledger.add("home.device_registered", {"device": "moved", "place": "bed"}, HERE, "p2", to_ms(NOW))
    intake.ledger.add("home.device_removed", {"device": "moved"}, HERE, ELDER, to_ms(NOW))
    stands, recalled = standing(intake)
    assert {device: state["alarm"] for device, state in stands.items()} == {
        "calls": True, "was_dealt_with": False, "moved": False,
    }  # fmt: skip
    assert stands == recalled
