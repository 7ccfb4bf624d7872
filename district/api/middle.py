"""Around every request: an id that every line of the log caused by it carries, one line with its end, the figures, and an answer
where the fault is ours. Nothing of body, query or headers is logged, and of the path its pattern: ids and tokens stay out."""

import logging
import re
import secrets
import time

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from district.metrics import Metrics
from district.request_id import request_id

log = logging.getLogger("district.access")
GONE = 499  # as proxies write down that a client went away before it was answered
_NUL = b"%00"
_GIVEN = re.compile(rb"[A-Za-z0-9-]{8,64}")


class Around:
    """Pure ASGI, so that streams pass through untouched."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"x-request-id", b"")
        id = given if _GIVEN.fullmatch(given) else secrets.token_hex(8).encode()
        began, status = time.perf_counter(), 0
        request_id.set(id.decode())

        async def answering(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", id)]
                self._tell(scope, status, time.perf_counter() - began)
            await send(message)

        asked = (scope.get("raw_path") or b"") + b"?" + scope["query_string"]
        app = _nowhere if _NUL in asked else self._app
        try:
            await app(scope, receive, answering)
        except ClientDisconnect:  # in the middle of what they sent: a bad line, and nobody is there to be answered
            self._tell(scope, GONE, time.perf_counter() - began)
        except Exception as e:
            if status:
                raise
            log.error("unexpected at %s %s", scope["method"], route_of(scope), exc_info=e)
            await JSONResponse({"code": "internal", "detail": ""}, 500)(scope, receive, answering)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        route = route_of(scope)
        self._metrics.requests.labels(scope["method"], route, status).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        level = logging.INFO if status >= 400 else logging.DEBUG
        log.log(level, "method=%s route=%s status=%d ms=%.1f", scope["method"], route, status, seconds * 1000)


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    """Nothing here has a NUL in its name, and PostgreSQL cannot even look for it."""
    await JSONResponse({"code": "not_found", "detail": ""}, 404)(scope, receive, send)


def route_of(scope: Scope) -> str:
    """The pattern of the address that was asked for: ids and tokens stay out."""
    return getattr(scope.get("route"), "path", "none")
