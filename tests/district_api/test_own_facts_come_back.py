"""A district put back from an older copy gets again what it recorded itself: from a hub, and from a desk where there is none."""

import json
import shutil
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import psycopg
import pytest

from district.intake import webhook
from district.ledger import StoreLedger
from district.operator import commands
from district.store.own import is_sound_item
from district.store.port import Store
from domain.incident_kinds import ACKNOWLEDGED, OPENED, State
from offline.transport.errors import TryAgain
from offline.transport.http import HttpTransport
from offline.wire import Ack, Batch, Event
from tests.fakes.city import City, facts_of
from tests.fakes.serving import Joined, Serving, register
from tests.fakes.spoiling import spoil
from tests.fakes.waiting import until
from watch.cases import STEPS, incidents_in

OWN = ("home.device_registered", "sign.sos", OPENED)
DEVICES = 20


@dataclass
class Copies:
    """A server's database, and older copies of it that are put in its place while nobody serves."""

    folder: Path
    url: str = ""

    def copy(self) -> str:
        """The database to serve from where this copy is to be put back."""
        if not self.url:
            shutil.copy(self.folder / "district.sqlite", self.folder / "older")
            return ""
        here, name = self.url.rpartition("/")[0], f"{self.url.rpartition('/')[2]}_older"
        with closing(psycopg.connect(f"{here}/postgres", autocommit=True)) as db:
            db.execute(f"CREATE DATABASE {name} TEMPLATE {self.url.rpartition('/')[2]}")
        return f"{here}/{name}"

    def put_back(self) -> None:
        if not self.url:
            for suffix in ("-wal", "-shm"):
                self.folder.joinpath(f"district.sqlite{suffix}").unlink(missing_ok=True)
            shutil.move(self.folder / "older", self.folder / "district.sqlite")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Makes a database; '' for SQLite in the server's folder."""
    made: Callable[[], str] = request.getfixturevalue("empty_database") if request.param == "postgresql" else str
    return made


class Care:
    """A district with an elder's home, of which an older copy was made before much was recorded there by the district itself."""

    def __init__(self, city: City, folder: Path, database: Callable[[], str]) -> None:
        self.city, self.copies = city, Copies(folder / "district", database())
        self.district = city.serve("district", database=self.copies.url)
        self.port = int(self.district.url.rpartition(":")[2])
        self.bridge = commands.perform(self.district.office, "bridge", {"community": "jinxiu"})
        kiosk = city.join(self.district)
        self.elder = register(kiosk)
        kiosk.client.round()

    @property
    def node(self) -> str:
        return self.district.office.store.node

    def copied(self) -> None:
        """The copy is made while nobody serves."""
        self.city.stop("district")
        self._older = self.copies.copy()
        self.district = self.city.serve("district", port=self.port, database=self.copies.url)

    def lives(self) -> None:
        """Devices are named, and one of them is pressed."""
        for n in range(DEVICES):
            told = {"community": "jinxiu", "elder": self.elder, "name": f"b{n}"}
            commands.perform(self.district.office, "device_add", told)
        press(self.district, self.bridge, "b7")
        until(lambda: facts_of(self.district, OPENED))

    def put_back(self) -> None:
        self.city.stop("district")
        self.copies.put_back()
        self.district = self.city.serve("district", port=self.port, database=self._older)

    def own(self, at: Serving) -> set[tuple[str, int, int, str]]:
        """What the district recorded itself, as it is at a server."""
        return {fact for kind in OWN for fact in facts_of(at, kind) if fact[0] == self.node}


def press(district: Serving, bridge: Mapping[str, str], name: str) -> None:
    body = json.dumps({"device": name, "kind": "sos"}).encode()
    headers = webhook.sign(body, bridge["key"], bridge["secret"].encode(), datetime.now(UTC))
    asked = urllib.request.Request(f"{district.url}/v1/intake/zigbee2mqtt", body, headers, method="POST")
    with urllib.request.urlopen(asked, timeout=10) as told:
        assert json.load(told)["recorded"] == 1


@pytest.fixture
def care(city: City, tmp_path: Path, database: Callable[[], str]) -> Care:
    return Care(city, tmp_path, database)


def test_what_a_district_recorded_itself_comes_back_from_its_hub(
    care: Care, city: City, database: Callable[[], str]
) -> None:
    hub = city.hub("hub", care.district, database=database())
    desk = city.join(hub, "caregiver")
    care.copied()
    care.lives()
    until(lambda: care.own(hub) == care.own(care.district))
    desk.until(lambda: desk.journal.facts(OPENED))
    (opened,) = desk.journal.facts(OPENED)
    step = {"incident": (opened.payload or {})["incident"], "by": "c1"}
    desk.journal.append(ACKNOWLEDGED, step, subject=care.elder)
    desk.client.round()
    until(lambda: facts_of(care.district, ACKNOWLEDGED))
    before = care.own(hub)
    assert len(before) == DEVICES + 2

    care.put_back()
    assert not care.own(care.district)
    hub.hub_line.upstream._last_hello = None  # ten minutes later
    hub.hub_line.sync.poke()
    until(lambda: care.own(care.district) == before)
    until(lambda: facts_of(care.district, ACKNOWLEDGED))
    (incident,) = incidents_in(StoreLedger(care.district.office.store).about(care.elder, STEPS))
    assert (incident.state, incident.rings) == (State.ACCEPTED, 0), "nobody is rung anew for what somebody has taken"
    until(lambda: not hub.hub_line.upstream.pending())
    hub.compare_again()
    until(lambda: hub.hub_line.upstream.drift.compared > 1)
    assert not hub.hub_line.upstream.drift.unmended


def test_a_line_that_goes_while_it_is_given_back_puts_it_off_to_the_next_round(
    care: Care, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had waited for six hours."""
    hub = city.hub("hub", care.district)
    care.copied()
    care.lives()
    before = care.own(care.district)
    until(lambda: care.own(hub) == before)
    real, cut = HttpTransport.relay, [TryAgain("down"), TryAgain("down")]

    def relay(line: HttpTransport, device: str, batch: Batch) -> Ack:
        if device == care.node and cut:
            raise cut.pop()
        return real(line, device, batch)

    monkeypatch.setattr(HttpTransport, "relay", relay)
    care.put_back()
    hub.hub_line.upstream._last_hello = None  # ten minutes later
    hub.hub_line.sync.poke()
    until(lambda: care.own(care.district) == before)
    assert not cut


def test_and_from_a_desk_where_there_is_no_hub(care: Care, city: City) -> None:
    desk = city.join(care.district, "caregiver")
    care.copied()
    care.lives()
    before = care.own(care.district)
    desk.until(lambda: len(desk.journal.facts("home.device_registered")) == DEVICES and desk.journal.facts(OPENED))

    care.put_back()
    desk.until(lambda: care.own(care.district) == before)
    homes = care.district.office.store.read("SELECT name FROM homes")
    assert len(homes) == DEVICES, "and they stand in the home again"


def test_a_hub_put_back_while_its_line_is_down_has_its_own_from_its_desk_and_hands_it_up(
    city: City, tmp_path: Path
) -> None:
    """What it had heard itself was nowhere but at that desk."""
    district = city.serve("district")
    port, copies = int(district.url.rpartition(":")[2]), Copies(tmp_path / "hub")
    hub = city.hub("hub", district)
    hub_port, desk = int(hub.url.rpartition(":")[2]), city.join(hub, "caregiver")
    until(lambda: not hub.hub_line.upstream.pending())
    city.stop("hub")
    copies.copy()
    city.stop("district")
    hub = city.serve("hub", district.url, port=hub_port)
    for n in range(3):
        commands.perform(hub.office, "device_add", {"community": "jinxiu", "elder": "e1", "name": f"b{n}"})
    desk.until(lambda: len(desk.journal.facts("home.device_registered")) == 3)
    city.stop("hub")
    copies.put_back()
    hub = city.serve("hub", district.url, port=hub_port)
    assert not facts_of(hub, "home.device_registered")
    desk.until(lambda: len(facts_of(hub, "home.device_registered")) == 3)
    district = city.serve("district", port=port)
    hub.hub_line.sync.poke()
    until(lambda: facts_of(district, "home.device_registered") == facts_of(hub, "home.device_registered"))


@pytest.mark.parametrize("harm", ["gone", "altered"])
@pytest.mark.parametrize("by", ["hub", "desk"])
def test_one_that_a_disk_has_lost_or_altered_comes_back_too(
    care: Care, city: City, database: Callable[[], str], harm: str, by: str
) -> None:
    hub = city.hub("hub", care.district, database=database()) if by == "hub" else None
    desk = city.join(care.district, "caregiver") if by == "desk" else None
    care.lives()
    before, office = care.own(care.district), care.district.office
    if desk is not None:
        desk.until(lambda: len(desk.journal.facts("home.device_registered")) == DEVICES and desk.journal.facts(OPENED))
    elif hub is not None:
        until(lambda: care.own(hub) == before)
    spoil_one(office.store, harm)
    office.look_over()
    assert not before <= whole(care)

    def compares() -> bool:
        if desk is not None:
            desk.client._compared = None
            desk.client.round()
            desk.compare_again()
            desk.client.round()
        elif hub is not None:
            hub.compare_again()
        office.look_over()
        return before <= whole(care)

    until(compares)
    assert office.findings.standing()["altered"] == 0


def whole(care: Care) -> set[tuple[str, int, int, str]]:
    """What the district recorded itself and has as it was."""
    items = [i for kind in OWN for i in care.district.office.store.told([kind]) if i.device == care.node]
    return {(i.device, i.epoch, i.event.seq, i.hash) for i in items if is_sound_item(i)}


def spoil_one(store: Store, harm: str) -> None:
    if harm == "altered":
        spoil(store, "UPDATE facts SET at = at + 7 WHERE kind = 'sign.sos'")
        return
    [(seq,)] = store.read_within(
        ("jinxiu",), "SELECT min(seq) + 3 FROM facts WHERE kind = ?", ("home.device_registered",)
    )
    spoil(store, f"DELETE FROM facts WHERE kind = 'home.device_registered' AND seq = {seq}")


def test_nobody_puts_words_into_the_districts_mouth(care: Care, city: City) -> None:
    desk = city.join(care.district, "caregiver")
    care.lives()
    desk.until(lambda: desk.journal.facts(OPENED))
    [(epoch, greatest)] = desk.journal.greatest_of(care.node)
    events = desk.journal.others_after(care.node, epoch, 0, 500)
    assert {len(e.salt or "") for e in events} == {44}, "half chance, half a mark"
    change = msgspec.structs.replace
    for n, forged in enumerate([
        change(events[0], seq=greatest + 1),
        change(events[0], kind="person.erased", seq=greatest + 2),
        change(events[0], community="west", seq=greatest + 3),
        change(events[0], payload=None, salt=None, seq=greatest + 4),
        own_word(desk, greatest + 5),
    ]):  # fmt: skip
        ack = desk.transport.relay(care.node, Batch(epoch, 1, forged.seq, 0, [forged]))
        assert ack.quarantined == [greatest + 1 + n]
    ack = desk.transport.relay(care.node, Batch(epoch, 1, 1, 0, events))
    assert ack.quarantined == [], "its own it knows again, and has them"
    store = care.district.office.store
    assert not store.told(["person.erased", "sign.checkin"])
    assert list(store.heads()) == ["jinxiu"]
    assert store.counts()["quarantine"] == store.counts()["evidence"] == 0


def own_word(desk: Joined, seq: int) -> Event:
    """A fact of the desk's own, under a number of the district's."""
    desk.journal.append("sign.checkin", {"n": 1}, subject="p1")
    (event,) = desk.journal.unsent(1)
    return msgspec.structs.replace(event, seq=seq)
