"""A recording that has ended is waited for until its last frame was looked at and its last visit is over, and not for ever."""

from datetime import UTC, datetime

import numpy as np
import pytest

from kiosk.camera.port import Frame
from kiosk.faces import under_way
from kiosk.faces.messages import Sighting, VisitEnded
from kiosk.faces.under_way import UnderWay


def frame(index: int) -> Frame:
    return Frame(np.zeros((2, 2, 3), np.uint8), datetime(2026, 11, 28, tzinfo=UTC), float(index), index)


def seen(index: int, visit: str | None) -> Sighting:
    return Sighting(visit, (), None, 0.0, None, index, float(index), 5.0)


def test_the_last_frame_and_the_last_visit_are_waited_for() -> None:
    offered: list[Frame] = []
    there = UnderWay(offered.append)
    assert there.over(), "nothing was shown"
    there.show(frame(0))
    there.hear(seen(0, None))
    assert there.over()
    there.show(frame(1))
    assert not there.over(), "a busy machine has not looked at it yet"
    there.hear(seen(1, "a"))
    assert not there.over()
    there.hear(VisitEnded("a", True))
    there.hear(seen(1, "b"))
    there.hear(VisitEnded("a", False))
    assert not there.over(), "whoever stays is looked at once more"
    there.hear(VisitEnded("b", False))
    assert there.over()
    assert [f.index for f in offered] == [0, 1]


def test_a_recogniser_that_says_nothing_more_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    there = UnderWay(lambda _: None)
    there.show(frame(0))
    assert not there.over()
    monkeypatch.setattr(under_way, "PATIENCE_S", 0.0)
    assert there.over()
