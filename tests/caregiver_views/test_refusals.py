"""What the district did not take of this desk: a line that says so, and a list that says what, why and what to do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from assets.words import say
from caregiver.frame.refusals_view import WHAT, RefusalList
from caregiver.invented import Feed
from caregiver.main_window import MainWindow
from domain.incident_kinds import ACKNOWLEDGED
from offline.letters.put_aside import BECAUSE, PUT_ASIDE
from qtkit.shots import settle
from tests.caregiver_views.conftest import NOW
from tests.fakes.measure import cut_off
from watch.plans import NOT_THEIRS, SUPERSEDED

Opener = Callable[..., MainWindow]


def put_aside(window: MainWindow, kind: str, because: str, subject: str | None = None) -> None:
    """Something is done here, and the district says no."""
    journal = window.state.journal
    own = journal.append(kind, {"by": "p-li"}, subject=subject).envelope
    told = {"device": own.device, "epoch": own.epoch, "seq": own.seq, "because": because}
    journal.absorb([Feed(journal.community, own.seq).item(PUT_ASIDE, told, None, NOW)])


def test_a_line_says_so_and_the_list_what_why_and_what_to_do(open_window: Opener, tmp_path: Path, qtbot: QtBot) -> None:
    kept = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    window = open_window("en", settings=kept)
    assert not window.refusals.isVisible()
    elder = next(iter(window.state.people))
    put_aside(window, "config.rota_set", "no_duty")
    qtbot.waitUntil(window.refusals.isVisible)
    assert "Something that was done here" in window.refusals.label.text()
    put_aside(window, "home.device_removed", "not_signed_in", elder.id)
    qtbot.waitUntil(lambda: window.refusals.label.text().startswith("2 things"))
    window.refusals.see.click()
    told = next(w for w in QApplication.topLevelWidgets() if isinstance(w, RefusalList) and w.isVisible())
    words = [label.text() for label in told.findChildren(QLabel)]
    assert {"The rota", f"A device in a home · {elder.name}"} <= set(words)
    assert "It is not among the duties of whoever did it. Ask a supervisor to do it." in words
    told.accept()
    assert not window.refusals.isVisible()
    assert int(kept.value("refusals_seen")) > 0
    again = open_window("en", settings=kept)
    assert not again.refusals.isVisible(), "what somebody has read is not told again"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_every_reason_is_said_whole_in_both_languages(
    open_window: Opener, language: str, scale: float, qtbot: QtBot
) -> None:
    window = open_window(language, scale=scale)
    for because in (*BECAUSE, NOT_THEIRS, SUPERSEDED):
        put_aside(window, "config.ladder_set", because)
    qtbot.waitUntil(lambda: window.refusals.label.text().find("6") >= 0)
    window.refusals.see.click()
    told = next(w for w in QApplication.topLevelWidgets() if isinstance(w, RefusalList) and w.isVisible())
    settle(told)
    assert cut_off(told) == []
    assert (told.width(), told.height()) <= (1366, 768)
    assert cut_off(window.refusals) == []
    told.close()


def test_there_is_a_word_for_every_kind() -> None:
    for language in ("zh", "en"):
        for word in {word for _, word in WHAT} | {"entry"}:
            assert say(language, f"caregiver.refusals.what.{word}")


def test_whoever_corrects_somebody_in_the_same_moment_as_another_desk_is_told_whose_word_stands(
    window: MainWindow, qtbot: QtBot
) -> None:
    state = window.state
    person, revision = next(iter(state.people)), 7
    state.roster.register(person.id, person.profile, revision)
    own = state.journal.facts("person.registered", person.id)[-1]
    theirs = {**(own.payload or {}), "revision": revision}
    later = NOW + timedelta(hours=1)
    state.journal.absorb(
        [Feed(state.journal.community, 12).item("person.registered", theirs, person.id, later, "desk-2")]
    )
    qtbot.waitUntil(window.refusals.isVisible)
    window.refusals.see.click()
    told = next(w for w in QApplication.topLevelWidgets() if isinstance(w, RefusalList) and w.isVisible())
    words = [label.text() for label in told.findChildren(QLabel)]
    assert window.desk.tr("refusals.because.overtaken") in words
    told.close()


def test_a_correction_that_came_before_ours_is_no_quarrel(window: MainWindow, qtbot: QtBot) -> None:
    state = window.state
    person = next(iter(state.people))
    state.roster.register(person.id, person.profile, 7)
    own = state.journal.facts("person.registered", person.id)[-1]
    earlier = Feed(state.journal.community, 13).item(
        "person.registered", {**(own.payload or {}), "revision": 7}, person.id, NOW - timedelta(hours=1), "desk-2"
    )
    with qtbot.waitSignal(window.synced, timeout=5000):
        state.journal.absorb([earlier])
    assert not window.refusals.isVisible(), "the other desk is told"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_answer_to_an_alarm_that_is_not_accepted_rings_again_and_says_so_on_the_alarm(
    open_window: Opener, qtbot: QtBot, language: str
) -> None:
    """The line that says so lies beneath it: whoever had answered pressed again and again, and never learned why it came back."""
    window = open_window(language)
    state, said = window.state, window.desk.tr("refusals.alarm")

    def ringing() -> list[str]:
        return [incident.id for incident in state.incidents.ringing()]

    while before := ringing():
        qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
        qtbot.waitUntil(partial(lambda first: first not in ringing(), before[0]))
    assert not window.alarm.isVisible()
    own = state.journal.facts(ACKNOWLEDGED)[-1].envelope
    told = {"device": own.device, "epoch": own.epoch, "seq": own.seq, "because": "not_signed_in"}
    state.journal.absorb([Feed(state.journal.community, own.seq).item(PUT_ASIDE, told, None, NOW)])
    qtbot.waitUntil(window.alarm.isVisible)
    qtbot.waitUntil(lambda: said in [each.text() for each in window.alarm.findChildren(QLabel)])
    assert cut_off(window.alarm) == []


@pytest.mark.parametrize(("signed_in", "do"), [(False, "operator"), (True, "Sign in")])
def test_where_nobody_can_sign_in_nobody_is_told_to(
    open_window: Opener, qtbot: QtBot, signed_in: bool, do: str
) -> None:
    window = open_window("en")
    window.state.session = replace(window.state.session, signed_in=signed_in)
    put_aside(window, "config.rota_set", "not_signed_in")
    qtbot.waitUntil(lambda: not window.refusals.isHidden())
    window.refusals.see.click()
    shown = next(w for w in QApplication.topLevelWidgets() if isinstance(w, RefusalList) and w.isVisible())
    assert any(do in label.text() for label in shown.findChildren(QLabel))
    shown.close()
