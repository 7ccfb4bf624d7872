"""Facts that are altered here or that another server has otherwise: which, what this copy says, and that it does not count."""

from enum import StrEnum
from typing import Any

from district.hubs.giving_way import Copy
from district.office import Office
from district.scope import Lane
from district.store.numbered import find
from district.store.own import is_sound_item
from domain.errors import Mendable
from offline.journal.projections import read_payload
from offline.wire import FeedItem

Answer = dict[str, Any]


class Because(StrEnum):
    """What somebody who has looked at an altered fact found out; no free text, for the audit is for good."""

    NO_COPY = "no_copy"  # what it said is not known any more
    SAID_ANEW = "said_anew"  # it is known, and a new fact says it
    NO_MATTER = "no_matter"  # nothing follows from it any more


def listed(office: Office) -> Answer:
    """Whatever is not as it should be, with the state it is in: altered, differing, giving_way, settled; withheld, where the
    one above does not take what it says."""
    patrol, drift = office.patrol, None if office.hub_line is None else office.hub_line.upstream.drift
    found = [_row("giving_way", copy, copy.hash) for copy in patrol.giving_way.copies]
    waiting = {copy.number for copy in patrol.giving_way.copies}
    found += [_row("altered", copy, copy.hash) for copy in patrol.unsettled if copy.number not in waiting]
    found += [{**_row("settled", s.copy, s.copy.hash), "because": s.because} for s in patrol.settled.all]
    for sides in list(drift.differing.values()) if drift else []:
        if (sides.device, sides.epoch, sides.seq) not in waiting:
            found.append({**_row("differing", sides, sides.here), "above": sides.above})
    for device, epoch, seq in office.hub_line.upstream.withheld if office.hub_line is not None else []:
        if (lying := find(office.store, device, epoch, seq)) is not None:
            found.append(_row("withheld", _copy(*lying), lying[0].hash))
    return {"records": found}


def show(office: Office, device: str, epoch: int, seq: int) -> Answer:
    """This server's copy: what it says and whether it is what its hash says. What describes a person in it is sealed."""
    item, _ = _find(office, device, epoch, seq)
    e = item.event
    office.audit.note(office.now_ms(), "operator", "record.seen", e.subject or "", fact=e.id)
    payload = read_payload(None if e.payload is None else bytes(e.payload))
    return {
        "device": item.device, "epoch": item.epoch, "seq": e.seq, "id": e.id, "kind": e.kind, "community": e.community,
        "subject": e.subject, "at": e.at, "received": item.received, "hash": item.hash, "sound": is_sound_item(item),
        "payload": payload,
    }  # fmt: skip


def give_way(office: Office, device: str, epoch: int, seq: int) -> Answer:
    """This copy does not count: the next one that comes under its number takes its place; it stays here as evidence."""
    if office.hub_line is not None:
        office.hub_line.must_run()
    item, lane = _find(office, device, epoch, seq)
    e = item.event
    office.audit.note(office.now_ms(), "operator", "record.gives_way", e.subject or "", fact=e.id, hash=item.hash)
    office.patrol.giving_way.add(_copy(item, lane))
    if office.hub_line is not None:
        office.hub_line.compare()
    return {"hub": office.hub_line is not None}


def keep(office: Office, device: str, epoch: int, seq: int) -> Answer:
    """Take `give_way` back, where nothing has come yet."""
    number = (device, int(epoch), int(seq))
    if not office.patrol.giving_way.drop([number]):
        raise Mendable("record_counts", device=device, epoch=epoch, seq=seq)
    office.audit.note(office.now_ms(), "operator", "record.kept", "", number=f"{device} {epoch}/{seq}")
    return {}


def settle(office: Office, device: str, epoch: int, seq: int, because: str, reference: str = "") -> Answer:
    """Somebody has looked at an altered fact that nobody has whole: it stays as it was found and counts for nothing, and no more is
    said of it. Should a whole one ever come, that takes its place all the same."""
    item, lane = _find(office, device, epoch, seq)
    e, now, why = item.event, office.now_ms(), Because(because).value
    if is_sound_item(item):
        raise Mendable("record_sound", device=device, epoch=epoch, seq=seq)
    told = {"fact": e.id, "hash": item.hash, "because": why, "reference": reference[:64]}
    office.audit.note(now, "operator", "record.settled", e.subject or "", **told)
    office.patrol.settled.add(_copy(item, lane), item, why, now)
    return {}


def compare(office: Office) -> Answer:
    """Hold what is here against the one above now, not within six hours."""
    if office.hub_line is None:
        raise Mendable("no_upstream")
    office.hub_line.compare()
    return {}


def _find(office: Office, device: str, epoch: int, seq: int) -> tuple[FeedItem, Lane]:
    """The fact as it is stored here. Raises Mendable `record_unknown`."""
    found = find(office.store, device, int(epoch), int(seq))
    if found is None:
        raise Mendable("record_unknown", device=device, epoch=epoch, seq=seq)
    return found


def _copy(item: FeedItem, lane: Lane) -> Copy:
    e = item.event
    return Copy(e.id, item.device, item.epoch, e.seq, e.community, int(lane), item.position, item.hash)


def _row(state: str, of: Any, here: str) -> Answer:
    return {
        "state": state, "device": of.device, "epoch": of.epoch, "seq": of.seq, "community": of.community, "here": here,
    }  # fmt: skip
