"""The demo's camera: photographs walking up to the gate, rendered to a real video file that the camera adapter reads back.

It is a simulated source, the kiosk is configured to know that, and the screen says so.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

FPS = 30
WIDTH, HEIGHT = 1280, 720
APPROACH_S, STAY_S, PAUSE_S = 1.5, 3.0, 3.0
FAR, NEAR = 0.14, 0.38  # height of the face over the height of the frame, at the start and at the gate


def render(visits: Sequence[tuple[Path, tuple[float, float, float, float]]], out: Path, seed: int = 7) -> None:
    """Write the clip: one visit a photograph, with an empty gate before each.

    A visit is (photograph, box of its face: left, top, width, height in pixels).
    """
    chance = np.random.default_rng(seed)
    part = out.with_suffix(".part.mkv")
    with av.open(str(part), "w") as file:
        stream = file.add_stream("mpeg4", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.bit_rate, stream.time_base = 6_000_000, Fraction(1, FPS)
        grain = [chance.integers(-3, 4, (HEIGHT, WIDTH, 1), np.int16) for _ in range(8)]
        for n, picture in enumerate(_frames(visits, chance)):
            noisy = np.clip(np.asarray(picture, np.int16) + grain[n % len(grain)], 0, 255).astype(np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(noisy, format="rgb24")):
                file.mux(packet)
        for packet in stream.encode(None):
            file.mux(packet)
    part.replace(out)


def _frames(
    visits: Sequence[tuple[Path, tuple[float, float, float, float]]], chance: np.random.Generator
) -> Iterator[Image.Image]:
    wall = _wall()
    for path, box in visits:
        for _ in range(int(PAUSE_S * FPS)):
            yield wall
        photograph = Image.open(path).convert("RGB")
        walking, standing = int(APPROACH_S * FPS), int(STAY_S * FPS)
        near = _scaled(photograph, box, NEAR * HEIGHT)
        for n in range(walking + standing):
            done = n / walking
            height = (FAR + (NEAR - FAR) * done**1.5) * HEIGHT
            sway = chance.normal(0, 1.2, 2)  # nobody stands quite still
            yield _placed(wall, *(near if done >= 1 else _scaled(photograph, box, height)), sway)


def _scaled(
    photograph: Image.Image, box: tuple[float, float, float, float], face_px: float
) -> tuple[Image.Image, tuple[float, float]]:
    """The photograph with its face `face_px` high, and where the middle of the face is in it."""
    left, top, width, height = box
    scale = face_px / height
    size = (round(photograph.width * scale), round(photograph.height * scale))
    middle = ((left + width / 2) * scale, (top + height / 2) * scale)
    return photograph.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0), middle


def _placed(wall: Image.Image, photograph: Image.Image, face: tuple[float, float], sway: np.ndarray) -> Image.Image:
    """The photograph before the wall, its face in the middle of the frame, a little above half height."""
    frame = wall.copy()
    frame.paste(photograph, (round(WIDTH / 2 - face[0] + sway[0]), round(HEIGHT * 0.46 - face[1] + sway[1])))
    return frame


def _wall() -> Image.Image:
    """A plain wall, lighter above than below: the gate with nobody before it."""
    down = np.linspace(196, 150, HEIGHT, dtype=np.uint8)[:, None]
    return Image.fromarray(np.dstack([np.broadcast_to(down - d, (HEIGHT, WIDTH)) for d in (0, 6, 14)]).astype(np.uint8))
