"""Communities as an operator names them."""

from district.office import Office
from domain.errors import Mendable


def is_new(office: Office, community: str) -> list[str] | None:
    """The communities known so far, where this is none of them; None where it is, or where there is none yet."""
    known = {c for device in office.registry.devices() for c in device.communities} | set(office.store.heads())
    return sorted(known) if known and community not in known else None


def served(office: Office, community: str) -> str:
    """A hub gives nobody what it is not given itself."""
    joined = None if office.hub_line is None else office.hub_line.upstream.joined
    if joined is not None and community not in joined.communities:
        raise Mendable("community_elsewhere", community=community)
    return community


def named(name: str) -> str:
    if not 1 <= len(name) <= 64 or not name.isprintable():
        raise Mendable("community_wrong", name=name)
    return name
