"""A query may name what the endpoint knows and nothing else: a mistyped `?limt=5` must not be answered as if it were not there."""

from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from district.api.problems import Refusal


async def no_strangers(request: Request) -> None:
    route = request.scope.get("route")
    if not (request.scope["query_string"] and isinstance(route, APIRoute)):
        return
    if not set(request.query_params) <= set(_named(route.dependant)):
        raise Refusal(422, "bad_request", "the query names something that is not known here")


def _named(of: Dependant) -> Iterator[str]:
    yield from (field.alias for field in of.query_params)
    for other in of.dependencies:
        yield from _named(other)
