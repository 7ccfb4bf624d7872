"""Kiosks that say nothing: an incident of the gate, and a hole in what was watched for every elder behind it.

A dead kiosk is never a missed check-in: whoever would have been seen at it is *blind* meanwhile, not silent. So is one that can
recognise nobody, which says so itself.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from domain.events import derived_id, from_ms, to_ms
from domain.incident_kinds import Kind
from domain.watched import Source
from watch.cases import Alarm, Cases
from watch.ledger import Ledger, Seen
from watch.signs import KIOSK_GAPS, KIOSK_SILENT, kiosk_source, silent_spans

SILENT_AFTER = timedelta(minutes=5)  # a kiosk in order speaks several times a minute
RAISED_AFTER = timedelta(minutes=15)  # a reboot or a short cut of the line calls nobody
EVERY_MS = 30_000
Spans = tuple[tuple[datetime, datetime | None], ...]


class Enrolled(Protocol):
    """What is known of a kiosk or a hub; `enrolled` in ms, `via`: the hub it is enrolled with, None where that was here."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def communities(self) -> tuple[str, ...]: ...
    @property
    def enrolled(self) -> int: ...
    @property
    def via(self) -> str | None: ...


class KioskSilence:
    """`kiosks` are those in service, `heard` tells when one last signed a request (ms), None since this program started.

    `out_of_reach` tells whether a hub lets nothing be heard of those behind it: they are blind, and the fault is the hub's.
    """

    def __init__(
        self,
        ledger: Ledger,
        cases: Cases,
        kiosks: Callable[[], Sequence[Enrolled]],
        heard: Callable[[str], int | None],
        out_of_reach: Callable[[str | None, datetime], bool] = lambda _hub, _now: False,
    ) -> None:
        self._ledger, self._cases, self._kiosks, self._heard = ledger, cases, kiosks, heard
        self._out_of_reach = out_of_reach
        self._began: int | None = None
        self._looked = 0
        self._known: dict[str, list[Seen]] = {}
        self._raised: set[str] = set()

    def listen_anew(self, now: int) -> None:
        """The server stood still until `now`, ms: nobody was heard meanwhile, and that says nothing of them."""
        self._began = now

    def follow(self, fact: Seen, _now: datetime) -> None:
        """A kiosk may say what it can see."""
        if fact.kind in KIOSK_GAPS:
            self._known.pop(fact.subject or "", None)

    def tick(self, now: datetime) -> None:
        """Look at every kiosk, twice a minute."""
        ms = to_ms(now)
        if self._began is None or ms < self._began:
            self._began = ms  # what was said before this program listened cannot be known
        if not 0 <= ms - self._looked < EVERY_MS:
            self._looked = ms
            for kiosk in self._kiosks():
                for community in kiosk.communities:
                    self._look(kiosk, community, now)

    def sources(self, community: str) -> list[Source]:
        """The kiosks of a community as the rules see them: what they show, and when they could see nobody."""
        return [
            kiosk_source(k.id, from_ms(k.enrolled), self._told(k.id))
            for k in self._kiosks()
            if community in k.communities
        ]

    def closed(self, community: str) -> list[tuple[str, list[Seen]]]:
        """The kiosks of a community that see nobody now, each with what is said of it."""
        return [(s.id, self._told(s.id)) for s in self.sources(community) if any(end is None for _, end in s.gaps)]

    def _look(self, kiosk: Enrolled, community: str, now: datetime) -> None:
        began, heard = self._began or 0, self._heard(kiosk.id) or 0
        last = from_ms(max(heard, began))
        since = next((start for start, end in self._spans(kiosk.id) if end is None), None)
        if now - last > SILENT_AFTER:
            if since is None:
                since = last
                self._say(kiosk, community, since, None)
            if now - since > RAISED_AFTER and not self._out_of_reach(kiosk.via, now):
                self._raise(kiosk, community, since, now)
        elif heard >= began and since is not None:
            self._say(kiosk, community, since, last)
            if self._cases.has_raised(kiosk.id, _key(kiosk, since)):
                self._tell_of_end(kiosk, community, since, last, now)

    def _tell_of_end(self, kiosk: Enrolled, community: str, since: datetime, back: datetime, now: datetime) -> None:
        """To whoever was told of this silence: one too short to be told of ends nobody's errand."""
        for incident in self._cases.of(kiosk.id, now):
            if incident.open and incident.kind is Kind.KIOSK_SILENT:
                detail = {"reason": "kiosk_back", "resolves": True, "tells": True}
                self._cases.note(incident, f"{incident.id} back {to_ms(since)}", back, community, detail)

    def _raise(self, kiosk: Enrolled, community: str, since: datetime, now: datetime) -> None:
        key = _key(kiosk, since)
        if key not in self._raised:
            detail = {"device": kiosk.id, "place": kiosk.name, "since": to_ms(since)}
            alarm = Alarm(kiosk.id, Kind.KIOSK_SILENT, "kiosk", str(to_ms(since)), key, since, detail)
            self._cases.raise_(alarm, community, now)
            self._raised.add(key)

    def _say(self, kiosk: Enrolled, community: str, since: datetime, back: datetime | None) -> None:
        told = {"name": kiosk.name, "silent": back is None, "since": to_ms(since), "by": "system"}
        id = derived_id(KIOSK_SILENT, kiosk.id, str(to_ms(since)), str(back is None))
        self._ledger.add(KIOSK_SILENT, told, community, kiosk.id, to_ms(back or since), id)
        self._known.pop(kiosk.id, None)

    def _spans(self, kiosk: str) -> Spans:
        return silent_spans(fact for fact in self._told(kiosk) if fact.kind == KIOSK_SILENT)

    def _told(self, kiosk: str) -> list[Seen]:
        """What is said of when it could see nobody: read once, and again after every change."""
        if kiosk not in self._known:
            self._known[kiosk] = self._ledger.about(kiosk, KIOSK_GAPS)
        return self._known[kiosk]


def _key(kiosk: Enrolled, since: datetime) -> str:
    """Names one silence of a kiosk."""
    return derived_id("kiosk silent", kiosk.id, str(to_ms(since)))
