"""How the command line reaches the district: the folder itself where nothing serves it, else the server that does."""

import json
import ssl
import urllib.error
import urllib.request
from datetime import UTC, datetime
from typing import Any

from district.bootstrap import node_id, opened
from district.config import DistrictSettings
from district.operator.commands import perform
from district.upkeep.lock import FolderLock
from domain.errors import Mendable
from offline.identity import Identity
from offline.signing import Message, Signer

TIMEOUT_S = 15.0


def ask(settings: DistrictSettings, command: str, **given: Any) -> dict[str, Any]:
    """Have a command performed. Raises Mendable, also `district_busy` where the server holds the folder and does not answer."""
    lock = FolderLock(settings.data)
    try:
        if lock.take():
            with opened(settings) as office:
                return perform(office, command, given)
        return _call(settings, lock.holder(), command, given)
    finally:
        lock.close()


def _call(
    settings: DistrictSettings, holder: dict[str, str] | None, command: str, given: dict[str, Any]
) -> dict[str, Any]:
    if holder is None:
        raise Mendable("district_busy", path=settings.data)
    identity = Identity.load_or_create(settings.data / "identity.json")
    body = json.dumps(given).encode()
    request = urllib.request.Request(  # noqa: S310 (the address our own server wrote down)
        f"{holder['url']}/v1/operator/{command}", body, {"Content-Type": "application/json"}, method="POST"
    )
    message = Message("POST", request.full_url, dict(request.header_items()), body)
    Signer(node_id(identity), identity.sign).sign(message, datetime.now(UTC))
    for name, value in message.headers.items():
        request.add_header(name, value)
    trust = ssl.create_default_context(cafile=holder["certificate"] or None)
    trust.check_hostname = False  # our own server, by its own certificate
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S, context=trust) as answer:  # noqa: S310 (the same)
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as e:
        told = json.loads(e.read() or b"{}")
        if "mend" in told:
            raise Mendable(told["mend"], **told["with_"]) from e
        raise Mendable("district_refused", answer=told.get("code", e.code)) from e
    except OSError as e:
        raise Mendable("district_busy", path=settings.data) from e
