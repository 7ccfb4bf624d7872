"""The alarm as the caregiver meets it, through the real window and the keyboard."""

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from caregiver.invented import Feed, open_incident
from caregiver.main_window import MainWindow
from domain.incident_kinds import State
from qtkit.alarm import AlarmSound
from qtkit.shots import settle
from qtkit.tones import Severity
from tests.fakes.players import SilentPlayer
from tests.fakes.there import there


def test_it_fills_the_window_and_says_who_where_what_since_when(window: MainWindow) -> None:
    assert window.alarm.isVisible()
    assert window.alarm.size() == there(window.centralWidget()).size()
    elder = window.state.elders.board.find(window.state.incidents.ringing()[0].elder)
    assert elder is not None
    assert elder.person.name in window.alarm.who.text()
    assert elder.person.profile.flat in window.alarm.where.text()
    assert "卧室" in window.alarm.where.text()
    assert window.alarm.kind.text() == "紧急求助"
    assert "09:40:19" in window.alarm.since.text()
    assert "19 秒" in window.alarm.next.text(), "the ladder counts down"


def test_enter_takes_one_after_another_and_then_shows_the_incident(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
    incident = window.alarm.incident
    assert incident is not None
    assert incident.id == "inactive-now", "the next one rings on"
    qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
    assert not window.alarm.isVisible()
    assert window.page == "incidents"
    work = window.state.incidents.work("sos-now")
    assert work is not None
    assert work.incident.state is State.ACCEPTED


def test_the_keyboard_stays_inside_and_reaches_every_button(window: MainWindow, qtbot: QtBot) -> None:
    reached = []
    for _ in range(4):
        reached.append(window.alarm.focusWidget())
        qtbot.keyClick(window.alarm.focusWidget(), Qt.Key.Key_Tab)
    assert reached == [window.alarm.take, window.alarm.call, window.alarm.emergency, window.alarm.send]
    assert window.alarm.focusWidget() is window.alarm.take


def test_those_who_do_not_fit_are_counted_and_reached_by_the_keyboard(window: MainWindow, qtbot: QtBot) -> None:
    state, incident = window.state, window.alarm.incident
    assert incident is not None
    assert not window.alarm.told.rest.isVisible()
    before = len(there(state.incidents.work(incident.id)).told)
    feed = Feed("jinxiu", 77)
    state.journal.absorb(
        [
            feed.item(
                "notice.sent",
                {"incident": incident.id, "person": f"p-{n}", "channel": "sms", "level": 1},
                incident.elder,
                state.now(),
            )
            for n in range(8 - before + 3)
        ]
    )
    qtbot.waitUntil(window.alarm.told.rest.isVisible)
    assert window.alarm.told.lines.count() == 6
    assert window.alarm.told.rest.text() == "另有 5 条"
    first = told_of(window)
    while window.alarm.focusWidget() is not window.alarm.told.rest:
        qtbot.keyClick(window.alarm, Qt.Key.Key_Tab)
    qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
    shown = told_of(window)
    assert len(shown) == 5
    assert not set(shown) & set(first), "others than before"
    qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
    assert window.alarm.told.lines.count() == 6, "after the last the first again"
    assert window.alarm.isVisible(), "nothing was taken by that"


def told_of(window: MainWindow) -> list[str]:
    """The lines under the buttons."""
    lines = window.alarm.told.lines
    found = [there(lines.itemAt(n)).widget() for n in range(lines.count())]
    return [each.text() for each in found if isinstance(each, QLabel)]


def test_calling_shows_the_number_and_is_recorded(window: MainWindow, qtbot: QtBot, no_telephone: list[str]) -> None:
    qtbot.keyClick(window.alarm, Qt.Key.Key_C)
    assert "138 0000" in window.alarm.number.text()
    qtbot.keyClick(window.alarm, Qt.Key.Key_1)
    assert "120" in window.alarm.number.text()
    assert no_telephone[-1] == "tel:120"
    called = [f.payload["called"] for f in window.state.journal.facts("incident.evidence") if f.payload]
    assert called == ["elder", "120"]
    assert window.alarm.isVisible(), "calling is not answering"


def test_the_number_of_the_ambulance_stays_when_it_is_recorded_that_it_was_rung_up(
    window: MainWindow, qtbot: QtBot, no_telephone: list[str]
) -> None:
    """Where the computer cannot ring up anybody somebody is dialling it by hand."""
    window.alarm.emergency.click()
    words = window.alarm.number.text()
    assert "120" in words
    qtbot.waitUntil(lambda: not window.state.more, timeout=10_000)
    settle(window)
    window.alarm.show_work(window.state.incidents.work(window.state.incidents.ringing()[0].id))
    assert window.alarm.number.text() == words


def test_a_new_alarm_is_painted_and_says_so(window: MainWindow, qtbot: QtBot) -> None:
    for _ in range(2):
        qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
    settle(window)
    elder = window.state.elders.board.rows()[-1].id
    items = list(open_incident(Feed("jinxiu", 31), "fresh", "fall", elder, window.state.now(), "kitchen", device="d7"))
    with qtbot.waitSignal(window.alarm_painted, timeout=5000) as painted:
        thread = threading.Thread(target=window.state.journal.absorb, args=(items,))
        thread.start()
    thread.join()
    assert painted.args == ["fresh"]
    assert window.alarm.isVisible()
    assert "厨房" in window.alarm.where.text()


def test_a_passage_of_an_elder_shows_as_a_sign_of_life(window: MainWindow, qtbot: QtBot) -> None:
    for _ in range(2):
        qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
    window.go("board")
    elder = window.state.elders.board.rows()[0]
    payload = {"gate": "gate-south", "outcome": "identified", "method": "face", "direction": "in", "scores": [0.8]}
    item = Feed("jinxiu", 32).item("passage.recorded", payload, elder.id, window.state.now(), "kiosk-3")
    with qtbot.waitSignal(window.sign_shown, timeout=5000) as shown:
        window.state.journal.absorb([item])
    assert shown.args == [elder.id]
    again = window.state.elders.board.find(elder.id)
    assert again is not None
    assert again.last_place == "gate-south"


def test_answered_elsewhere_it_stops_ringing_here(window: MainWindow, qtbot: QtBot) -> None:
    feed = Feed("jinxiu", 33)
    elder = window.state.incidents.ringing()[0].elder
    taken = feed.item(
        "incident.acknowledged", {"incident": "sos-now", "by": "p-sun-li"}, elder, window.state.now(), "desk-2"
    )
    with qtbot.waitSignal(window.synced, timeout=5000):
        window.state.journal.absorb([taken])
    incident = window.alarm.incident
    assert incident is not None
    assert incident.id == "inactive-now"


def test_each_severity_has_its_sound_until_it_is_taken(
    open_window: Callable[..., MainWindow], qtbot: QtBot, tmp_path: Path
) -> None:
    player = SilentPlayer()
    window = open_window(sound=AlarmSound(player, tmp_path))
    assert player.playing == Severity.ALARM
    qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
    assert player.playing == Severity.WARNING
    qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
    assert player.playing == ""
    assert window.mute.isHidden()


def test_every_step_that_calls_for_who_sits_here_brings_the_window_back_and_sounds(
    open_window: Callable[..., MainWindow], qtbot: QtBot, tmp_path: Path
) -> None:
    player = SilentPlayer()
    window = open_window("en", sound=AlarmSound(player, tmp_path))
    for _ in range(2):
        qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
    state = window.state
    feed, elder, me = Feed("jinxiu", 35), state.elders.board.rows()[-1].id, state.session.person
    by_other = {"incident": "climbs", "by": "p-sun-li"}
    notice = {"incident": "climbs", "by": "system", "person": me, "channel": "desktop", "act": "alarm", "level": 1}
    state.journal.absorb([
        *open_incident(feed, "climbs", "sos", elder, state.now(), "", device="d9"),
        feed.item("incident.acknowledged", by_other, elder, state.now(), "desk-2"),
    ])  # fmt: skip
    steps = (  # taken by somebody and nothing follows; then nobody is there though they said so
        [
            feed.item(
                "incident.escalated", {**by_other, "by": "system", "level": 1, "reason": "stale"}, elder, state.now()
            )
        ],
        [feed.item("notice.sent", {**notice, "ref": "60", "reason": "not_on_scene"}, elder, state.now())],
    )
    nothing = "孙丽 took it at 09:41 and nothing has happened since. Please take over."
    for step, why in zip(steps, (nothing, "Nobody has reported being there yet."), strict=True):
        window.arrivals.take()
        assert not window.alarm.isVisible()
        assert player.playing == ""
        window.showMinimized()
        settle(window)
        with qtbot.waitSignal(window.alarm_painted, timeout=5000):
            state.journal.absorb(step)
        assert not window.isMinimized()
        assert player.playing == Severity.ALARM
        assert window.alarm.note.text() == why
        qtbot.keyClick(window.alarm, Qt.Key.Key_Return)


def test_unconfirmed_and_drill_look_different_and_say_why(
    window: MainWindow, qtbot: QtBot, no_telephone: list[str]
) -> None:
    plain = window.alarm.grab().toImage()
    for _ in range(2):
        qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
    feed, elder = Feed("jinxiu", 34), window.state.elders.board.rows()[-1].id
    state = window.state
    state.journal.absorb(
        list(open_incident(feed, "alone", "sos", elder, state.now(), "", device="d8", confirmed=False))[:1]
    )
    window.arrivals.take()
    settle(window)
    assert "没有" in window.alarm.note.text() or "尚未" in window.alarm.note.text()
    assert window.alarm.grab().toImage().pixelColor(10, 10) != plain.pixelColor(10, 10)
    qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
    state.journal.absorb(
        list(open_incident(feed, "drill", "sos", elder, state.now(), "", device="d8", exercise=True))[:1]
    )
    window.arrivals.take()
    assert window.alarm.drill.isVisible()
    assert (window.alarm.call.isVisible(), window.alarm.emergency.isVisible()) == (True, False)
    qtbot.keyClick(window.alarm, Qt.Key.Key_1)
    assert no_telephone == [], "no ambulance comes for an exercise"


def test_a_call_for_help_tells_when_they_were_heard_before_it(window: MainWindow, qtbot: QtBot) -> None:
    incident = window.state.incidents.ringing()[0]
    before = there(window.state.elders.last_sign(incident.elder))
    pressed = Feed("jinxiu", 44).item(
        "sign.sos", {"device": "sos-1", "place": "bedroom"}, incident.elder, incident.happened_at, "hub-8"
    )
    with qtbot.waitSignal(window.synced, timeout=5000):
        window.state.journal.absorb([pressed])
    assert window.state.elders.last_sign(incident.elder) == before, "that they pressed is what rings"
    window.alarm._fill()
    assert "求助键" not in window.alarm.note.text()
