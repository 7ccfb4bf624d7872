"""Every camera adapter keeps the Camera port's promises: a folder, a video file, a looped one and a network stream."""

import itertools
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from domain.errors import Mendable
from kiosk.camera import Camera, Frame, open_camera
from kiosk.camera.folder_times import told_times
from kiosk.camera.live import LiveCamera
from kiosk.camera.playback import FOLDER_FPS, Playback
from tests.fakes import video_server
from tests.fakes.there import there
from tests.fakes.video_server import FRAMES, SIZE, picture, write_video
from tests.fakes.waiting import until


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    from PIL import Image

    for i in range(FRAMES):
        Image.fromarray(picture(i)[:, :, ::-1]).save(tmp_path / f"{i:03}.png")
    (tmp_path / "fps.txt").write_text("50\n")
    return tmp_path


@pytest.fixture
def video(tmp_path: Path) -> Path:
    write_video(str(tmp_path / "clip.mp4"))
    return tmp_path / "clip.mp4"


@pytest.fixture
def stream() -> Iterator[str]:
    """A network camera: it serves one viewer MPEG-TS and hangs up."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, video_server.__file__, f"tcp://127.0.0.1:{port}?listen=1"])
    yield f"tcp://127.0.0.1:{port}"
    server.kill()
    server.wait(10)


@pytest.fixture(params=["folder", "video", "looped", "stream"])
def camera(request: pytest.FixtureRequest) -> Iterator[Camera]:
    make: dict[str, Callable[[], Camera]] = {
        "folder": lambda: Playback(request.getfixturevalue("folder")),
        "video": lambda: Playback(request.getfixturevalue("video")),
        "looped": lambda: Playback(request.getfixturevalue("video"), loop=True),
        "stream": lambda: _connected(request.getfixturevalue("stream")),
    }
    made = make[request.param]()
    yield made
    made.close()


def _connected(url: str) -> Camera:
    def viewer() -> Camera | None:
        try:
            return LiveCamera(url, options={"probesize": "4096"})
        except Mendable:
            return None  # the server does not listen yet

    return there(until(viewer))


def test_frames_are_pictures_in_order(camera: Camera) -> None:
    frames = []
    for frame in camera:
        frames.append(frame)
        if len(frames) == 8:
            break
    assert len(frames) == 8
    for frame in frames:
        assert frame.image.shape == (*SIZE, 3)
        assert frame.image.dtype == np.uint8
        assert frame.at.tzinfo is UTC
    assert all(a.index < b.index and a.monotonic < b.monotonic for a, b in pairwise(frames))
    assert not np.array_equal(frames[0].image, frames[-1].image)


def test_close_ends_the_iteration_quietly_and_twice(camera: Camera) -> None:
    seen = 0
    for _ in camera:
        seen += 1
        camera.close()
    camera.close()
    assert seen == 1


def test_only_recordings_are_simulated(camera: Camera) -> None:
    assert camera.simulated is isinstance(camera, Playback)


@pytest.mark.parametrize("source", ["9", "/dev/video9", "rtsp://127.0.0.1:9/none", "tcp://127.0.0.1:9"])
def test_a_missing_camera_is_named(source: str) -> None:
    with pytest.raises(Mendable) as e:
        open_camera(source)
    assert e.value.code == "camera_missing"


def refused(source: str | Path) -> str:
    with pytest.raises(Mendable) as e:
        list(open_camera(str(source), simulated=True, realtime=False))
    return e.value.code


def test_a_recording_that_cannot_be_played_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.mp4") == "recording_missing"
    assert refused("") == "recording_missing"
    assert refused(tmp_path) == "recording_unreadable"  # no picture in it
    (tmp_path / "x.mp4").write_text("no video")
    assert refused(tmp_path / "x.mp4") == "recording_unreadable"
    (broken := tmp_path / "frames").mkdir()
    (broken / "0.png").write_bytes(b"")
    assert refused(broken) == "recording_broken"


@pytest.mark.parametrize(
    ("what", "name"), [("x.mp4", "av.open"), ("", "pathlib.Path.iterdir"), ("", "pathlib.Path.exists")]
)
def test_a_recording_that_may_not_be_read_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, name: str
) -> None:
    """A file, a folder, and one in a folder that may not be looked into."""

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "x.mp4").write_text("")
    monkeypatch.setattr(name, denied)
    assert refused(tmp_path / what) == "file_denied"


def test_a_file_address_is_a_recording(video: Path) -> None:
    with pytest.raises(Mendable) as e:
        open_camera(video.as_uri())
    assert e.value.code == "camera_simulated"
    assert list(open_camera(video.as_uri(), simulated=True, realtime=False))


def frames(source: Path) -> list[Frame]:
    return list(open_camera(str(source), simulated=True, realtime=False))


def test_a_telephone_s_video_is_played_upright(video: Path) -> None:
    """Filmed upright, it lies on its side and carries a matrix that turns it by a quarter, clockwise."""
    raw = bytearray(video.read_bytes())
    at = raw.index(b"tkhd") + 44
    raw[at : at + 36] = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    video.write_bytes(raw)
    assert [f.image.shape for f in frames(video)] == [(SIZE[1], SIZE[0], 3)] * FRAMES
    turned = frames(video)[3].image.astype(int)
    assert np.abs(turned - np.rot90(picture(3), -1)).mean() < 8


def test_frames_are_played_by_their_numbers_and_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    from PIL import Image

    for i in (1, 2, 10, 11):
        Image.fromarray(np.full((8, 8, 3), 20 * i, np.uint8)).save(tmp_path / f"frame {i}.PNG")
    (tmp_path / "frame 3.png").write_bytes(b"half a pict")
    (tmp_path / "frame 4.txt").write_text("a note")
    (tmp_path / "fps.txt").write_text("\ufefffps: 4\n", "utf-8")
    seen = frames(tmp_path)
    assert [int(f.image[0, 0, 0]) for f in seen] == [20, 40, 200, 220]
    assert [round(f.monotonic - seen[0].monotonic, 3) for f in seen] == [0, 0.25, 0.75, 1.0]  # the gap stays


@pytest.mark.parametrize(
    ("said", "fps"),
    [("25", 25), ("2.5 fps", 2.5), ("30000/1001", 29.97), ("0", 10), ("", 10), ("unknown", 10), ("1/0", 10)],
)
def test_a_folder_says_its_rate_in_its_own_way(said: str, fps: float, tmp_path: Path) -> None:
    (tmp_path / "fps.txt").write_text(said)
    times = told_times(tmp_path, ["a.png", "b.png"]) or [0.0, 1 / FOLDER_FPS]
    assert 1 / times[1] == pytest.approx(fps, abs=0.01)


def test_pictures_of_every_kind_become_colour_of_eight_bits(tmp_path: Path) -> None:
    from PIL import Image

    deep = np.full((8, 8), 0x7F00, np.uint16)
    colour = Image.fromarray(np.full((8, 8, 3), 127, np.uint8))
    Image.fromarray(deep).save(tmp_path / "0.png")
    colour.convert("CMYK").save(tmp_path / "1.jpg")
    colour.convert("RGBA").save(tmp_path / "2.png")
    colour.convert("LA").save(tmp_path / "3.png")
    colour.convert("P", palette=Image.Palette.ADAPTIVE).save(tmp_path / "4.png")
    colour.save(tmp_path / "5.tif")
    seen = frames(tmp_path)
    assert [f.image.shape for f in seen] == [(8, 8, 3)] * 6
    assert all(abs(int(f.image[4, 4, c]) - 127) <= 4 for f in seen for c in range(3))


def test_a_recording_too_heavy_to_play_is_played_slower(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that runs a second ahead with every look stands for a machine that decodes too slowly."""
    from PIL import Image

    for i in range(6):
        Image.fromarray(picture(i)).save(tmp_path / f"{i}.png")
    ticks = itertools.count()
    monkeypatch.setattr("kiosk.camera.playback.time.monotonic", lambda: float(next(ticks)))
    seen = list(Playback(tmp_path))
    assert len(seen) == 6
    assert all(a.monotonic < b.monotonic for a, b in itertools.pairwise(seen))


def test_a_password_is_never_shown() -> None:
    with pytest.raises(Mendable) as e:
        open_camera("rtsp://gate:geheim@127.0.0.1:9/1")
    assert e.value.details == {"source": "rtsp://127.0.0.1:9/1"}


def test_a_recording_must_be_configured_as_simulated(video: Path) -> None:
    with pytest.raises(Mendable) as e:
        open_camera(str(video))
    assert e.value.code == "camera_simulated"


def test_a_stream_that_hangs_up_is_lost(stream: str) -> None:
    camera = _connected(stream)
    with pytest.raises(Mendable) as e:
        for _ in camera:
            pass
    assert e.value.code in ("camera_lost", "camera_frozen")


def test_a_picture_that_never_changes_is_frozen(tmp_path: Path) -> None:
    path = tmp_path / "still.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = SIZE[1], SIZE[0], "yuv420p"
        for _ in range(30):
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture(3), format="bgr24")):
                out.mux(packet)
    camera = LiveCamera(f"file://{path}", frozen_s=0.0)
    with pytest.raises(Mendable) as e:
        list(camera)
    assert e.value.code == "camera_frozen"
