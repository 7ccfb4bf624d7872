import time
from multiprocessing.connection import Connection
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from demo import clip
from demo.__main__ import _as_json, _late
from demo.actors import Actor, Missed, Said, Stage
from demo.play import Report, Step
from demo.relay import COIL, Relay
from kiosk.gate.modbus_line import ModbusAddress, ModbusLine
from tests.fakes.waiting import until


def test_the_clip_is_a_real_video_of_an_empty_gate_and_then_somebody_walking_up(tmp_path: Path) -> None:
    photograph = tmp_path / "someone.png"
    Image.new("RGB", (400, 400), (200, 30, 30)).save(photograph)
    film = tmp_path / "camera.mkv"
    clip.render([(photograph, (100.0, 100.0, 200.0, 200.0))], film)
    with av.open(str(film)) as file:
        frames = [f.to_ndarray(format="rgb24") for f in file.decode(video=0)]
    assert len(frames) == int((clip.PAUSE_S + clip.APPROACH_S + clip.STAY_S) * clip.FPS)
    red = [int(np.count_nonzero((f[..., 0] > 150) & (f[..., 1] < 90))) for f in frames[:: clip.FPS // 2]]
    first = int(clip.PAUSE_S * 2)
    assert max(red[:first]) < 100
    assert red[first] < red[-1]


def test_the_relay_is_switched_over_modbus_and_notes_when() -> None:
    relay = Relay()
    try:
        line = ModbusLine(ModbusAddress("127.0.0.1", relay.port, coil=COIL))
        began = time.time()
        line.switch(True)
        assert line.read().relay_on
        line.switch(False)
        line.close()
    finally:
        relay.stop()
    assert [on for _, on in relay.switched] == [True, False]
    assert all(began <= at <= time.time() for at, _ in relay.switched)


def test_a_step_that_did_not_happen_and_a_time_too_long_are_told() -> None:
    report = Report([Step("district", True, 10.0)])
    assert report.ok
    assert _late(report) == []
    report.face_to_relay.append(3_000.0)
    assert _late(report) == ["face_to_relay"]
    broken = Report([*report.steps, Step("passage", False, None, "the relay was not switched")])
    assert not broken.ok
    assert _as_json(broken)["steps"] == {"district": True, "passage": False}
    assert not Report().ok, "nothing played is nothing shown"


def echo(line: Connection) -> None:
    """An actor without a window."""
    from PySide6.QtCore import QCoreApplication

    app = QCoreApplication([])
    stage = Stage(line, {"add": lambda a, b: {"sum": a + b}, "leave": app.quit})
    stage.say("ready")
    app.exec()


def fails(line: object) -> None:
    from domain.errors import Mendable

    raise Mendable("not_enrolled")


def test_an_actor_does_what_it_is_told_and_says_so() -> None:
    actor = Actor("echo", echo, offscreen=True)
    try:
        actor.wait("ready", 30)
        actor.tell("add", a=1, b=2)
        assert actor.wait("add done", 10).data == {"sum": 3}
        with pytest.raises(Missed, match="did not say"):
            actor.wait("never", 0.1)
    finally:
        actor.leave()
    until(lambda: not actor.alive)


def test_an_actor_that_cannot_begin_says_why() -> None:
    actor = Actor("fails", fails, offscreen=True)
    try:
        with pytest.raises(Missed, match="district"):
            actor.wait("ready", 30)
    finally:
        actor.leave()
    assert isinstance(actor.said[-1], Said)
