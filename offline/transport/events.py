"""Server-sent events, as the district's stream brings them."""

from collections.abc import Iterator

import msgspec

from offline.transport.port import Poke
from offline.wire import FeedItem


def events(lines: Iterator[bytes]) -> Iterator[FeedItem | Poke]:
    """Server-sent events from lines (WHATWG HTML, 9.2.6); a comment is a heartbeat."""
    name, data = "", []  # type: str, list[str]
    for raw in lines:
        line = raw.decode("utf-8")
        if not line:
            if data or name:
                text = "\n".join(data)
                yield msgspec.json.decode(text, type=FeedItem) if name in ("incident", "fact") else Poke(name, text)
            name, data = "", []
        elif line.startswith(":"):
            yield Poke("heartbeat")
        else:
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)
