"""A newest-frame slot in shared memory: the writer never waits for the reader, the reader never sees half a frame."""

from datetime import UTC, datetime
from multiprocessing.context import BaseContext

import numpy as np

from kiosk.camera.port import Frame

CAPACITY = 1920 * 1080 * 3
HEADER = 5  # height, width, index, monotonic, wall clock
PATIENCE_S = 0.05  # the reader holds the lock for a copy; longer means that it died with it


class FrameSlot:
    """Holds one frame of at most 1920x1080; a larger one is thinned by whole factors. Made anew for every process."""

    def __init__(self, context: BaseContext) -> None:
        self._pixels = context.RawArray("B", CAPACITY)
        self._header = context.RawArray("d", HEADER)
        self._lock = context.Lock()
        self._fresh = context.Semaphore(0)

    def put(self, frame: Frame) -> bool:
        """Replace what is there. False if the slot was busy for too long and the frame was dropped."""
        image = frame.image
        while image.size > CAPACITY:
            image = image[::2, ::2]
        if not self._lock.acquire(timeout=PATIENCE_S):
            return False
        try:
            np.frombuffer(self._pixels, np.uint8)[: image.size].reshape(image.shape)[:] = image
            self._header[:] = (*image.shape[:2], frame.index, frame.monotonic, frame.at.timestamp())
        finally:
            self._lock.release()
        if not self._fresh.acquire(block=False):
            pass  # the reader has taken what was announced before
        self._fresh.release()
        return True

    def take(self, timeout: float) -> Frame | None:
        """The newest frame not yet taken, None if none came within `timeout` seconds."""
        if not self._fresh.acquire(timeout=timeout):
            return None
        with self._lock:
            height, width, index, monotonic, wall = self._header
            size = int(height) * int(width) * 3
            image = np.frombuffer(self._pixels, np.uint8)[:size].reshape(int(height), int(width), 3).copy()
        return Frame(image, datetime.fromtimestamp(wall, UTC), monotonic, int(index))
