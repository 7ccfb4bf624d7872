"""Answers in the shapes of `offline.wire`, and those shapes in the generated OpenAPI."""

from typing import Any

import msgspec
from fastapi import Response

from offline.wire import compress, dump

WORTH_PACKING = 1_400  # bytes: what goes in one segment goes no faster compressed


def answer(value: Any, status: int = 200) -> Response:
    return Response(dump(value), status, media_type="application/json")


def packed(value: Any, accepts: str) -> Response:
    """As `answer`, compressed where the caller says in Accept-Encoding that it takes zstd (RFC 9110, 12.5.3; RFC 8878)."""
    body, headers = dump(value), {"Vary": "Accept-Encoding"}
    if len(body) >= WORTH_PACKING and _takes_zstd(accepts):
        body, headers["Content-Encoding"] = compress(body), "zstd"
    return Response(body, media_type="application/json", headers=headers)


def _takes_zstd(accepts: str) -> bool:
    for each in accepts.lower().split(","):
        name, _, weight = each.partition(";")
        if name.strip() == "zstd":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def takes(shape: Any) -> dict[str, Any]:
    """`openapi_extra` of an endpoint that reads its raw body itself."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": _schema(shape)}}}}


def gives(shape: Any, status: int = 200) -> dict[str, Any]:
    """`openapi_extra` of an endpoint that writes its JSON itself; goes together with `takes` by `|`."""
    return {"responses": {str(status): {"content": {"application/json": {"schema": _schema(shape)}}}}}


def plain(media_type: str) -> dict[str, Any]:
    """`openapi_extra` of an endpoint that answers with something else than JSON."""
    return {"responses": {"200": {"content": {media_type: {"schema": {"type": "string", "format": "binary"}}}}}}


def _schema(shape: Any) -> Any:
    (schema,), components = msgspec.json.schema_components([shape], ref_template="#/components/schemas/{name}")
    return _inline(schema, components)


def _inline(schema: Any, components: dict[str, Any]) -> Any:
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _inline(components[schema["$ref"].rpartition("/")[2]], components)
        if "prefixItems" in schema:  # ours hold numbers alike, and an array of a fixed length is read by every tool
            first, *_ = schema.pop("prefixItems")
            schema["items"] = first
        return {k: _inline(v, components) for k, v in schema.items()}
    return [_inline(v, components) for v in schema] if isinstance(schema, list) else schema
