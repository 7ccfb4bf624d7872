"""The keys by which visitors' passes are signed: which count, and a new one in the place of one that is old or stolen."""

from typing import Any

import msgspec

from district.office import Office
from offline.keys.identity import fingerprint, unb64
from offline.letters.access_orders import PASS_ISSUED, PASS_REVOKED
from offline.wire import Event


def listed(office: Office) -> dict[str, Any]:
    """Every key that counts at the gates below, this server's newest first; `until` in ms, 0 where none is set."""
    keys = office.pass_keys.listed.keys
    return {"keys": [{"fingerprint": fingerprint(unb64(k.key)), "until": k.until} for k in keys]}


def change(office: Office, revoke: bool = False) -> dict[str, Any]:
    """Sign with a new key. With `revoke` the former ones count no longer, and every pass given out here ends, visibly."""
    now = office.now_ms()
    office.pass_keys.change(now, bool(revoke))
    ended = _end_passes(office, now) if revoke else 0
    office.audit.note(now, "operator", "pass_key.changed", office.store.node, revoked=bool(revoke), passes=ended)
    return {"ended": ended, **listed(office)}


def _end_passes(office: Office, now: int) -> int:
    """Desks and gates hear of each; the signature alone would leave desks showing passes that open nothing."""
    ended = 0
    over = {_said(item.event).id for item in office.store.told([PASS_REVOKED])}
    for item in office.store.told([PASS_ISSUED]):
        told = _said(item.event)
        if item.device == office.store.node and told.expires * 1000 > now and told.id not in over:
            about = (item.event.community, item.event.subject)
            office.store.append_own(PASS_REVOKED, *about, now, {"pass": told.id, "by": "operator"})
            ended += 1
    return ended


class _Said(msgspec.Struct, frozen=True, rename={"id": "pass"}):
    """Of a pass's facts; `expires` in seconds. One whose payload has gone names none."""

    id: str = ""
    expires: int = 0


def _said(event: Event) -> _Said:
    return _Said() if event.payload is None else msgspec.json.decode(bytes(event.payload), type=_Said)
