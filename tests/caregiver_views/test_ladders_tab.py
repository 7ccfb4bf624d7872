"""The ladders of the community, drawn as ladders: its own where one was set, the deadlines' otherwise."""

from datetime import timedelta
from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from caregiver.admin.page import AdminPage, LaddersTab
from caregiver.invented import Feed
from caregiver.main_window import MainWindow
from caregiver.memory.settings import standing
from domain.incident_kinds import Kind, Severity
from domain.ladder_steps import Do, Step
from offline.letters.put_aside import PUT_ASIDE
from qtkit.shots import settle
from qtkit.widgets import Card
from tests.caregiver_views.conftest import NOW, Opener
from tests.caregiver_views.pages import at
from watch.ledger import JournalLedger
from watch.plans import LADDER_SET, FactPlans

OWN: dict[str, Any] = {
    "severity": 1,
    "steps": [
        {"do": "notify", "who": ["level:0"]}, {"do": "wait", "seconds": 30}, {"do": "next_level"},
        {"do": "notify", "who": ["level:1"]},
    ],
}  # fmt: skip
USUAL = ["at once", "1 min", "3 min", "10 min", "15 min"]


def ladders(window: MainWindow) -> LaddersTab:
    window.alarm.show_work(None)
    admin = at(window, "admin", AdminPage)
    admin.setCurrentWidget(admin.ladders)
    return admin.ladders


def moments(tab: LaddersTab) -> list[str]:
    """When each rung of the gravest, which stands first, is called: from the uppermost down."""
    settle(tab)

    def place(part: QWidget) -> tuple[int, int]:
        at = part.mapTo(tab, QPoint())
        return at.y(), at.x()

    card = min((card for card in tab.findChildren(Card) if type(card) is Card and card.isVisible()), key=place)
    said = [label.text() for label in sorted(card.findChildren(QLabel), key=place)]
    assert said[0] == "Priority 1"
    return [words for words in said if words == "at once" or words.endswith((" min", " s"))]


def test_the_rungs_stand_one_above_the_other_with_their_moment(open_window: Opener) -> None:
    assert moments(ladders(open_window("en"))) == USUAL


def test_the_communitys_own_ladder_is_drawn_as_it_comes_and_goes_where_it_was_refused(
    open_window: Opener, qtbot: QtBot
) -> None:
    window = open_window("en")
    tab, journal = ladders(window), window.state.journal
    with qtbot.waitSignal(window.synced, timeout=5000):
        own = journal.append(LADDER_SET, OWN).envelope
    assert moments(tab)[:2] == ["at once", "30 s"]
    told = {"device": own.device, "epoch": own.epoch, "seq": own.seq, "because": "no_duty"}
    with qtbot.waitSignal(window.synced, timeout=5000):
        journal.absorb([Feed(journal.community, own.seq).item(PUT_ASIDE, told, None, NOW)])
    assert moments(tab) == USUAL


def test_another_communitys_ladder_is_not_drawn_as_ours(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("en")
    tab = ladders(window)
    with qtbot.waitSignal(window.synced, timeout=5000):
        window.state.journal.absorb([Feed("elsewhere", 1).item(LADDER_SET, OWN, None, NOW)])
    assert moments(tab) == USUAL


def test_a_ladder_that_was_drawn_before_and_comes_after_is_not_the_one_that_stands(
    open_window: Opener, qtbot: QtBot
) -> None:
    window = open_window("en")
    tab, community = ladders(window), window.state.journal.community
    older = {"name": "", "steps": [{"do": "notify", "who": ["level:3"]}]}
    for seq, (told, days) in enumerate(((OWN, 1), (older, 2)), 1):
        at = NOW - timedelta(days=days)
        with qtbot.waitSignal(window.synced, timeout=5000):
            window.state.journal.absorb([Feed(community, seq).item(LADDER_SET, told, None, at)])
    assert moments(tab)[:2] == ["at once", "30 s"]


def test_a_ladder_is_written_under_a_name_and_climbed_by_whose_plan_chooses_it(
    open_window: Opener, qtbot: QtBot
) -> None:
    window = open_window("en")
    editor, state = ladders(window).editor, window.state
    first, *others = editor._rows
    assert [line.do.value for line in editor._rows][:3] == ["notify", "wait", "next_level"]
    for line in others:
        line.gone.emit()
    editor.name.setText("Night")
    editor.severity.choose("1")
    first.first.setValue(22)
    first.last.setValue(6)
    for do in ("wait", "repeat", "next_level", "notify"):
        editor.add.click()
        editor._rows[-1].do.choose(do)
    wait, repeat, _, notify = editor._rows[1:]
    wait.minutes.setValue(2)
    repeat.times.setValue(3)
    notify.who.choose("level:1")
    editor.stale.setValue(25)
    with qtbot.waitSignal(window.synced, timeout=5000):
        editor.save.click()
        state.take()
    (_, told), *_ = standing(state.reader, LADDER_SET, state.journal.community)
    assert (told["name"], told["severity"], told["by"]) == ("Night", 1, state.session.person)
    plans = FactPlans()
    ledger = JournalLedger(state.journal)
    plans.recall(ledger)
    ledger.close()
    plans._plans["li"] = {"ladder": "Night"}
    assert plans.ladder("li", Kind.SOS, Severity.P1, state.journal.community).steps == (
        Step(Do.NOTIFY, ("level:0",), hours=(22, 6)), Step(Do.WAIT, seconds=120), Step(Do.REPEAT, times=3),
        Step(Do.NEXT_LEVEL), Step(Do.NOTIFY, ("level:1",)),
    )  # fmt: skip
    assert plans.ladder("li", Kind.SOS, Severity.P1, state.journal.community).stale_after_s == 1500
    editor.name.setText("")
    editor.load.click()
    assert len(editor._rows) > 5, "the usual one again"
    assert editor.ladder().stale_after_s is None
    editor.name.setText("Night")
    editor.load.click()
    assert editor.ladder() == plans.ladder("li", Kind.SOS, Severity.P1, state.journal.community)


def test_a_ladder_that_was_refused_says_so(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("en")
    editor, journal = ladders(window).editor, window.state.journal
    with qtbot.waitSignal(window.synced, timeout=5000):
        editor.save.click()
        window.state.take()
    own = journal.file.reader().execute("SELECT device, epoch, seq FROM facts ORDER BY rowid DESC LIMIT 1").fetchone()
    told = {"device": own[0], "epoch": own[1], "seq": own[2], "because": "no_duty"}
    with qtbot.waitSignal(window.synced, timeout=5000):
        journal.absorb([Feed(journal.community, own[2]).item(PUT_ASIDE, told, None, NOW)])
    assert window.desk.tr("refusals.because.no_duty") in editor.said.label.text()
