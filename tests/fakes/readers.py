"""Things to hold to a reader: an input device on a pipe, a picture with a code in it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import segno

from kiosk.camera.port import Frame, Image
from kiosk.credentials.evdev_reader import CHARACTERS

CODES = {character: code for code, character in reversed(CHARACTERS.items())}


@dataclass(frozen=True)
class Key:
    code: int
    value: int
    type: int = 1
    at: float = 0.0

    def timestamp(self) -> float:
        return self.at


class FakeInput:
    """An evdev device: what is typed waits in a pipe until it is read. `unplug` makes it fail as a pulled cable does."""

    def __init__(self) -> None:
        self.fd, self._write = os.pipe()
        self.grabbed = self.closed = self._pulled = False

    def grab(self) -> None:
        self.grabbed = True

    def type(self, text: str) -> None:
        for character in text:
            code = 28 if character == "\n" else CODES[character]
            os.write(self._write, bytes([code]))

    def unplug(self) -> None:
        self._pulled = True
        os.write(self._write, b"\0")

    def read(self) -> Iterator[Key]:
        data = os.read(self.fd, 4096)
        if self._pulled:
            raise OSError(19, "No such device")
        for code in data:
            yield from (Key(code, 1), Key(code, 0))  # pressed, released

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            os.close(self.fd)
            os.close(self._write)


def picture_of(text: str, scale: int = 6, size: tuple[int, int] = (720, 1280)) -> Image:
    """A camera picture (HxWx3) with `text` as a QR code in its middle, on grey."""
    rows = [list(row) for row in segno.make(text, error="m").matrix_iter(scale=scale, border=4)]
    code = np.where(np.array(rows, np.uint8) > 0, 20, 235).astype(np.uint8)
    image = np.full((*size, 3), 120, np.uint8)
    top, left = (size[0] - code.shape[0]) // 2, (size[1] - code.shape[1]) // 2
    image[top : top + code.shape[0], left : left + code.shape[1]] = code[..., None]
    return image


def frame_of(text: str, index: int = 0) -> Frame:
    return Frame(picture_of(text), datetime.now(UTC), 0.0, index)
