"""Where something is: Beidou grid codes (GB/T 39409-2020) in exact integers, and Chinese map coordinates made honest.

An angle is a signed count of 1/2048 arc second, the smallest cell of the code, so that no rounding can move a place into its
neighbour's cell. From the second level on all four quarters of the globe mirror the north-east one. The polar scheme of the
standard (|lat| >= 88 degrees) is not built.
"""

import math
import re
from dataclasses import dataclass
from fractions import Fraction

SECOND = 2048  # units
DEGREE = 3600 * SECOND
_HEX = "0123456789ABCDEF"
# Width and height of a cell per level, in units.
_CELLS = (
    (6 * DEGREE, 4 * DEGREE),
    (1800 * SECOND, 1800 * SECOND),
    (900 * SECOND, 600 * SECOND),
    (60 * SECOND, 60 * SECOND),
    (4 * SECOND, 4 * SECOND),
    (2 * SECOND, 2 * SECOND),
    *((SECOND // n, SECOND // n) for n in (4, 32, 256, 2048)),
)
LEVELS = len(_CELLS)
_ONE_DIGIT = frozenset({3, 6})  # levels that write 2 * row + column
_POLAR, _MERIDIAN = 88 * DEGREE, 180 * DEGREE


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell by its corner nearest to equator and prime meridian; `north` and `east` say which way it grows. In units."""

    lat: int
    lon: int
    height: int
    width: int
    north: bool = True
    east: bool = True

    @property
    def centre(self) -> tuple[Fraction, Fraction]:
        """(latitude, longitude), degrees, exact."""
        lat, lon = Fraction(2 * self.lat + self.height, 2 * DEGREE), Fraction(2 * self.lon + self.width, 2 * DEGREE)
        return (lat if self.north else -lat), (lon if self.east else -lon)


def angle(degrees: Fraction | float, minutes: Fraction | int = 0, seconds: Fraction | int = 0) -> Fraction:
    """Degrees of an angle given in parts; minutes and seconds count away from zero. ValueError for NaN and infinities."""
    if isinstance(degrees, float) and not math.isfinite(degrees):
        raise ValueError("not an angle")
    whole, rest = Fraction(degrees), Fraction(minutes) / 60 + Fraction(seconds) / 3600
    return whole - rest if whole < 0 else whole + rest


def encode(lat: Fraction | float, lon: Fraction | float, level: int = LEVELS) -> str:
    """The grid code of a WGS-84 (CGCS2000) position in degrees, `level` 1 to 10.

    Raises ValueError for a position in the polar scheme, outside the globe, or no number.
    """
    if not 1 <= level <= LEVELS:
        raise ValueError(f"level {level} is not 1..{LEVELS}")
    phi, lam = angle(lat), angle(lon)
    b, a = math.floor(abs(phi) * DEGREE), math.floor(abs(lam) * DEGREE)
    if b >= _POLAR:
        raise ValueError("latitudes from 88 degrees on have a scheme of their own")
    if a > _MERIDIAN:
        raise ValueError("a longitude lies within 180 degrees")
    a = min(a, _MERIDIAN - 1)  # the date line belongs to the last column on either side
    column = a // _CELLS[0][0]
    code = (
        f"{'N' if phi >= 0 else 'S'}{31 + column if lam >= 0 else 30 - column:02d}{chr(ord('A') + b // _CELLS[0][1])}"
    )
    for n in range(1, level):
        (outer_w, outer_h), (w, h) = _CELLS[n - 1], _CELLS[n]
        col, row = a % outer_w // w, b % outer_h // h
        code += _HEX[2 * row + col] if n + 1 in _ONE_DIGIT else _HEX[col] + _HEX[row]
    return code


def decode(code: str) -> Cell:
    """The cell of a grid code of any level. Raises ValueError for what is none."""
    text = code.strip().upper()
    head, rest = text[:4], text[4:]
    if len(head) < 4 or head[0] not in "NS" or not (head[1:3].isascii() and head[1:3].isdigit()):
        raise ValueError(f"not a grid code: {code!r}")
    column, row = int(head[1:3]), ord(head[3]) - ord("A")
    if not 1 <= column <= 60 or not 0 <= row < 22:
        raise ValueError(f"no such first-level cell: {head}")
    east = column > 30
    lon, lat = (column - 31 if east else 30 - column) * _CELLS[0][0], row * _CELLS[0][1]
    width, height = _CELLS[0]
    level = 1
    while rest:
        level += 1
        if level > LEVELS:
            raise ValueError("a grid code has ten levels")
        size = 1 if level in _ONE_DIGIT else 2
        digits, rest = rest[:size], rest[size:]
        col, line = _digits(digits, size)
        w, h = _CELLS[level - 1]
        if col >= width // w or line >= height // h:
            raise ValueError(f"{digits!r} is no cell of level {level}")
        lon, lat, width, height = lon + col * w, lat + line * h, w, h
    return Cell(lat, lon, height, width, text[0] == "N", east)


def _digits(digits: str, size: int) -> tuple[int, int]:
    if len(digits) != size or any(d not in _HEX for d in digits):
        raise ValueError(f"not digits of a grid code: {digits!r}")
    if size == 1:
        line, col = divmod(_HEX.index(digits), 2)
        return col, line
    return _HEX.index(digits[0]), _HEX.index(digits[1])


# ---- Chinese map coordinates -----------------------------------------------------------------------------------------
# GCJ-02 shifts positions in mainland China by 50 to 700 m. The forward formula is the published one (on the Krasovsky 1940
# ellipsoid); it has no closed inverse, so the inverse is found by iteration.
_A, _E2 = 6378245.0, 0.00669342162296594323


def _shift(lat: float, lon: float) -> tuple[float, float]:
    x, y = lon - 105.0, lat - 35.0
    waves = 20.0 * (math.sin(6.0 * x * math.pi) + math.sin(2.0 * x * math.pi))
    dy = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    dy += (waves + 20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    dy += (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    dx = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    dx += (waves + 20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    dx += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    phi = math.radians(lat)
    magic = 1.0 - _E2 * math.sin(phi) ** 2
    meridian = _A * (1.0 - _E2) / (magic * math.sqrt(magic))
    parallel = _A / math.sqrt(magic) * math.cos(phi)
    return math.degrees(dy / meridian), math.degrees(dx / parallel)


def in_china(lat: float, lon: float) -> bool:
    """Whether maps shift a position there: the customary rectangle, which reaches over the borders."""
    return 0.8293 <= lat <= 55.8271 and 72.004 <= lon <= 137.8347


def wgs84_to_gcj02(lat: float, lon: float) -> tuple[float, float]:
    """What a Chinese map shows for a position; both in degrees. Outside China nothing is shifted."""
    if not in_china(lat, lon):
        return lat, lon
    dlat, dlon = _shift(lat, lon)
    return lat + dlat, lon + dlon


def gcj02_to_wgs84(lat: float, lon: float) -> tuple[float, float]:
    """The position that a Chinese map shows at (lat, lon), to better than a millimetre inside China."""
    if not in_china(lat, lon):
        return lat, lon
    true_lat, true_lon = lat, lon
    for _ in range(8):
        shown_lat, shown_lon = wgs84_to_gcj02(true_lat, true_lon)
        true_lat, true_lon = true_lat - (shown_lat - lat), true_lon - (shown_lon - lon)
    return true_lat, true_lon


# ---- as people write them --------------------------------------------------------------------------------------------


def read_position(text: str) -> tuple[float, float] | None:
    """(latitude, longitude) in degrees of two numbers with a comma or a blank between; None for anything else.

    Latitude first; what can only be a longitude may come first as well, as Chinese maps write it.
    """
    try:
        first, second = map(float, re.split(r"[\s,，]+", re.sub("[°NE北纬东经]", "", text).strip()))
    except ValueError:
        return None
    lat, lon = (first, second) if abs(first) <= 90 else (second, first)
    return (lat, lon) if abs(lat) <= 90 and abs(lon) <= 180 else None
