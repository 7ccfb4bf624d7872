"""The evaluations on real pictures: form of the answer, and what it must reach."""

import itertools
import json
import os
import shutil
from pathlib import Path
from random import Random

import cv2
import numpy as np
import pytest

from domain.challenge import Answer, Pose, Turn, draw, grade, turns
from domain.identification import Liveness
from domain.liveness import Demand, Evidence, Policy, Risk, demand
from evaluate import challenge, clips, faces, liveness, tail
from evaluate.__main__ import main as evaluation
from evaluate._pool import each
from evaluate._recordings import spread, watched
from evaluate._statistics import clopper_pearson, garwood, interval
from kiosk.camera import open_camera
from kiosk.faces.engines import load_engine
from kiosk.faces.quality import head_pose
from tests.fakes.faces_data import CLIPS, LONDON, london, needs_data, scene
from tests.fakes.made_attacks import lay, masked, replayed

pytestmark = needs_data


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOUWANG_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


def answer(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    return json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Eight residents with two pictures, four strangers with one; one picture cannot be used."""
    for i, person in enumerate(("001", "002", "003", "004", "005", "006", "007", "008", "009", "010", "011", "012")):
        (tmp_path / person).mkdir()
        for expression in ("neutral", "smiling")[: 2 if i < 8 else 1]:
            name = f"{person}_{expression}.jpg"
            (tmp_path / person / name).symlink_to(LONDON / name)
    shutil.copy(__file__, tmp_path / "001" / "z_no_picture.jpg")
    return tmp_path


def test_identification_is_scored_by_person_and_stranger(people: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = [str(people), "--enrol", "1", "--frames", "1", "--target-fpir", "0.01", "--quality", "off", "--json"]
    assert faces.main(argv) == 0
    found = answer(capsys)
    operating = found["operating"]
    assert (found["people"], found["enrolled"], found["strangers"]) == (12, 8, 4)
    assert (found["visits"], found["failed_to_enrol"], found["failed_to_acquire"]) == (13, 0, 1)
    assert found["rank1"] == pytest.approx(8 / 9, abs=1e-4)  # the unusable picture counts as a miss
    assert operating["fnir"] == pytest.approx(1 / 9, abs=1e-4)
    assert (operating["fpir"], operating["wrong_name"]) == (0, 0)
    assert [p for p, _ in found["det"]] == [0.1, 0.03, 0.01, 0.003, 0.001]
    assert found["ms"]["frame_p50"] > 0
    assert faces.main(argv) == 0  # from the cache
    assert answer(capsys)["operating"] == operating


def test_each_clip_is_scored_against_whom_it_shows(capsys: pytest.CaptureFixture[str]) -> None:
    expect = "help.mkv=a,please.mkv=unknown,one-by-one-person-detection.gif=noface"
    argv = [str(CLIPS), "--enrol", "again.mkv=a", "--expect", expect, "--quality", "off", "--json"]
    assert clips.main(argv) == 0
    found = answer(capsys)
    assert (found["right"], found["wrong"]) == (3, 0)
    assert [v["decision"] for v in found["visits"]] == ["a", "unknown", "noface"]
    assert found["admission"] == {"grant": 0, "challenge": 1, "refuse": 0}
    assert found["visits"][0]["liveness"] == "undecided"


def test_clips_that_cannot_be_read_are_said_and_the_others_scored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("again.mkv", "help.mkv"):
        (tmp_path / name).symlink_to(CLIPS / name)
    (tmp_path / "broken.mp4").write_bytes(b"no film")
    argv = [str(tmp_path), "--enrol", "again.mkv=a,broken.mp4=b", "--quality", "off", "--json"]
    argv += ["--expect", "help.mkv=a,broken.mp4=noface,none.mp4=unknown"]
    assert clips.main(argv) == 0
    found = answer(capsys)
    assert (found["right"], found["wrong"], found["enrolled"]) == (1, 2, 1)
    assert [v["decision"] for v in found["visits"]] == ["a", "unreadable", "unreadable"]


def test_a_long_recording_is_looked_at_evenly(tmp_path: Path) -> None:
    for i in range(200):
        cv2.imwrite(str(tmp_path / f"{i:03}.png"), np.full((4, 4, 3), i, np.uint8))
    seen = [int(image[0, 0, 0]) for image in spread(tmp_path, 24)]
    assert seen[0] == 0
    assert 12 <= len(seen) <= 24
    assert seen[-1] >= 180
    assert len({b - a for a, b in itertools.pairwise(seen)}) == 1


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


def test_a_tail_is_a_table_of_rising_scores(people: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tail.main([str(people)]) == 0
    table = answer(capsys)
    assert table["engine"] == "sface"
    assert table["people"] == 12
    assert table["scores"] == sorted(table["scores"])


def test_intervals_hold_the_true_rate() -> None:
    assert clopper_pearson(0, 10)[1] == pytest.approx(0.3085, abs=1e-4)
    assert clopper_pearson(10, 10)[0] == pytest.approx(0.6915, abs=1e-4)
    assert clopper_pearson(0, 0) == (0, 1)
    assert garwood(0, 2.0) == pytest.approx((0.0, 1.8444), abs=1e-4)
    assert garwood(3, 1.0) == pytest.approx((0.6187, 8.7673), abs=1e-4)
    wrong = [True] * 50 + [False] * 950
    low, high = interval(wrong, [str(i) for i in range(1000)], 0)
    assert low < 0.05 < high
    together = interval(wrong, [str(i // 100) for i in range(1000)], 0)  # visits of one person go together
    assert together[1] - together[0] > high - low


def test_faces_copes_with_what_lies_in_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Grey, sideways, two-faced, cut off, tiny, damaged and missing pictures, odd names, a file beside the folders."""
    rng = np.random.default_rng(0)
    for person in ("003", "004", "005"):
        (folder := tmp_path / f"{person} 王 'x'").mkdir()
        for expression in ("neutral", "smiling"):
            shutil.copy(LONDON / f"{person}_{expression}.jpg", folder / f"{expression}.JPG")
    odd = tmp_path / "006"
    odd.mkdir()
    shutil.copy(LONDON / "006_neutral.jpg", odd / "a.jpg")
    cv2.imwrite(str(odd / "b grey.png"), cv2.cvtColor(london("006", "smiling"), cv2.COLOR_BGR2GRAY))
    cv2.imwrite(str(odd / "c side.png"), np.rot90(london("006")))
    cv2.imwrite(str(odd / "d two.png"), scene((london("006", px=75), -40, 0), (london("004", px=70), 280, 0)))
    cv2.imwrite(str(odd / "e alpha.png"), cv2.cvtColor(london("006"), cv2.COLOR_BGR2BGRA))
    (odd / "f cut.jpg").write_bytes((LONDON / "006_smiling.jpg").read_bytes()[:9000])
    cv2.imwrite(str(odd / "g tiny.png"), rng.integers(0, 255, (1, 1, 3), np.uint8))
    (odd / "h empty.jpg").write_bytes(b"")
    (odd / "i gone.jpg").symlink_to("nowhere.jpg")
    (tmp_path / "notes.txt").write_text("not a person")
    (tmp_path / "nobody").mkdir()
    argv = [str(tmp_path), "--enrol", "1", "--frames", "1", "--quality", "off", "--target-fpir", "0.01", "--json"]
    assert faces.main(argv) == 0
    found = answer(capsys)
    assert (found["people"], found["enrolled"], found["strangers"], found["visits"]) == (4, 4, 0, 10)
    assert found["failed_to_acquire"] == 3  # cut, tiny, empty
    assert found["rank1"] == pytest.approx(0.7)
    assert found["operating"]["wrong_name"] == 0


def test_a_damaged_cache_is_made_anew(people: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (folder := tmp_path / "damaged cache").mkdir()
    monkeypatch.setenv("SHOUWANG_CACHE", str(folder))
    (folder / "embeddings.db").write_bytes(b"not a database" * 200)
    assert tail.main([str(people)]) == 0


@pytest.mark.parametrize("wrong", [["--enrol", "0"], ["--frames", "0"], ["--target-fpir", "1"]])
def test_numbers_that_make_no_sense_are_refused(wrong: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        faces.main([str(tmp_path), *wrong])


def test_an_engine_that_is_not_there_is_said_in_one_sentence(
    people: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOUWANG_LANGUAGE", "en")
    assert evaluation(["faces", str(people), "--engine", "nonesuch"]) == 1
    assert "no recognition engine called nonesuch" in capsys.readouterr().err
    assert evaluation(["nothing"]) == 2


@pytest.mark.parametrize("command", ["faces", "liveness", "challenge"])
@pytest.mark.parametrize("there", [True, False])
def test_where_there_is_nothing_the_answer_has_its_form(
    command: str, there: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if there:
        (tmp_path / "notes.txt").write_text("nothing yet")
    folder = tmp_path if there else tmp_path / "none"
    assert evaluation([command, str(folder), "--json"]) == 1
    said = capsys.readouterr()
    assert said.err.startswith("There ")
    found = json.loads(said.out.splitlines()[-1], parse_constant=pytest.fail)  # no NaN, no Infinity
    wanted = {
        "faces": "people enrolled failed_to_enrol visits failed_to_acquire strangers rank1 operating det ms",
        "liveness": "clips bpcer apcer undecided",
        "challenge": "clips responses",
    }
    assert set(wanted[command].split()) <= set(found)
    if command == "faces":
        assert {"threshold", "target_fpir", "fpir", "fpir_ci95", "fnir", "fnir_ci95", "wrong_name"} <= set(
            found["operating"]
        )


def test_clips_may_be_named_in_any_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commas, equals signs, Chinese and what is no text at all in a name; options given more than once."""
    strange = "王, 奶奶=1 \udcff.mkv"
    (tmp_path / "again.MKV").symlink_to(CLIPS / "again.mkv")
    (tmp_path / strange).symlink_to(CLIPS / "help.mkv")
    argv = ["clips", str(tmp_path), "--quality", "off", "--enrol", "again.MKV=王奶奶", "--expect", f"{strange}=王奶奶"]
    assert evaluation([*argv, "--expect", "again.MKV=Unknown"]) == 0
    found = answer(capsys)
    assert [(v["decision"], v["right"]) for v in found["visits"]] == [("王奶奶", True), ("王奶奶", False)]


def test_nobody_to_enrol_is_said_and_the_answer_has_its_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "scene").mkdir()
    cv2.imwrite(str(tmp_path / "scene" / "0.png"), np.full((480, 640, 3), 120, np.uint8))
    assert clips.main([str(tmp_path), "--enrol", "scene=a", "--expect", "scene=noface,none.mp4=a"]) == 1
    said = capsys.readouterr()
    found = json.loads(said.out.splitlines()[-1])
    assert (found["right"], found["wrong"], found["enrolled"], found["ms_p95"]) == (1, 1, 0, None)
    assert "Nobody could be enrolled" in said.err


@pytest.mark.parametrize("text", ["again.mkv", "=a", "a.mkv=", "a.mkv=b,c.mkv"])
def test_what_is_no_pair_is_refused(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        clips.main([str(tmp_path), "--enrol", text, "--expect", "a.mkv=b"])
    assert "is not FILE=NAME" in capsys.readouterr().err


def _nothing_to_load() -> None:
    pass


def _die_of_three(item: int) -> int:
    if item == 3:
        os._exit(9)
    return 2 * item


def test_a_file_that_kills_its_process_costs_only_itself() -> None:
    assert list(each(_die_of_three, range(6), start=_nothing_to_load, processes=2)) == [0, 2, 4, None, 8, 10]
