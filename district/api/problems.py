"""Refusals as JSON: `{"code", "detail"}`, the same shape everywhere; nothing of the inside shows."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from district.store.port import Busy
from domain.errors import Mendable

log = logging.getLogger(__name__)


class Problem(BaseModel):
    """What every refusal says; some say more (`time`, `epoch`)."""

    model_config = ConfigDict(extra="allow")
    code: str
    detail: str


REFUSALS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "description": "Refused: `code` says why."},
    "5XX": {"model": Problem, "description": "Not now (`Retry-After`), or a fault of the server's."},
}


class Refusal(Exception):
    """An answer other than what was asked for. `more` goes into the JSON."""

    def __init__(
        self, status: int, code: str, detail: str = "", headers: dict[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(f"{status} {code} {detail}")
        self.status, self.code, self.detail, self.headers, self.more = status, code, detail, headers, more


def install(app: FastAPI) -> None:
    @app.exception_handler(Refusal)
    async def refused(_: Request, e: Refusal) -> JSONResponse:
        return JSONResponse({"code": e.code, "detail": e.detail, **e.more}, e.status, e.headers)

    @app.exception_handler(Busy)
    async def busy(_: Request, e: Busy) -> JSONResponse:
        return JSONResponse({"code": "busy", "detail": ""}, 503, {"Retry-After": f"{e.retry_after:g}"})

    @app.exception_handler(Mendable)
    async def mendable(_: Request, e: Mendable) -> JSONResponse:
        log.error("%s", e)
        return JSONResponse({"code": e.code, "detail": ""}, 503, {"Retry-After": "10"})

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, e: RequestValidationError) -> JSONResponse:
        first = e.errors()[0]
        detail = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        return JSONResponse({"code": "bad_request", "detail": detail}, 422)

    @app.exception_handler(HTTPException)
    async def http(_: Request, e: HTTPException) -> JSONResponse:
        code = {404: "not_found", 405: "method_not_allowed"}.get(e.status_code, f"http_{e.status_code}")
        return JSONResponse({"code": code, "detail": ""}, e.status_code, e.headers)
