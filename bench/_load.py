"""A district in a process of its own and devices that send to it: what the benches of the server share."""

import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from district.config import DistrictSettings
from district.operator_line import ask
from domain.events import Clock, fresh_id, payload_digest
from offline.keys.identity import Identity, b64
from offline.keys.signing import Message, Signer
from offline.wire import Batch, EnrolReply, EnrolRequest, Event, compress, dump

PLENTY = "1000000/minute"
START_S = 120  # a machine that is busy with other things may take long; what matters is that it starts


def event(seq: int, subject: str, at: int, community: str) -> Event:
    """A passage, as gates send them: most of what devices bring to a district."""
    body = dump({"gate": "north-1", "direction": "in", "outcome": "identified", "score": 0.71, "n": seq})
    salt = secrets.token_bytes(16)
    return Event(
        seq, fresh_id(at), "passage.recorded", 1, community, at, Clock.SYNCED, f"{at:012x}.0000",
        payload_digest(salt, body), subject, b64(salt), msgspec.Raw(body),
    )  # fmt: skip


def batches(count: int, size: int, community: str) -> list[Batch]:
    now = int(time.time() * 1000)
    people = ["p" + secrets.token_hex(16) for _ in range(500)]
    return [
        Batch(
            1, 1, n * size + 1, now, [event(n * size + i + 1, people[i % 500], now + i, community) for i in range(size)]
        )
        for n in range(count)
    ]


@dataclass
class Sender:
    """One device with its connection; `send` returns the time of a batch in ms and raises where it is refused."""

    host: str
    port: int
    community: str
    identity: Identity = field(default_factory=Identity.create)
    device: str = ""

    def __post_init__(self) -> None:
        self.line = http.client.HTTPConnection(self.host, self.port, timeout=60)

    def enrol(self, code: str, role: str) -> None:
        me = self.identity
        asked = EnrolRequest(code, role, "bench", b64(me.sign_public), b64(me.box_public), b64(me.box_signature))
        self.device = msgspec.json.decode(self.post("/v1/enroll", dump(asked), {}), type=EnrolReply).device

    def headers(self, method: str, target: str, body: bytes, **more: str) -> dict[str, str]:
        url = f"http://{self.host}:{self.port}{target}"
        message = Message(method, url, {"Host": f"{self.host}:{self.port}", **more}, body)
        Signer(self.device, self.identity.sign).sign(message, datetime.now(UTC))
        return dict(message.headers)

    def ready(self, body: bytes) -> Callable[[], float]:
        """A batch that is compressed and signed already, as a device that has little else to do sends it."""
        target = f"/v1/devices/{self.device}/events"
        headers = self.headers("POST", target, body, **{"Content-Encoding": "zstd"})

        def send() -> float:
            began = time.perf_counter()
            self.post(target, body, headers)
            return (time.perf_counter() - began) * 1000

        return send

    def post(self, target: str, body: bytes, headers: dict[str, str]) -> bytes:
        self.line.request("POST", target, body, headers)
        told = self.line.getresponse()
        answer = told.read()
        if told.status != 200:
            raise RuntimeError(f"{told.status} {answer[:200]!r}")
        return answer


def squeezed(batch: Batch) -> bytes:
    return compress(dump(batch))


@contextmanager
def serving(
    folder: Path, database: str = "", program: Sequence[str] = ("-m", "district")
) -> Iterator[tuple[str, int, DistrictSettings, "subprocess.Popen[bytes]"]]:
    """(host, port, settings, process) of a district that serves from `folder` in its own process; Python runs `program`."""
    ready = folder / "ready"
    settings = DistrictSettings(data=folder / "data", database=database)
    rules = {f"SHOUWANG_DISTRICT_LIMITS__{rule}": PLENTY for rule in ("ENROL", "DEVICE", "INTAKE")}
    command = [sys.executable, *program, "--data", str(settings.data), "--database", database, "serve",
               "--port", "0", "--ready-file", str(ready)]  # fmt: skip
    ready.unlink(missing_ok=True)
    with (folder / "output.log").open("ab") as output:
        process = subprocess.Popen(command, env={**os.environ, **rules}, stdout=output, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + START_S
        while not (ready.exists() and ready.read_text().endswith("\n")):
            if (ended := process.poll()) is not None:
                said = (folder / "output.log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"the district ended with {ended} before it answered: {said}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"the district did not answer within {START_S} s")
            time.sleep(0.02)
        url = urlsplit(ready.read_text().strip())
        assert url.hostname is not None
        assert url.port is not None
        yield url.hostname, url.port, settings, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def enrolled(host: str, port: int, settings: DistrictSettings, community: str, role: str = "hub") -> Sender:
    """A device that has just joined."""
    sender = Sender(host, port, community)
    sender.enrol(ask(settings, "code", role=role, community=community)["code"], role)
    return sender


def quantile(values: list[float], q: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def printed(found: dict[str, object]) -> None:
    print(json.dumps(found))
