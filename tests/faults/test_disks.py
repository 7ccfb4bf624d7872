"""The district and a node on a disk that is full, and on one that breaks and can only be read from then on."""

from pathlib import Path

import msgspec
import pytest

from bench._load import Sender, batches, enrolled, event, serving, squeezed
from domain.errors import Mendable
from offline.node import Node
from offline.wire import Ack, Batch
from tests.fakes.disks import fill, frail_disk, small_disk
from tests.fakes.serving import Joined, Serving

SIZE = 100


def push(sender: Sender, batch: Batch) -> tuple[int, bytes]:
    """Status and answer."""
    body, target = squeezed(batch), f"/v1/devices/{sender.device}/events"
    sender.line.request("POST", target, body, sender.headers("POST", target, body, **{"Content-Encoding": "zstd"}))
    answer = sender.line.getresponse()
    return answer.status, answer.read()


def get(sender: Sender, target: str) -> int:
    sender.line.request("GET", target, b"", sender.headers("GET", target, b""))
    answer = sender.line.getresponse()
    answer.read()
    return answer.status


def through(told: bytes) -> int:
    return msgspec.json.decode(told, type=Ack).acked_through


def numbered(batch: Batch, after: int, kind: str) -> Batch:
    """As many facts of a kind as the batch has, with the numbers behind `after`."""
    now = batch.sent_at
    told = [event(after + n, "p1", now + n, "jinxiu") for n in range(1, len(batch.events) + 1)]
    return Batch(1, 1, after + 1, now, [msgspec.structs.replace(e, kind=kind) for e in told])


def test_on_a_full_disk_what_was_acknowledged_stays_passages_are_sent_away_and_an_alarm_still_fits(
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path, 48) as disk, serving(disk) as (host, port, settings, _):
        sender = enrolled(host, port, settings, "jinxiu")
        hog, acked = fill(disk), 0
        sent = batches(400, SIZE, "jinxiu")
        for batch in sent:
            status, told = push(sender, batch)
            if status != 200:
                break
            acked = through(told)
        assert (status, told) == (503, b'{"code":"disk_full","detail":""}')
        for _ in range(40):
            status, told = push(sender, numbered(batch, acked, "incident.opened"))
            assert (status, through(told)) == (200, acked + SIZE), "the room kept for that day is the alarms'"
            acked += SIZE
            assert push(sender, numbered(batch, acked, "passage.recorded"))[0] == 503, "and nobody else's"
        assert get(sender, "/v1/feed?limit=10") == 200
        hog.unlink()
        status, told = push(sender, numbered(batch, acked, "passage.recorded"))
        assert (status, through(told)) == (200, acked + SIZE)
        sender.line.close()


def test_a_disk_that_breaks_under_the_district_is_said_its_facts_are_still_read_and_all_are_there_when_it_is_whole(
    tmp_path: Path,
) -> None:
    with frail_disk(tmp_path) as (disk, breaks, anew):
        first, second = batches(2, SIZE, "jinxiu")
        with serving(disk) as (host, port, settings, process):
            sender = enrolled(host, port, settings, "jinxiu")
            assert push(sender, first)[0] == 200
            breaks()
            for _ in range(2):
                assert push(sender, second) == (503, b'{"code":"disk_readonly","detail":""}')
            assert get(sender, "/v1/feed?limit=10") == 200
            sender.line.close()
        assert process.returncode == 0, (disk / "output.log").read_text()
        anew()
        with serving(disk) as (host, port, _, _):
            again = Sender(host, port, "jinxiu", sender.identity, sender.device)
            status, told = push(again, second)
            assert (status, through(told)) == (200, 2 * SIZE)
            again.line.close()


def test_a_disk_that_breaks_under_a_node_is_said_and_what_was_recorded_is_there_when_it_is_whole(
    tmp_path: Path,
    district: Serving,
) -> None:
    with frail_disk(tmp_path) as (disk, breaks, anew):
        node = Node(disk / "node")
        node.enrol(district.url, district.code("kiosk"), "kiosk", "gate")
        node.journal.append("passage.recorded", {"n": 1})
        breaks()
        for kind in ("passage.recorded", "incident.opened"):
            with pytest.raises(Mendable, match="disk_readonly"):
                node.journal.append(kind, {})
        assert len(node.journal.facts()) == 1
        node.close()
        anew()
        again = Node(disk / "node")
        assert (again.rescued, again.district) == (None, node.district)
        assert again.identity.sign_public == node.identity.sign_public
        assert again.journal.append("passage.recorded", {"n": 2}).envelope.seq == 2
        Joined(again).client.round()
        assert again.journal.pending() == 0
        again.close()
