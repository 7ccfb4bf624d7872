"""Schemathesis over the generated OpenAPI, signed and signed in: no answer is a fault of ours, none is other than the OpenAPI says,
and no nonsense is accepted."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from district.config import DistrictSettings
from offline.keys.signing import Message, Signer
from offline.node import Node
from tests.fakes.serving import GENEROUS, Serving, run_district
from tests.fakes.there import there

AS_DESCRIBED = (status_code_conformance, content_type_conformance, response_schema_conformance)
LIMIT = settings(max_examples=5, suppress_health_check=list(HealthCheck), database=None, derandomize=True)


class Caller:
    """Sends what Schemathesis makes, with the signature of a hub (whose endpoints are the most) and an administrator's session."""

    def __init__(self, api: Serving, folder: Path) -> None:
        self.api, self.node = api, Node(folder / "node")
        self.node.enrol(api.url, api.code("hub"), "hub", "hub")
        self.me = self.node.journal.device
        self.signer, self.token, self.line = Signer(self.me, self.node.identity.sign), session(api), requests.Session()

    def send(self, case: schemathesis.Case[Any]) -> requests.Response:
        if "device" in (case.path_parameters or {}) and case.path.endswith(("/events", "/cursor", "/below")):
            case.path_parameters["device"] = self.me
        told = case.as_transport_kwargs(base_url=self.api.url)
        headers = {**(told.get("headers") or {}), "Authorization": f"Bearer {self.token}"}
        request = requests.Request(
            told["method"],
            told["url"],
            headers,
            data=told.get("data"),
            json=told.get("json"),
            params=told.get("params"),
        ).prepare()
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        self.signer.sign(Message(there(request.method), there(request.url), request.headers, body), datetime.now(UTC))
        return self.line.send(request, timeout=60, allow_redirects=False)

    def close(self) -> None:
        self.line.close()
        self.node.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def caller(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Caller]:
    database = "" if request.param == "sqlite" else request.getfixturevalue("empty_database")()
    told = DistrictSettings(port=0, data=tmp_path / "d", limits=GENEROUS, docs=True, database=database)
    for api in run_district(told):
        found = Caller(api, tmp_path)
        yield found
        found.close()


def walk(caller: Caller, mode: GenerationMode, judge: Callable[[int], bool]) -> tuple[list[str], list[str]]:
    """Every operation but the stream; those tried, and those of which nothing of the kind can be made."""
    tried, none = [], []
    for result in schemathesis.openapi.from_url(f"{caller.api.url}/openapi.json").get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        if operation.path == "/v1/stream":
            continue

        @LIMIT
        @given(case=operation.as_strategy(generation_mode=mode))
        def run(case: schemathesis.Case[Any]) -> None:
            assume([] not in (case.query or {}).values())  # an empty list vanishes on its way
            if mode is GenerationMode.POSITIVE and "wait" in (case.query or {}):
                case.query["wait"] = 0  # nobody is waited for
            said = caller.send(case)
            assert judge(said.status_code), (case.method, case.path, said.status_code)
            case.validate_response(said, checks=list(AS_DESCRIBED))

        try:
            run()
            tried.append(operation.label)
        except Unsatisfiable:
            none.append(operation.label)
    return tried, none


@pytest.mark.timeout(240)
def test_nothing_that_is_sent_is_answered_with_a_fault_of_ours(caller: Caller) -> None:
    tried, none = walk(caller, GenerationMode.POSITIVE, lambda status: status < 500)
    assert len(tried) > 30
    assert none == []


@pytest.mark.timeout(240)
def test_no_nonsense_is_accepted(caller: Caller) -> None:
    tried, none = walk(caller, GenerationMode.NEGATIVE, lambda status: 400 <= status < 500)
    told = requests.get(f"{caller.api.url}/openapi.json", timeout=10).json()["paths"]
    of = {f"{method.upper()} {path}": what for path, methods in told.items() for method, what in methods.items()}
    shaped = {
        label
        for label, what in of.items()
        if "application/json" in what.get("requestBody", {}).get("content", {})
        or any(p["in"] == "query" for p in what.get("parameters", ()))
    }
    assert shaped - {"GET /v1/stream"} <= set(tried), "whatever has a shape was given nonsense"
    assert len(shaped) > 18
    assert not shaped & set(none)


def session(api: Serving) -> str:
    accounts = api.office.accounts
    token = there(accounts.first_administrator(api.office.now_ms()))
    accounts.begin(token, "correct horse battery", api.office.now_ms())
    return accounts.sign_in("admin", "correct horse battery", "", api.office.now_ms())[1]
