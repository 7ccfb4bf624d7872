"""A day without the line: many simulated kiosks gather facts, then all call at once. Nothing lost, nothing doubled, soon over.

The kiosks are senders of the protocol without cameras, windows or journals; the server is a real one in a process of its own.
"""

import os
import random
import sqlite3
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench._load import batches, serving
from district.bootstrap import opened
from district.config import DistrictSettings
from district.scope import DeviceRole
from district.store.devices import Device, device_id
from district.store.port import Execute
from district.store.registry import Code, Registry
from offline.keys.identity import Identity, b64
from offline.keys.signing import Signer
from offline.line.link import backoff_s
from offline.transport.errors import TryAgain
from offline.transport.http import HttpTransport

FACTS = 24  # one an hour
SEED = int(os.environ.get("SHOUWANG_SEED", "7"))
KIOSKS = int(os.environ.get("SHOUWANG_KIOSKS", "5000"))


@pytest.mark.timeout(180)
def test_kiosks_that_come_back_together_are_all_heard(tmp_path: Path) -> None:
    come_back(tmp_path, 40)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_thousands_of_kiosks_that_come_back_together_are_all_heard(tmp_path: Path) -> None:
    come_back(tmp_path, KIOSKS)


def come_back(folder: Path, kiosks: int) -> None:
    known = enrol(folder / "data", kiosks)
    with serving(folder) as (host, port, _, _):
        began = time.monotonic()
        with ThreadPoolExecutor(64) as pool:
            tries = list(pool.map(lambda n: call(f"http://{host}:{port}", known[n], n), range(kiosks)))
        took = time.monotonic() - began
    sys.stdout.write(f"seed {SEED}: {kiosks} kiosks x {FACTS} facts in {took:.1f} s, {sum(tries)} calls\n")
    with closing(sqlite3.connect(f"file:{folder / 'data' / 'district.sqlite'}?mode=ro", uri=True)) as db:
        found = db.execute(
            "SELECT count(*), count(DISTINCT device), count(DISTINCT id), count(DISTINCT position)"
            " FROM facts WHERE kind = 'passage.recorded'"
        ).fetchone()
    assert found[0] == found[2] == kiosks * FACTS, "0 lost, 0 doubled"
    assert found[1] == kiosks
    assert took <= max(60.0, kiosks / 5000 * 60), "converged within a minute"


def enrol(folder: Path, kiosks: int) -> Sequence[Identity]:
    """All at once, in one transaction: how they joined is not what is tried here."""
    with opened(DistrictSettings(data=folder)) as office:
        made = [Identity.create() for _ in range(kiosks)]
        used = Code(DeviceRole.KIOSK, "jinxiu", False, 0)

        def work(execute: Execute) -> None:
            for n, me in enumerate(made):
                device = Device(
                    device_id(me.sign_public), DeviceRole.KIOSK, f"gate {n}", (), False, b64(me.sign_public),
                    b64(me.box_public), 1, 1, office.now_ms(),
                )  # fmt: skip
                Registry._insert(execute, device, used)

        office.store.write(work)
    return made


def call(url: str, me: Identity, n: int) -> int:
    """One kiosk's call, again after full jitter where it is sent away, twice where the answer is lost."""
    chance = random.Random(f"{SEED} {n}")
    (batch,) = batches(1, FACTS, "jinxiu")
    device = device_id(me.sign_public)
    transport = HttpTransport(url, lambda: datetime.now(UTC))
    transport.sign_as(device, Signer(device, me.sign))
    tries = 0
    try:
        while True:
            tries += 1
            try:
                acked = transport.push(batch).acked_through
            except TryAgain as e:
                time.sleep(backoff_s(tries, chance.random(), e.after) / 10)
                continue
            assert acked == FACTS
            if tries == 1 and chance.random() < 0.2:
                continue  # as if the answer had been lost after the commit
            return tries
    finally:
        transport.close()
