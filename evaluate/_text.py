"""Tables and lists as text, whatever program wrote them."""

from pathlib import Path

_WIDE = (b"\xff\xfe", b"\xfe\xff")  # how UTF-16 begins


def encoding_of(path: Path) -> str:
    """UTF-16 where the file begins as such, else UTF-8 with or without its mark. Raises OSError."""
    with path.open("rb") as f:
        return "utf-16" if f.read(2) in _WIDE else "utf-8-sig"


def text_of(path: Path) -> str:
    """The whole of a small file; what is no Unicode is read as China's spreadsheets write it. Raises OSError."""
    raw = path.read_bytes()
    try:
        return raw.decode(encoding_of(path))
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")
