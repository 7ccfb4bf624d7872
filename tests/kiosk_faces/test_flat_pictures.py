"""Made presentation attacks: photographs on paper, fixed, moved and bent by a hand. They say nothing of real screens and masks."""

from random import Random

import cv2
import numpy as np
import pytest
from fakes.faces_data import CLIPS, LONDON, london, needs_data

from domain.challenge import Answer, Pose, Turn, draw, turns
from evaluate._recordings import watched
from kiosk.camera import open_camera
from kiosk.faces.engine import FaceEngine
from kiosk.faces.engines import load_engine
from kiosk.faces.passive import Passive
from kiosk.faces.quality import head_pose
from kiosk.faces.turning import HeadTurn

pytestmark = needs_data
PX, FPS = 45, 6


@pytest.fixture(scope="module")
def engine() -> FaceEngine:
    return load_engine("sface")


def paper(picture: np.ndarray, *, turn: float, bend: float, shift: tuple[float, float], roll: float) -> np.ndarray:
    """A sheet turned by `turn` degrees about its upright axis, bent to a cylinder of `bend` (1/half-widths), moved and rolled."""
    height, width = picture.shape[:2]
    u = np.linspace(-1, 1, 320)[None, :].repeat(240, 0) * 320 / width - shift[0]
    v = np.linspace(-1, 1, 240)[:, None].repeat(320, 1) * 240 / height - shift[1]
    c, s = np.cos(np.radians(roll)), np.sin(np.radians(roll))
    u, v = c * u + s * v, -s * u + c * v
    seen = u / np.cos(np.radians(turn))
    flat = np.arcsin(np.clip(seen * bend, -1, 1)) / bend if abs(bend) > 1e-3 else seen
    grow = 1 + 0.15 * np.sin(np.radians(turn)) * flat  # the nearer edge is larger
    x, y = (flat + 1) * width / 2, (v * grow + 1) * height / 2
    return cv2.remap(picture, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderValue=(90, 95, 100))


def noisy(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.clip(image + rng.normal(0, 3, image.shape), 0, 255).astype(np.uint8)


def test_pictures_moved_turned_and_bent_by_a_hand_never_answer(engine: FaceEngine) -> None:
    rng = np.random.default_rng(0)
    passed = tried = 0
    for person in ("001", "004"):
        picture = london(person, px=PX)
        steps = draw(Random(int(person)), 0.5)
        ways = {Turn.LEFT: 1.0, Turn.RIGHT: -1.0, Turn.CENTRE: 0.0}
        before = [engine.embed(picture, engine.detect(picture)[0])]
        for kind in ("still", "moved", "turned", "bent"):
            turning, now = HeadTurn(engine, before), 0.0
            for i in range(int((steps[-1].until + 0.5) * FPS)):
                now = i / FPS
                way = next((ways[s.turn] for s in reversed(steps) if now >= s.at + 0.3), 0.0)
                shake = rng.normal(0, 0.01, 2)
                image = paper(
                    picture,
                    turn=45 * way if kind in ("turned", "bent") else 0,
                    bend=0.6 * way if kind == "bent" else 0,
                    shift=(0.3 * way + shake[0], shake[1]) if kind == "moved" else (shake[0], shake[1]),
                    roll=10 * way if kind == "moved" else 0,
                )
                if faces := engine.detect(noisy(image, rng)):
                    turning.add(now, image, faces[0])
            tried += 1
            passed += turning.answer(steps) is Answer.PASSED
    assert tried == 8
    assert passed == 0


def test_a_picture_fixed_before_the_camera_is_refused_and_people_are_not(engine: FaceEngine) -> None:
    rng = np.random.default_rng(1)
    for person in ("001", "004"):
        passive, picture = Passive(), london(person, px=PX)
        image = paper(picture, turn=0, bend=0, shift=(0, 0), roll=0)
        for i in range(24):
            passive.add(i / FPS, engine.detect(noisy(image, rng))[0].points)
        assert passive.cues().refuses
    for clip in ("head-pose-face-detection-male.gif", "please.mkv"):
        passive = Passive()
        for seconds, _, face in watched(engine, CLIPS / clip):
            passive.add(seconds, face.points)
            assert not passive.cues().refuses


@pytest.mark.parametrize(
    ("who", "made"), [("female", [Turn.RIGHT, Turn.LEFT, Turn.RIGHT]), ("male", []), ("female-and-male", [Turn.LEFT])]
)
def test_head_turns_are_read_with_the_right_sign(engine: FaceEngine, who: str, made: list[Turn]) -> None:
    """The woman turns; the man before the camera alone does not; of the two, he (the larger face) keeps looking to his left."""
    turning = HeadTurn(engine, [])
    for seconds, _, face in watched(engine, CLIPS / f"head-pose-face-detection-{who}.gif"):
        turning.poses.append(Pose(seconds, head_pose(face.points)[0]))
    assert [t for t in turns(turning.poses) if t is not Turn.CENTRE] == made


def test_of_two_people_each_has_their_own_sign(engine: FaceEngine) -> None:
    """She, on the image's left, looks to her right and he to his left, in every frame."""
    source = str(CLIPS / "head-pose-face-detection-female-and-male.gif")
    for frame in open_camera(source, simulated=True, realtime=False):
        for face in engine.detect(frame.image):
            hers = face.centre[0] < frame.image.shape[1] / 2
            assert (head_pose(face.points)[0] < 0) == hers


@pytest.mark.parametrize("who", ["female", "male", "female-and-male"])
def test_somebody_elses_recorded_answer_is_refused_for_every_resident(engine: FaceEngine, who: str) -> None:
    """The looks of a recorded answer against 102 residents: at most one in a hundred may pass for one of them."""
    source = CLIPS / f"head-pose-face-detection-{who}.gif"
    turning = HeadTurn(engine, [])
    for seconds, frame, face in watched(engine, source):
        turning.add(seconds, frame.image, face)
    residents = sorted({p.name[:3] for p in LONDON.glob("*.jpg")})[:: 4 if who != "female" else 1]
    passed = 0
    for person in residents:
        picture = london(person, px=PX)
        turning.before = [engine.embed(picture, engine.detect(picture)[0])]
        passed += turning.same_person
    assert passed <= len(residents) // 100
    asked = [t for t in turns(turning.poses) if t is not Turn.CENTRE]
    assert turning.answer_untimed(asked) in (
        Answer.FAILED,
        Answer.INCOMPLETE,
    )  # whatever was asked, and be it just what he did
