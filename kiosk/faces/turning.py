"""The head-turn challenge as it is watched: poses against the asked steps, and the same face from before to after."""

from collections.abc import Sequence

from domain.challenge import Answer, Pose, Step, Turn, grade, turns
from kiosk.faces.engine import Face as Face
from kiosk.faces.engine import FaceEngine, Image, Vector
from kiosk.faces.gallery import fuse
from kiosk.faces.quality import head_pose

CHECK_S = 0.6  # between two looks at who it is
CHECK_YAW_DEG = 32.0  # beyond that an embedding says little
# Spreads above the impostors' mean: all looks together, and each one alone. The same person's together are 3.8 and more, another's
# reach 3 once in 1,500 times (docs/decisions/0012)
SAME, SWAPPED = 3.0, 0.5


class HeadTurn:
    """Collects one person's answer. `before` are vectors from before the asking: whoever answers must be the same person."""

    def __init__(self, engine: FaceEngine, before: Sequence[Vector]) -> None:
        self._engine, self.before = engine, list(before)
        self.poses: list[Pose] = []
        self._looks: list[Vector] = []
        self._looked = float("-inf")

    def add(self, at: float, image: Image, face: Face) -> bool:
        """One frame, `at` seconds on the clock of the steps; whether it was looked at for whose face it is."""
        yaw, _, _ = head_pose(face.points)
        self.poses.append(Pose(at, yaw))  # the image's right is the person's own left
        if at - self._looked < CHECK_S or abs(yaw) > CHECK_YAW_DEG:
            return False
        self._looks.append(self._engine.embed(image, face))
        self._looked = at
        return True

    @property
    def same_person(self) -> bool:
        """Whether the face that answered is the one from before, at every look and altogether."""
        if not self.before or not self._looks:
            return False
        tail, known = self._engine.tail, fuse(self.before, [1.0] * len(self.before))
        scores = [float(known @ look) for look in self._looks]
        if min(scores) < tail.mean + SWAPPED * tail.spread:
            return False
        together = float(known @ fuse(self._looks, [1.0] * len(self._looks)))
        return together >= tail.mean + SAME * tail.spread

    def answer(self, steps: Sequence[Step]) -> Answer:
        """The grade against timed steps; another person's answer fails whatever it was."""
        result = grade(steps, self.poses)
        return Answer.FAILED if result is Answer.PASSED and not self.same_person else result

    def answer_untimed(self, asked: Sequence[Turn]) -> Answer:
        """For recordings that say only the order: the turns made must begin with those asked."""
        if len(self.poses) < 2 * len(asked):
            return Answer.INCOMPLETE
        wanted, made = _sideways(asked), _sideways(turns(self.poses))
        return Answer.PASSED if made[: len(wanted)] == wanted and self.same_person else Answer.FAILED


def _sideways(sequence: Sequence[Turn]) -> list[Turn]:
    return [t for t in sequence if t is not Turn.CENTRE]
