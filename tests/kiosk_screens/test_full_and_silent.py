"""A disk without room and a loudspeaker that is dead, seen in the real window: nobody is left outside by either."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from assets.words import say
from domain.errors import Mendable
from kiosk.passages.records import LOST
from kiosk.screens.voice import Voice
from kiosk.visit.effects import Speak
from kiosk.visit.events import Press, StaffAccepted
from kiosk.visit.view import Screen, Way
from kiosk.voice import VoiceBox
from qtkit.background import Background
from qtkit.i18n import Language
from tests.fakes.disks import fill, small_disk
from tests.kiosk_screens.front import Front
from tests.kiosk_screens.shown import labels


@pytest.fixture
def on_a_small_disk(qtbot: Any, qapp: QApplication, tmp_path: Path) -> Iterator[tuple[Front, Path]]:
    with small_disk(tmp_path, 24) as disk:
        front = Front(qapp, disk)
        qtbot.addWidget(front.window)
        front.know()
        yield front, disk
        front.close()
        qapp.setStyleSheet("")


def swipe(qtbot: Any, front: Front) -> None:
    front.swipe()


def comes_in(front: Front, qtbot: Any) -> None:
    before = front.wires.switches.count(True)
    swipe(qtbot, front)
    qtbot.waitUntil(lambda: front.screen() is Screen.IDENTIFIED)
    qtbot.waitUntil(lambda: front.wires.switches.count(True) == before + 1)
    front.now += timedelta(seconds=6)
    qtbot.waitUntil(lambda: front.screen() is Screen.STANDBY)


def stands_beside(front: Front, qtbot: Any, name: str, value: str) -> None:
    """The maintenance screen says so, at the latest when it asks again."""
    name, value = say("en", f"kiosk.maintenance.{name}"), say("en", f"kiosk.maintenance.{value}")
    front.window.press(Press.STAFF)
    front.window.take(StaffAccepted("张工", front.pad))

    def told() -> bool:
        front.now += timedelta(seconds=3)  # it asks every two
        return (name, value) in pairwise(labels(front.window))

    qtbot.waitUntil(told)
    front.window.press(Press.BACK)
    qtbot.waitUntil(lambda: front.screen() is Screen.STANDBY)


@pytest.fixture
def background() -> Iterator[Background]:
    made = Background(threads=1)
    yield made
    made.close()


def test_on_a_full_disk_the_gate_opens_and_it_goes_on_recording_once_there_is_room(
    on_a_small_disk: tuple[Front, Path], qtbot: Any
) -> None:
    front, disk = on_a_small_disk
    comes_in(front, qtbot)
    qtbot.waitUntil(lambda: len(front.facts("passage.recorded")) == 1)
    hog = fill(disk)
    for size in (2000, 1):  # what was kept aside for such a day is used up first
        with pytest.raises(Mendable, match="disk_full"):
            while True:
                front.journal.append_all([("gate.forced", {"gate": "x" * size}, None, None, None)] * min(50, size))
    kept = len(front.facts("passage.recorded"))
    comes_in(front, qtbot)
    qtbot.waitUntil(lambda: front.records._failed)
    assert front.window.shown is not None
    assert front.window.shown.broken_ways == frozenset()
    hog.unlink()
    front.records.retry()  # as the clock does
    qtbot.waitUntil(lambda: len(front.facts("passage.recorded")) == kept + 1)  # of the full disk
    comes_in(front, qtbot)
    qtbot.waitUntil(lambda: len(front.facts("passage.recorded")) == kept + 2)
    assert not front.records._failed
    assert front.facts(LOST) == []


def test_what_a_dead_loudspeaker_would_have_said_stands_on_the_screen(
    front: Front, qtbot: Any, tmp_path: Path, background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every way in goes on; the maintenance screen says that the sound is broken, and that it works again."""
    front.player.works = False
    box = VoiceBox(tmp_path / "recordings", tmp_path / "no voice was made")
    monkeypatch.setattr(box, "name", lambda name, language: None)
    voice = Voice(front.player, box, Language("en"), background, front.window)
    spoken: list[str] = []

    def speak(effect: object) -> None:
        if isinstance(effect, Speak):
            spoken.append(effect.prompt)
            voice.speak(effect)

    front.window.effect.connect(speak)
    for way, screen in ((Way.CARD, Screen.CARD), (Way.PIN, Screen.PIN), (Way.QR, Screen.QR)):
        qtbot.mouseClick(front.window.ways.buttons[way], Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda screen=screen: front.screen() is screen)
        assert len("".join(labels(front.window))) > 8
    qtbot.keyClick(front.window, Qt.Key.Key_Escape)
    comes_in(front, qtbot)
    assert spoken == ["card", "pin", "qr", "welcome"]
    assert front.player.played == []
    stands_beside(front, qtbot, "sound", "broken")
    front.player.works = True
    stands_beside(front, qtbot, "sound", "works")
