"""SIGKILL of the server where it matters, on both stores: before a commit, between it and the answer, about a checkpoint and within
it, in an erasure."""

import shutil
import signal
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import msgspec
import pytest

from bench._load import Sender, batches, event, serving, squeezed
from district.bootstrap import opened
from district.config import DistrictSettings
from district.ingest import prepare
from district.office import Office
from district.operator import commands
from district.operator_line import ask
from district.scope import DeviceRole, Lane, Scope
from district.store.devices import Device, device_id
from district.store.registry import Code
from domain.errors import Mendable
from domain.people import Role
from offline.keys.identity import b64
from offline.keys.seal import new_key
from offline.wire import Batch, FeedItem
from tests.fakes.serving import Serving
from tests.fakes.staff import PASSWORD, employ, quick_passwords
from tests.faults.falls_at import COMMITTED, COPYING, ERASED, ERASING, KEYLESS, OF_SQLITE, POINTS
from tests.faults.test_server_killed import push_until_it_falls

SIZE, BATCHES, ELDER = 10, 12, "p-wang"
SHORT = [("sqlite", point) for point in POINTS] + [("postgresql", COMMITTED), ("postgresql", ERASED)]
LONG = [("postgresql", point) for point in POINTS if point not in (*OF_SQLITE, COMMITTED, ERASED)]
WHERE = [*SHORT, *(pytest.param(*each, marks=pytest.mark.slow) for each in LONG)]
ALL = Scope(("jinxiu",), frozenset(Lane))
ORDER = {"person": ELDER, "reason": "died", "by": [
    {"login": login, "password": PASSWORD, "code": ""} for login in ("ann", "bo")
]}  # fmt: skip


class Place:
    """A district's folder and database, and the one device that sends to it."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder, self.database = folder, database
        self.settings = DistrictSettings(data=folder / "data", database=database)
        self.sender = Sender("", 0, "jinxiu")
        self.sender.device = device_id(self.sender.identity.sign_public)
        with opened(self.settings) as office:
            code = Code(DeviceRole.HUB, "jinxiu", False, office.now_ms() + 60_000)
            office.registry.put_code("secret", code)
            me = self.sender.identity
            device = Device(
                self.sender.device, DeviceRole.HUB, "sender", (), False, b64(me.sign_public), b64(me.box_public), 1, 1,
                office.now_ms(),
            )  # fmt: skip
            assert office.registry.enrol("secret", device, office.now_ms()) is not None
            office.keys.take({ELDER: new_key()}, shared=True)
            for login in ("ann", "bo"):
                employ(Serving(office, ""), login, Role.SUPERVISOR)

    def fall(self, point: str, nth: int, sent: list[Batch]) -> int:
        """Send to a server that dies at the point, and have it erase the elder; what was acknowledged by then."""
        with serving(self.folder, self.database, ("-m", "tests.faults.falls_at", point, str(nth))) as (
            host,
            port,
            _,
            process,
        ):
            line = Sender(host, port, "jinxiu", self.sender.identity, self.sender.device)
            acked = push_until_it_falls(line, [squeezed(b) for b in sent], 0)
            if acked == len(sent) * SIZE:
                with suppress(Mendable):  # nobody answers any more
                    ask(self.settings, "erase", **ORDER)
            assert process.wait(30) == -signal.SIGKILL, "the point was passed"
        return acked

    def again(self, office: Office, sent: list[Batch], acked: int) -> int:
        """The device sends on from what it knows to be kept."""
        for batch in sent[acked // SIZE :]:
            ready = prepare(batch, [], self.sender.device, DeviceRole.HUB, ("jinxiu",), office.now_ms())
            acked = office.store.append_batch(ready).result(20).through
        return acked


def told(office: Office, device: str) -> list[FeedItem]:
    return [i for i in office.store.feed_after(ALL, {}, 10_000).items if i.device == device]


def sent_of() -> list[Batch]:
    """Passages, of which the first is of somebody who was registered just before."""
    sent = batches(BATCHES, SIZE, "jinxiu")
    of_elder = msgspec.structs.replace(event(1, ELDER, sent[0].sent_at, "jinxiu"), kind="person.registered")
    sent[0].events[0] = of_elder
    sent[0].events[1] = event(2, ELDER, sent[0].sent_at, "jinxiu")
    return sent


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    quick_passwords(monkeypatch)


@pytest.mark.parametrize(("store", "point"), WHERE)
def test_what_was_acknowledged_is_there_once_and_what_was_erased_is_gone(
    request: pytest.FixtureRequest, tmp_path: Path, store: str, point: str
) -> None:
    place = Place(tmp_path, "" if store == "sqlite" else request.getfixturevalue("empty_database")())
    erasure = point in (ERASING, ERASED, KEYLESS)
    sent = sent_of()
    acked = place.fall(point, 1 if erasure else 3, sent)
    assert acked % SIZE == 0
    assert (acked == BATCHES * SIZE) if erasure else (acked < (BATCHES - 1) * SIZE)
    assert point != COPYING or torn(place), "it died within"
    with opened(place.settings) as office:
        assert office.registry.erased(ELDER) == (point in (ERASED, KEYLESS)), "wholly or not at all"
    assert_kept_once(place, sent, acked)


@pytest.mark.slow
@pytest.mark.parametrize("page", [1, 2, 8, 20, 30, 40])
def test_a_checkpoint_may_end_in_any_of_its_pages(tmp_path: Path, page: int) -> None:
    place, sent = Place(tmp_path, ""), sent_of()
    acked = place.fall(COPYING, page, sent)
    assert torn(place)
    assert_kept_once(place, sent, acked)


def torn(place: Place) -> bool:
    """Whether the file, without its log, is no whole database."""
    alone = place.folder / "alone.sqlite"
    shutil.copy(place.settings.data / "district.sqlite", alone)
    with closing(sqlite3.connect(alone)) as db:
        try:
            return bool(db.execute("PRAGMA integrity_check").fetchone()[0] != "ok")
        except sqlite3.DatabaseError:
            return True


def assert_kept_once(place: Place, sent: list[Batch], acked: int) -> None:
    """What was acknowledged is there, the rest can follow, and the elder can be erased where that was not done."""
    with opened(place.settings) as office:
        kept = [i.event.seq for i in told(office, place.sender.device)]
        assert sorted(kept) == list(range(1, len(kept) + 1)), "without holes, none twice"
        assert len(kept) >= acked
        assert place.again(office, sent, acked) == BATCHES * SIZE
        if not office.registry.erased(ELDER):
            commands.perform(office, "erase", ORDER)
        after = told(office, place.sender.device)
        assert sorted(i.event.seq for i in after) == list(range(1, BATCHES * SIZE + 1))
        assert len({i.position for i in after}) == len(after)
        of_elder = [i for i in after if i.event.subject == ELDER]
        assert [i.event.payload for i in of_elder] == [None, None]
        assert office.keys.find(ELDER) is None
        assert (place.folder / "data" / "keys" / "erased.txt").read_text().split() == [ELDER, "jinxiu"]
