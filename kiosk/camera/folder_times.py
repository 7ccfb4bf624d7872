"""When the pictures of a folder were taken: by its fps.txt, else by their names."""

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import median

FILM_FPS = 30.0  # of films from which numbered frames are taken
COUNTED = 60  # a step from picture to picture up to which it counts frames, not milliseconds: two seconds
PLAUSIBLE_S = (0.005, 10.0)  # from picture to picture
_UNITS: tuple[tuple[re.Pattern[str], float], ...] = (
    (re.compile(r"(\d+(?:\.\d+)?)\s?ms(?![a-z])", re.I), 1e-3),
    (re.compile(r"(\d+(?:\.\d+)?)\s?s(?:ec)?(?![a-z0-9])", re.I), 1.0),
    (re.compile(r"(?<![\d.])(\d+\.\d+)(?![\d.])"), 1.0),
)


def told_times(folder: Path, names: Sequence[str]) -> list[float] | None:
    """Seconds of each picture in `names`, in order, from the first; None where neither fps.txt nor the names tell them."""
    if (fps := _fps(folder)) is not None:
        return [i / fps for i in range(len(names))]
    return named_times([Path(name).stem for name in names])


def named_times(stems: Sequence[str]) -> list[float] | None:
    """Times out of names without their suffix: `500ms`, `t2.5s`, `frame_0.50`, milliseconds since 1970, or frames by their number
    in a film, at 30 a second, where it grows by more than one (`0, 15, 30`). None where the names only count.
    """
    times = _with_unit(stems) or _numbered(stems)
    steps = [b - a for a, b in pairwise(times or ())]
    if not times or not steps or min(steps) <= 0 or not PLAUSIBLE_S[0] <= median(steps) <= PLAUSIBLE_S[1]:
        return None
    return [t - times[0] for t in times]


def _with_unit(stems: Sequence[str]) -> list[float] | None:
    for pattern, unit in _UNITS:
        found = [pattern.findall(stem) for stem in stems]
        if all(len(one) == 1 for one in found):
            return [unit * float(one[0]) for one in found]
    return None


def _numbered(stems: Sequence[str]) -> list[float] | None:
    """By the one number that differs from name to name."""
    rows = [re.findall(r"\d+", stem) for stem in stems]
    if len({len(row) for row in rows}) != 1:
        return None
    changing = [column for column in zip(*rows, strict=True) if len(set(column)) > 1]
    if len(changing) != 1:
        return None
    numbers = [int(number) for number in changing[0]]
    step = median(b - a for a, b in pairwise(numbers)) if len(numbers) > 1 else 0
    if step <= 1:
        return None
    to_seconds: Callable[[int], float] = _frames if step <= COUNTED else _instants(step)
    return [to_seconds(number - numbers[0]) for number in numbers]


def _frames(number: int) -> float:
    return number / FILM_FPS


def _instants(step: float) -> Callable[[int], float]:
    """Milliseconds, or micro- or nanoseconds where the step would else be of minutes."""
    parts = next((per for per in (10**3, 10**6) if step / per <= PLAUSIBLE_S[1]), 10**9)
    return lambda number: number / parts


def _fps(folder: Path) -> float | None:
    """The first number in the folder's fps.txt, whole, decimal or a fraction; None without one that can be."""
    try:
        said = re.search(r"\d+(?:\.\d+)?(?:/\d+)?", (folder / "fps.txt").read_text("utf-8-sig", errors="replace"))
        fps = float(Fraction(said[0])) if said else 0.0
    except (OSError, ZeroDivisionError):
        fps = 0.0
    return fps if 0 < fps <= 1000 else None
