"""Raw accelerometer streams of worn devices through our own detector; what it says goes to the desk like any other signal.

A piece is some seconds of one device's samples. A gateway with the detector of its own (`motion`) sends `fall_suspected`,
`fall_still` and `fall_moving` instead. What is under way when the server stops is lost: at most the last seven seconds.
"""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from district.intake.desk import Desk
from district.intake.homes import Home, Homes
from district.intake.signals import Heard, Kind, Piece, Signal
from domain.events import from_ms
from motion.aftermath import Moving, Still
from motion.detector import Detector, Report, Suspected
from motion.forest import Model, load
from watch.ledger import Ledger
from watch.signs import REGISTERED, put_up

IDLE = timedelta(seconds=10)  # a stream that says nothing for so long has ended, or its line was cut
HOUR = timedelta(hours=1)
_REMEMBERED = 32  # pieces of a stream by which one that comes twice is known


@dataclass
class _Stream:
    source: str
    gateway: str
    position: str
    detector: Detector
    heard: datetime
    known: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))


class Streams:
    """One detector for each device that streams. Any thread."""

    def __init__(self, ledger: Ledger, homes: Homes, desk: Desk) -> None:
        self._ledger, self._homes, self._desk = ledger, homes, desk
        self._lock = threading.Lock()
        self._open: dict[tuple[str, str], _Stream] = {}
        self._refused: dict[
            tuple[str, str, str], datetime
        ] = {}  # when a device's stream was last noted as unheard, by why
        self._model: Model | None = None  # read when the first stream comes

    def take(self, pieces: Sequence[Piece], community: str, now: datetime) -> int:
        """How many facts came of them. Nothing is made of a device in nobody's home, a paused one, or without consent."""
        recorded = 0
        for piece in pieces:
            home = self._homes.home(community, piece.device)
            unheard = self._desk.unheard(community, piece.device)
            with self._lock:
                if home is None or unheard:
                    self._open.pop((community, piece.device), None)
                    if unheard:
                        self._refuse(piece, unheard, community, now)
                    continue
                stream = self._stream(piece, home, community, now)
                which = (piece.t[0], len(piece.t))
                if which in stream.known:
                    continue
                stream.known.append(which)
                said = stream.detector.push(np.array(piece.t), np.array(piece.g))
            recorded += self._tell(said, piece.source, piece.device, piece.gateway, community, now)
        return recorded

    def _refuse(self, piece: Piece, why: str, community: str, now: datetime) -> None:
        """Kept for somebody to look at, once an hour: a stream comes in a piece a second."""
        key = (community, piece.device, why)
        if not timedelta(0) <= now - self._refused.get(key, datetime.min.replace(tzinfo=UTC)) < HOUR:
            self._refused[key] = now
            self._desk.refuse(piece.source, f"stream_{why}", community, piece.device, now)

    def tick(self, now: datetime) -> int:
        """Judge what streams that broke off have left: a blow that cuts the line may be the fall itself."""
        with self._lock:
            over = {key: s for key, s in self._open.items() if not timedelta(0) <= now - s.heard < IDLE}
            for key in over:
                del self._open[key]
            said = {key: s.detector.flush() for key, s in over.items()}
        return sum(self._tell(said[c, d], s.source, d, s.gateway, c, now) for (c, d), s in over.items())

    def _stream(self, piece: Piece, home: Home, community: str, now: datetime) -> _Stream:
        """The device's stream; begun anew where it is worn elsewhere now."""
        put = put_up(self._ledger.about(home.elder, (REGISTERED,)), piece.device, "position")
        position = str(put.get("position", ""))
        stream = self._open.get((community, piece.device))
        if stream is None or stream.position != position:
            self._model = self._model or load()
            stream = _Stream(piece.source, piece.gateway, position, Detector(self._model, position), now)
            self._open[community, piece.device] = stream
        stream.heard = now
        return stream

    def _tell(
        self, said: Sequence[Report], source: str, device: str, gateway: str, community: str, now: datetime
    ) -> int:
        signals = tuple(_signal(report, source, device) for report in said)
        return self._desk.receive(Heard(source, signals, gateway=gateway), community, now) if signals else 0


def _signal(report: Report, source: str, device: str) -> Signal:
    impact = round(report.impact * 1000)
    match report:
        case Suspected():
            detail: dict[str, float | str] = {
                "origin": "detector", "impact": impact, "score": round(report.score, 3), "position": report.position,
            }  # fmt: skip
            return Signal(source, device, Kind.FALL_SUSPECTED, at=from_ms(impact), key=f"fall/{impact}", detail=detail)
        case Still():
            detail = {"kind": "still", "since": round(report.since * 1000)}
            kind = Kind.FALL_STILL
        case Moving():
            detail, kind = {"kind": "movement"}, Kind.FALL_MOVING
    return Signal(source, device, kind, at=from_ms(round(report.at * 1000)), key=f"{kind}/{impact}", detail=detail)
