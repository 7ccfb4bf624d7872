"""A request that was recorded on the line is refused when it comes again, before and after the server was started again."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from district.config import DistrictSettings
from district.door.nonces import KEPT_S, Nonces
from offline.keys.signing import Message, Signer
from offline.node import Node
from tests.fakes.serving import GENEROUS, Serving, run_district


def test_a_repeat_is_refused_by_a_server_that_was_started_again(tmp_path: Path) -> None:
    told = DistrictSettings(port=0, data=tmp_path / "district", limits=GENEROUS)
    serving = run_district(told)
    district: Serving = next(serving)
    node = Node(tmp_path / "node")
    node.enrol(district.url, district.code("caregiver"), "caregiver", "desk")
    url = f"{district.url}/v1/feed?cursor="
    request = requests.Request("GET", url).prepare()
    Signer(node.journal.device, node.identity.sign).sign(Message("GET", url, request.headers, b""), datetime.now(UTC))
    with requests.Session() as line:
        assert line.send(request).status_code == 200
        again = line.send(request)
        assert (again.status_code, again.json()["code"]) == (401, "replayed")
    told = told.model_copy(update={"port": int(district.url.rpartition(":")[2])})
    serving.close()
    after = run_district(told)
    next(after)
    with requests.Session() as line:
        again = line.send(request)
        assert (again.status_code, again.json()["code"]) == (401, "replayed")
    after.close()
    node.close()


def test_an_order_of_the_operator_is_carried_out_once(district: Serving) -> None:
    office = district.office
    url, body = f"{district.url}/v1/operator/code", b'{"role": "kiosk", "community": "jinxiu"}'
    request = requests.Request("POST", url, data=body, headers={"Content-Type": "application/json"}).prepare()
    Signer(office.store.node, office.identity.sign).sign(Message("POST", url, request.headers, body), datetime.now(UTC))
    with requests.Session() as line:
        assert line.send(request).status_code == 200
        again = line.send(request)
        assert (again.status_code, again.json()["code"]) == (401, "replayed")


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(0, 400), st.integers(0, 30), st.booleans()), max_size=60))
def test_no_nonce_is_taken_twice_within_the_window_whatever_restarts_there_are(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[float, int, bool]]
) -> None:
    folder, now = tmp_path_factory.mktemp("nonces"), 1_000.0
    nonces, taken = Nonces(folder, now), dict[int, float]()
    for later, nonce, restart in steps:
        now += later
        if restart:
            nonces.close()
            nonces = Nonces(folder, now)
        fresh = nonces.take("d", str(nonce), now)
        if now - taken.get(nonce, -10_000.0) <= KEPT_S:
            assert not fresh
        if fresh:
            taken[nonce] = now
    nonces.close()


def test_a_line_cut_short_by_a_crash_spoils_nothing(tmp_path: Path) -> None:
    nonces = Nonces(tmp_path, 1_000)
    assert nonces.take("d", "one", 1_000)
    nonces.close()
    with (tmp_path / "nonces.0").open("ab") as file:
        file.write(b'[1000.0, "d", "tw')
    again = Nonces(tmp_path, 1_001)
    assert not again.take("d", "one", 1_001)
    assert again.take("d", "two", 1_001)
    again.close()
    third = Nonces(tmp_path, 1_002)
    assert not third.take("d", "two", 1_002)
    third.close()
