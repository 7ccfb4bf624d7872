"""`evaluate liveness` and `evaluate challenge`: the living, and what is shown in their place."""

import shutil
from pathlib import Path
from random import Random

import cv2
import numpy as np
import pytest

from domain.challenge import Answer, Pose, Turn, draw, grade, turns
from domain.identification import Liveness
from domain.liveness import Demand, Evidence, Policy, Risk, demand
from evaluate import challenge, liveness
from evaluate._recordings import watched
from kiosk.camera import open_camera
from kiosk.faces.engines import load_engine
from kiosk.faces.quality import head_pose
from tests.evaluate_faces.conftest import answer
from tests.fakes.faces_data import CLIPS, LONDON, london, needs_data
from tests.fakes.made_attacks import lay, masked, replayed

pytestmark = needs_data


def test_pictures_held_to_the_camera_are_told_from_living_faces(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "live").mkdir()
    (tmp_path / "live" / "please.mkv").symlink_to(CLIPS / "please.mkv")
    still = tmp_path / "attack" / "photo" / "one"
    still.mkdir(parents=True)
    for i in range(20):
        shutil.copy(LONDON / "001_neutral.jpg", still / f"{i:02}.jpg")
    (still / "fps.txt").write_text("2")
    assert liveness.main([str(tmp_path), "--json"]) == 0
    found = answer(capsys)
    assert (found["clips"], found["bpcer"], found["apcer"]) == (2, 0, {"photo": 0})
    assert found["undecided"] == {"live": 1, "photo": 0}


def test_liveness_of_folders_that_tell_no_times(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Twenty pictures are taken to last ten seconds; people refused as little when it was less than one."""
    still = tmp_path / "attack" / "photo"
    (still / "one").mkdir(parents=True)
    for i in range(20):
        shutil.copy(LONDON / "001_neutral.jpg", still / "one" / f"{i:02}.jpg")
    (still / "few").mkdir()
    for i in range(15):
        shutil.copy(LONDON / "001_neutral.jpg", still / "few" / f"{i:02}.jpg")
    for clip in ("please.mkv", "yes.mkv", "head-pose-face-detection-male.gif"):
        folder = tmp_path / "live" / clip
        folder.mkdir(parents=True)
        for i, image in enumerate(frames_of(clip, 1)[-20:]):
            cv2.imwrite(str(folder / f"{i:02}.png"), image)
    assert liveness.main([str(tmp_path), "--json"]) == 0
    found = answer(capsys)
    assert (found["clips"], found["bpcer"], found["apcer"]) == (5, 0, {"photo": 0.5})
    assert found["undecided"] == {"live": 3, "photo": 1}


def test_frames_of_every_size_and_colour_are_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pixel, a strip, grey, on its side, a large one, one that is no picture: whatever a folder holds, the clip is judged."""
    folder = tmp_path / "live" / "odd"
    folder.mkdir(parents=True)
    face = london("001")
    made = [
        face[:1, :1],
        face[:2],
        face[:, :3],
        face,
        np.rot90(face),
        cv2.resize(face, (4000, 6000)),
        face[:7, :7],
        face,
    ]
    for i, image in enumerate(made):
        cv2.imwrite(str(folder / f"{i}.png"), image)
    cv2.imwrite(str(folder / "8.png"), cv2.cvtColor(face, cv2.COLOR_BGR2GRAY))
    cv2.imwrite(str(folder / "9.png"), face.astype(np.uint16) * 256)
    (folder / "10.png").write_bytes(b"half a")
    assert liveness.main([str(tmp_path), "--json"]) == 0
    found = answer(capsys)
    assert (found["clips"], found["unreadable"], found["bpcer"]) == (1, 0, 0)


def frames_of(clip: str, every: int) -> list[np.ndarray]:
    return [f.image for f in open_camera(str(CLIPS / clip), simulated=True, realtime=False)][::every]


def test_made_replays_and_masks_are_undecided_and_would_be_challenged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Passive evidence knows nothing of them (docs/decisions/0012): it must say so, and leave them to the challenge."""
    engine = load_engine("sface")
    for clip in ("again.mkv", "learn.mkv"):
        frames = frames_of(clip, 6)[:20]
        lay(tmp_path / "attack" / "replay" / clip, replayed(frames), 2)
        lay(tmp_path / "attack" / "mask" / clip, masked(engine, frames, london("004")), 2)
        lay(tmp_path / "live" / clip, frames, 2)
    still = [london("001", px=50)] * 20
    grain = np.random.default_rng(2)
    noisy = [np.clip(f + grain.normal(0, 2, f.shape), 0, 255).astype(np.uint8) for f in still]
    lay(tmp_path / "attack" / "print_fixed" / "a", noisy, 2)
    (tmp_path / "live" / "broken.mp4").write_bytes(b"no film")
    assert liveness.main([str(tmp_path), "--json"]) == 0
    found = answer(capsys)
    assert (found["clips"], found["unreadable"], found["bpcer"]) == (7, 1, 0)
    assert found["apcer"] == {"mask": 1, "print_fixed": 0, "replay": 1}
    assert found["undecided"] == {"live": 2, "mask": 2, "print_fixed": 0, "replay": 2}
    assert demand(Policy.STANDARD, Evidence(), Risk(first_today=True)) == (Demand.CHALLENGE, Liveness.UNDECIDED)


def test_a_replayed_answer_fits_hardly_any_other_asking(tmp_path: Path) -> None:
    """A recording of turns, shown on a made screen, against 300 random sequences asked at a random moment of it."""
    engine = load_engine("sface")
    lay(tmp_path / "clip", replayed(frames_of("head-pose-face-detection-female.gif", 1)), 4)  # slowed down: 6 s
    poses = [Pose(t, head_pose(face.points)[0]) for t, _, face in watched(engine, tmp_path / "clip")]
    assert {t for t in turns(poses) if t is not Turn.CENTRE} == {Turn.LEFT, Turn.RIGHT}  # it is seen to turn
    random = Random(5)
    passed = sum(grade(draw(random, random.uniform(0, 2)), poses) is Answer.PASSED for _ in range(300))
    assert passed <= 3


def test_an_answered_asking_is_told_from_a_wrong_and_an_untimely_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for response, asked in (("right", "right left"), ("wrong", "left, right"), ("timed", "right 0 0.4\nleft 0.6 1.4")):
        (tmp_path / response).mkdir()
        (tmp_path / response / "clip.gif").symlink_to(CLIPS / "head-pose-face-detection-female.gif")
        (tmp_path / response / "clip.gif.asked.txt").write_text(asked)
    assert challenge.main([str(tmp_path), "--json"]) == 0
    found = answer(capsys)
    assert found["clips"] == 3
    assert found["responses"]["right"]["passed"] == 1
    assert found["responses"]["wrong"]["passed"] == 0
