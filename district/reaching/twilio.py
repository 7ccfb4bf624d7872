"""Twilio's reports of what became of a message: asked for with the message, signed with the account's token.

Apprise has no place for a status callback and tells no message id, so its plugin is given an HTTP library that adds the one; the
address that is asked for names the message. https://www.twilio.com/docs/usage/security (signatures);
/docs/messaging/guides/track-outbound-message-status and /docs/voice/api/call-resource there (states).
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

SIGNATURE = "X-Twilio-Signature"
_ARRIVED = frozenset({"delivered", "read", "completed"})  # completed: a call that was taken
_LOST = frozenset({"undelivered", "failed", "busy", "no-answer", "canceled"})
# a number that nobody has, a landline: https://www.twilio.com/docs/api/errors/30005 and /30006
_FOR_GOOD = ("_30005", "_30006")
_address: ContextVar[str] = ContextVar("twilio_status_callback", default="")


class _Asking:
    """The HTTP library of the plugin, with a `post` that asks for a report where one is wanted."""

    def __init__(self, library: Any) -> None:
        self._library = library

    def __getattr__(self, name: str) -> Any:
        return getattr(self._library, name)

    def post(self, url: str, *, data: Mapping[str, str], **more: Any) -> Any:
        address = _address.get()
        return self._library.post(url, data={**data, "StatusCallback": address} if address else data, **more)


def heed_reports() -> None:
    """Once, before the first message; again does no harm."""
    plugin: Any = import_module("apprise.plugins.twilio")
    if not isinstance(plugin.requests, _Asking):
        plugin.requests = _Asking(plugin.requests)


@contextmanager
def reporting_to(address: str) -> Iterator[None]:
    """What this thread hands to Twilio meanwhile is reported on at `address`; "" for no report."""
    before = _address.set(address)
    try:
        yield
    finally:
        _address.reset(before)


def key_of(service: Any) -> str:
    """The token with which the account of one of Apprise's services signs its reports; "" where it is not Twilio's."""
    return str(service.auth_token) if getattr(service, "secure_protocol", "") == "twilio" else ""


def signed(key: str, address: str, form: Mapping[str, Sequence[str]], signature: str) -> bool:
    """Whether Twilio said so: over the address that it was asked to report to, and every field."""
    fields = "".join(f"{name}{value}" for name in sorted(form) for value in sorted(set(form[name])))
    parts = urlsplit(address)
    bare = parts._replace(
        netloc=parts.netloc.removesuffix(f":{parts.port}")
    ).geturl()  # over https the port is left out
    said = signature.encode("utf-8", "replace")
    return any(hmac.compare_digest(sign(key, url + fields), said) for url in (address, bare))


def outcome(form: Mapping[str, Sequence[str]]) -> tuple[bool | None, str]:
    """Whether it arrived, None while that is open, and why not: "undelivered_30003", "no-answer"."""
    told = {name: values[0] for name, values in form.items() if values}
    state = told.get("MessageStatus") or told.get("CallStatus") or told.get("SmsStatus") or ""
    if state in _ARRIVED:
        return True, ""
    if state not in _LOST:
        return None, ""
    code = told.get("ErrorCode", "")
    return False, f"{state}_{code}" if code.isascii() and code.isdigit() and int(code) else state


def for_good(reason: str) -> bool:
    """Whether no message will ever arrive there, by the reason that `outcome` gives."""
    return reason.endswith(_FOR_GOOD)


def sign(key: str, text: str) -> bytes:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha1).digest())
