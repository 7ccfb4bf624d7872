"""`evaluate faces` and `evaluate tail`, and what every command does with nothing, nonsense or a file that kills."""

import json
import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from evaluate import _embeddings, faces, tail
from evaluate.__main__ import main as evaluation
from evaluate._pool import each
from evaluate._statistics import clopper_pearson, garwood, interval
from kiosk.faces.engines import load_engine
from tests.evaluate_faces.conftest import answer
from tests.fakes.faces_data import LONDON, london, needs_data, scene

pytestmark = needs_data


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


def _nothing_to_load() -> None:
    pass


def _die_of_three(item: int) -> int:
    if item == 3:
        os._exit(9)
    return 2 * item


def test_a_file_that_kills_its_process_costs_only_itself() -> None:
    assert list(each(_die_of_three, range(6), start=_nothing_to_load, processes=2)) == [0, 2, 4, None, 8, 10]


def test_a_picture_whose_process_died_is_looked_at_again_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would count as a face that cannot be enrolled for ever after, and nobody would know why."""
    monkeypatch.setenv("SHOUWANG_CACHE", str(tmp_path / "cache"))
    picture, engine = LONDON / "001_neutral.jpg", load_engine("sface")
    with monkeypatch.context() as short_of_memory:
        short_of_memory.setattr(_embeddings, "each", lambda *_, **__: iter([None]))
        assert _embeddings.embed_all([picture], engine)[picture].code == "ours"
    found = _embeddings.embed_all([picture], engine, processes=1)[picture]
    assert (found.code, found.embedding is not None) == ("", True)
