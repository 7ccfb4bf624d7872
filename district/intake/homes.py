"""Whose home a device stands in, as far as intake needs to know."""

from dataclasses import dataclass
from typing import Protocol

from district.store.port import Sql


@dataclass(frozen=True, slots=True)
class Home:
    """`monitored`: the elder agreed to home monitoring. Without it a call for help is still heard, a sign of life is not kept."""

    elder: str
    place: str
    monitored: bool


class Homes(Protocol):
    def home(self, community: str, device: str) -> Home | None: ...


class StoreHomes:
    """From the tables in which the store keeps what `home.device_registered` and the consents told."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def home(self, community: str, device: str) -> Home | None:
        rows = self._sql.read(
            "SELECT h.elder, h.place, coalesce(p.watched, 0) FROM homes h LEFT JOIN people p"
            " ON p.person = h.elder AND p.community = h.community WHERE h.community = ? AND h.name = ?",
            (community, device),
        )
        return Home(rows[0][0], rows[0][1], bool(rows[0][2])) if rows else None
