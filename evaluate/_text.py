"""Tables and lists as text, whatever program wrote and packed them."""

import codecs
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from domain.tables import encodings

_GZIP = b"\x1f\x8b"
_SAMPLE = 2**16


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """The lines of a file, unpacked where it is gzip, whatever it is named; what cannot be decoded is replaced.

    Raises OSError; reading may raise OSError, EOFError, zlib.error where the packing is damaged.
    """
    with path.open("rb") as raw:
        packed = raw.peek(2)[:2] == _GZIP
        plain = cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if packed else raw
        encoding = _encoding(plain.read(_SAMPLE))
        plain.seek(0)
        with TextIOWrapper(plain, encoding, errors="replace") as lines:
            yield lines


def _encoding(begin: bytes) -> str:
    """As a clerk's table may be written; what is in none of these is read as UTF-8 all the same."""
    for encoding in encodings(begin):
        try:
            codecs.getincrementaldecoder(encoding)().decode(begin)
        except UnicodeDecodeError:
            continue
        return encoding
    return "utf-8-sig"


def text_of(path: Path) -> str:
    """The whole of a small file. Raises OSError."""
    with opened(path) as lines:
        return lines.read()
