"""Plain HTTP for tests: status, JSON and headers, whatever the status."""

import json
import urllib.error
import urllib.request
from typing import Any


def call(
    url: str, method: str = "GET", body: Any = None, token: str = "", headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    """(status, JSON or text)."""
    data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **(headers or {})}, method=method)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=10) as told:
            return told.status, _read(told.read())
    except urllib.error.HTTPError as e:
        with e:
            return e.code, _read(e.read())


def _read(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw.decode()
