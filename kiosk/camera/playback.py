"""Recorded sources played as a camera would deliver them: a video file and a folder of frames."""

import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import av
import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps

from domain.errors import Mendable
from kiosk.camera.port import Frame, Image

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".ppm", ".pgm"})
FOLDER_FPS = 10.0  # a folder without fps.txt


class Playback:
    """Frames of a recording at their own pace; `realtime=False` yields all of them at once, stamped as if played.

    In real time a frame whose successor is already due is dropped, as a camera would have dropped it.
    """

    simulated = True

    def __init__(self, source: str | Path, *, loop: bool = False, realtime: bool = True) -> None:
        self._path = Path(source)
        self._loop, self._realtime = loop, realtime
        self._closed = Event()
        if self._path.is_dir():
            if not _pictures(self._path):
                raise Mendable("camera_missing", source=str(source))
        elif not self._path.is_file():
            raise Mendable("camera_missing", source=str(source))
        else:
            _open(self._path).close()

    def __iter__(self) -> Iterator[Frame]:
        index, start, length = 0, time.monotonic(), 0.0
        wall = datetime.now(UTC).timestamp() - start
        while not self._closed.is_set():
            for seconds, image in self._read():
                due = start + seconds
                if self._realtime:
                    late = time.monotonic() - due
                    if late > 0.1:  # more than a frame or two behind: drop, never queue
                        index += 1
                        continue
                    if late < 0 and self._closed.wait(-late):
                        return
                if self._closed.is_set():
                    return
                yield Frame(image, datetime.fromtimestamp(wall + due, UTC), due, index)
                index, length = index + 1, seconds
            if not self._loop:
                return
            start += length + 1 / 30

    def _read(self) -> Iterable[tuple[float, Image]]:
        return _folder(self._path) if self._path.is_dir() else _video(self._path)

    def close(self) -> None:
        self._closed.set()


def _open(path: Path) -> "av.container.InputContainer":
    try:
        container = av.open(str(path))
    except (av.FFmpegError, OSError) as e:
        raise Mendable("camera_missing", source=str(path)) from e
    if not container.streams.video:
        container.close()
        raise Mendable("camera_missing", source=str(path))
    return container


def _video(path: Path) -> Iterator[tuple[float, Image]]:
    with _open(path) as container:
        stream = container.streams.video[0]
        step = 1 / float(stream.average_rate or 25)
        first: float | None = None
        seconds = -step
        try:
            for frame in container.decode(stream):
                at = frame.time if frame.time is not None else seconds + step
                first = at if first is None else first
                seconds = max(at - first, seconds + 1e-3)
                yield seconds, frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False)
        except av.FFmpegError as e:
            raise Mendable("camera_lost", source=str(path)) from e


def _pictures(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURES)


def _folder(folder: Path) -> Iterator[tuple[float, Image]]:
    try:
        fps = float((folder / "fps.txt").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        fps = FOLDER_FPS
    for i, path in enumerate(_pictures(folder)):
        try:
            with Pillow.open(path) as picture:
                rgb = np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
        except OSError as e:
            raise Mendable("camera_lost", source=str(path)) from e
        yield i / fps, np.ascontiguousarray(rgb[:, :, ::-1])
