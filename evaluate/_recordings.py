"""Clips for the liveness evaluations: a video, a folder of frames, or a folder that holds one video."""

from collections.abc import Iterator
from pathlib import Path

from kiosk.camera import Frame, open_camera
from kiosk.camera.playback import PICTURES
from kiosk.faces.engine import Face, FaceEngine

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


def watched(engine: FaceEngine, source: Path) -> Iterator[tuple[float, Frame, Face]]:
    """Every frame with a face: seconds from the clip's start, the frame, and its largest face."""
    start: float | None = None
    for frame in open_camera(str(source), simulated=True, realtime=False):
        start = frame.monotonic if start is None else start
        if faces := engine.detect(frame.image):
            yield frame.monotonic - start, frame, faces[0]
