"""Live sources through PyAV: a USB camera (V4L2) and a network stream (RTSP and the like)."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Event
from zlib import crc32

import av

from domain.errors import Mendable
from kiosk.camera.picture import upright
from kiosk.camera.port import Frame

CONNECT_S = 5.0
FROZEN_S = 5.0  # sensor noise never repeats: a picture identical for this long is a stuck encoder


class LiveCamera:
    """A USB camera (`0`, `/dev/video0`) or a stream (`rtsp://…`, `http://…`, `tcp://…`).

    `size` (width, height) and `fps` are asked of USB cameras; a stream has its own. `options` go to FFmpeg as they are.
    """

    simulated = False

    def __init__(
        self,
        source: str,
        *,
        size: tuple[int, int] = (1280, 720),
        fps: int = 30,
        options: dict[str, str] | None = None,
        frozen_s: float = FROZEN_S,
    ) -> None:
        self._source, self._frozen_s = without_password(source), frozen_s
        self._closed = Event()
        usb = source.isdigit() or source.startswith("/dev/")
        device = f"/dev/video{source}" if source.isdigit() else source
        # without fpsprobesize FFmpeg watches an RTSP camera for 2.3 s before it gives the first picture, with it for 0.8
        quick = {"rtsp_transport": "tcp", "fflags": "nobuffer", "flags": "low_delay", "fpsprobesize": "0"}
        forms: list[dict[str, str]] = [quick]
        if usb:  # most cameras reach 30 frames a second only in MJPEG; some have none
            wanted = {"video_size": f"{size[0]}x{size[1]}", "framerate": str(fps)}
            forms = [wanted | {"input_format": "mjpeg"}, wanted, {}]
        self._container = _open(device, "v4l2" if usb else None, [form | (options or {}) for form in forms])
        if not self._container.streams.video:
            self._container.close()
            raise Mendable("camera_missing" if usb else "stream_no_video", source=self._source)

    def __iter__(self) -> Iterator[Frame]:
        unchanged_since, last = time.monotonic(), -1
        index = 0
        try:
            for decoded in self._container.decode(video=0):
                if self._closed.is_set():
                    return
                now = time.monotonic()
                image = upright(decoded)
                digest = crc32(image[::8, ::8].tobytes())
                if digest != last:
                    unchanged_since, last = now, digest
                elif now - unchanged_since > self._frozen_s:
                    raise Mendable("camera_frozen", source=self._source)
                yield Frame(image, datetime.now(UTC), now, index)
                index += 1
        except (av.error.ExitError, av.error.TimeoutError) as e:
            if not self._closed.is_set():
                raise Mendable("camera_frozen", source=self._source) from e
        except (av.FFmpegError, OSError, ValueError) as e:
            if not self._closed.is_set():
                raise Mendable("camera_lost", source=self._source) from e
        finally:
            self._container.close()
        if not self._closed.is_set():
            raise Mendable("camera_lost", source=self._source)

    def close(self) -> None:
        """Ask the iteration to end; the container is closed by the thread that reads it."""
        self._closed.set()


def without_password(source: str) -> str:
    """An address as it may be shown and logged: without the user and the password in it."""
    return re.sub(r"(?<=://)[^/?#]*@", "", source)


def _open(device: str, format: str | None, forms: list[dict[str, str]]) -> "av.container.InputContainer":
    for i, options in enumerate(forms):
        asked = time.monotonic()
        try:
            # seconds to connect, seconds without a packet; a frozen server is noticed in 3 s
            return av.open(device, format=format, options=options, timeout=(CONNECT_S, 3))
        except (av.FFmpegError, OSError, ValueError) as e:
            if i == len(forms) - 1:
                hangs = time.monotonic() - asked >= CONNECT_S  # FFmpeg calls it invalid data
                code = "camera_missing" if format or hangs else _why(e)
                raise Mendable(code, source=without_password(device)) from e
    raise AssertionError("a source is opened in at least one form")


def _why(error: Exception) -> str:
    """What there is to mend about a stream that does not open."""
    match error:
        case av.error.HTTPUnauthorizedError() | av.error.HTTPForbiddenError():
            return "stream_denied"
        case av.error.HTTPClientError():
            return "stream_not_there"
        case av.error.InvalidDataError():
            return "stream_no_video"
        case _:
            return "camera_missing"
