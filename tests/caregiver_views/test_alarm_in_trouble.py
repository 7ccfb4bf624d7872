"""The alarm where something fails beside it: the disk, the sound, a line that floods, a window that closes."""

import gc
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from time import monotonic

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from pytestqt.qtbot import QtBot

from caregiver.invented import Feed, open_incident
from caregiver.main_window import MainWindow
from domain.errors import Mendable
from qtkit.alarm import AlarmSound
from qtkit.shots import settle
from qtkit.tones import Severity
from tests.fakes.players import SilentPlayer


def test_a_dead_sound_system_is_said_at_the_start(open_window: Callable[..., MainWindow], tmp_path: Path) -> None:
    window = open_window(sound=AlarmSound(SilentPlayer(works=False), tmp_path))
    assert not window.mute.isHidden()
    assert "音箱" in window.mute.label.text()


def test_sound_that_dies_later_is_said_in_the_language_of_the_moment_until_it_returns(
    open_window: Callable[..., MainWindow], qtbot: QtBot, tmp_path: Path
) -> None:
    player = SilentPlayer()
    window = open_window(sound=AlarmSound(player, tmp_path))
    assert window.mute.isHidden()
    player.works = False
    qtbot.waitUntil(lambda: not window.mute.isHidden())
    assert "音箱" in window.mute.label.text()
    window.desk.language.set("en")
    assert "speaker" in window.mute.label.text().lower()
    player.works, player.playing = True, ""
    qtbot.waitUntil(window.mute.isHidden)
    assert player.playing == Severity.ALARM  # it still rings


def test_the_next_who_sits_there_is_told_of_the_dead_sound_too(
    open_window: Callable[..., MainWindow], tmp_path: Path
) -> None:
    sound = AlarmSound(SilentPlayer(works=False), tmp_path)
    open_window(sound=sound).close()
    assert not open_window(sound=sound).mute.isHidden()


def test_an_acceptance_that_could_not_be_kept_says_so_and_can_be_tried_again(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        full = Mendable("disk_full", path="/disk")
        patched.setattr(window.state.incidents, "acknowledge", lambda _id: (_ for _ in ()).throw(full))
        qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
    assert window.alarm.isVisible()
    assert "/disk" in window.alarm.note.text(), "the banner is under the alarm"
    before = window.alarm.incident
    qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
    assert window.alarm.incident is not before


def test_calling_somebody_does_not_fail_with_the_record_of_it(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, no_telephone: list[str]
) -> None:
    full = Mendable("disk_full", path="/disk")
    monkeypatch.setattr(window.state.incidents, "step", lambda *_a, **_k: (_ for _ in ()).throw(full))
    qtbot.keyClick(window.alarm, Qt.Key.Key_1)
    assert no_telephone
    assert "/disk" in window.alarm.note.text()


def test_an_alarm_that_could_not_be_read_at_once_is_shown_a_moment_later(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = window.state
    refresh, failed = state.incidents.refresh, list[Iterable[str]]()

    def fails_once(ids: Iterable[str]) -> None:
        if not failed:
            failed.append(ids)
            raise OSError("disk")
        refresh(ids)

    monkeypatch.setattr(state.incidents, "refresh", fails_once)
    elder = next(p.id for p in state.people if not state.incidents.of(p.id))
    with qtbot.captureExceptions() as caught:
        state.journal.absorb(open_incident(Feed("c", 909), "late", "fall", elder, state.clock.now(), ""))
        qtbot.waitUntil(lambda: "late" in [i.id for i in state.incidents.ringing()], timeout=3000)
    assert [kind for kind, *_ in caught] == [OSError]


@pytest.mark.parametrize("to", [5, True, {"a": 1}, ""])
def test_a_fact_that_makes_no_sense_about_one_incident_keeps_no_other_from_ringing(
    open_window: Callable[..., MainWindow], qtbot: QtBot, to: object
) -> None:
    window = open_window("zh")
    state, feed = window.state, Feed("jinxiu", 42)
    first, second = (e.id for e in state.elders.board.rows()[3:5])
    told = {"incident": "a", "kind": "water_leak", "severity": 2, "elder": first, "place": "", "rule": "w"}
    state.journal.absorb([
        feed.item("incident.opened", told | {"by": "system"}, first, state.now()),
        feed.item("incident.transferred", {"incident": "a", "by": "p-sun-li", "to": to}, first, state.now(), "desk-2"),
    ])  # fmt: skip
    qtbot.waitUntil(lambda: "a" in [i.id for i in state.incidents.ringing()], timeout=10_000)
    state.journal.absorb(list(open_incident(Feed("jinxiu", 50), "b", "fall", second, state.now(), "kitchen")))
    qtbot.waitUntil(lambda: "b" in [i.id for i in state.incidents.ringing()], timeout=10_000)


def test_an_alarm_sounds_on_undisturbed_while_facts_of_other_incidents_come(
    open_window: Callable[..., MainWindow], qtbot: QtBot, tmp_path: Path
) -> None:
    player = SilentPlayer()
    window = open_window(sound=AlarmSound(player, tmp_path))
    state, feed = window.state, Feed("jinxiu", 41)
    assert player.playing == "alarm"
    played = len(player.played)
    for n in range(5):
        told = {"incident": f"past-{n}", "person": "p-son", "channel": "sms", "ref": f"r{n}"}
        with qtbot.waitSignal(window.synced, timeout=10_000):
            state.journal.absorb([feed.item("notice.delivered", told, None, state.now())])
    assert player.playing == "alarm"
    assert len(player.played) == played


def test_what_cannot_be_shown_is_heard_at_least(
    open_window: Callable[..., MainWindow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    player = SilentPlayer()
    sound = AlarmSound(player, tmp_path / "tones")
    window = open_window(sound=sound)
    sound.silence()
    monkeypatch.setattr(window.alarm, "show_work", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        window.ringing.ring()
    assert player.playing


def test_an_alarm_does_not_wait_while_a_flood_of_other_facts_is_given_time(window: MainWindow, qtbot: QtBot) -> None:
    state = window.state
    feed, elder = Feed("c", 910), next(p.id for p in state.people if not state.incidents.of(p.id))
    window.arrivals.took(monotonic(), 1000.0)
    state.journal.absorb([feed.item("sign.door", {"device": "d"}, elder, state.clock.now())])
    assert window.arrivals.waits_ms > 1_000_000, "an hour or so, and that is no time for an alarm"
    for incident in state.incidents.ringing():
        state.incidents.acknowledge(incident.id)
    with qtbot.waitSignal(window.alarm_painted, check_params_cb=lambda id: id == "flooded"):
        state.journal.absorb(open_incident(feed, "flooded", "sos", elder, state.clock.now(), ""))


def test_what_a_window_stands_on_is_not_looked_through_for_garbage_while_it_is_open(window: MainWindow) -> None:
    assert gc.get_freeze_count() > 0
    before = gc.get_freeze_count()
    window.go("reports")
    assert gc.get_freeze_count() > before, "and so are its pages"
    window.close()
    assert gc.get_freeze_count() == 0


def test_what_another_thread_said_as_the_window_closed_is_not_looked_for(window: MainWindow, qtbot: QtBot) -> None:
    state = window.state
    feed, elder = Feed("c", 911), next(p.id for p in state.people)
    fact = feed.item("sign.door", {"device": "d"}, elder, state.clock.now())
    line = threading.Thread(target=lambda: state.journal.absorb([fact]))
    line.start()
    line.join()  # said, and not yet heard on this thread
    window.close()
    QCoreApplication.sendPostedEvents()
    assert window.arrivals.waits_ms == -1
    window.arrivals.judge()
    settle(window)
