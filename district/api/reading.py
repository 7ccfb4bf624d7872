"""A request's raw body in the shape that its endpoint takes."""

from typing import TypeVar

import msgspec

from district.api.problems import Refusal

T = TypeVar("T")


def read(body: bytes, shape: type[T]) -> T:
    """A request's raw body in its shape. Raises Refusal; also for a NUL, which no word here holds and PostgreSQL cannot keep."""
    if b"\\u0000" in body:
        raise Refusal(422, "bad_request", "a word with a NUL")
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        raise Refusal(422, "bad_request", str(e)) from e
