"""`shouwang-kiosk identify SOURCE --json`: a folder of frames, a film and a camera, against the residents of this kiosk."""

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

import cv2
import numpy as np
import pytest

from domain.errors import Mendable
from domain.people import Profile
from kiosk.__main__ import main
from kiosk.bootstrap import make_enroller, open_node, open_templates
from kiosk.camera import FeedState, Frame, Health
from kiosk.config import KioskSettings
from kiosk.enrolling.enroller import ConsentForm
from kiosk.faces import identify
from kiosk.faces.engines import load_engine
from kiosk.faces.enrolment import read_photo
from kiosk.faces.messages import DecisionMade, RecogniserState
from kiosk.faces.visit import Settings
from tests.fakes import streams
from tests.fakes.faces_data import CLIPS, LONDON, london, needs_data, scene
from tests.fakes.gate_records import DECISION

pytestmark = needs_data


@pytest.fixture(autouse=True)
def kiosk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kiosk that knows one resident."""
    (file := tmp_path / "kiosk.toml").write_text(f"data = '{tmp_path / 'data'}'\n", "utf-8")
    monkeypatch.setenv("SHOUWANG_KIOSK_CONFIG", str(file))
    monkeypatch.setenv("SHOUWANG_LANGUAGE", "en")
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

        def __iter__(self) -> Iterator[Frame]:
            yield from real(str(frames), simulated=True)
            raise Mendable("camera_lost", source="rtsp://gate")

        def close(self) -> None:
            pass

    monkeypatch.setattr("kiosk.faces.identify.open_camera", lambda source, simulated: Stream())
    assert main(["identify", "rtsp://gate/1", "--json"]) == 1  # the stream was lost in the end, and it says so
    (visit,) = visits(capsys)
    assert (visit["decision"], visit["resident"], visit["liveness"]) == ("identified", "p-wang", "undecided")


def test_what_was_seen_before_a_stream_was_lost_is_told_though_it_is_decided_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decision = replace(DECISION, visit_id="late")

    class Busy:
        """Still at the last frame when the stream is lost."""

        def __init__(self, _settings: Settings, say: Callable[[object], None], engine: str) -> None:
            self._say = say

        def start(self) -> None:
            self._say(RecogniserState(True, 0))

        def set_gallery(self, *_: object) -> None: ...
        def offer(self, *_: object) -> None: ...
        def stop(self) -> None: ...

    class Queue(SimpleQueue[object]):
        def put(self, item: object, block: bool = True, timeout: float | None = None) -> None:
            super().put(item)
            if isinstance(item, FeedState) and item.health is Health.FAILED:
                super().put(DecisionMade(decision))

    class Lost:
        simulated = False

        def __iter__(self) -> Iterator[Frame]:
            raise Mendable("camera_lost", source="rtsp://gate")

        def close(self) -> None: ...

    monkeypatch.setattr(identify, "Recogniser", Busy)
    monkeypatch.setattr(identify, "SimpleQueue", Queue)
    monkeypatch.setattr(identify, "QUIET_S", 0.01)
    monkeypatch.setattr(identify, "open_camera", lambda *_, **__: Lost())
    told: list[dict[str, object]] = []
    with pytest.raises(Mendable, match="camera_lost"):
        identify.run("rtsp://gate", [], "sface", told.append, Settings(simulated=False))
    assert len(told) == 1


@contextmanager
def streaming(kind: str, folder: Path, frames: int = 60) -> Iterator[str]:
    """The address of a network camera that shows `folder`, as a process of its own."""
    server = subprocess.Popen(
        [sys.executable, streams.__file__, kind, str(folder), str(frames)], stdout=subprocess.PIPE
    )
    assert server.stdout is not None
    yield server.stdout.readline().decode().strip()
    server.kill()
    server.communicate(timeout=10)


@pytest.mark.parametrize(("kind", "path"), [("http", "/cam.mjpg"), ("rtsp", "/gate")])
def test_a_resident_before_a_network_camera_is_identified(
    kind: str, path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """MJPEG over HTTP, and H.264 over RTSP; a camera that hangs up in the end, as these do, is said to have gone."""
    frames = approach(tmp_path / "frames", "001")
    with streaming(kind, frames) as address:
        assert main(["identify", address + path, "--json"]) == 1
    said = capsys.readouterr()
    visit = json.loads(said.out.splitlines()[0])
    assert (visit["decision"], visit["resident"], visit["liveness"]) == ("identified", "p-wang", "undecided")
    assert "went away" in said.err


def test_a_network_camera_behind_a_password_and_ones_that_are_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frames = approach(tmp_path / "frames", "001")

    def told(source: str) -> str:
        assert main(["identify", source, "--json"]) == 1
        said = capsys.readouterr()
        assert said.err.count("\n") == 1
        return said.err

    with streaming("http", frames) as http, streaming("rtsp", frames) as rtsp:
        assert "asks for a user and a password" in told(f"{http}/private.mjpg")
        wrong = told(f"{http}/private.mjpg".replace("//", "//gate:falsch@"))
        assert "refuses those given" in wrong
        assert "falsch" not in wrong
        assert main(["identify", f"{http}/private.mjpg".replace("//", "//gate:geheim@"), "--json"]) == 1
        assert json.loads(capsys.readouterr().out.splitlines()[0])["resident"] == "p-wang"
        assert "has nothing at" in told(f"{http}/none")
        assert "has nothing at" in told(f"{rtsp}/none")
        assert "sends no video" in told(f"{http}/page")
    assert "cannot be opened" in told(f"{http}/cam.mjpg")  # nobody is there any more


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("", "There is no recording at"),
        ("nowhere.mp4", "There is no recording at"),
        ("99", "The camera /dev/video99 cannot be opened"),
        ("rtsp://127.0.0.1:9/1", "cannot be opened"),
        ("weird://127.0.0.1/1", "cannot be opened"),
        (str(Path(__file__)), "neither a video nor a folder"),
        (str(Path(__file__).parent), "neither a video nor a folder"),
    ],
)
def test_a_bad_source_is_said_in_one_sentence(source: str, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["identify", source, "--json"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert sentence in said.err
    assert said.err.count("\n") == 1


def test_an_empty_scene_has_no_visit_and_a_missing_film_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (empty := tmp_path / "scene").mkdir()
    for i in range(5):
        cv2.imwrite(str(empty / f"{i}.png"), np.full((480, 640, 3), 120, np.uint8))
    assert main(["identify", str(empty), "--json"]) == 0
    assert visits(capsys) == []
    assert main(["identify", str(tmp_path / "none.mp4"), "--json"]) == 1
