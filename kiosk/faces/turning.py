"""The head-turn challenge as it is watched: poses against the asked steps, and the same face from before to after."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.challenge import (
    LATE_S,
    LOOKED_DEG,
    TURNED_DEG,
    Answer,
    Pose,
    Step,
    Turn,
    grade,
    neutral,
    seamless,
    turns,
    unseen,
)
from kiosk.faces.engine import Face as Face
from kiosk.faces.engine import FaceEngine, Image, Vector
from kiosk.faces.gallery import fuse
from kiosk.faces.quality import head_pose
from kiosk.faces.tracks import apart

CHECK_S = 0.6  # between two looks at who it is
CHECK_YAW_DEG = 60.0  # beyond that an embedding says little
OVER_S = 0.3  # after the last step an answer is graded
EARLY_S = 0.75  # from the asking on: nobody has turned yet
# Spreads above the impostors' mean: all looks together, and each one alone, ahead and turned aside. The same person's together are
# 3.8 and more, another's reach 3 once in 1,500 times (docs/decisions/0012)
SAME, SWAPPED, SWAPPED_ASIDE = 3.0, 0.5, 1.5


@dataclass(frozen=True, slots=True)
class _Look:
    pose: Pose
    vector: Vector


class HeadTurn:
    """Collects one person's answer. `before` are vectors from before the asking: whoever answers must be the same person."""

    def __init__(self, engine: FaceEngine, before: Sequence[Vector]) -> None:
        self._engine, self.before = engine, list(before)
        self.poses: list[Pose] = []
        self._looks: list[_Look] = []
        self._face: Face | None = None
        self._missed = 0

    def miss(self, frames: int = 1) -> None:
        """So many frames did not show the face."""
        self._missed += frames

    def add(self, at: float, image: Image, face: Face) -> bool:
        """One frame, `at` seconds on the clock of the steps; whether it was looked at for whose face it is."""
        yaw, _, _ = head_pose(face.points)  # the image's right is the person's own left
        moved = apart(self._face, face) if self._face is not None else 0.0
        pose = Pose(at, yaw, moved, self._missed)
        self.poses.append(pose)
        self._face, self._missed = face, 0
        if not self._due(pose):
            return False
        self._looks.append(_Look(pose, self._engine.embed(image, face)))
        return True

    def over(self, steps: Sequence[Step]) -> bool:
        """Whether the last step was over when the face was seen last."""
        return bool(self.poses) and self.poses[-1].at >= steps[-1].until + OVER_S

    def _due(self, pose: Pose) -> bool:
        """Now and then, and whenever the head has turned aside: whoever shows that turn must be the one who was asked."""
        if abs(pose.left_deg) > CHECK_YAW_DEG:
            return False
        if not self._looks or pose.at - self._looks[-1].pose.at >= CHECK_S:
            return True
        side = self._side(pose)
        return side != 0 and side != self._side(self._looks[-1].pose)

    def _side(self, pose: Pose) -> int:
        off = pose.left_deg - neutral(self.poses, self.poses[0].at + EARLY_S)
        return 0 if abs(off) < TURNED_DEG else 1 if off > 0 else -1

    @property
    def same_person(self) -> bool:
        """Whether the face that answered is the one from before, at every look and altogether."""
        if not self.before or not self._looks:
            return False
        tail, known = self._engine.tail, fuse(self.before, [1.0] * len(self.before))
        for look in self._looks:
            spreads = SWAPPED_ASIDE if abs(look.pose.left_deg) >= LOOKED_DEG else SWAPPED
            if float(known @ look.vector) < tail.mean + spreads * tail.spread:
                return False
        together = float(known @ fuse([look.vector for look in self._looks], [1.0] * len(self._looks)))
        return together >= tail.mean + SAME * tail.spread

    def answer(self, steps: Sequence[Step]) -> Answer:
        """The grade against timed steps; another person's answer fails whatever it was, and one is incomplete in which a turn was
        seen but not whose it was, or in which a face took another's place. What the head does after the last step, while
        somebody stands beside it, is no part of the answer; whose it is is."""
        poses = [pose for pose in self.poses if pose.at <= steps[-1].until + LATE_S]
        result = grade(steps, poses)
        if result is not Answer.PASSED:
            return result
        if not self.same_person:
            return Answer.FAILED
        looks = [look.pose for look in self._looks]
        return Answer.PASSED if seamless(poses) and not unseen(steps, poses, looks) else Answer.INCOMPLETE

    def answer_untimed(self, asked: Sequence[Turn]) -> Answer:
        """For recordings that say only the order: the turns made must begin with those asked."""
        if len(self.poses) < 2 * len(asked):
            return Answer.INCOMPLETE
        wanted, made = _sideways(asked), _sideways(turns(self.poses))
        if made[: len(wanted)] != wanted or not self.same_person:
            return Answer.FAILED
        return Answer.PASSED if seamless(self.poses) else Answer.INCOMPLETE


def _sideways(sequence: Sequence[Turn]) -> list[Turn]:
    return [t for t in sequence if t is not Turn.CENTRE]
