"""Every camera adapter keeps the Camera port's promises: a folder, a video file, a looped one and a network stream."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from fakes import video_server
from fakes.video_server import FRAMES, SIZE, picture, write_video

from domain.errors import Mendable
from kiosk.camera import Camera, open_camera
from kiosk.camera.live import LiveCamera
from kiosk.camera.playback import Playback


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
    for _ in range(50):  # until the server listens
        try:
            return LiveCamera(url, options={"probesize": "4096"})
        except Mendable:
            threading.Event().wait(0.05)
    raise AssertionError("nobody listens")


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
    for _ in camera:
        camera.close()
    camera.close()


def test_only_recordings_are_simulated(camera: Camera) -> None:
    assert camera.simulated is isinstance(camera, Playback)


@pytest.mark.parametrize("source", ["9", "/dev/video9", "rtsp://127.0.0.1:9/none", "tcp://127.0.0.1:9"])
def test_a_missing_camera_is_named(source: str) -> None:
    with pytest.raises(Mendable) as e:
        open_camera(source)
    assert e.value.code == "camera_missing"


def test_a_missing_recording_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.mp4", tmp_path):
        with pytest.raises(Mendable) as e:
            open_camera(str(path), simulated=True)
        assert e.value.code == "camera_missing"


def test_a_file_that_is_no_video_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.mp4").write_text("no video")
    with pytest.raises(Mendable) as e:
        open_camera(str(tmp_path / "x.mp4"), simulated=True)
    assert e.value.code == "camera_missing"


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
