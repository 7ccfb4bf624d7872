"""A bad line between a node and the district: whatever it does, every fact arrives, once."""

import random
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from offline.keys.identity import unb64
from offline.keys.signing import Signer
from offline.line.sync import SyncClient
from offline.node import Node
from offline.transport.errors import TryAgain
from offline.transport.http import HttpTransport
from tests.fakes.serving import Serving
from tests.fakes.there import there
from tests.faults.bad_line import Fault, bad_line

FACTS = 60


def test_facts_arrive_once_whatever_the_line_does(
    tmp_path: Path, district: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a half-open line is waited for so long, in place of 20 s
    monkeypatch.setattr("offline.transport.line.READ_S", 1.0)
    url = urlsplit(district.url)
    node = Node(tmp_path / "node")
    try:
        node.enrol(district.url, district.code("kiosk"), "kiosk", "gate")
        with bad_line(there(url.hostname), there(url.port)) as line:
            line.faults = random.Random(11).choices([f for f in Fault if f is not Fault.NONE], k=24)
            tries = through(node, f"http://127.0.0.1:{line.port}")
            assert set(line.met) >= set(Fault) - {Fault.NONE}
            assert tries > 5
        assert node.journal.pending() == 0
        assert district.office.store.counts()["facts"] == FACTS
    finally:
        node.close()


def through(node: Node, url: str) -> int:
    """Record and sync until everything is acknowledged; how many rounds failed. Each round on a connection of its own."""
    failures = recorded = 0
    while recorded < FACTS or node.journal.pending():
        if recorded < FACTS:
            node.journal.append_all([("passage.recorded", {"n": recorded + i}, None, None, None) for i in range(3)])
            recorded += 3
        transport = HttpTransport(url, node.clock.now)
        transport.sign_as(node.journal.device, Signer(node.journal.device, node.identity.sign))
        known = node.district
        assert known is not None
        client = SyncClient(
            node.journal, transport, node.clock, node.identity, node.keys, partial(unb64, known.box_key)
        )
        try:
            client.round()
        except TryAgain:
            failures += 1
        finally:
            transport.close()
        assert failures < 100
    return failures
