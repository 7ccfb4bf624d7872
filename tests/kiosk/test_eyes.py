"""The cameras of a kiosk, wired as it wires them: what the recogniser is given, and when it was seen."""

from datetime import UTC, datetime, time
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace
from typing import cast

import cv2
import numpy as np

from domain.liveness import Policy
from kiosk.bootstrap.faces import feeds
from kiosk.bootstrap.ground import Ground
from kiosk.camera import Frame
from kiosk.config import CameraTable, FaceTable, InfraredTable, KioskSettings, PolicySpan
from kiosk.faces.recogniser import Recogniser
from kiosk.house_rules import needs_infrared

MIDNIGHT = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


def test_what_the_recogniser_sees_was_seen_at_the_time_of_this_node_and_not_of_its_machine(tmp_path: Path) -> None:
    """The policy goes by the hour, and the record by the decision's time."""
    cv2.imwrite(str(tmp_path / "0.png"), np.zeros((48, 64, 3), np.uint8))
    settings = KioskSettings(camera=CameraTable(source=str(tmp_path), simulated=True))
    offered: SimpleQueue[Frame] = SimpleQueue()
    ground = SimpleNamespace(settings=settings, now=lambda: MIDNIGHT, tell=lambda *_: None)
    recogniser = SimpleNamespace(offer=lambda frame, infrared: offered.put(frame))
    feed, infrared = feeds(cast(Ground, ground), cast(Recogniser, recogniser))
    assert infrared is None
    feed.start()
    try:
        assert offered.get(timeout=30).at == MIDNIGHT
    finally:
        feed.stop()


def test_infrared_is_needed_at_the_hours_that_are_strict() -> None:
    night = PolicySpan(start=time(22), end=time(6), policy=Policy.STRICT)
    settings = KioskSettings(face=FaceTable(policy_hours=(night,)), infrared=InfraredTable(source="/dev/video2"))
    assert needs_infrared(settings, lambda: MIDNIGHT)()
    assert not needs_infrared(settings, lambda: MIDNIGHT.replace(hour=12))()
