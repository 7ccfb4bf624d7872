"""Reading passages on the gate log's page: whom a filter is for, and that a second reader reads blind."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from caregiver.gatelog.log import export
from caregiver.gatelog.page import GateLogPage
from caregiver.invented import Feed
from caregiver.main_window import MainWindow
from caregiver.memory.people import Person
from caregiver.memory.reading import Reader
from domain.people import Profile
from offline.keys.identity import Identity
from offline.letters.gate_card import GATE_DESCRIBED, describe
from qtkit.shots import settle
from tests.caregiver_views.gate_log import given, read_faces
from tests.caregiver_views.pages import at
from tests.fakes.measure import cut_off


@pytest.fixture
def page(window: MainWindow, qtbot: QtBot) -> GateLogPage:
    return read_faces(window, qtbot)


def another(window: MainWindow, page: GateLogPage, number: int, verdict: str, by: str = "p-other") -> int:
    """Somebody else has read this one; its fact."""
    fact = page.model.rows[number].fact
    id = window.state.reader.value("SELECT id FROM facts WHERE rowid = ?", (fact,))
    window.state.journal.append("verdict.given", {"passage": id, "by": by, "verdict": verdict})
    return int(fact)


def cell(page: GateLogPage, key: str) -> str:
    """What the first row says in a column."""
    number = [column.key for column in page.model.columns].index(key)
    return str(page.model.index(0, number).data())


def words(page: GateLogPage) -> str:
    settle(page)
    return " ".join(label.text() for label in page.detail.findChildren(QLabel) if label.isVisibleTo(page))


def test_a_second_reader_is_called_and_reads_blind(window: MainWindow, page: GateLogPage, qtbot: QtBot) -> None:
    fact = another(window, page, 3, "attack")
    page.reload()
    qtbot.waitUntil(lambda: page.waiting.isVisibleTo(page), timeout=10_000)
    assert page.waiting.text() == "1 条等待再复核"
    page.filters.days.choose("day")
    page.filters.reason.choose("no_match")
    qtbot.mouseClick(page.waiting, Qt.MouseButton.LeftButton)
    assert (page.filters.days.value, page.filters.reason.value) == ("all", ""), "a queue is the whole queue"
    qtbot.waitUntil(lambda: [p.fact for p in page.model.rows] == [fact], timeout=10_000)
    assert "已有人看过" in words(page)
    assert "p-other" not in words(page)
    assert cell(page, "verdict") == "待第二人"
    qtbot.keyClick(page.table, "1")
    assert "意见不一" in words(page)
    assert "p-other" not in words(page), "the first verdict stays hidden while it is disputed"
    qtbot.waitUntil(lambda: "意见不一 1 条" in page.figures.text(), timeout=10_000)
    qtbot.keyClick(page.table, "5")
    assert "由第三人定" in page.said.label.text(), "nobody comes round once they know"
    settle(window)
    assert cut_off(window) == []


def test_a_third_reader_settles_it_and_then_everything_is_shown(
    window: MainWindow, page: GateLogPage, qtbot: QtBot
) -> None:
    for by, verdict in (("p-one", "attack"), ("p-two", "right")):
        fact = another(window, page, 0, verdict, by)
    page.filters.review.choose("mine")
    qtbot.waitUntil(lambda: [p.fact for p in page.model.rows] == [fact], timeout=10_000)
    window.activateWindow()
    page.table.setFocus()
    qtbot.waitUntil(page.table.hasFocus)
    qtbot.keyClick(page.table, "5")
    assert "两位复核人一致" in words(page)
    assert "p-one" in words(page)
    qtbot.waitUntil(lambda: "两人一致 1 条" in page.figures.text(), timeout=10_000)


def test_a_person_is_found_by_name_and_two_of_one_name_are_both_offered(
    window: MainWindow, page: GateLogPage, qtbot: QtBot
) -> None:
    state = window.state
    who = next(p for p in (state.people.find(r.person) for r in page.model.rows) if p is not None)
    twin = Person("p-twin", Profile(who.profile.family_name, who.profile.given_name, flat="99-1-101"), who.search)
    state.people._people[twin.id] = twin  # another of the same name
    page.filters.person.setText(who.name)
    assert page.filters.person.value == "", "nobody is chosen yet"
    offered = page.filters.person._names.stringList()
    assert f"{who.name} {who.profile.flat}" in offered
    assert f"{who.name} 99-1-101" in offered
    page.filters.person.offer.activated.emit(f"{who.name} {who.profile.flat}")
    qtbot.waitUntil(lambda: {r.person for r in page.model.rows} == {who.id}, timeout=10_000)
    page.filters.person.clear()
    qtbot.waitUntil(lambda: len({r.person for r in page.model.rows}) > 1, timeout=10_000)


def test_a_visitor_is_named_by_whom_they_visit(window: MainWindow, page: GateLogPage, qtbot: QtBot) -> None:
    state, feed = window.state, Feed("jinxiu", 91)
    host = next(p for p in state.people if p.profile.flat)
    passed = {"gate": "gate-south", "method": "qr", "outcome": None, "credential": "v1", "gate_did": "opened"}
    state.journal.absorb(
        [
            feed.item("person.pass_issued", {"pass": "v1", "by": "s1"}, host.id, state.now()),
            feed.item("passage.recorded", passed, "v1", state.now(), "gate-south"),
        ]
    )
    page.filters.method.choose("qr")
    page.filters.days.choose("day")
    qtbot.waitUntil(lambda: [p.person for p in page.model.rows][:1] == ["v1"], timeout=10_000)
    qtbot.waitUntil(lambda: cell(page, "name") == f"访客，看{host.name}", timeout=10_000)
    assert page.model.rows[0].person != host.id, "a visitor is not the resident"


def test_a_verdict_by_one_key_goes_on_to_the_next_and_can_be_undone(window: MainWindow, qtbot: QtBot) -> None:
    window.alarm.show_work(None)
    page = at(window, "gatelog", GateLogPage)
    qtbot.waitUntil(lambda: page.model.rowCount() > 2, timeout=10_000)

    def said() -> list[str]:
        return [verdict for _, verdict in page.model.rows[0].verdicts]

    page.judge("right")
    assert page.table.currentIndex().row() == 1
    assert said() == ["right"]
    page.undo.click()
    assert said() == []
    page.judge("right")
    page.table.selectRow(0)
    page.judge("attack")
    page.undo.click()
    assert said() == ["right"], "what the reader had said before stands again"


def test_a_labelled_set_that_cannot_be_written_says_so(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.alarm.show_work(None)
    page = at(window, "gatelog", GateLogPage)
    gone = str(tmp_path / "gone" / "set.csv")
    monkeypatch.setattr("caregiver.parts.save_as.QFileDialog.getSaveFileName", lambda *_: (gone, ""))
    page.export.click()
    qtbot.waitUntil(lambda: gone in page.said.label.text(), timeout=10_000)
    assert page.undo.isHidden(), "it belongs to a verdict, not to a file"


def test_a_labelled_set_is_written_whole_or_not_at_all(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.alarm.show_work(None)
    page = at(window, "gatelog", GateLogPage)
    qtbot.waitUntil(lambda: bool(page.model.rows), timeout=10_000)
    before = tmp_path / "set.csv"
    before.write_text("of last month", "utf-8")
    monkeypatch.setattr("caregiver.parts.save_as.QFileDialog.getSaveFileName", lambda *_: (str(before), ""))
    begun, go = threading.Event(), threading.Event()

    def held(reader: Reader, path: Path, told: Callable[[float], None]) -> int:
        begun.set()
        assert go.wait(10)
        return export(reader, path, told)

    with monkeypatch.context() as patched:
        patched.setattr("caregiver.gatelog.page.export", held)
        page.export.click()
        assert begun.wait(10)
        qtbot.waitUntil(page.working.isVisible, timeout=5000)
        page.working.cancel.click()
        go.set()
        qtbot.waitUntil(lambda: page.said.label.text() == window.desk.tr("do.stopped"), timeout=10_000)
    assert [(p.name, p.read_text("utf-8")) for p in tmp_path.glob("set.csv*")] == [("set.csv", "of last month")]
    page.export.click()
    qtbot.waitUntil(lambda: str(before) in page.said.label.text(), timeout=10_000)
    assert before.read_text("utf-8").startswith("passage,at_ms,gate,")


def test_where_nobody_was_named_nobody_was_named_wrongly(window: MainWindow, page: GateLogPage, qtbot: QtBot) -> None:
    page.filters.outcome.choose("unknown")
    qtbot.waitUntil(lambda: not page._busy and {p.outcome for p in page.model.rows} == {"unknown"})
    page.table.selectRow(0)
    settle(page)
    assert not page.detail.verdicts.buttons["wrong_person"].isEnabled()
    page.table.setFocus()
    qtbot.keyClick(page.table, "2")
    assert page.said.label.text().startswith("这次没有认出任何人")
    assert given(window) == []
    assert page.table.currentIndex().row() == 0


def test_a_gate_is_called_by_the_name_it_gave_itself(window: MainWindow, page: GateLogPage, qtbot: QtBot) -> None:
    state, feed = window.state, Feed("jinxiu", 92)
    told = describe(
        Identity.create(), gate="g7", name={"zh": "桂花苑东门", "en": "Osmanthus East"}, direction="in", software="1", engine="e",
        ways=["face"], guard_phone=False, keep_days=30,
    )  # fmt: skip
    host = next(p for p in state.people if p.profile.flat)
    passed = {"gate": "g7", "method": "card", "outcome": None, "gate_did": "opened", "direction": "in"}
    state.journal.absorb(
        [
            feed.item(GATE_DESCRIBED, told, None, state.now(), "kiosk-7"),
            feed.item("passage.recorded", passed, host.id, state.now(), "kiosk-7"),
        ]
    )
    page.filters.method.choose("card")
    page.filters.days.choose("day")
    qtbot.waitUntil(lambda: not page._busy and [p.gate for p in page.model.rows][:1] == ["g7"], timeout=10_000)
    qtbot.waitUntil(lambda: not state.more)
    assert cell(page, "gate") == "桂花苑东门"
    qtbot.waitUntil(lambda: any("桂花苑东门" in label.text() for label in page.detail.findChildren(QLabel)))
    window.desk.language.toggle()
    assert cell(page, "gate") == "Osmanthus East"
    qtbot.waitUntil(lambda: not page._busy)


def test_a_face_that_a_rule_kept_out_is_not_shown_as_let_in(
    window: MainWindow, page: GateLogPage, qtbot: QtBot
) -> None:
    state, feed = window.state, Feed("jinxiu", 92)
    who = next(p for p in state.people if p.profile.flat)
    passed = {
        "gate": "gate-south", "method": "face", "outcome": "identified", "reason": "match", "scores": [0.81],
        "threshold": 0.5, "gate_did": "shut", "ruling": "outside_hours", "liveness": "live",
    }  # fmt: skip
    state.journal.absorb([feed.item("passage.recorded", passed, who.id, state.now(), "gate-south")])
    page.filters.outcome.choose("kept_out")
    qtbot.waitUntil(lambda: [r.person for r in page.model.rows] == [who.id], timeout=10_000)
    assert (cell(page, "outcome"), cell(page, "reason"), cell(page, "name")) == ("未放行", "不在开放时段", who.name)
    page.table.selectRow(0)
    shown = words(page)
    assert "未放行" in shown
    assert "不在开放时段" in shown
    assert "已识别" not in shown
    assert cut_off(window) == []
