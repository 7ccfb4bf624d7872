"""A kiosk that says nothing, or that it can recognise nobody: a technician, and nobody missed who would have been seen at it."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from caregiver.invented import Feed
from domain.events import to_ms
from domain.incident_kinds import Kind, Level, Severity
from domain.subjects import of_gateway
from tests.district_ladder.conftest import ELDER, HERE, Box, District, of_gate

GATEWAY = of_gateway("jinxiu", "bridge/jinxiu")
S, M, H = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@dataclass
class Gatehouse:
    """A district with one kiosk, whose last word is in the test's hands."""

    district: District
    heard: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        self.district.surround(kiosks=lambda: [Box("v1", "South gate")], heard=self.heard.get)

    def speaks(self) -> None:
        self.heard["v1"] = to_ms(self.district.now)

    def silent_for(self, length: timedelta) -> None:
        for _ in range(length // M):
            self.district.tick(M)


@pytest.fixture
def gatehouse(district: District) -> Gatehouse:
    found = Gatehouse(district)
    found.speaks()
    district.tick()
    return found


def test_a_silent_kiosk_calls_a_technician_once_and_a_short_cut_of_the_line_nobody(gatehouse: Gatehouse) -> None:
    gatehouse.silent_for(10 * M)
    assert of_gate(gatehouse.district, "v1") == []
    gatehouse.silent_for(10 * M)
    (incident,) = of_gate(gatehouse.district, "v1")
    assert (incident.kind, incident.level) == (Kind.KIOSK_SILENT, Level.HOME)
    sent = gatehouse.district.ledger.about("v1", ("notice.sent",))
    assert [f.payload["person"] for f in sent] == ["com"]
    gatehouse.silent_for(60 * M)
    assert len(of_gate(gatehouse.district, "v1")) == 1


def test_one_that_was_back_and_falls_silent_again_is_called_for_though_somebody_is_at_work_on_it(
    gatehouse: Gatehouse,
) -> None:
    gatehouse.silent_for(20 * M)
    district = gatehouse.district
    (incident,) = of_gate(district, "v1")
    district.ledger.add("incident.handling", {"incident": incident.id, "by": "com"}, HERE, "v1", to_ms(district.now))
    for _ in range(30):
        gatehouse.speaks()
        gatehouse.silent_for(M)
    before = len(district.ledger.about("v1", ("notice.sent",)))
    gatehouse.silent_for(25 * M)
    again = district.ledger.about("v1", ("notice.sent",))[before:]
    assert [(f.payload["person"], f.payload["act"]) for f in again] == [("com", "alarm")]


def test_whoever_was_told_of_a_silent_kiosk_hears_once_that_it_is_back(gatehouse: Gatehouse) -> None:
    """A technician drove to a gate that had been well for an hour."""
    gatehouse.silent_for(20 * M)
    gatehouse.district.recording.messages.clear()
    for _ in range(3):
        gatehouse.speaks()
        gatehouse.silent_for(M)
    titles = [m.title for m in gatehouse.district.recording.messages if m.person == "com"]
    assert titles == ["Kiosk silent, Ms Zhang: The kiosk can be heard again"]


def test_a_dead_kiosk_is_never_a_missed_check_in_and_the_window_waits_for_its_return(gatehouse: Gatehouse) -> None:
    district = gatehouse.district  # 16:00 in Shanghai
    window = {"id": "evening", "start": "17:00", "end": "18:00", "grace_min": 30, "counted": ["gate", "button"]}
    district.tell("careplan.set", revision=1, since=to_ms(district.now), windows=[window], backstops=[])
    gatehouse.silent_for(4 * H)
    assert district.incidents() == []
    gatehouse.speaks()
    for _ in range(60):
        gatehouse.speaks()
        district.tick(M)
    assert district.incidents() == []
    for _ in range(60):
        gatehouse.speaks()
        district.tick(M)
    assert [i.kind for i in district.incidents()] == [Kind.MISSED_CHECKIN]
    assert {i.elder for i in district.incidents()} == {ELDER}


def test_whoever_is_awaited_at_a_gate_that_can_recognise_nobody_is_blind_and_not_missed(gatehouse: Gatehouse) -> None:
    district = gatehouse.district  # 16:00 in Shanghai
    window = {"id": "evening", "start": "17:00", "end": "18:00", "grace_min": 30, "counted": ["gate", "button"]}
    district.tell("careplan.set", revision=1, since=to_ms(district.now), windows=[window], backstops=[])

    def goes_on(length: timedelta) -> None:
        for _ in range(length // M):
            gatehouse.speaks()
            district.tick(M)

    goes_on(70 * M)
    since = {"gate": "south", "since": to_ms(district.now - 10 * M)}  # 17:00
    district.store.absorb([Feed("jinxiu", 1).item("gate.faces_lost", since, "v1", district.now, "v1")])
    goes_on(4 * H)
    assert district.incidents() == []
    district.tell("gate.faces_back", "v1", gate="south")
    goes_on(89 * M)
    assert district.incidents() == []
    goes_on(3 * M)
    assert [i.kind for i in district.incidents()] == [Kind.MISSED_CHECKIN]


def test_a_silent_gate_at_which_alone_elders_are_awaited_does_not_wait_for_tomorrow(gatehouse: Gatehouse) -> None:
    """Whoever is seen elsewhere as well needs nobody: then it is a technician's, in their time."""
    district = gatehouse.district
    gatehouse.silent_for(30 * M)
    (incident,) = of_gate(district, "v1")
    assert incident.severity is Severity.P3
    district.tell("careplan.set", revision=1, since=to_ms(district.now), windows=[], backstops=[])
    gatehouse.silent_for(2 * M)
    (incident,) = of_gate(district, "v1")
    assert (incident.severity, incident.elders_unseen) == (Severity.P2, True)
    gatehouse.silent_for(20 * M)
    (incident,) = of_gate(district, "v1")
    assert (incident.level, incident.starts) == (Level.COMMUNITY, 2), "graded once; the ladder climbs within the hour"
    sent = [f.payload["person"] for f in district.ledger.about("v1", ("notice.sent",))]
    assert sent.count("com") > 1
    assert "ask after them" in district.recording.messages[-1].body


def test_a_gate_that_recognises_nobody_is_no_less_urgent_where_elders_are_awaited_there_alone(
    gatehouse: Gatehouse,
) -> None:
    district = gatehouse.district
    district.tell("careplan.set", revision=1, since=to_ms(district.now), windows=[], backstops=[])
    district.store.absorb([Feed("jinxiu", 1).item("gate.faces_lost", {"gate": "south"}, "v1", district.now, "v1")])
    for _ in range(3):
        gatehouse.speaks()
        district.tick(M)
    (incident,) = of_gate(district, "gate:south")
    assert (incident.kind, incident.severity) == (Kind.GATE_TROUBLE, Severity.P2)
    district.tell("gate.held_open", None, gate="south")
    for _ in range(7):
        gatehouse.speaks()
        district.tick(M)
    assert [i.severity for i in of_gate(district, "gate:south")] == [Severity.P2, Severity.P3], (
        "the door is another matter"
    )


def test_what_a_kiosk_said_before_a_restart_is_not_held_against_it(gatehouse: Gatehouse, tmp_path: Path) -> None:
    gatehouse.silent_for(4 * M)
    gatehouse.heard.clear()
    gatehouse.open()
    gatehouse.silent_for(4 * M)
    gatehouse.speaks()
    gatehouse.silent_for(2 * M)
    assert gatehouse.district.ledger.about("v1", ("kiosk.silent",)) == []


def test_a_short_silence_later_tells_nobody_again_that_the_kiosk_is_back(gatehouse: Gatehouse) -> None:
    """Of a silence that nobody was told of nobody hears the end, though an older incident is still open."""
    gatehouse.silent_for(20 * M)
    gatehouse.speaks()
    gatehouse.silent_for(2 * M)
    told = len(gatehouse.district.recording.messages)
    gatehouse.silent_for(8 * M)
    gatehouse.speaks()
    gatehouse.silent_for(2 * M)
    silences = [f.payload["silent"] for f in gatehouse.district.ledger.about("v1", ("kiosk.silent",))]
    assert silences == [True, False, True, False]
    assert [m.title for m in gatehouse.district.recording.messages[told:] if "heard again" in m.title] == []


def test_a_kiosk_of_which_two_silences_were_told_shows_its_elders_again_once_it_is_heard(gatehouse: Gatehouse) -> None:
    """One told of before a restore comes back beside the one that was told of anew: it stayed open for ever, and every elder who
    is seen at that gate alone was blind from then on."""
    district = gatehouse.district
    gatehouse.silent_for(10 * M)
    older = {"name": "South gate", "silent": True, "since": to_ms(district.now - 9 * M), "by": "system"}
    district.tell("kiosk.silent", "v1", **older)
    gatehouse.speaks()
    gatehouse.silent_for(2 * M)
    (source,) = district.watch.kiosks.sources(HERE)
    assert all(end is not None for _, end in source.gaps)
