"""What happens in a request carries its id: the answer, the figures, and every line of the log that it caused."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from district.request_id import in_request
from offline.program import keep_log
from tests.fakes.serving import Serving


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Path]:
    """The file into which the program logs, as it does when it serves."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    keep_log(tmp_path / "log", each=in_request)
    yield tmp_path / "log"
    for handler in root.handlers:
        handler.close()
    root.handlers[:], root.level = before, level


def test_a_fault_of_ours_has_the_requests_id_in_the_answer_and_in_the_log_and_is_counted(
    district: Serving, logged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_token: str, _now: int) -> None:
        raise RuntimeError("the disk sings")

    monkeypatch.setattr(district.office.accounts, "invited", fails)
    told = requests.get(f"{district.url}/begin/a-token-of-somebody", headers={"X-Request-Id": "desk-1234"}, timeout=20)
    assert (told.status_code, told.json(), told.headers["x-request-id"]) == (
        500, {"code": "internal", "detail": ""}, "desk-1234",
    )  # fmt: skip
    log = logged.read_text("utf-8")
    assert "request=desk-1234 unexpected at GET /begin/{token}" in log
    assert "the disk sings" in log, "with where it happened"
    assert "request=desk-1234 method=GET route=/begin/{token} status=500" in log
    assert "a-token-of-somebody" not in log
    figures = requests.get(f"{district.url}/metrics", timeout=20).text
    assert 'requests_total{method="GET",route="/begin/{token}",status="500"} 1.0' in figures


def test_what_a_request_does_on_another_thread_is_logged_under_its_id(
    district: Serving, logged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = district.office.store.heads

    def slow() -> dict[str, int]:
        logging.getLogger("district.store").warning("the disk is slow")
        return heads()

    monkeypatch.setattr(district.office.store, "heads", slow)
    id = requests.get(f"{district.url}/readyz", timeout=20).headers["x-request-id"]
    assert f"request={id} the disk is slow" in logged.read_text("utf-8")
