"""Within which request something happens, for the log."""

import logging
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")


def in_request(record: logging.LogRecord) -> bool:
    """For a handler of the log: say within which request something happened. Lets everything pass."""
    if (id := request_id.get()) and not hasattr(record, "request"):
        record.request = id
        record.msg = f"request={id} {record.msg}"
    return True
