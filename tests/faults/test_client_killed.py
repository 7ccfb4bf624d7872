"""SIGKILL of a node at random moments while it records and syncs: whatever it had recorded reaches the district, once."""

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from offline.node import Node
from tests.fakes.serving import Joined, Serving

KILLS = int(os.environ.get("SHOUWANG_KILLS", "3"))
SEED = int(os.environ.get("SHOUWANG_SEED", "7"))
PROGRAM = """
import sys
from pathlib import Path
from offline.keys.identity import unb64
from offline.node import Node
from offline.keys.signing import Signer
from offline.line.sync import SyncClient
from offline.transport.errors import TryAgain
node = Node(Path(sys.argv[1]))
line = node._transport(node.district.url, "")
line.sign_as(node.journal.device, Signer(node.journal.device, node.identity.sign))
client = SyncClient(node.journal, line, node.clock, node.identity, node.keys, lambda: unb64(node.district.box_key))
print("up", flush=True)
while True:
    for fact in node.journal.append_all([("passage.recorded", {"n": n}, None, None, None) for n in range(3)]):
        print(fact.envelope.id, flush=True)
    try:
        client.round()
    except TryAgain:
        pass
"""


@pytest.mark.timeout(120 + 30 * KILLS)
def test_a_killed_node_loses_nothing_and_doubles_nothing(tmp_path: Path, district: Serving) -> None:
    kill_often(tmp_path, district, KILLS)


@pytest.mark.slow
@pytest.mark.timeout(14_400)
def test_nothing_is_lost_by_a_thousand_kills_of_a_node(tmp_path: Path, district: Serving) -> None:
    kill_often(tmp_path, district, int(os.environ.get("SHOUWANG_KILLS", "1000")))


def kill_often(folder: Path, district: Serving, kills: int) -> None:
    chance = random.Random(SEED)
    node = Node(folder / "node")
    node.enrol(district.url, district.code("kiosk"), "kiosk", "gate")
    node.close()
    recorded: set[str] = set()
    for _ in range(kills):
        recorded |= run_and_kill(folder / "node", chance.uniform(0.0, 0.4))
    sys.stdout.write(f"seed {SEED}: {kills} kills, {len(recorded)} facts\n")
    assert recorded

    node = Node(folder / "node")
    try:
        Joined(node).client.round()
        assert node.journal.pending() == 0
        assert node.journal.broken() == []
        mine = [f.envelope.id for f in node.journal.facts("passage.recorded")]
    finally:
        node.close()
    there = [i.event.id for i in district.office.store.told(["passage.recorded"])]
    assert len(there) == len(set(there)), "doubled"
    assert recorded <= set(there), "lost"
    assert set(mine) == set(there)


def run_and_kill(folder: Path, after_s: float) -> set[str]:
    """Ids that the program said it had recorded before it was killed."""
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder)], cwd=root, stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    assert process.stdout is not None
    with process.stdout as said:
        assert said.readline() == "up\n"
        killer = threading.Timer(after_s, process.send_signal, (signal.SIGKILL,))
        killer.start()
        ids = {line.strip() for line in said if line.endswith("\n")}
    killer.join()
    process.wait(10)
    return ids
