"""How a panel lies, and what follows for its window: words have a least size, so a low panel is divided otherwise."""

from enum import StrEnum

LOW_PX = 700  # lower than this there is no room for a row of ways in above a row with the language


class Shape(StrEnum):
    """How a panel lies."""

    UPRIGHT = "upright"
    WIDE = "wide"
    LOW = "low"  # wide and low: the ways in, the way back and the language share one row

    @property
    def beside(self) -> bool:
        """Whether picture and words stand side by side."""
        return self is not Shape.UPRIGHT


def shape_of(width: int, height: int) -> Shape:
    """The shape of a panel of so many pixels."""
    if width <= height:
        return Shape.UPRIGHT
    return Shape.LOW if height < LOW_PX else Shape.WIDE


def panel_scale(width: int, height: int) -> float:
    """The theme's scale for a panel: 1 at 800x1280, or at 1600x1000 where it lies on its side; the narrower way decides."""
    wide, high = (1600, 1000) if width > height else (800, 1280)
    return min(width / wide, height / high)
