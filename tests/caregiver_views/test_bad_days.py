"""Days on which something is wrong: one sentence says so, and nothing is lost."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from caregiver.elders.standing import Standing, Urgency
from caregiver.invented import Feed
from caregiver.main_window import MainWindow
from domain.events import to_ms
from domain.incident_kinds import ACKNOWLEDGED
from offline.line.link import Link, SyncStatus
from offline.program import program_version
from offline.roster import Roster
from qtkit.shots import settle
from tests.caregiver_views.conftest import NOW
from tests.fakes.fed import back_down
from tests.fakes.measure import cut_off
from tests.fakes.there import there
from watch.outages import STOOD, server_of

Opener = Callable[..., MainWindow]
RARE = "𠮷㛃👵🏼"  # outside the Basic Multilingual Plane: CJK extension B, and an emoji of two code points


def in_sight(window: MainWindow) -> bool:
    return any(s.availableGeometry().intersects(window.frameGeometry()) for s in QGuiApplication.screens())


def test_a_name_of_rare_signs_and_an_emoji_stands_wherever_a_name_stands(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("zh")
    state = window.state
    elder = state.incidents.ringing()[0].elder
    profile = there(state.people.find(elder)).profile
    window.alarm.hide()
    Roster(state.journal, state.keys).register(elder, replace(profile, family_name="", given_name=RARE))
    qtbot.waitUntil(lambda: there(state.people.find(elder)).name == RARE)
    window.board.search.setText(RARE[0])
    settle(window)
    assert [e.id for e in window.board.model.elders] == [elder]
    window.open_elder(elder)
    settle(window)
    shown = [label.text() for label in window.rooms.currentWidget().findChildren(QLabel)]
    assert any(RARE in words for words in shown)
    window.alarm.show_work(state.incidents.work(state.incidents.ringing()[0].id))
    settle(window)
    assert RARE in window.alarm.who.text()
    assert cut_off(window) == []


def test_the_screen_it_stood_on_was_unplugged(window: MainWindow, qapp: QApplication, qtbot: QtBot) -> None:
    window.move(QPoint(9000, 7000))
    qtbot.waitUntil(lambda: not in_sight(window))
    qapp.screenRemoved.emit(QGuiApplication.primaryScreen())
    qtbot.waitUntil(lambda: in_sight(window))
    assert window.height() <= QGuiApplication.primaryScreen().availableGeometry().height()


def test_a_window_that_can_be_seen_stays_where_it_is(window: MainWindow, qapp: QApplication, qtbot: QtBot) -> None:
    window.move(QPoint(20, 20))
    qtbot.waitUntil(lambda: window.pos() == QPoint(20, 20))
    qapp.screenRemoved.emit(QGuiApplication.primaryScreen())
    settle(window)
    assert window.pos() == QPoint(20, 20)


def test_its_screen_became_smaller_while_it_stood_there(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = QRect(0, 0, 1024, 700)
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _: small)
    QGuiApplication.primaryScreen().availableGeometryChanged.emit(small)
    qtbot.waitUntil(lambda: small.contains(window.frameGeometry()))
    settle(window)
    for button in (window.alarm.take, window.alarm.call):
        assert button.visibleRegion().boundingRect() == button.rect()


def test_two_people_take_one_incident_and_the_districts_order_says_who_leads(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("en")
    state = window.state
    incident = state.incidents.ringing()[0]
    window.ringing.acknowledge(incident.id)  # while the line is slow
    mine = state.journal.facts(ACKNOWLEDGED)[-1].envelope
    feed = Feed("jinxiu", 34)
    feed.position = 10_000
    theirs = feed.item(ACKNOWLEDGED, {"incident": incident.id, "by": "p-sun-li"}, incident.elder, NOW, "desk-2")
    with qtbot.waitSignal(window.synced, timeout=5000):
        state.journal.absorb([theirs])
    with qtbot.waitSignal(window.synced, timeout=5000):
        state.journal.absorb([back_down(feed, state.journal, mine.id)])
    work = state.incidents.work(incident.id)
    assert work is not None
    assert work.incident.leader == "p-sun-li"
    assert set(work.incident.accepted_by) == {"p-sun-li", state.session.person}, "both are on it, and both know"
    assert [step.refused for step in work.steps if step.kind == ACKNOWLEDGED] == [False, False]


def test_the_district_is_gone_for_a_week_and_an_alarm_is_taken_all_the_same(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("en")
    state = window.state
    week = to_ms(NOW - timedelta(days=7))
    state._heard(SyncStatus(Link.UNREACHABLE, last_ok=week, since=week, pending=3))
    qtbot.waitUntil(lambda: window.line.isVisibleTo(window))
    said = window.line.label.text()
    assert said.startswith("Cut off from the district. You see what is kept here.")
    assert "Data as of 7 d ago." in said
    assert "3 waiting to be sent." in said
    incident = state.incidents.ringing()[0].id
    window.ringing.acknowledge(incident)
    assert incident in state.incidents.undelivered()
    assert any(f.payload and f.payload["incident"] == incident for f in state.journal.facts(ACKNOWLEDGED))


def test_a_district_whose_watch_has_stopped_is_said_and_what_to_do(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("zh")
    now = to_ms(NOW)
    window.state._heard(SyncStatus(Link.UNWATCHED, last_ok=now, since=now))
    qtbot.waitUntil(lambda: window.line.isVisibleTo(window))
    assert window.line.label.text().startswith("区平台有回应，但值守已停：")
    assert window.top.line.label.text() == "值守已停"
    window.state._heard(SyncStatus(Link.CONNECTED, last_ok=now, since=now))
    qtbot.waitUntil(lambda: not window.line.isVisibleTo(window))


def test_a_version_that_the_district_wants_is_said_until_it_runs(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("en")
    state = window.state
    here = program_version()

    def hears(wanted: str) -> None:
        with qtbot.waitSignal(window.synced, timeout=5000):
            state._heard(SyncStatus(Link.CONNECTED, last_ok=state.clock.now_ms(), wanted=wanted))

    hears("9.1.0")
    assert window.line.label.text().startswith(f"The district wants version 9.1.0 on this desk; it runs {here}.")
    hears(here)
    assert not window.line.isVisibleTo(window)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets the time zone of the machine."""

    def move(zone: str) -> None:
        monkeypatch.setitem(os.environ, "TZ", zone)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


def test_the_machines_zone_changes_and_the_homes_hours_do_not(
    open_window: Opener, qtbot: QtBot, elsewhere: Callable[[str], None]
) -> None:
    window = open_window("en")
    state = window.state
    overdue = next(e.id for e in window.board.model.elders if e.standing.urgency is Urgency.OVERDUE)

    def shown() -> tuple[str, str, Standing]:
        line = window.board.model.index(there(window.board.model.row_of(overdue)))
        return (
            window.alarm.since.text(),
            line.data(Qt.ItemDataRole.AccessibleTextRole),
            there(state.elders.board.find(overdue)).standing,
        )

    before = shown()
    elsewhere("America/Los_Angeles")
    window.alarm.tick()
    sign = Feed("jinxiu", 35).item("sign.motion", {"device": "d9"}, window.board.model.elders[-1].id, NOW, "hub-1")
    with qtbot.waitSignal(window.synced, timeout=5000):
        state.journal.absorb([sign])  # the rules are asked again
    assert shown() == before
    assert f"{state.local(NOW):%H:%M}" == "09:41"


def test_nobodys_standing_is_told_from_a_part_of_the_past(window: MainWindow, qtbot: QtBot) -> None:
    state, now = window.state, window.state.clock.now_ms()
    state._heard(SyncStatus(Link.STARTING, last_ok=now, since=now, filling=True))
    profile = replace(state.elders.board.rows()[5].person.profile, family_name="欧", given_name="阳春")
    Roster(state.journal, state.keys).register("p-new", profile)
    qtbot.waitUntil(lambda: state.elders.board.find("p-new") is not None)
    settle(window)
    assert there(state.elders.board.find("p-new")).standing.word == "checking"
    state._heard(SyncStatus(Link.CONNECTED, last_ok=now, since=now))
    qtbot.waitUntil(lambda: there(state.elders.board.find("p-new")).standing.word == "no_plan")


@pytest.mark.parametrize(("community", "urgency"), [("jinxiu", Urgency.DUE), ("elsewhere", Urgency.OVERDUE)])
def test_only_a_server_of_their_own_community_that_stood_still_excuses_an_elders_silence(
    window: MainWindow, community: str, urgency: Urgency
) -> None:
    """As at the district: the board had taken the word of any, and showed nobody as missed."""
    journal, board, day, hour = window.state.journal, window.state.elders.board, timedelta(days=1), timedelta(hours=1)
    person = next(elder.id for elder in board.rows() if not elder.standing.incident)
    stood = {"since": to_ms(NOW - 3 * hour), "until": to_ms(NOW - hour), "by": "system"}
    journal.absorb([Feed(community, 95).item(STOOD, stood, server_of(community), NOW - hour, "hub")])
    plan = {
        "since": to_ms(NOW - day), "revision": 99, "backstops": [],
        "windows": [{"id": "m", "start": "06:00", "end": "08:00", "counted": ["motion"]}],
    }  # fmt: skip
    agreed = {"purpose": "home_monitoring", "version": "1", "by": "p-sun-li"}
    hall = {"device": "hall", "kind": "motion", "place": "hall"}
    for kind, told in (("consent.given", agreed), ("home.device_registered", hall), ("careplan.set", plan)):
        journal.append(kind, told, subject=person, at=to_ms(NOW - 2 * day))
    window.arrivals.take()
    settle(window)
    assert there(board.find(person)).standing.urgency is urgency
