"""Real pictures for the tests of faces, and the reason where they are missing."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

DATA = Path(os.environ.get("SHOUWANG_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
LONDON, CLIPS = DATA / "faces" / "london", DATA / "clips"
needs_data = pytest.mark.skipif(not LONDON.is_dir(), reason=f"the shared real data is not at {DATA}")


def london(person: str, expression: str = "neutral", px: float = 100.0) -> np.ndarray:
    """One photograph, scaled so that about `px` pixels lie between the eyes."""
    image = cv2.imread(str(LONDON / f"{person}_{expression}.jpg"))
    assert image is not None
    return cv2.resize(image, None, fx=px / 100, fy=px / 100, interpolation=cv2.INTER_AREA)


def scene(*placed: tuple[np.ndarray, int, int], size: tuple[int, int] = (480, 640)) -> np.ndarray:
    """A grey scene of (height, width) with pictures at (x, y), cut where they reach over the edge."""
    image = np.full((*size, 3), 150, np.uint8)
    for picture, x, y in placed:
        left, top = max(0, -x), max(0, -y)
        part = picture[top : top + size[0] - max(y, 0), left : left + size[1] - max(x, 0)]
        image[max(y, 0) : max(y, 0) + part.shape[0], max(x, 0) : max(x, 0) + part.shape[1]] = part
    return image
