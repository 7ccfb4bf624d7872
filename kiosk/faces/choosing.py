"""Of several faces before the gate, the one that is decided: the largest inside the marked zone, one at a time."""

from collections.abc import Sequence

from domain.identification import Reason
from kiosk.faces.tracks import Track
from kiosk.faces.visit import Settings

RIVAL = 0.6  # of the largest face's area: like enough in size to ask them to come one at a time
STICKY = 1.2  # another face takes the visit over only when it is this much larger
LEAST_PX = 16.0  # between the eyes: below this nobody is visiting


def choose(
    seen: Sequence[Track], shape: tuple[int, ...], settings: Settings, mine: int | None
) -> tuple[int | None, Reason | None]:
    """Which of `seen` (largest first, in a frame of `shape` height and width) is decided, and why nothing is decided yet.

    `mine` is the track of the visit under way. A face counts from its second frame on: the detector sees a phantom in one
    frame now and then.
    """
    height, width = shape
    left, top, right, bottom = settings.zone
    least = max(LEAST_PX, 0.5 * settings.limits.inter_eye_px)
    near = [i for i, track in enumerate(seen) if track.face.inter_eye >= least and track.frames > 1]
    inside = [
        i
        for i in near
        if left <= seen[i].face.centre[0] / width <= right and top <= seen[i].face.centre[1] / height <= bottom
    ]
    if not inside:
        far = any(track.frames > 1 for track in seen)
        return None, Reason.OUT_OF_ZONE if near else Reason.TOO_FAR if far else Reason.NO_FACE
    chosen = inside[0]
    known = next((i for i in inside if seen[i].number == mine), None)
    if known is not None and seen[chosen].face.area < STICKY * seen[known].face.area:
        chosen = known
    others = [seen[i].face.area for i in near if i != chosen]
    several = bool(others) and max(others) > RIVAL * seen[chosen].face.area
    return chosen, Reason.SEVERAL_FACES if several else None
