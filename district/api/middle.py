"""Around every request: an id, one structured line in the log, and the figures. Nothing of body, query or headers is logged."""

import logging
import re
import secrets
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from district.metrics import Metrics

log = logging.getLogger("district.access")
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
        began, status = time.perf_counter(), 500

        async def answering(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", id)]
                self._tell(scope, id.decode(), status, time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, answering)

    def _tell(self, scope: Scope, id: str, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "none")  # the pattern: ids and tokens stay out of the log
        self._metrics.requests.labels(scope["method"], route, status).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        level = logging.INFO if status >= 400 else logging.DEBUG
        log.log(
            level, "request=%s method=%s route=%s status=%d ms=%.1f", id, scope["method"], route, status, seconds * 1000
        )
