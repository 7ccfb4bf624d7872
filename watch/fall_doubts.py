"""What speaks against a fall after it was confirmed: told once each to those on their way, who alone end the incident."""

from datetime import datetime

from domain.events import from_ms
from domain.falls import Kind, speaks_against
from domain.incident_kinds import OPENED
from domain.incident_kinds import Kind as Incidents
from watch.cases import Cases
from watch.falls import afterwards
from watch.ledger import Seen


class FallDoubts:
    """A follower of the watch. That a device takes its own word back is told by the watch itself."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases
        self._fallen: dict[
            str, bool
        ] = {}  # whether a fall is open; who is not in it was not asked about since the start

    def follow(self, fact: Seen, now: datetime) -> None:
        elder = fact.subject
        if elder is None:
            return
        if fact.kind == OPENED and fact.payload.get("kind") == Incidents.FALL:
            self._fallen[elder] = True
        elif self._fallen.get(elder, True) and (seen := afterwards(fact)) is not None and seen.kind is not Kind.CANCEL:
            falls = [i for i in self._cases.of(elder, now) if i.open and i.kind is Incidents.FALL]
            self._fallen[elder] = bool(falls)
            what = str(seen.sign or seen.kind)
            for fall in falls:
                if seen.trusted and fall.on_scene_at is None and speaks_against(seen, fall.happened_at):
                    detail = {"reason": "moved", "sign": what}
                    self._cases.note(fall, f"{fall.id} {what}", from_ms(fact.at), fact.community, detail)
