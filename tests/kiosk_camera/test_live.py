import socket

import pytest

from domain.errors import Mendable
from kiosk.camera.live import LiveCamera


def test_a_camera_that_takes_the_line_and_says_nothing_is_not_said_to_send_no_video(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It hangs: whoever can mend it is to look at the camera, and not into its manual."""
    monkeypatch.setattr("kiosk.camera.live.CONNECT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Mendable) as caught:
        LiveCamera(f"rtsp://127.0.0.1:{silent.getsockname()[1]}/gate")
    assert caught.value.code == "camera_missing"
