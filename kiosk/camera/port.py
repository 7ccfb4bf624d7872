"""The Camera port: an iterable of frames that says whether it is real."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]  # HxWx3, blue-green-red


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture. `at` is aware UTC, `monotonic` seconds of `time.monotonic()` at capture, `index` counts from 0."""

    image: Image
    at: datetime
    monotonic: float
    index: int


class Camera(Protocol):
    """A source of frames.

    Iterating yields frames until the source ends (files, folders) or fails. Opening and iterating raise `Mendable`: a camera
    `camera_missing` (cannot be opened), `camera_lost` (went away) or `camera_frozen` (answers, but nothing moves); a stream also
    `stream_denied`, `stream_not_there` or `stream_no_video`; a recording `recording_missing`, `file_denied`,
    `recording_unreadable` or `recording_broken` (ends before its end).
    `close()` may be called from another thread and more than once; iteration then ends quietly.
    """

    @property
    def simulated(self) -> bool:
        """True for recorded sources: liveness is then recorded as not assessed."""

    def __iter__(self) -> Iterator[Frame]: ...

    def close(self) -> None: ...
