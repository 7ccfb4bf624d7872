"""What rings where nobody has signed in yet: the same that would ring at the desk, as soon as it can be heard, whatever fails."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from caregiver.invented import Feed
from offline.wire import FeedItem
from qtkit.alarm import AlarmSound
from tests.caregiver_views.at_the_desk import AtTheDesk, at_the_desk
from tests.fakes.players import SilentPlayer

FEED = Feed("Jinxiu", 5)
pytestmark = pytest.mark.qt_log_ignore("PulseAudio")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: QApplication, qtbot: QtBot) -> Iterator[AtTheDesk]:
    yield from at_the_desk(tmp_path, monkeypatch, qapp, qtbot)


@pytest.fixture
def player(desk: AtTheDesk, tmp_path: Path) -> SilentPlayer:
    """The loudspeaker of the whole desk, before and after somebody sits there."""
    player = SilentPlayer()
    desk.desk.sound = desk.seat._sound = AlarmSound(player, tmp_path / "tones")
    return player


def comes(desk: AtTheDesk, step: str, after_s: float = 0, incident: str = "x1", **payload: object) -> None:
    at = desk.desk.node.clock.now() + timedelta(seconds=after_s)
    item: FeedItem = FEED.item(step, {"incident": incident, "by": "system", **payload}, "e1", at)
    desk.desk.node.journal.absorb([item])


def presses(desk: AtTheDesk, incident: str = "x1") -> None:
    comes(desk, "incident.opened", incident=incident, kind="sos", severity=1, elder="e1", place="", rule=incident)


def test_a_second_press_while_a_colleague_is_on_the_way_is_counted_and_heard(
    desk: AtTheDesk, player: SilentPlayer
) -> None:
    presses(desk)
    desk.until(lambda: desk.asking.waiting == 1)
    comes(desk, "incident.handling", by="sun")
    desk.until(lambda: desk.asking.waiting == 0 and player.playing == "")
    comes(desk, "incident.evidence", 60, rings=True, rule="sos")
    desk.until(lambda: desk.asking.waiting == 1 and player.playing == "alarm")


def test_a_loudspeaker_that_comes_while_it_should_sound_sounds(desk: AtTheDesk, player: SilentPlayer) -> None:
    player.works = False
    presses(desk)
    desk.until(lambda: desk.asking.waiting == 1)
    player.stop()
    player.works = True
    desk.until(lambda: player.playing == "alarm")


def test_where_the_window_cannot_be_made_it_is_said_and_alarms_go_on_being_heard(
    desk: AtTheDesk, player: SilentPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    presses(desk)
    desk.until(lambda: player.playing == "alarm")

    def broken(*_: object) -> None:
        raise TypeError("ours")

    with monkeypatch.context() as ours:
        ours.setattr(desk.seat, "_make_window", broken)
        desk.types()
        desk.until(lambda: desk.asking.error.isVisible())
    assert desk.asking.error.label.text() == desk.app.language.tr("error.window_failed")
    assert player.playing == "alarm"
    presses(desk, "x2")
    desk.until(lambda: desk.asking.waiting == 2)
    desk.sits()
    assert player.playing == "alarm", "and whoever signs in hears it on"
    assert desk.desk.node.seated


def test_who_signs_in_while_nothing_rings_hears_nothing(desk: AtTheDesk, player: SilentPlayer) -> None:
    presses(desk)
    desk.until(lambda: player.playing == "alarm")
    comes(desk, "incident.acknowledged", by="sun")
    desk.until(lambda: player.playing == "")
    desk.sits()
    assert player.playing == ""
