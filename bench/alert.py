"""From a home's alarm to every connected desktop, while facts pour in.

1,000 desktops hold their stream open; a process of its own sends 10,000 facts a second; alarms come by the webhook of home devices.
Measured from the sending of the alarm to the moment when each desktop has the opened incident in hand.
"""

import argparse
import asyncio
import json
import multiprocessing
import resource
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from bench._load import Sender, batches, printed, quantile, serving, squeezed
from district.bootstrap import opened
from district.config import DistrictSettings
from district.intake import webhook
from district.operator import codes
from district.operator.commands import perform
from district.scope import DeviceRole
from district.store.devices import Device
from offline.keys.identity import Identity, b64

COMMUNITY, SIZE = "jinxiu", 500
EVERY_S, GRACE_S = 0.5, 10.0


def join(folder: Path, desktops: int, alarms: int) -> tuple[list[tuple[str, Identity]], dict[str, Any], list[str]]:
    """Enrol everybody before the server starts: (desktops, the bridge's key and secret, elders)."""
    with opened(DistrictSettings(data=folder / "data")) as office:
        found = []
        for n in range(desktops):
            identity = Identity.create()
            code = codes.issue(office, DeviceRole.CAREGIVER, COMMUNITY).rpartition("-")[0]
            device = Device(
                f"v{n:024x}", DeviceRole.CAREGIVER, f"desk {n}", (), False, b64(identity.sign_public),
                b64(identity.box_public), 1, 1, office.now_ms(),
            )  # fmt: skip
            office.registry.enrol(code, device, office.now_ms())
            found.append((device.id, identity))
        bridge = perform(office, "bridge", {"community": COMMUNITY})
        elders = [f"p{n:032x}" for n in range(alarms)]
        for n, elder in enumerate(elders):
            perform(office, "device_add", {"community": COMMUNITY, "name": f"watch-{n}", "elder": elder})
    return found, bridge, elders


def pour(host: str, port: int, folder: str, rate: int, ready: Any, stop: Any, sent: Any) -> None:
    """Send `rate` facts a second until `stop`; runs in a process of its own."""
    from district.operator_line import ask

    settings = DistrictSettings(data=Path(folder) / "data")
    senders = [Sender(host, port, COMMUNITY) for _ in range(4)]
    for sender in senders:
        sender.enrol(ask(settings, "code", role="hub", community=COMMUNITY)["code"], "hub")
    bodies = [[squeezed(b) for b in batches(300, SIZE, COMMUNITY)] for _ in senders]
    ready.set()
    pause = SIZE * len(senders) / rate

    def work(sender: Sender, mine: list[bytes]) -> None:
        due = time.monotonic()
        for body in mine:
            if stop.is_set():
                return
            sender.ready(body)()
            with sent.get_lock():
                sent.value += SIZE
            due = max(due + pause, time.monotonic() - 1)
            time.sleep(max(0.0, due - time.monotonic()))

    threads = [threading.Thread(target=work, args=pair) for pair in zip(senders, bodies, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Desktop:
    """One stream, read as it comes. `seen` maps an elder to the moment the opened incident was in hand."""

    def __init__(self, host: str, port: int, id: str, identity: Identity) -> None:
        self._sender = Sender(host, port, COMMUNITY, identity, id)
        self.seen: dict[str, float] = {}
        self.up = asyncio.Event()

    async def listen(self) -> None:
        s = self._sender
        headers = s.headers("GET", "/v1/stream", b"") | {"Host": f"{s.host}:{s.port}"}
        reader, writer = await asyncio.open_connection(s.host, s.port, limit=2**20)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"GET /v1/stream HTTP/1.1\r\n{lines}\r\n".encode())
        try:
            async for line in reader:
                if line.startswith(b": welcome"):
                    self.up.set()
                elif line.startswith(b"data: {") and b'"incident.opened"' in line:
                    self.seen[json.loads(line[6:])["event"]["subject"]] = time.perf_counter()
        finally:
            writer.close()


async def measure(
    host: str, port: int, desks: list[tuple[str, Identity]], bridge: dict[str, Any], elders: list[str]
) -> list[float]:
    """Times in ms of everything that arrived."""
    desktops = [Desktop(host, port, id, identity) for id, identity in desks]
    tasks = [asyncio.create_task(d.listen()) for d in desktops]
    await asyncio.wait_for(asyncio.gather(*(d.up.wait() for d in desktops)), 120)
    print(f"{len(desktops)} desktops listen", file=sys.stderr, flush=True)
    sent: dict[str, float] = {}
    for n, elder in enumerate(elders):
        sent[elder] = time.perf_counter()
        await asyncio.to_thread(alarm, host, port, bridge, n)
        await asyncio.sleep(max(0.0, EVERY_S - (time.perf_counter() - sent[elder])))
    deadline = time.monotonic() + GRACE_S
    while any(len(d.seen) < len(elders) for d in desktops) and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return [(at - sent[elder]) * 1000 for d in desktops for elder, at in d.seen.items()]


def alarm(host: str, port: int, bridge: dict[str, Any], n: int) -> None:
    body = json.dumps({"topic": f"zigbee2mqtt/watch-{n}", "payload": {"fall_status": "fall_alarm"}}).encode()
    headers = webhook.sign(body, bridge["key"], bridge["secret"].encode(), datetime.now(UTC))
    with urlopen(
        Request(f"http://{host}:{port}/v1/intake/zigbee2mqtt", body, headers, method="POST"), timeout=30
    ) as told:
        told.read()


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser("bench alert", description=__doc__)
    parser.add_argument(
        "--json", action="store_true", help="the figures as one JSON object on the last line (they always are)"
    )
    parser.add_argument("--desktops", type=int, default=1_000)
    parser.add_argument("--alarms", type=int, default=20)
    parser.add_argument("--rate", type=int, default=10_000, help="facts a second meanwhile")
    args = parser.parse_args(argv)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    spawn = multiprocessing.get_context("spawn")
    ready, stop, sent = spawn.Event(), spawn.Event(), spawn.Value("q", 0)
    with tempfile.TemporaryDirectory(prefix="shouwang-bench-") as name:
        folder = Path(name)
        desks, bridge, elders = join(folder, args.desktops, args.alarms)
        with serving(folder) as (host, port, _, _):
            pouring = spawn.Process(target=pour, args=(host, port, name, args.rate, ready, stop, sent))
            pouring.start()
            try:
                if not ready.wait(120):
                    raise RuntimeError("nobody pours")
                began = time.monotonic()
                times = asyncio.run(measure(host, port, desks, bridge, elders))
                rate = sent.value / (time.monotonic() - began)
            finally:
                stop.set()
                pouring.join(30)
    printed(
        {
            "desktops": args.desktops,
            "ms_p50": round(quantile(times, 0.5), 1) if times else None,
            "ms_p99": round(quantile(times, 0.99), 1) if times else None,
            "ms_max": round(max(times), 1) if times else None,
            "lost": args.desktops * args.alarms - len(times),
            "alarms": args.alarms,
            "facts_per_s_meanwhile": round(rate),
        }
    )
    return 0
