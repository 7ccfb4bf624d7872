"""`shouwang-kiosk identify SOURCE --json`: a folder of frames, a film and a camera, against the residents of this kiosk."""

import io
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from fakes.faces_data import CLIPS, LONDON, london, needs_data, scene

from domain.errors import Mendable
from domain.people import Profile
from kiosk.__main__ import main
from kiosk.bootstrap import make_enroller, open_node, open_templates
from kiosk.config import KioskSettings
from kiosk.enrolment import ConsentForm
from kiosk.faces.engines import load_engine
from kiosk.faces.enrolment import read_photo

pytestmark = needs_data


@pytest.fixture(autouse=True)
def kiosk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kiosk that knows one resident."""
    (file := tmp_path / "kiosk.toml").write_text(f"data = '{tmp_path / 'data'}'\n", "utf-8")
    monkeypatch.setenv("SHOUWANG_KIOSK_CONFIG", str(file))
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setattr("kiosk.__main__.keep_log", lambda *_, **__: None)
    settings = KioskSettings(data=tmp_path / "data")
    node = open_node(settings)
    templates = open_templates(settings, node)
    node.journal.become("gate-1", 1, "jinxiu")
    enroller = make_enroller(settings, node, templates, load_engine("sface"))
    photos = [("neutral", read_photo(LONDON / "001_neutral.jpg"))]
    enroller.enrol(Profile("王", "秀兰"), photos, ConsentForm("self"), person="p-wang")
    templates.close()
    node.close()


def visits(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def approach(folder: Path, person: str) -> Path:
    """Somebody stands before the camera for two seconds, at ten frames a second."""
    folder.mkdir()
    (folder / "fps.txt").write_text("10")
    picture = london(person, "smiling", px=80)
    for i in range(20):
        image = scene((picture, 60 + round(4 * np.sin(i / 3)), -60))
        cv2.imwrite(str(folder / f"{i:03}.png"), image)
    return folder


def test_a_folder_of_frames(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["identify", str(approach(tmp_path / "frames", "001")), "--json"]) == 0
    (visit,) = visits(capsys)
    assert (visit["decision"], visit["resident"], visit["reason"]) == ("identified", "p-wang", "match")
    assert visit["liveness"] == "not_assessed"
    assert visit["frames"] in range(1, 5)
    assert float(str(visit["ms"])) >= 0


def test_a_film_of_a_stranger(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["identify", str(CLIPS / "please.mkv"), "--json", "--quality", "off"]) == 0
    (visit,) = visits(capsys)
    assert (visit["decision"], visit["resident"]) == ("unknown", None)


def test_a_camera_is_assessed_and_asks_nobody_to_follow_a_lantern(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The source is named as a stream's is; what comes over it is the folder's."""
    from kiosk.camera import open_camera as real

    frames = approach(tmp_path / "frames", "001")

    class Stream:
        simulated = False

        def __iter__(self):
            yield from real(str(frames), simulated=True)
            raise Mendable("camera_lost", source="rtsp://gate")

        def close(self) -> None:
            pass

    monkeypatch.setattr("kiosk.faces.identify.open_camera", lambda source, simulated: Stream())
    assert main(["identify", "rtsp://gate/1", "--json"]) == 1  # the stream was lost in the end, and it says so
    (visit,) = visits(capsys)
    assert (visit["decision"], visit["resident"], visit["liveness"]) == ("identified", "p-wang", "undecided")


def test_nobody_and_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (empty := tmp_path / "scene").mkdir()
    for i in range(5):
        cv2.imwrite(str(empty / f"{i}.png"), np.full((480, 640, 3), 120, np.uint8))
    assert main(["identify", str(empty), "--json"]) == 0
    assert visits(capsys) == []
    assert main(["identify", str(tmp_path / "none.mp4"), "--json"]) == 1
