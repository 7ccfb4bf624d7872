"""One node and its district, a round at a time."""

from pathlib import Path

from offline.journal.journal import Journal
from offline.keys.identity import Identity
from offline.keys.keystore import Keystore
from offline.keys.seal import new_key
from offline.line.link import Link, SyncService
from offline.line.sync import SyncClient
from offline.node_clock import NodeClock
from offline.roster import Roster, RosterProjection
from tests.fakes.fake_district import FakeDistrict


class Desk:
    """One node and its district."""

    def __init__(self, folder: Path, district: FakeDistrict, device: str = "d1") -> None:
        self.district = district
        self.monotonic = 0.0
        self.clock = NodeClock(wall=lambda: 1_000.0, monotonic=lambda: self.monotonic)
        self.journal = Journal(folder / "j.sqlite", self.clock, [RosterProjection()])
        self.journal.become(device, 1, "jinxiu")
        self.keys = Keystore(folder / "k.sqlite", new_key())
        self.identity = Identity.create()
        self.roster = Roster(self.journal, self.keys)
        self.client = SyncClient(
            self.journal, district, self.clock, self.identity, self.keys, lambda: district.identity.box_public
        )
        self.service = SyncService(self.client, self.journal, self.clock, chance=lambda: 1.0)

    def link(self) -> Link:
        return self.service.status.link

    def close(self) -> None:
        self.journal.close()
        self.keys.close()
