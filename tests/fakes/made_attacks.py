"""Presentation attacks made by us from the shared data: they say how the tools count, not what real screens and masks do."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np

from kiosk.faces.engine import FaceEngine

RNG = np.random.default_rng(11)


def replayed(frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """A recording shown on a tablet that a hand holds before the camera: bezel, backlight, the two grids' moiré, a little shake."""
    for image in frames:
        height, width = image.shape[:2]
        screen = cv2.copyMakeBorder(image, 24, 24, 24, 24, cv2.BORDER_CONSTANT, value=(12, 12, 12))
        rows, columns = np.mgrid[: screen.shape[0], : screen.shape[1]]
        moire = 1 + 0.04 * np.sin(columns / 1.7 + 0.05 * rows) + 0.03 * np.sin(rows / 2.3)
        bright = np.clip(screen * 1.1 * moire[..., None] + 8, 0, 255).astype(np.uint8)
        x, y = RNG.normal(0, 1.5, 2)
        place = np.array([[0.85, 0.01, 0.07 * width + x], [-0.01, 0.85, 0.07 * height + y]])
        seen = cv2.warpAffine(bright, place, (width, height), borderValue=(95, 100, 105))
        yield np.clip(seen + RNG.normal(0, 3, seen.shape), 0, 255).astype(np.uint8)


def masked(engine: FaceEngine, frames: Iterable[np.ndarray], photograph: np.ndarray) -> Iterator[np.ndarray]:
    """Somebody wears a photograph of another face, cut out at the eyes: a stiff picture on a living head."""
    theirs = engine.detect(photograph)[0]
    for image in frames:
        faces = engine.detect(image)
        if not faces:
            yield image
            continue
        place, _ = cv2.estimateAffinePartial2D(theirs.points, faces[0].points, method=cv2.LMEDS)
        paper = cv2.warpAffine(photograph, place, image.shape[1::-1])
        x, y, w, h = faces[0].box
        cut = np.zeros(image.shape[:2], np.uint8)
        cv2.ellipse(cut, (round(x + w / 2), round(y + h / 2)), (round(0.5 * w), round(0.52 * h)), 0, 0, 360, 255, -1)
        for eye in faces[0].points[:2]:
            cv2.circle(cut, tuple(int(v) for v in eye), round(0.14 * faces[0].inter_eye), 0, -1)
        yield np.where(cut[..., None] > 0, paper, image)


def lay(folder: Path, frames: Iterable[np.ndarray], fps: float) -> None:
    """A clip as other people's data has it: a folder of frames with its fps.txt."""
    folder.mkdir(parents=True)
    (folder / "fps.txt").write_text(f"{fps}\n")
    for i, image in enumerate(frames):
        cv2.imwrite(str(folder / f"{i:04}.png"), image)
