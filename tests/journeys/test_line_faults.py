"""The line to the district on bad days, with a real server: each gives one clear word, and nothing is lost."""

import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from assets.words import LANGUAGES, say
from demo.district import District
from district.operator_line import ask
from domain.errors import Mendable
from offline.line.link import Link
from offline.node import Node
from tests.fakes.there import there
from tests.fakes.waiting import until


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    served = District(tmp_path_factory.mktemp("district"))
    served.start()
    yield served
    served.stop()


@pytest.fixture
def scheduler() -> Iterator[BackgroundScheduler]:
    started = BackgroundScheduler()
    started.start()
    yield started
    started.shutdown()


@pytest.fixture
def node(tmp_path: Path, scheduler: BackgroundScheduler) -> Iterator[Node]:
    opened = Node(tmp_path / "node")
    yield opened
    opened.close()


def passages(district: District, node: Node) -> list[dict[str, Any]]:
    return [f for f in district.facts("passage.recorded") if f["device"] == node.journal.device]


def link(node: Node) -> Link:
    assert node.sync is not None
    return node.sync.status.link


def test_a_server_that_is_gone_is_said_to_be_and_what_was_recorded_arrives_once_it_is_back(
    district: District, node: Node, scheduler: BackgroundScheduler
) -> None:
    node.enrol(district.url, district.code("kiosk", "jinxiu"), "kiosk", "south")
    sync = node.start(scheduler)
    until(lambda: link(node) is Link.CONNECTED)
    district.stop()
    for n in range(3):
        node.journal.append("passage.recorded", {"n": n})
    sync.poke()
    until(lambda: link(node) is Link.UNREACHABLE)
    assert sync.status.pending == 3
    district.start()
    sync.poke()
    until(lambda: node.journal.pending() == 0)
    assert len(passages(district, node)) == 3


def test_a_revoked_device_is_told_so_and_keeps_its_facts(
    district: District, node: Node, scheduler: BackgroundScheduler
) -> None:
    node.enrol(district.url, district.code("kiosk", "jinxiu"), "kiosk", "south")
    sync = node.start(scheduler)
    until(lambda: link(node) is Link.CONNECTED)
    ask(district.settings, "revoke", device=node.journal.device)
    node.journal.append("passage.recorded", {})
    sync.poke()
    until(lambda: link(node) is Link.REVOKED)
    assert node.journal.pending() == 1
    assert passages(district, node) == []


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_is_a_day_off_locks_nobody_out_and_is_shown(
    district: District, tmp_path: Path, scheduler: BackgroundScheduler, days: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    true = time.time
    monkeypatch.setattr("offline.node_clock.time.time", lambda: true() + days * 86_400)
    node = Node(tmp_path / "wrong")
    node.enrol(district.url, district.code("kiosk", "jinxiu"), "kiosk", "south")
    sync = node.start(scheduler)
    node.journal.append("passage.recorded", {})
    sync.poke()
    until(lambda: node.journal.pending() == 0)
    [kept] = passages(district, node)
    assert abs(int(kept["at"]) - true() * 1000) < 60_000
    node.close()


@pytest.mark.parametrize(
    ("code", "mend"), [("never-0123456789abcdef", "code_refused"), (None, "code_refused"), ("", "code_refused")]
)
def test_a_code_that_is_wrong_or_spent_is_refused(
    district: District, tmp_path: Path, code: str | None, mend: str
) -> None:
    if code is None:
        code = district.code("kiosk", "jinxiu")
        first = Node(tmp_path / "first")
        first.enrol(district.url, code, "kiosk", "south")
        first.close()
    node = Node(tmp_path / "node")
    with pytest.raises(Mendable, match=mend):
        node.enrol(district.url, code, "kiosk", "south")
    assert node.district is None
    node.close()


@pytest.mark.timeout(60)
def test_a_node_that_is_stopped_waits_for_no_server_that_takes_connections_and_says_nothing(
    district: District, node: Node, scheduler: BackgroundScheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("offline.transport.http.STREAM_SILENCE_S", 3600.0)
    monkeypatch.setattr("offline.transport.line.READ_S", 3600.0)
    node.enrol(district.url, district.code("kiosk", "jinxiu"), "kiosk", "hurried")
    taken = list[socket.socket]()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        node._keep(replace(there(node.district), url=f"http://127.0.0.1:{port}"))
        sync = node.start(scheduler, listen=True)
        stream = there(node.stream)
        while len(taken) < 2:  # a round, and the stream
            taken.append(silent.accept()[0])
            taken[-1].recv(1)
        monkeypatch.setattr(stream, "stop", partial(stream.stop, 3600.0))
        node.stop()
        until(lambda: not sync._running.locked())
        for each in taken:
            each.close()


def test_an_address_where_nobody_answers_is_unreachable(node: Node) -> None:
    with pytest.raises(Mendable, match="district_unreachable"):
        node.enrol("http://127.0.0.1:9", "x-y", "kiosk", "south")


def test_a_node_without_a_district_says_so(node: Node, scheduler: BackgroundScheduler) -> None:
    with pytest.raises(Mendable, match="not_enrolled"):
        node.start(scheduler)


def self_signed(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    ssl.create_default_context(cafile=str(certificate))
    return certificate, private


def test_a_certificate_nobody_vouches_for_is_refused_unless_the_code_vouches_for_its_key(
    tmp_path: Path, node: Node
) -> None:
    certificate, private = self_signed(tmp_path)
    ready, data = tmp_path / "ready", tmp_path / "tls"
    command = [sys.executable, "-m", "district", "--data", str(data), "serve", "--host", "localhost", "--port", "0"]
    command += ["--tls-cert", str(certificate), "--tls-key", str(private), "--ready-file", str(ready)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        until(lambda: ready.exists() and ready.read_text().strip(), 60)
        url = "https://localhost:" + ready.read_text().strip().rpartition(":")[2]
        settings = District(tmp_path).settings.model_copy(update={"data": data})
        code = ask(settings, "code", role="kiosk", community="jinxiu")["code"]
        with pytest.raises(Mendable, match="district_untrusted"):
            node.enrol(url, code.rpartition("-")[0] + "-0123456789abcdef", "kiosk", "south")
        node.enrol(url, code, "kiosk", "south")
        assert node.journal.community == "jinxiu"
    finally:
        process.terminate()
        process.wait(15)


def test_every_state_of_the_line_has_a_sentence() -> None:
    down = set(Link) - {Link.CONNECTED, Link.STARTING}
    for language in LANGUAGES:
        for state in down:
            assert say(language, f"error.link_{state.value}")
