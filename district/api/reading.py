"""A request's raw body in the shape that its endpoint takes."""

import re
from typing import TypeVar

import msgspec

from district.api.problems import Refusal

T = TypeVar("T")
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # and not a backslash that somebody wrote, and "u0000" behind it


def read(body: bytes, shape: type[T]) -> T:
    """A request's raw body in its shape. Raises Refusal; also for a NUL, which no word here holds and PostgreSQL cannot keep."""
    if _NUL.search(body):
        raise Refusal(422, "bad_request", "a word with a NUL")
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        raise Refusal(422, "bad_request", str(e)) from e
