"""Clips for the liveness evaluations: a video, a folder of frames, or a folder that holds one video."""

import sys
from collections.abc import Iterator
from pathlib import Path

from domain.errors import Mendable
from kiosk.camera import Frame, open_camera
from kiosk.camera.playback import PICTURES
from kiosk.faces.engine import Face, FaceEngine, Image
from kiosk.faces.tracks import Tracker

GONE_S = 1.5  # frames may be sparse
VIDEOS = frozenset({".mkv", ".mp4", ".avi", ".mov", ".webm", ".gif", ".m4v", ".mpg", ".mpeg", ".ts"})


def source_of(path: Path) -> Path | None:
    """What to play for `path`, None if it is no clip."""
    if path.is_file():
        return path if path.suffix.lower() in VIDEOS else None
    if any(p.suffix.lower() in PICTURES for p in path.iterdir()):
        return path
    return next((p for p in sorted(path.iterdir()) if p.suffix.lower() in VIDEOS), None)


def clips(folder: Path) -> list[tuple[str, Path]]:
    """(name, source) of every clip directly in `folder`."""
    if not folder.is_dir():
        return []
    return [(p.name, source) for p in sorted(folder.iterdir()) if (source := source_of(p))]


def spread(source: Path, most: int = 24) -> list[Image]:
    """At most `most` pictures spread evenly over a recording, however long it is; memory for twice as many.

    Raises Mendable where nothing of it can be played.
    """
    kept: list[Image] = []
    step = 1
    try:
        for index, frame in enumerate(open_camera(str(source), simulated=True, realtime=False)):
            if index % step == 0:
                kept.append(frame.image)
            if len(kept) >= 2 * most:
                kept, step = kept[::2], 2 * step
    except Mendable:
        if not kept:
            raise
    return kept[:: -(-len(kept) // most)] if kept else kept


def watched(engine: FaceEngine, source: Path) -> Iterator[tuple[float, Frame, Face]]:
    """Every frame with the clip's face: seconds from the clip's start, the frame, and the face.

    That is the largest face of the first frame that has one, followed from there on; another only once it has been gone for GONE_S.
    A recording that breaks off ends there. Raises Mendable where nothing of it can be played.
    """
    start: float | None = None
    tracker = Tracker(GONE_S)
    mine: int | None = None
    try:
        for frame in open_camera(str(source), simulated=True, realtime=False):
            start = frame.monotonic if start is None else start
            seconds = frame.monotonic - start
            seen = tracker.update(engine.detect(frame.image), seconds)
            if mine is None or not tracker.alive(mine):
                mine = seen[0].number if seen else None
            for track in seen:
                if track.number == mine:
                    yield seconds, frame, track.face
    except Mendable as e:
        if start is None:
            raise
        print(f"{source}: {e}", file=sys.stderr)
