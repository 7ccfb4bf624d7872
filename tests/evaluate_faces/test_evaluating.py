"""The evaluations on real pictures: form of the answer, and what it must reach."""

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from fakes.faces_data import CLIPS, LONDON, london, needs_data, scene

from evaluate import challenge, clips, faces, liveness, tail
from evaluate._statistics import clopper_pearson, interval

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


def test_faces(people: Path, capsys: pytest.CaptureFixture[str]) -> None:
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


def test_clips(capsys: pytest.CaptureFixture[str]) -> None:
    expect = "help.mkv=a,please.mkv=unknown,one-by-one-person-detection.gif=noface"
    argv = [str(CLIPS), "--enrol", "again.mkv=a", "--expect", expect, "--quality", "off", "--json"]
    assert clips.main(argv) == 0
    found = answer(capsys)
    assert (found["right"], found["wrong"]) == (3, 0)
    assert [v["decision"] for v in found["visits"]] == ["a", "unknown", "noface"]
    assert found["admission"] == {"grant": 0, "challenge": 1, "refuse": 0}
    assert found["visits"][0]["liveness"] == "undecided"


def test_liveness(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
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


def test_challenge(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for response, asked in (("right", "right left"), ("wrong", "left, right"), ("timed", "right 0 0.4\nleft 0.6 1.4")):
        (tmp_path / response).mkdir()
        (tmp_path / response / "clip.gif").symlink_to(CLIPS / "head-pose-face-detection-female.gif")
        (tmp_path / response / "clip.gif.asked.txt").write_text(asked)
    assert challenge.main([str(tmp_path), "--json"]) == 0
    found = answer(capsys)
    assert found["clips"] == 3
    assert found["responses"]["right"]["passed"] == 1
    assert found["responses"]["wrong"]["passed"] == 0


def test_an_unreadable_asking_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "clip.gif").symlink_to(CLIPS / "head-pose-face-detection-female.gif")
    (tmp_path / "r" / "asked.txt").write_text("sideways")
    assert challenge.main([str(tmp_path)]) == 1
    assert "sideways" in capsys.readouterr().err


def test_tail(people: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tail.main([str(people)]) == 0
    table = answer(capsys)
    assert table["engine"] == "sface"
    assert table["people"] == 12
    assert table["scores"] == sorted(table["scores"])


def test_intervals() -> None:
    assert clopper_pearson(0, 10)[1] == pytest.approx(0.3085, abs=1e-4)
    assert clopper_pearson(10, 10)[0] == pytest.approx(0.6915, abs=1e-4)
    assert clopper_pearson(0, 0) == (0, 1)
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


def test_an_engine_or_folder_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert faces.main([str(tmp_path), "--engine", "nonesuch"]) == 1
    assert faces.main([str(tmp_path / "none")]) == 2
    assert "nonesuch" in capsys.readouterr().err
