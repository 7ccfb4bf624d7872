"""From a configured source to its adapter."""

import re
from urllib.parse import urlsplit
from urllib.request import url2pathname

from domain.errors import Mendable
from kiosk.camera.live import LiveCamera
from kiosk.camera.playback import Playback
from kiosk.camera.port import Camera


def is_live(source: str) -> bool:
    """True for a USB index, a device path or a URL; anything else is a recording and thus simulated."""
    return (
        source.isdigit()
        or source.startswith("/dev/video")
        or bool(re.match(r"(?!file:)[a-z][a-z0-9+.-]*://", source, re.I))
    )


def open_camera(source: str, *, simulated: bool = False, loop: bool = False, realtime: bool = True) -> Camera:
    """Open `source`. A recording needs `simulated=True` (the configuration has to name it as such).

    Raises Mendable as the port says, or `camera_simulated` for a recording that was not named as one.
    """
    if is_live(source):
        return LiveCamera(source)
    if not simulated:
        raise Mendable("camera_simulated", source=source)
    path = url2pathname(urlsplit(source).path) if source.lower().startswith("file://") else source
    return Playback(path, loop=loop, realtime=realtime)
