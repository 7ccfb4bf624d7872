"""Facts that were put aside because they could not be read: looked at, and tried again after a newer build or a wider scope."""

from dataclasses import replace
from itertools import groupby
from typing import Any

from district.ingest import prepare, read_event
from district.office import Office
from district.scope import DeviceRole
from district.store.devices import Device
from district.store.port import Unkeepable
from domain.errors import Mendable
from offline.wire import SCHEMAS, Batch

Answer = dict[str, Any]
MOST = 500
_SHOWN = "device, epoch, seq, reason, received"


def listed(office: Office) -> Answer:
    """What was put aside, newest first, with the reason."""
    rows = office.store.read(f"SELECT {_SHOWN} FROM quarantine ORDER BY received DESC, seq LIMIT {MOST}")
    return {"quarantine": [dict(zip(_SHOWN.split(", "), row, strict=True)) for row in rows]}


def show(office: Office, device: str, epoch: int, seq: int) -> Answer:
    """One of them as it came: what describes a person in it is sealed. Raises Mendable `quarantine_unknown`."""
    rows = office.store.read(
        f"SELECT {_SHOWN}, raw FROM quarantine WHERE device = ? AND epoch = ? AND seq = ?",
        (device, int(epoch), int(seq)),
    )
    if not rows:
        raise Mendable("quarantine_unknown", device=device, epoch=epoch, seq=seq)
    names = (*_SHOWN.split(", "), "raw")
    found = dict(zip(names, rows[0], strict=True))
    return {**found, "raw": bytes(found["raw"]).decode("utf-8", "backslashreplace")}


def replay(office: Office, device: str = "") -> Answer:
    """Try them again, of one device or of all: what can be read by now joins the feed, the rest stays where it is."""
    where, given = ("WHERE device = ? ", [device]) if device else ("", [])
    rows = office.store.read(
        f"SELECT device, epoch, seq, raw, received FROM quarantine {where}ORDER BY device, epoch, seq LIMIT {MOST}",
        given,
    )
    kept, still = 0, []
    for (id, epoch), of_one in groupby(rows, key=lambda r: (r[0], r[1])):
        known = _device(office, id)
        for _, _, seq, raw, received in of_one:
            reason = _again(office, known, id, epoch, bytes(raw), received)
            if reason is None:
                kept += 1
            else:
                still.append({"device": id, "epoch": epoch, "seq": seq, "reason": reason})
    return {"kept": kept, "still": still}


def _again(office: Office, known: Device | None, id: str, epoch: int, raw: bytes, received: int) -> str | None:
    """Keep one fact after all; else why not."""
    if known is None:
        return f"{id} is not enrolled"
    try:
        event = read_event(raw)
    except ValueError as e:
        return str(e)
    batch = Batch(epoch, SCHEMAS[1], event.seq, received, [event])
    prepared = prepare(batch, [], id, known.role, known.communities, received)
    prepared = office.judged(prepared, known.communities)
    if prepared.poison:
        return prepared.poison[0].reason
    try:
        done = office.store.append_batch(replace(prepared, released=True)).result()
    except Unkeepable as e:
        return f"cannot be kept: {type(e).__name__}"
    return "other facts are known under this number" if done.fork_epoch is not None else None


def _device(office: Office, id: str) -> Device | None:
    """The device of that id; a hub's own facts carry its node id."""
    found = office.registry.device(id)
    if found is not None:
        return found
    hub = office.registry.device("v" + id[1:])
    return hub if hub is not None and hub.role is DeviceRole.HUB else None
