"""SIGKILL of the server at random moments: what was acknowledged is there afterwards, once.

A thousand kills take 35 minutes of a free core; SHOUWANG_KILLS and SHOUWANG_SEED say how many and which.
"""

import os
import random
import sqlite3
import sys
import threading
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from bench._load import Sender, batches, enrolled, serving, squeezed
from offline.wire import Ack

KILLS = int(os.environ.get("SHOUWANG_KILLS", "3"))
SEED = int(os.environ.get("SHOUWANG_SEED", "7"))
SIZE = 10
READ_WHOLE_EVERY = 20  # kills; the proof that no page is damaged reads the whole file, which grows


@pytest.mark.timeout(60 + 30 * KILLS)
def test_no_acknowledged_fact_is_lost_and_none_is_doubled(tmp_path: Path) -> None:
    kill_often(tmp_path, KILLS)


@pytest.mark.slow
@pytest.mark.timeout(14_400)
def test_nothing_is_lost_by_a_thousand_kills(tmp_path: Path) -> None:
    kill_often(tmp_path, int(os.environ.get("SHOUWANG_KILLS", "1000")))


def kill_often(tmp_path: Path, kills: int) -> None:
    chance = random.Random(SEED)
    bodies = [squeezed(b) for b in batches(400 + 120 * kills, SIZE, "jinxiu")]
    sender: Sender | None = None
    acked = 0
    for n in range(kills):
        with serving(tmp_path) as (host, port, settings, process):
            if sender is None:
                sender = enrolled(host, port, settings, "jinxiu")
                sender.line.close()
            sender = Sender(host, port, "jinxiu", sender.identity, sender.device)
            killer = threading.Timer(chance.uniform(0.05, 0.6), process.kill)
            killer.start()
            acked = max(acked, push_until_it_falls(sender, bodies, acked))
            killer.join()
        assert stored(tmp_path, whole=n % READ_WHOLE_EVERY == 0) >= acked
    with serving(tmp_path) as (host, port, _, _):
        assert sender is not None
        last = Sender(host, port, "jinxiu", sender.identity, sender.device)
        rest = bodies[: acked // SIZE + 2]
        assert push_until_it_falls(last, rest, acked) == len(rest) * SIZE
    assert stored(tmp_path, whole=True) == len(rest) * SIZE
    sys.stdout.write(f"seed {SEED}: {kills} kills, {acked} facts acknowledged before the last\n")


def push_until_it_falls(sender: Sender, bodies: list[bytes], acked: int) -> int:
    """Send from what is acknowledged on; the last acknowledged number."""
    for body in bodies[acked // SIZE :]:
        target = f"/v1/devices/{sender.device}/events"
        try:
            headers = sender.headers("POST", target, body, **{"Content-Encoding": "zstd"})
            acked = msgspec.json.decode(sender.post(target, body, headers), type=Ack).acked_through
        except OSError:
            sender.line.close()
            return acked
        except Exception as e:
            if type(e).__module__ != "http.client":
                raise
            sender.line.close()
            return acked
    sender.line.close()
    return acked


def stored(folder: Path, *, whole: bool) -> int:
    """Facts of the device, proved to be without holes; `whole`: and every page of the database sound."""
    with closing(sqlite3.connect(f"file:{folder / 'data' / 'district.sqlite'}?mode=ro", uri=True)) as db:
        if whole:
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        count, greatest, positions = db.execute(
            "SELECT count(*), coalesce(max(seq), 0), count(DISTINCT position) FROM facts"
            " WHERE community = 'jinxiu' AND kind = 'passage.recorded'"
        ).fetchone()
    assert count == greatest == positions
    return int(count)
