"""Whether two pictures of a screen show the same, as far as somebody looking at them could tell.

Both are shrunk first, which evens out how the rim of a letter was smoothed. A pixel counts where a channel differs by over `LEVELS`
of 255; a place counts where more than `PIXELS` of its 16×16 do. So a word that is another, a button that has moved by two pixels
and a colour that has changed are found, and a rim that is drawn a little softer is not.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

EXPECTED = Path(__file__).resolve().parent.parent / "tests" / "visual" / "expected"
LEVELS = 40
PIXELS = 4
TILE = 16
COLOURS = 128
SHRINK = {"caregiver": 2, "kiosk": 3, "telephone": 2}  # a kiosk's words are large


@dataclass(frozen=True, slots=True)
class Place:
    """Where two pictures differ, in pixels of the whole picture."""

    left: int
    top: int
    right: int
    bottom: int
    pixels: int

    def __str__(self) -> str:
        return f"({self.left}, {self.top}) to ({self.right}, {self.bottom})"


def shrunk(path: Path, program: str) -> Image.Image:
    """What is kept of a picture: half its size, a third of a kiosk's."""
    return Image.open(path).convert("RGB").reduce(SHRINK[program])


def few_colours(picture: Image.Image) -> Image.Image:
    """Flat colours and text: a palette keeps a picture small, and no colour is off by more than a dozen of 255."""
    return picture.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)


def compare(actual: Image.Image, expected: Path, scale: int) -> list[Place]:
    """Where a picture shrunk by `scale` differs from the one kept, from top to bottom; all of it where their sizes do."""
    one, other = (_numbers(p) for p in (actual, Image.open(expected)))
    height, width = one.shape[:2]
    if one.shape != other.shape:
        return [Place(0, 0, width * scale, height * scale, width * height)]
    changed = np.abs(one - other).max(axis=2) > LEVELS
    found = []
    for top in range(0, height, TILE // 2):  # tiles overlap: what straddles two is whole in a third
        for left in range(0, width, TILE // 2):
            ys, xs = np.nonzero(changed[top : top + TILE, left : left + TILE])
            if len(ys) > PIXELS:
                x0, y0, x1, y1 = (
                    int(n) * scale for n in (left + xs.min(), top + ys.min(), left + xs.max() + 1, top + ys.max() + 1)
                )
                found.append(Place(x0, y0, x1, y1, len(ys)))
    return _joined(found)


def _joined(places: list[Place]) -> list[Place]:
    """Places that touch, as one."""
    whole: list[Place] = []
    for place in places:
        near = [p for p in whole if not _apart(p, place)]
        whole = [p for p in whole if _apart(p, place)]
        both = [*near, place]
        whole.append(
            Place(
                min(p.left for p in both), min(p.top for p in both), max(p.right for p in both),
                max(p.bottom for p in both), sum(p.pixels for p in both),
            )
        )  # fmt: skip
    return sorted(whole, key=lambda p: (p.top, p.left))


def _apart(one: Place, other: Place) -> bool:
    gap = TILE
    beside = one.right + gap < other.left or other.right + gap < one.left
    return beside or one.bottom + gap < other.top or other.bottom + gap < one.top


def difference(actual: Image.Image, expected: Image.Image) -> Image.Image:
    """What differs in red on a pale copy of what was expected."""
    one, other = (_numbers(p.resize(expected.size)) for p in (actual, expected))
    changed = np.abs(one - other).max(axis=2) > LEVELS
    pale = (other.mean(axis=2, keepdims=True).repeat(3, axis=2) * 0.35 + 165).astype(np.uint8)
    pale[changed] = (200, 0, 0)
    return Image.fromarray(pale)


def _numbers(picture: Image.Image) -> npt.NDArray[np.int16]:
    return np.asarray(picture.convert("RGB"), np.int16)
