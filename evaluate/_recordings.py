"""Clips for the liveness evaluations: videos and folders of frames, at whatever depth they lie."""

import sys
from collections.abc import Iterator
from pathlib import Path

from domain.errors import Mendable
from kiosk.camera import Frame, open_camera
from kiosk.camera.folder_times import told_times
from kiosk.camera.playback import FOLDER_FPS, PICTURES, pictures
from kiosk.faces.engine import Face, FaceEngine, Image
from kiosk.faces.tracks import Tracker
from offline.program import sentence, terminal_language

GONE_S = 1.5  # frames may be sparse
VIDEOS = frozenset(
    {".mkv", ".mp4", ".avi", ".mov", ".webm", ".gif", ".m4v", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts", ".3gp", ".wmv"}
    | {".flv", ".ogv", ".mjpg", ".mjpeg", ".h264", ".asf", ".vob"}
)
DEEPEST = 4  # folders in folders


def clips(folder: Path) -> list[tuple[str, Path]]:
    """(name, source) of every clip in `folder`: its videos, and what lies in its folders; the name tells where.

    A folder that holds pictures alone is a clip itself, and so is an empty one, which cannot be played then.
    """
    if not folder.is_dir():
        return []
    return [(source.relative_to(folder).as_posix(), source) for source in _sources(folder, DEEPEST)]


def _sources(folder: Path, deep: int) -> Iterator[Path]:
    inside = [p for p in _entries(folder) if p.is_dir() or p.suffix.lower() in VIDEOS]
    if not inside and (deep < DEEPEST or has_pictures(folder)):
        yield folder
    for path in inside:
        if path.is_file() or has_pictures(path):
            yield path
        elif deep:
            yield from _sources(path, deep - 1)


def has_pictures(folder: Path) -> bool:
    """Whether pictures lie in a folder itself."""
    return any(p.suffix.lower() in PICTURES for p in _entries(folder))


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(p for p in folder.iterdir() if not p.name.startswith("."))
    except OSError as e:
        print(f"{folder}: {e.strerror}", file=sys.stderr)
        return []


def folders(folder: Path) -> list[Path]:
    """The folders in a folder, none where it is none."""
    return [p for p in _entries(folder) if p.is_dir()] if folder.is_dir() else []


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


def untold(source: Path, lasts_s: float) -> float:
    """By how much to stretch a folder's seconds where nothing tells its pictures' times: until it lasts `lasts_s`; else 1.

    It is never made shorter: many pictures are played at the usual rate.
    """
    if not source.is_dir():
        return 1.0
    names = [path.name for path in pictures(source)]
    if not names or told_times(source, names) is not None:
        return 1.0
    return max(1.0, lasts_s * FOLDER_FPS / len(names))


def watched(
    engine: FaceEngine, source: Path, every_s: float = 0.0, stretch: float = 1.0
) -> Iterator[tuple[float, Frame, Face]]:
    """Every frame with the clip's face: seconds from the clip's start, `stretch` times those told, the frame, and the face.

    That is the largest face of the first frame that has one, followed from there on; another only once it has been gone for GONE_S.
    Frames nearer than `every_s` to the one looked at before are left out.
    A recording that breaks off ends there. Raises Mendable where nothing of it can be played.
    """
    start: float | None = None
    tracker = Tracker(GONE_S)
    mine: int | None = None
    looked = float("-inf")
    try:
        for frame in open_camera(str(source), simulated=True, realtime=False):
            start = frame.monotonic if start is None else start
            seconds = stretch * (frame.monotonic - start)
            if seconds - looked < every_s:
                continue
            looked = seconds
            seen = tracker.update(engine.detect(frame.image), seconds)
            if mine is None or not tracker.alive(mine):
                mine = seen[0].number if seen else None
            for track in seen:
                if track.number == mine:
                    yield seconds, frame, track.face
    except Mendable as e:
        if start is None:
            raise
        print(f"\n{told(e)}", file=sys.stderr)


def told(error: Exception, of: Path | None = None) -> str:
    """One sentence about what was wrong with `of`, which a Mendable names itself."""
    if isinstance(error, Mendable):
        return sentence(error, terminal_language())
    return f"{of}: {error}" if of else str(error)
