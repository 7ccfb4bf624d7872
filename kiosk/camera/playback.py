"""Recorded sources played as a camera would deliver them: a video file and a folder of frames."""

import logging
import re
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event

import av
import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps

from domain.errors import Mendable
from kiosk.camera.folder_times import told_times
from kiosk.camera.picture import upright
from kiosk.camera.port import Frame, Image

log = logging.getLogger(__name__)
PICTURES = frozenset(
    {".jpg", ".jpeg", ".jfif", ".png", ".bmp", ".webp", ".ppm", ".pgm", ".pnm", ".tif", ".tiff", ".jp2", ".avif"}
)
FOLDER_FPS = 10.0  # a folder that does not tell
LATE_S = 0.1  # more than a frame or two behind: drop, never queue
STARVED_S = 0.25  # dropped for so long, a recording is slower to decode than to play: it is played slower
LARGE = 1280 * 720  # pixels from which on decoding uses all cores

Decode = Callable[[], Image]  # raises Mendable where this one picture cannot be had


class Playback:
    """Frames of a recording at their own pace; `realtime=False` yields all of them at once, stamped as if played.

    In real time a frame whose successor is already due is dropped, as a camera would have dropped it. A picture that cannot be
    read is left out, and the recording goes on.
    """

    simulated = True

    def __init__(self, source: str | Path, *, loop: bool = False, realtime: bool = True) -> None:
        self._path = Path(source)
        self._loop, self._realtime = loop, realtime
        self._closed = Event()
        try:
            there = bool(str(source)) and self._path.exists()
        except PermissionError as e:  # a folder above may not be looked into
            raise Mendable("file_denied", path=source) from e
        if not there:
            raise Mendable("recording_missing", source=str(source))
        if not self._path.is_dir():
            _open(self._path).close()
        elif not pictures(self._path):
            raise Mendable("recording_unreadable", source=str(source))

    def __iter__(self) -> Iterator[Frame]:
        index, start, length = 0, time.monotonic(), 0.0
        wall = datetime.now(UTC).timestamp() - start
        given = start
        while not self._closed.is_set():
            found, lost = False, None
            for seconds, decode in self._read():
                due = start + seconds
                if self._realtime:
                    late = time.monotonic() - due
                    if late > LATE_S and due + late - given < STARVED_S:
                        index += 1
                        continue
                    if late > LATE_S:
                        start, due = start + late, due + late
                    if late < 0 and self._closed.wait(-late):
                        return
                if self._closed.is_set():
                    return
                try:
                    image = decode()
                except Mendable as e:
                    lost = e
                    log.warning("%s cannot be read and is left out", e.details["source"])
                    continue
                found = True
                yield Frame(image, datetime.fromtimestamp(wall + due, UTC), due, index)
                index, length, given = index + 1, seconds, time.monotonic()
            if not found:
                raise lost or Mendable("recording_unreadable", source=str(self._path))
            if not self._loop:
                return
            start += length + 1 / 30

    def _read(self) -> Iterator[tuple[float, Decode]]:
        return _folder(self._path) if self._path.is_dir() else _video(self._path)

    def close(self) -> None:
        self._closed.set()


def _open(path: Path) -> "av.container.InputContainer":
    try:
        container = av.open(str(path))
    except PermissionError as e:
        raise Mendable("file_denied", path=path) from e
    except (av.FFmpegError, OSError, ValueError) as e:
        raise Mendable("recording_unreadable", source=str(path)) from e
    if not container.streams.video:
        container.close()
        raise Mendable("recording_unreadable", source=str(path))
    return container


def _video(path: Path) -> Iterator[tuple[float, Decode]]:
    with _open(path) as container:
        stream = container.streams.video[0]
        if stream.width * stream.height > LARGE:
            stream.thread_type = "AUTO"
        step = 1 / float(stream.average_rate or 25)
        first: float | None = None
        seconds = -step
        for frame in _frames(container, stream, path):
            at = frame.time if frame.time is not None else seconds + step
            first = at if first is None else first
            seconds = max(at - first, seconds + 1e-3)
            yield seconds, partial(upright, frame)


def _frames(
    container: "av.container.InputContainer", stream: "av.VideoStream", path: Path
) -> Iterator["av.VideoFrame"]:
    """What can be decoded; a damaged packet costs its own pictures only."""
    try:
        for packet in container.demux(stream):
            try:
                yield from packet.decode()
            except av.error.InvalidDataError as e:
                log.warning("%s: %s", path, e)
    except (av.FFmpegError, OSError) as e:
        raise Mendable("recording_broken", source=str(path)) from e


def pictures(folder: Path) -> list[Path]:
    """The pictures in a folder in the order of their numbers: 2 comes before 10."""
    try:
        found = [p for p in folder.iterdir() if p.suffix.lower() in PICTURES and not p.name.startswith(".")]
    except PermissionError as e:
        raise Mendable("file_denied", path=folder) from e
    except OSError as e:
        raise Mendable("recording_unreadable", source=str(folder)) from e
    return sorted(found, key=_by_number)


def _by_number(path: Path) -> tuple[list[str | tuple[int, str]], str]:
    parts = re.split(r"([0-9]+)", path.name)  # words at even, numbers at odd places: like is compared with like
    return [(int(part), part) if i % 2 else part for i, part in enumerate(parts)], path.name


def _folder(folder: Path) -> Iterator[tuple[float, Decode]]:
    paths = pictures(folder)
    times = told_times(folder, [path.name for path in paths]) or [i / FOLDER_FPS for i in range(len(paths))]
    for seconds, path in zip(times, paths, strict=True):
        yield seconds, partial(_picture, path)


def _picture(path: Path) -> Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
            with Pillow.open(path) as picture:
                rgb = np.asarray(_eight_bits(ImageOps.exif_transpose(picture)).convert("RGB"))
    except (OSError, ValueError, SyntaxError, Pillow.DecompressionBombError) as e:  # SyntaxError: Pillow's broken PNG
        raise Mendable("recording_broken", source=str(path)) from e
    return np.ascontiguousarray(rgb[:, :, ::-1])


def _eight_bits(picture: "Pillow.Image") -> "Pillow.Image":
    """Sixteen-bit grey, which Pillow would cut off at 255, brought into eight."""
    if picture.mode == "F" or not picture.mode.startswith("I"):
        return picture
    return Pillow.fromarray((np.asarray(picture).astype(np.uint32) >> 8).astype(np.uint8))
