"""Made presentation attacks: photographs on paper, fixed, moved and bent by a hand. They say nothing of real screens and masks."""

import json
from pathlib import Path

import numpy as np
import pytest

from domain.challenge import Answer, Pose, Turn, turns
from evaluate import flat
from evaluate._recordings import watched
from evaluate.flat import FPS, PX, SPECIES, Hand, attack, sheet, with_noise
from kiosk.camera import open_camera
from kiosk.faces.engine import FaceEngine, Vector
from kiosk.faces.engines import load_engine
from kiosk.faces.passive import Passive
from kiosk.faces.quality import head_pose
from kiosk.faces.turning import HeadTurn
from tests.fakes.faces_data import CLIPS, LONDON, london, needs_data, scene

pytestmark = needs_data


@pytest.fixture(scope="module")
def engine() -> FaceEngine:
    return load_engine("sface")


def test_pictures_moved_turned_and_bent_by_a_hand_never_answer(engine: FaceEngine) -> None:
    """A sample of what `./run evaluate flat` does with every picture (docs/decisions/0012)."""
    answers = [
        attack(engine, london(person), species, seed, other=london(other))
        for seed, (person, other) in enumerate((("001", "020"), ("004", "009")))
        for species in SPECIES
    ]
    assert len(answers) == 12
    assert Answer.PASSED not in answers


def test_a_hand_bends_and_turns_what_it_holds() -> None:
    """A stripe beside the middle: moved by a shift, nearer the middle by a turn, and where it was without either."""
    rng = np.random.default_rng(0)
    picture = np.zeros((240, 320, 3), np.uint8)
    picture[:, 238:242] = 255

    def place(hand: Hand, way: float = 1.0) -> float:
        row = sheet(picture, hand, way, rng)[120, :, 0].astype(float)
        row[row < 128] = 0
        return float((row * np.arange(320)).sum() / row.sum())

    assert abs(place(Hand()) - 240) < 8
    assert abs(place(Hand(shift=0.2)) - 272) < 8
    assert abs(place(Hand(turn=60)) - 200) < 8
    assert abs(place(Hand(turn=60), way=0.0) - 240) < 8
    assert place(Hand(bend=0.9)) < place(Hand()) - 1


def test_the_whole_attack_answers_in_the_form_of_the_others(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for person in ("001", "004"):
        (tmp_path / f"{person}.jpg").symlink_to(LONDON / f"{person}_neutral.jpg")
    (tmp_path / "wall.png").write_bytes(b"no picture")
    assert flat.main([str(tmp_path), "--json"]) == 0
    found = json.loads(capfd.readouterr().out.splitlines()[-1])
    told = tuple(found[name] for name in ("attempts", "passed", "refused", "unusable"))
    assert told == (11, 0, 1.0, 7)  # 004 has nobody to be exchanged for
    assert flat.main([str(tmp_path / "none")]) == 1


def test_a_picture_fixed_before_the_camera_is_refused_and_people_are_not(engine: FaceEngine) -> None:
    rng = np.random.default_rng(1)
    for person in ("001", "004"):
        passive, picture = Passive(), london(person, px=PX)
        image = scene((picture, 20, -30), size=(240, 320))
        for i in range(24):
            seen = with_noise(image, rng)
            passive.add(i / FPS, seen, engine.detect(seen)[0].points)
        assert passive.cues().refuses
    for clip in ("head-pose-face-detection-male.gif", "please.mkv"):
        passive = Passive()
        for seconds, frame, face in watched(engine, CLIPS / clip):
            passive.add(seconds, frame.image, face.points)
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


@pytest.fixture(scope="module")
def residents(engine: FaceEngine) -> list[Vector]:
    """One look at each of 102 people."""
    looks = [london(person, px=PX) for person in sorted({p.name[:3] for p in LONDON.glob("*.jpg")})]
    return [engine.embed(look, engine.detect(look)[0]) for look in looks]


@pytest.mark.parametrize(
    "clip",
    ["head-pose-face-detection-female.gif", "head-pose-face-detection-male.gif", "head-pose-face-detection-female-and-male.gif",
     "face-demographics-walking-and-pause.gif", "again.mkv", "book.mkv", "eat.mkv", "please.mkv"],
)  # fmt: skip
def test_somebody_elses_recorded_answer_is_refused_for_every_resident(
    engine: FaceEngine, residents: list[Vector], clip: str
) -> None:
    """Whatever was asked, and be it just what they did: they look like none of those who may have been asked."""
    turning = HeadTurn(engine, [])
    for seconds, frame, face in watched(engine, CLIPS / clip):
        turning.add(seconds, frame.image, face)
    asked = [t for t in turns(turning.poses) if t is not Turn.CENTRE]
    for resident in residents:
        turning.before = [resident]
        assert not turning.same_person
        assert turning.answer_untimed(asked) in (Answer.FAILED, Answer.INCOMPLETE)


@pytest.mark.parametrize(
    "clip", ["again.mkv", "book.mkv", "learn.mkv", "please.mkv", "face-demographics-walking-and-pause.gif"]
)
def test_who_answers_themselves_is_the_same_person_to_the_end(engine: FaceEngine, clip: str) -> None:
    turning = HeadTurn(engine, [])
    before: list[Vector] = []
    for seconds, frame, face in watched(engine, CLIPS / clip):
        if len(before) < 3:
            before.append(engine.embed(frame.image, face))
        else:
            turning.add(seconds, frame.image, face)
    turning.before = before
    assert turning.same_person
