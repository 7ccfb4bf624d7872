"""The server calls nobody whom a request names: no endpoint takes an address, and few modules can call at all."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from district.api.app import create_app
from tests.fakes.serving import Serving

ROOT = Path(__file__).parents[2]
CLIENTS = {"requests", "urllib.request", "urllib3", "http.client", "httpx", "aiohttp", "ftplib", "smtplib", "apprise"}
# by the settings; to our own server, by its own note
MAY = {"district/reaching/channels.py", "district/operator_line.py"}


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_whoever_can_call_out_is_known_by_name() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "district").rglob("*.py")
        if any(name in CLIENTS or name.partition(".")[0] in CLIENTS for name in imported(path))
    }
    assert found == MAY, "beside `offline.transport`, whose address is the setting `upstream`"


def named(schema: Any) -> Iterator[str]:
    """Every property and parameter of the API, and the format of its strings."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        if isinstance(schema.get("name"), str) and "in" in schema:
            yield schema["name"]
        if isinstance(schema.get("format"), str):
            yield schema["format"]
        for each in schema.values():
            yield from named(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from named(each)


def test_no_endpoint_takes_an_address_to_call(district: Serving) -> None:
    words = {name.lower() for name in named(create_app(district.office).openapi())}
    assert words, "there is something to look at"
    assert {
        w for w in words if any(part in w for part in ("url", "uri", "href", "host", "callback", "webhook"))
    } == set()
