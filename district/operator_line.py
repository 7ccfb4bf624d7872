"""How the command line reaches the district: the folder itself where nothing serves it, else the server that does."""

import http.client
import json
import ssl
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from district.bootstrap import node_id, opened
from district.config import DistrictSettings
from district.operator.commands import perform
from district.upkeep.lock import FolderLock
from domain.errors import Mendable
from offline.keys.identity import Identity
from offline.keys.signing import Message, Signer
from offline.letters.pins import pin_of

TIMEOUT_S = 15.0
# What reads a year through takes its time: a million lines of the audit, 20 s.
THOROUGH = frozenset({"audit_verify", "export", "figures", "incidents", "quarantine_replay"})
THOROUGH_S = 900.0


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
    body, target = json.dumps(given).encode(), f"/v1/operator/{command}"
    message = Message("POST", holder["url"] + target, {"Content-Type": "application/json"}, body)
    Signer(node_id(identity), identity.sign).sign(message, datetime.now(UTC))
    try:
        with closing(_line(holder)) as line:
            line.request("POST", target, body, dict(message.headers))
            if command in THOROUGH and line.sock is not None:
                line.sock.settimeout(THOROUGH_S)
            answer = line.getresponse()
            told: dict[str, Any] = json.loads(answer.read() or b"{}")
    except (OSError, http.client.HTTPException, ValueError) as e:
        raise Mendable("district_busy", path=settings.data) from e
    if answer.status == 200:
        return told
    if "mend" in told:
        raise Mendable(told["mend"], **told["with_"])
    if told.get("code") == "not_found":
        raise Mendable("district_version", command=command)
    raise Mendable("district_refused", answer=told.get("code", answer.status))


def _line(holder: Mapping[str, str]) -> http.client.HTTPConnection:
    """To our own server, known by the key it wrote down at its start: whoever signed its certificate, and however long that is
    good, commands must reach it. Raises OSError."""
    address = urlsplit(holder["url"])
    host, port = address.hostname or "", address.port
    if address.scheme != "https":
        return http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    line = http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=trust)
    line.connect()
    if pin_of(line.sock.getpeercert(binary_form=True) or b"") != holder.get("pin"):
        line.close()
        raise OSError("the TLS key of whoever answers is not our server's")
    return line
