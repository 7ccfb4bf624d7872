"""Answers in the shapes of `offline.wire`, and those shapes in the generated OpenAPI."""

from typing import Any

import msgspec
from fastapi import Response

from offline.wire import dump


def answer(value: Any, status: int = 200) -> Response:
    return Response(dump(value), status, media_type="application/json")


def takes(shape: Any) -> dict[str, Any]:
    """`openapi_extra` of an endpoint that reads its raw body itself."""
    (schema,), components = msgspec.json.schema_components([shape], ref_template="#/components/schemas/{name}")
    whole = components[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": _inline(whole, components)}}}}


def _inline(schema: Any, components: dict[str, Any]) -> Any:
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _inline(components[schema["$ref"].rpartition("/")[2]], components)
        return {k: _inline(v, components) for k, v in schema.items()}
    return [_inline(v, components) for v in schema] if isinstance(schema, list) else schema
