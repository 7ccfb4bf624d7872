"""Devices in people's homes: put up, taken down, listed."""

from typing import Any

from district.intake.homes import StoreHomes
from district.ledger import StoreLedger
from district.office import Office
from district.operator.communities import is_new, named
from district.store.people import HOME_DEVICE, HOME_DEVICE_GONE
from domain.errors import Mendable
from watch.signs import DEVICE_KINDS

Answer = dict[str, Any]


def listed(office: Office) -> Answer:
    """Every device that stands in a home, what it was put up as, and when it last said something here; times in ms. Until its first
    word the time it was put up stands in the memory of intake, with no state beside it. `unheard` says why nothing but a call for
    help is made of it: its elder has not agreed, or paused it."""
    told = StoreLedger(office.store).told([HOME_DEVICE])
    kinds = {(seen.community, seen.payload.get("device")): seen.payload.get("kind", "") for seen in told}
    rows = office.store.read(
        "SELECT h.community, h.name, h.elder, h.place, CASE WHEN d.state <> '{}' THEN d.heard END, d.blind_since"
        " FROM homes h LEFT JOIN intake_devices d ON d.community = h.community AND d.name = h.name"
        " ORDER BY h.community, h.name"
    )
    names = ("community", "device", "elder", "place", "heard", "blind_since")
    desk = office.nightwatch.desk
    return {
        "devices": [
            dict(zip(names, row, strict=True)) | {"kind": kinds.get(row[:2], ""), "unheard": desk.unheard(*row[:2])}
            for row in rows
        ]
    }


def refused(office: Office) -> Answer:
    """What home devices said of which nothing was made, newest first, as it was put aside; and what came of all signals since the
    server started, by source and outcome."""
    desk = office.nightwatch.desk
    counts = [{"source": s, "outcome": o, "signals": n} for (s, o), n in sorted(desk.counts.items())]
    return {"refused": desk.memory.problems(), "counts": counts}


def add(
    office: Office, community: str, name: str, elder: str, place: str = "", kind: str = "", every: float = 0,
    position: str = "",
) -> Answer:  # fmt: skip
    """Say whose home a device is in, by the name its bridge calls it, what it is (`watch.signs.DEVICE_KINDS`), and how often
    it reports at least (`every`, minutes; 0: about once a day); of a worn one, where (`position`). One that stood in another home
    is taken out of it."""
    fresh = {"new_community": is_new(office, community)}
    told: dict[str, str | float] = {"device": name, "place": place, **({"kind": kind} if kind in DEVICE_KINDS else {})}
    told |= {"every_min": every} if every > 0 else {}
    told |= {"position": position} if position else {}
    home = StoreHomes(office.store).home(community, name)
    if home is not None and home.elder != elder:
        office.store.append_own(HOME_DEVICE_GONE, named(community), home.elder, office.now_ms(), {"device": name})
    item = office.store.append_own(HOME_DEVICE, named(community), elder, office.now_ms(), told)
    known = community in office.registry.communities_of([elder]).get(elder, set())
    return {"fact": item.event.id, "device": name, "elder": elder, "known": known, **fresh}


def remove(office: Office, community: str, name: str) -> Answer:
    """Say that a device no longer stands in anybody's home. Raises Mendable `home_device_unknown`."""
    home = StoreHomes(office.store).home(community, name)
    if home is None:
        raise Mendable("home_device_unknown", device=name, community=community)
    told = {"device": name, "place": home.place}
    item = office.store.append_own(HOME_DEVICE_GONE, community, home.elder, office.now_ms(), told)
    return {"fact": item.event.id, "device": name, "elder": home.elder}
