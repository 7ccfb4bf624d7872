"""TLS with a certificate that no authority knows: the code vouches for the first contact, pins for every later one."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from district.__main__ import main
from district.config import DistrictSettings
from district.operator import codes, commands
from district.operator_line import ask
from district.scope import DeviceRole
from district.upkeep.lock import FolderLock
from domain.errors import Mendable
from offline.node import Node
from offline.transport.errors import Untrusted
from offline.transport.http import HttpTransport
from tests.fakes.serving import GENEROUS, Joined, Serving, run_district
from tests.fakes.there import there
from tests.fakes.tls_keys import Key


class Town:
    """A district on one port and folder that can be started with other keys, and an impostor on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, 0
        self.now, self.reserve, self.wrong = (Key(folder, name) for name in ("now", "reserve", "wrong"))
        self._running: Generator[Serving, None, None] | None = None

    def serve(self, key: Key, data: str = "district", reserve: tuple[Key, ...] = ()) -> Serving:
        self.stop()
        told = DistrictSettings(
            port=self.port, data=self.folder / data, limits=GENEROUS, tls_cert=key.certificate(), tls_key=key.file,
            tls_pins=[k.pin for k in reserve],
        )  # fmt: skip
        self._running = run_district(told)
        serving = next(self._running)
        self.port = int(serving.url.rpartition(":")[2])
        return serving

    def stop(self) -> None:
        if self._running is not None:
            self._running.close()
            self._running = None


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    found = Town(tmp_path)
    yield found
    found.stop()


def enrolled(town: Town, district: Serving, name: str = "node") -> Node:
    node = Node(town.folder / name)
    node.enrol(district.url, codes.issue(district.office, DeviceRole.CAREGIVER, "jinxiu"), "caregiver", "desk")
    return node


def round_of(node: Node) -> None:
    """One round on a line of its own, which is down before the server stops."""
    joined = Joined(node)
    try:
        joined.client.round()
    finally:
        joined.transport.close()


def test_the_code_vouches_for_a_certificate_that_no_authority_knows_and_its_key_is_pinned(town: Town) -> None:
    district = town.serve(town.now, reserve=(town.reserve,))
    node = enrolled(town, district)
    assert node.district is not None
    assert set(node.district.pins) == {town.now.pin, town.reserve.pin}
    round_of(node)
    town.serve(town.now, reserve=(town.reserve,))  # the certificate was renewed: another one, for the same key
    round_of(node)
    node.close()


def test_another_key_is_refused_and_nothing_is_sent_over_its_line(town: Town) -> None:
    node = enrolled(town, town.serve(town.now))
    impostor = town.serve(town.wrong)  # even with the district's own data behind it
    asked = list(impostor.office.metrics.requests.collect())
    node.journal.append("checkin.pressed", {}, subject="p1")
    with pytest.raises(Untrusted, match="not one of the district's"):
        round_of(node)
    assert node.journal.pending() == 1
    assert next(iter(impostor.office.metrics.requests.collect())).samples == asked[0].samples
    node.close()


def test_the_key_in_reserve_is_taken_and_the_next_one_learned_from_it(town: Town) -> None:
    node = enrolled(town, town.serve(town.now, reserve=(town.reserve,)))
    next_ = Key(town.folder, "next")
    town.serve(town.reserve, reserve=(next_,))  # the first key was lost
    round_of(node)
    assert node.district is not None
    assert set(node.district.pins) == {town.reserve.pin, next_.pin}
    town.serve(town.now)
    with pytest.raises(Untrusted):
        round_of(node)
    node.close()


def test_a_line_somebody_listens_in_on_gets_no_code(town: Town) -> None:
    """The one in the middle can show the district's greeting, but holds another TLS key."""
    town.now.pin, pin = town.wrong.pin, town.now.pin
    district = town.serve(town.now, reserve=())
    district.office.pins = (town.wrong.pin,)  # as the true district behind it would sign its own
    node = Node(town.folder / "node")
    with pytest.raises(Mendable, match="district_untrusted"):
        node.enrol(district.url, codes.issue(district.office, DeviceRole.KIOSK, "jinxiu"), "kiosk", "gate")
    district.office.pins = (pin,)
    with pytest.raises(Mendable, match="district_untrusted"):
        node.enrol(district.url, "abcdefghjkm-0123456789abcdef", "kiosk", "gate")
    assert node.district is None
    node.close()


@pytest.mark.parametrize("named", ["the very certificate", "its authority", "another's"])
def test_the_file_in_the_settings_may_hold_the_districts_own_certificate_or_its_authoritys(
    tmp_path: Path, named: str
) -> None:
    key, authority = Key(tmp_path, "now"), Key(tmp_path, "authority")
    leaf = key.certificate(signed_by=authority, host="127.0.0.1")
    told = DistrictSettings(port=0, data=tmp_path / "d", limits=GENEROUS, tls_cert=leaf, tls_key=key.file)
    file = {"the very certificate": leaf, "its authority": authority.certificate(name="authority")}.get(
        named, Key(tmp_path, "wrong").certificate()
    )
    for running in run_district(told):
        line = HttpTransport(running.url, lambda: datetime.now(UTC), str(file))
        if named == "another's":
            with pytest.raises(Untrusted):
                line.hello()
        else:
            assert line.hello()[0].pins == [key.pin]
        line.close()


def test_a_certificate_that_is_not_there_is_named_when_a_node_joins_and_later_is_no_fault_of_ours(
    tmp_path: Path,
) -> None:
    gone, other = tmp_path / "gone.pem", tmp_path / "other.pem"
    other.write_text("no certificate")
    node = Node(tmp_path / "node")
    for file, code in ((gone, "file_unusable"), (other, "pem_wrong")):
        with pytest.raises(Mendable, match=code):
            node.enrol("https://127.0.0.1:1", "code", "kiosk", "gate", str(file))
    node.close()
    line = HttpTransport("https://127.0.0.1:1", lambda: datetime.now(UTC), str(gone))
    with pytest.raises(Untrusted, match="gone"):
        line.hello()
    line.close()


@pytest.mark.parametrize("state", ["good", "ended", "replaced on the disk", "another's"])
def test_the_operators_commands_reach_a_server_whoever_signed_its_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    key = Key(tmp_path, "now")
    authority = Key(tmp_path, "authority")
    ends = timedelta(seconds=-1) if state == "ended" else timedelta(days=30)
    told = DistrictSettings(
        port=0, data=tmp_path / "d", tls_cert=key.certificate(signed_by=authority, ends=ends), tls_key=key.file
    )
    for running in run_district(told):
        lock = FolderLock(told.data)
        assert lock.take()
        lock.announce(running.url, authority.pin if state == "another's" else running.office.pins[0])
        if state == "replaced on the disk":
            there(told.tls_cert).write_bytes(authority.certificate().read_bytes())
        try:
            if state == "another's":
                with pytest.raises(Mendable, match="district_busy"):
                    ask(told, "status")
            else:
                assert ask(told, "status")["node"] == running.office.store.node
        finally:
            lock.close()


def test_a_hub_pins_the_one_above_and_still_does_after_a_restart(town: Town) -> None:
    district = town.serve(town.now, reserve=(town.reserve,))
    hub = DistrictSettings(port=0, data=town.folder / "hub", limits=GENEROUS, upstream=district.url, name="hub")

    def round_of_the_hub(code: str = "") -> None:
        with contextmanager(run_district)(hub) as serving:
            line = serving.office.hub_line
            assert line is not None
            if code:
                commands.perform(serving.office, "join", {"code": code, "name": "hub"})
            line.upstream.round()

    round_of_the_hub(codes.issue(district.office, DeviceRole.HUB, "jinxiu"))
    town.serve(town.now, reserve=(town.reserve,))  # renewed
    round_of_the_hub()
    town.serve(town.wrong)
    with pytest.raises(Untrusted, match="not one of the district's"):
        round_of_the_hub()
    next_ = Key(town.folder, "next")
    town.serve(town.reserve, reserve=(next_,))
    round_of_the_hub()
    town.serve(next_)
    round_of_the_hub()


def test_the_operator_is_told_the_pin_of_a_key_to_keep_in_reserve(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(town.folder / "d"), "pin", str(town.reserve.file)]) == 0
    assert capsys.readouterr().out.strip() == town.reserve.pin
    assert main(["--data", str(town.folder / "d"), "pin", str(town.reserve.certificate())]) == 0
    assert capsys.readouterr().out.strip() == town.reserve.pin
