"""A piece of an accelerometer's stream as a gateway sends it. Pure."""

from collections.abc import Mapping
from datetime import datetime

import numpy as np

from district.intake.signals import Piece

_NO_G = 4.0  # g: at rest nothing shows so much; m/s² do
_NO_SENSOR = 1000.0  # g: beyond any range; such a sample counts as lost
_MOST, _LONGEST = 20_000, 3600.0  # samples in a piece, and s
_YEARS = range(2001, 2200)


def piece_of(item: Mapping[str, object], source: str, device: str, gateway: str) -> Piece | str:
    """``{"at": ISO 8601 of the first sample, "hz": 50, "g": [[x, y, z], …]}``, or instead of `hz` the seconds since `at` of each
    as "t": […]; null is a sample that was lost. A word for what is wrong with it."""
    try:
        at = datetime.fromisoformat(str(item["at"]))
        believed = at.year in _YEARS
    except (KeyError, ValueError):
        believed = False
    if not believed:
        return "unreadable_time"
    if at.tzinfo is None:
        return "time_without_zone"
    try:
        g = np.array(item["g"], float)
        t = np.array(item["t"] if "t" in item else [k / float(str(item["hz"])) for k in range(len(g))], float)
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return "unreadable_samples"
    if g.ndim != 2 or g.shape[1] != 3 or not 0 < len(g) <= _MOST or t.shape != g.shape[:1]:
        return "unreadable_samples"
    if not (np.abs(t) < _LONGEST).all():
        return "unreadable_samples"
    g = np.where(np.abs(g) < _NO_SENSOR, g, np.nan)
    size = np.linalg.norm(g, axis=1)
    if np.isfinite(size).any() and float(np.nanmedian(size)) > _NO_G:
        return "not_in_g"
    return Piece(source, device, tuple((t + at.timestamp()).tolist()), tuple(map(tuple, g.tolist())), gateway)
