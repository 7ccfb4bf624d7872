"""Schemathesis over the generated OpenAPI: whatever is sent, no answer is a fault of ours."""

import pytest
import schemathesis
from district_api.conftest import GENEROUS, run_district
from hypothesis import HealthCheck, given, settings

from district.config import DistrictSettings

LIMIT = settings(
    max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True
)


@pytest.fixture
def api(tmp_path):
    yield from run_district(DistrictSettings(port=0, data=tmp_path / "d", limits=GENEROUS, docs=True))


def test_nothing_that_is_sent_is_answered_with_a_fault_of_ours(api):
    schema = schemathesis.openapi.from_url(f"{api.url}/openapi.json")
    tried: list[str] = []
    token = session(api)
    for result in schema.get_all_operations():
        operation = result.ok()

        @LIMIT
        @given(case=operation.as_strategy())
        def run(case):
            if case.path == "/v1/stream":
                return
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}
            answer = case.call(base_url=api.url, timeout=10)
            assert answer.status_code < 500, (case.method, case.path, answer.status_code)

        run()
        tried.append(operation.label)
    assert len(tried) > 15


def session(api) -> str:
    accounts = api.office.accounts
    token = accounts.first_administrator(api.office.now_ms())
    accounts.begin(token, "correct horse battery", api.office.now_ms())
    return accounts.sign_in("admin", "correct horse battery", "", api.office.now_ms())[1]
