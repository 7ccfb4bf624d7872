"""A desk at night: the computer does not go to sleep under whoever watches by it, and where it did it says so."""

import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from wakepy import keep

from caregiver.frame import awake
from caregiver.frame.awake import Awake, Stay
from caregiver.frame.lighting import MUTTER, ON, light
from qtkit.alarm import AlarmSound
from tests.caregiver_views.conftest import Opener
from tests.fakes.players import SilentPlayer
from tests.fakes.session_bus import IDLE, SUSPEND, ScreenKeepers, SessionManager, session_bus

pytestmark = [
    # wakepy leaves the line of a vain attempt to the collector
    pytest.mark.filterwarnings("ignore:.*unclosed <socket:pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:.*<socket.socket:pytest.PytestUnraisableExceptionWarning"),
]

PATIENCE_S = 20


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with session_bus() as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield address


@pytest.fixture
def kept() -> Iterator[Awake]:
    kept = Awake()
    yield kept
    kept.close()


@pytest.fixture
def session(bus: str) -> SessionManager:
    return SessionManager(bus)


def test_it_is_kept_from_sleeping_while_somebody_watches_and_lit_while_they_must_look(session: SessionManager) -> None:
    kept = Awake()
    kept.tick(lit=False)
    assert session.asked.get(timeout=PATIENCE_S) == ("hold", SUSPEND)
    kept.tick(lit=True)
    assert session.asked.get(timeout=PATIENCE_S) == ("hold", IDLE)
    kept.tick(lit=True)
    kept.tick(lit=False)
    assert session.asked.get(timeout=PATIENCE_S) == ("let go", IDLE)
    kept.rest()
    assert session.asked.get(timeout=PATIENCE_S) == ("let go", SUSPEND)
    kept.tick(lit=False)
    assert session.asked.get(timeout=PATIENCE_S) == ("hold", SUSPEND)
    kept.close()
    assert session.asked.get(timeout=PATIENCE_S) == ("let go", SUSPEND)
    assert session.inhibited == {}


def test_what_starts_after_it_is_asked_too(bus: str, kept: Awake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(awake, "AGAIN_S", 0.05)
    kept.tick(lit=False)
    assert SessionManager(bus).asked.get(timeout=PATIENCE_S)[0] == "hold"


def test_a_desktop_that_cannot_keep_the_two_apart_keeps_its_screen_lit(
    session: SessionManager, kept: Awake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        awake.WAYS, Stay.AWAKE, (partial(keep.running, omit=["org.gnome.SessionManager"]), keep.presenting)
    )
    kept.tick(lit=False)
    assert session.asked.get(timeout=PATIENCE_S) == ("hold", IDLE)


def test_where_nothing_can_keep_it_the_log_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setattr(awake, "AGAIN_S", 0.01)
    with caplog.at_level(logging.WARNING, "caregiver.frame.awake"):
        kept = Awake()
        kept.tick(lit=False)
        kept.close()
    assert [r.getMessage() for r in caplog.records] == ["kept here: []; not to be had here: ['awake']"]


def test_an_alarm_lights_the_screen_until_it_is_taken(
    open_window: Opener, qtbot: QtBot, session: SessionManager, kept: Awake
) -> None:
    window = open_window(awake=kept)
    window.ringing.tick()
    assert {session.asked.get(timeout=PATIENCE_S) for _ in range(2)} == {("hold", SUSPEND), ("hold", IDLE)}
    while window.alarm.isVisible():
        qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
    window.ringing.tick()
    assert session.asked.get(timeout=PATIENCE_S) == ("let go", IDLE)
    window.close()
    assert session.asked.get(timeout=PATIENCE_S) == ("let go", SUSPEND), "who has left is kept from nothing"


def test_an_alarm_lights_a_screen_that_has_gone_dark_and_unlocks_none(bus: str, session: SessionManager) -> None:
    keepers = ScreenKeepers(bus, MUTTER, "org.xfce.ScreenSaver")
    kept = Awake()
    kept.tick(lit=False)
    assert session.asked.get(timeout=PATIENCE_S)[0] == "hold"
    for _ in range(2):
        kept.tick(lit=True)
        to_gnome, to_xfce = (keepers.asked.get(timeout=PATIENCE_S) for _ in range(2))
        assert to_gnome == (MUTTER, "Set", (MUTTER, "PowerSaveMode", ("i", ON)))
        assert to_xfce == ("org.xfce.ScreenSaver", "SimulateUserActivity", ()), "SetActive(false) would unlock a screen"
        kept.tick(lit=False)
    kept.close()
    assert keepers.asked.empty(), "and once for each time that somebody must look"


@pytest.mark.parametrize(
    ("monitor", "took"), [("Off", ["dpms", "x11"]), ("in Standby", ["dpms", "x11"]), ("On", ["x11"]), ("", ["x11"])]
)
def test_under_x11_a_monitor_that_is_off_is_put_on_and_power_saving_that_is_off_stays_off(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, monitor: str, took: list[str]
) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    (tmp_path / "xset").write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\necho "{monitor and f"Monitor is {monitor}"}"\n'
    )
    (tmp_path / "xset").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert light() == took
    assert ("dpms force on" in (tmp_path / "asked").read_text()) == ("dpms" in took)


@pytest.mark.parametrize("address", ["disabled:", "autolaunch:", "tcp:host=localhost,port=1", "unix:path=/nowhere"])
def test_a_session_without_a_bus_ends_nothing(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    monkeypatch.setenv("PATH", "/nowhere")
    assert light() == []


def test_where_nobody_keeps_the_screen_dark_nothing_is_lit(monkeypatch: pytest.MonkeyPatch, bus: str) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert light() == []


def test_a_screen_that_must_do_without_sound_stays_lit(
    open_window: Opener, qtbot: QtBot, session: SessionManager, kept: Awake, tmp_path: Path
) -> None:
    player = SilentPlayer(works=False)
    window = open_window(sound=AlarmSound(player, tmp_path), awake=kept)
    while window.alarm.isVisible():
        qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
    window.ringing.tick()
    assert {session.asked.get(timeout=PATIENCE_S) for _ in range(2)} == {("hold", SUSPEND), ("hold", IDLE)}


@pytest.mark.parametrize(("language", "said"), [("zh", "休眠了 1 小时 30 分"), ("en", "slept for 1 h 30 min")])
def test_whoever_comes_back_to_a_computer_that_slept_is_told(open_window: Opener, language: str, said: str) -> None:
    passed = [1000.0]
    kept = Awake(passed=lambda: passed[0])
    window = open_window(language, awake=kept)
    for seconds in (1, awake.SLEPT_S - 1):
        window.ringing.tick()
        passed[0] += seconds
    window.ringing.tick()
    assert not window.trouble.words
    passed[0] += 5400
    window.ringing.tick()
    assert said in window.trouble.words
    kept.close()
