"""A folder of people as it is found in the field: what cannot be used is said, picture by picture, and the rest is measured."""

import json
from pathlib import Path

import pytest
from PIL import Image

from evaluate import faces
from tests.fakes.faces_data import LONDON, needs_data


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHOUWANG_LANGUAGE", "en")
    monkeypatch.setenv("SHOUWANG_CACHE", str(tmp_path / "cache"))
    (people := tmp_path / "people").mkdir()
    return people


def test_every_picture_that_is_not_used_is_told_in_one_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for person in ("王秀兰", "phone", "nobody"):
        (folder / person).mkdir()
    Image.new("RGB", (64, 64)).save(folder / "王秀兰" / "black.png")
    (folder / "王秀兰" / "torn.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")
    (folder / "王秀兰" / "nowhere.jpg").symlink_to("/nowhere/at/all")
    (folder / "phone" / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic" + bytes(64))
    assert faces.main([str(folder), "--quality", "off"]) == 0
    lines = capsys.readouterr().err.replace("\r", "\n").splitlines()
    assert sorted(line for line in lines if line and "s left" not in line) == [
        "The picture 王秀兰/torn.jpg cannot be read. Choose another one, or save it as JPEG.",
        "There is no face in 王秀兰/black.png. Choose a picture in which the face looks at the camera.",
        "nobody: there is no picture in it that can be read here; left out.",
        "phone: there is no picture in it that can be read here; left out.",
    ]


def test_of_many_that_are_refused_for_one_reason_the_first_are_told_and_the_rest_are_counted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "li").mkdir()
    for number in range(25):
        (folder / "li" / f"{number:02}.jpg").write_bytes(b"nothing")
    faces.main([str(folder)])
    err = capsys.readouterr().err
    assert err.count("cannot be read") == 20
    assert "photo_unreadable: 5 more of it." in err


@needs_data
def test_grey_and_printers_colours_and_a_turned_phone_are_pictures_like_others(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = Image.open(LONDON / "001_neutral.jpg")
    (folder / "é ü").mkdir()
    photo.convert("L").save(folder / "é ü" / "1.png")
    photo.convert("CMYK").save(folder / "é ü" / "2.jpg")
    turned = photo.getexif()
    turned[274] = 6  # orientation: a quarter turn clockwise is to be made
    photo.rotate(90, expand=True).save(folder / "é ü" / "3.jpg", exif=turned)
    photo.convert("RGBA").save(folder / "é ü" / "4.webp")
    assert faces.main([str(folder), "--enrol", "1", "--frames", "1", "--quality", "off"]) == 0
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (answer["enrolled"], answer["visits"], answer["failed_to_acquire"], answer["rank1"]) == (1, 3, 0, 1.0)


@needs_data
def test_where_nobody_is_enrolled_strangers_are_still_seen(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for person in ("001", "002"):
        (folder / person).mkdir()
        (folder / person / "1.jpg").symlink_to(LONDON / f"{person}_neutral.jpg")
    assert faces.main([str(folder), "--quality", "off"]) == 0
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (answer["enrolled"], answer["strangers"], answer["failed_to_acquire"]) == (0, 2, 0)
    assert (answer["operating"]["fpir"], answer["operating"]["fnir"]) == (0.0, None)
