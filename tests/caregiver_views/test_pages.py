"""Every page in both languages and looks: nothing cut off, everything named, words switched live."""

import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QLineEdit, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from caregiver.elders.plan_page import PlanPage
from caregiver.elders.proposals import standing
from caregiver.gatelog.log import export
from caregiver.gatelog.page import GateLogPage
from caregiver.main_window import MainWindow
from caregiver.reading import Reader
from district.watching.plan_changes import PlanChanges
from domain.duties import Role
from offline.notes import open_note
from qtkit.measure import cut_off
from qtkit.shots import settle
from qtkit.theme import Mode
from watch.ledger import JournalLedger
from watch.plans import PROPOSED, FactPlans

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the off-screen one cannot raise or hint

PAGES = ("board", "incidents", "gatelog", "residents", "reports", "admin")


def calm(window: MainWindow) -> MainWindow:
    window.alarm.show_work(None)
    return window


def answer(window: MainWindow, qtbot: QtBot) -> None:
    """What the district says to everything that was proposed so far."""
    ledger, plans = JournalLedger(window.state.journal), FactPlans()
    plans.recall(ledger)
    changes = PlanChanges(ledger, plans)
    for fact in ledger.told((PROPOSED,)):
        changes.follow(fact, window.state.now())
    qtbot.waitUntil(lambda: not window.state.more)
    settle(window)


def visit_all(window: MainWindow, qtbot: QtBot) -> list[str]:
    """Open every page once and return its name after it has settled."""
    elder = window.state.elders.board.rows()[0].id
    for name in (*PAGES, "elder", "careplan"):
        if name == "elder":
            window.open_elder(elder)
        elif name == "careplan":
            window.open_plan(elder)
        else:
            window.go(name)
        qtbot.waitUntil(lambda: not window.desk.background.busy, timeout=10_000)
        settle(window)
        yield name  # type: ignore[misc]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_cut_off(open_window, qtbot: QtBot, language: str) -> None:  # type: ignore[no-untyped-def]
    window = open_window(language)
    assert cut_off(window.alarm) == []
    calm(window)
    assert {name: found for name in visit_all(window, qtbot) if (found := cut_off(window))} == {}


def test_every_control_has_a_name_and_a_role(window: MainWindow, qtbot: QtBot) -> None:
    calm(window)
    nameless = []
    for page in visit_all(window, qtbot):
        for widget in window.findChildren(QWidget):
            if isinstance(
                widget, QPushButton | QLineEdit | QComboBox | QPlainTextEdit | QAbstractItemView
            ) and widget.isVisibleTo(window):
                if widget.objectName().startswith("qt_") or isinstance(widget.parent(), QComboBox):
                    continue
                found = QAccessible.queryAccessibleInterface(widget)
                if not found.text(QAccessible.Text.Name) or found.role() is QAccessible.Role.NoRole:
                    nameless.append((page, type(widget).__name__, widget.objectName()))
    assert nameless == []


def test_every_model_keeps_qts_rules(window: MainWindow, qtbot: QtBot) -> None:
    calm(window)
    models: set[QAbstractItemModel] = set()
    for _ in visit_all(window, qtbot):
        models |= {view.model() for view in window.findChildren(QAbstractItemView) if view.model() is not None}
    ours = [m for m in models if type(m).__module__.startswith("caregiver")]
    assert len(ours) >= 6
    for model in ours:
        tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
        rows = list(getattr(model, "rows", None) or getattr(model, "elders", []))
        model.show([])  # type: ignore[attr-defined]
        model.show(rows)  # type: ignore[attr-defined]
        del tester


def test_the_language_switches_while_open(window: MainWindow, qtbot: QtBot) -> None:
    calm(window)
    han = re.compile("[\u4e00-\u9fff]")
    window.desk.language.set("en")
    settle(window)
    assert window.side.nav["board"].text() == "Board"
    assert not han.search(window.top.total.text())
    window.go("gatelog")
    settle(window)
    model = window.go("gatelog").model  # type: ignore[attr-defined]
    assert model.headerData(0, Qt.Orientation.Horizontal) == "Time"


def test_roles_see_their_pages_only(open_window) -> None:  # type: ignore[no-untyped-def]
    caregiver = open_window(role=Role.CAREGIVER)
    assert list(caregiver.side.nav) == ["board", "incidents", "reports"]


def test_the_look_changes_and_stays_readable(open_window, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    window = calm(open_window(mode=Mode.DARK))
    window.go("board")
    settle(window)
    image = window.board.list.viewport().grab().toImage()
    dark = sum(image.pixelColor(x, 200).lightness() < 90 for x in range(0, image.width(), 7))
    assert dark > image.width() / 7 * 0.8


def test_a_search_from_any_page_finds_by_name_and_says_that_nobody_has_it(window: MainWindow, qtbot: QtBot) -> None:
    calm(window)
    window.go("reports")
    qtbot.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert window.page == "board"
    name = window.state.elders.board.rows()[7].person.name
    window.board.search.setText(name)
    assert {e.person.name for e in window.board.model.elders} == {name}
    window.board.search.setText("没有这个人")
    assert window.board.stack.currentWidget() is window.board.nobody


def test_the_count_in_the_top_bar_filters(window: MainWindow) -> None:
    calm(window)
    window.top.counts["away"].click()
    assert {e.standing.urgency.token for e in window.board.model.elders} == {"away"}
    window.top.counts["away"].click()
    assert len(window.board.model.elders) == 48


def test_a_verdict_by_one_key_goes_on_to_the_next_and_can_be_undone(window: MainWindow, qtbot: QtBot) -> None:
    calm(window)
    page = window.go("gatelog")
    qtbot.waitUntil(lambda: page.model.rowCount() > 2, timeout=10_000)  # type: ignore[attr-defined]

    def said() -> list[str]:
        return [verdict for _, verdict in page.model.rows[0].verdicts]  # type: ignore[attr-defined]

    page.judge("right")  # type: ignore[attr-defined]
    assert page.table.currentIndex().row() == 1  # type: ignore[attr-defined]
    assert said() == ["right"]
    page.undo.click()  # type: ignore[attr-defined]
    assert said() == []
    page.judge("right")  # type: ignore[attr-defined]
    page.table.selectRow(0)  # type: ignore[attr-defined]
    page.judge("attack")  # type: ignore[attr-defined]
    page.undo.click()  # type: ignore[attr-defined]
    assert said() == ["right"], "what the reader had said before stands again"


def test_a_labelled_set_that_cannot_be_written_says_so(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calm(window)
    page = window.go("gatelog")
    gone = str(tmp_path / "gone" / "set.csv")
    monkeypatch.setattr("caregiver.gatelog.page.QFileDialog.getSaveFileName", lambda *_: (gone, ""))
    page.export.click()  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: gone in page.said.label.text(), timeout=10_000)  # type: ignore[attr-defined]
    assert page.undo.isHidden(), "it belongs to a verdict, not to a file"  # type: ignore[attr-defined]


def test_a_labelled_set_is_written_whole_or_not_at_all(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calm(window)
    page = window.go("gatelog")
    assert isinstance(page, GateLogPage)
    qtbot.waitUntil(lambda: bool(page.model.rows), timeout=10_000)
    before = tmp_path / "set.csv"
    before.write_text("of last month", "utf-8")
    monkeypatch.setattr("caregiver.gatelog.page.QFileDialog.getSaveFileName", lambda *_: (str(before), ""))
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


def test_a_visit_is_recorded_and_counts_as_a_sign_of_life(window: MainWindow, qtbot: QtBot) -> None:
    calm(window)
    elder = window.state.elders.board.rows()[3].id
    window.open_elder(elder)
    page = window.rooms.currentWidget()
    page.visit_button.click()  # type: ignore[attr-defined]
    page.visit_form.note.setPlainText("一切都好")  # type: ignore[attr-defined]
    page.visit_form.ok.click()  # type: ignore[attr-defined]
    assert not window.state.elders.visits.due(elder)
    found = window.state.elders.board.find(elder)
    assert found is not None
    assert found.last_kind == "visit.recorded"


def test_the_medical_note_asks_why_and_leaves_a_trace(window: MainWindow) -> None:
    calm(window)
    elder = window.state.elders.board.rows()[3].id
    window.open_elder(elder)
    page = window.rooms.currentWidget()
    page.medical_button.click()  # type: ignore[attr-defined]
    assert not page.note.ok.isEnabled()  # type: ignore[attr-defined]
    page.note.why.setText("昏倒,需要知道用药")  # type: ignore[attr-defined]
    page.note.ok.click()  # type: ignore[attr-defined]
    facts = window.state.journal.facts("record.viewed", elder)
    assert len(facts) == 1
    assert "昏倒" not in str(facts[0].payload), "the reason is sealed"


def test_a_plan_is_replayed_saved_and_taken_back(window: MainWindow, qtbot: QtBot) -> None:
    calm(window)
    state = window.state
    elder = state.elders.board.rows()[3].id
    before = state.elders.board.plan(elder)
    assert before is not None
    window.open_plan(elder)
    page = window.rooms.currentWidget()
    page.home_by.setValue(9)  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: not window.desk.background.busy, timeout=10_000)
    page.save.click()  # type: ignore[attr-defined]
    assert state.elders.board.plan(elder) == before, "a proposal is not in force"
    assert page.said.label.text() == window.desk.tr("plan.waiting")  # type: ignore[attr-defined]
    answer(window, qtbot)
    assert page.said.label.text() == window.desk.tr("plan.saved")  # type: ignore[attr-defined]
    saved = state.elders.board.plan(elder)
    assert saved is not None
    assert (saved["return_watch_min"], saved["revision"]) == (540, before["revision"] + 1)
    assert saved["caregiver"] == before["caregiver"], "what the form does not show is kept"
    page.undo.click()  # type: ignore[attr-defined]
    answer(window, qtbot)
    again = state.elders.board.plan(elder)
    assert again is not None
    assert (again["return_watch_min"], again["revision"]) == (before["return_watch_min"], before["revision"] + 2)


def test_a_plan_somebody_else_changed_first_says_so_shows_what_stands_and_keeps_ours(
    window: MainWindow, qtbot: QtBot
) -> None:
    calm(window)
    state, tr = window.state, window.desk.tr
    elder = state.elders.board.rows()[3].id
    before = standing(state.reader, elder, "me")
    window.open_plan(elder)
    page = window.rooms.currentWidget()
    assert isinstance(page, PlanPage)
    theirs = {**before.plan, "return_watch_min": 120, "by": "somebody", "base": before.base}
    state.journal.append(PROPOSED, theirs, subject=elder)
    page.home_by.setValue(9)
    page.save.click()
    page.home_by.setValue(10)
    page.save.click()
    answer(window, qtbot)
    assert page.said.label.text() == tr("plan.superseded", name=tr("plan.somebody"))
    assert page.home_by.value() == 2, "what stands is shown"
    page.mine.click()
    assert page.home_by.value() == 10
    page.save.click()
    answer(window, qtbot)
    assert (state.elders.board.plan(elder) or {})["return_watch_min"] == 600
    assert page.said.label.text() == tr("plan.saved")


def test_a_report_goes_to_paper_and_to_a_workbook(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    from openpyxl import load_workbook
    from pypdf import PdfReader

    from caregiver.reports.paper import pdf
    from caregiver.reports.sheet import workbook

    calm(window)
    page = window.go("reports")
    qtbot.waitUntil(lambda: page._report is not None, timeout=10_000)  # type: ignore[attr-defined]
    report = page._report  # type: ignore[attr-defined]
    assert report.incidents == sum(report.by_kind.values()) > 0
    workbook(report, window.desk.language, "锦绣社区", tmp_path / "r.xlsx")
    pdf(report, window.desk.language, "锦绣社区", tmp_path / "r.pdf")
    book = load_workbook(tmp_path / "r.xlsx")
    assert "锦绣社区" in str(book.worksheets[0]["A1"].value)
    told = [(line.month, line.name, line.false_alarms, line.blind_min) for line in report.by_elder]
    assert list(book["按老人和月份"].iter_rows(min_row=2, values_only=True)) == told != []
    book.close()
    paper = PdfReader(tmp_path / "r.pdf")
    pages = [page.extract_text() for page in paper.pages]
    for number, said in enumerate(pages, 1):
        assert "锦绣社区" in said, "every page says whose it is"
        assert f"第{number}页，共{len(pages)}页" in re.sub(r"\s", "", said)
    whole = "".join(pages)
    for words in (
        "看护与门禁报告",
        "误报",
        "居民未被认出",
        "生人被认作居民",
        "失联",
        "P1",
        "P4",
        "按老人和月份",
        report.by_elder[0].name,
    ):
        assert words in whole, "what is set in Chinese is found and copied as it was written"
    assert not re.search("[\u2e80-\u2fdf]", whole), "no radical stands for an ideograph"
    assert paper.metadata is not None
    assert paper.metadata.title == "锦绣社区 看护与门禁报告"
    paper.close()


def test_withdrawing_consent_gives_a_receipt(window: MainWindow, qtbot: QtBot) -> None:
    from domain.consent import Purpose

    calm(window)
    page = window.go("residents")
    person = page.model.rows[0].person  # type: ignore[attr-defined]
    page._withdraw(person, Purpose.FACE_AT_GATE)  # type: ignore[attr-defined]
    assert not window.state.roster.holds(person.id, Purpose.FACE_AT_GATE)
    assert person.name in page.said.label.text()  # type: ignore[attr-defined]


def test_a_table_of_residents_is_shown_before_it_is_taken_over(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    calm(window)
    path = tmp_path / "t.csv"
    path.write_text("姓名,门牌\n王一,99-1-101\n王二,\n", "utf-8")
    page = window.go("residents")
    before = page.model.rowCount()  # type: ignore[attr-defined]
    page.read(path)  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: page.stack.currentIndex() == 1, timeout=10_000)  # type: ignore[attr-defined]
    assert page.lines.rowCount() == 2  # type: ignore[attr-defined]
    assert page.model.rowCount() == before, "nothing is taken over yet"  # type: ignore[attr-defined]
    page.take.click()  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: page.model.rowCount() == before + 1, timeout=10_000)  # type: ignore[attr-defined]


def test_a_call_from_the_gate_stands_above_every_page(window: MainWindow, qtbot: QtBot) -> None:
    from caregiver.invented import Feed

    calm(window)
    state = window.state
    item = Feed("jinxiu", 77).item("call.started", {"call": "c9", "gate": "gate-north"}, None, state.now(), "kiosk-c9")
    with qtbot.waitSignal(window.synced, timeout=5000):
        state.journal.absorb([item])
    window.alarm.show_work(None)
    settle(window)
    assert window.call.isVisible()
    assert "北门" in window.call.line.text()
    assert cut_off(window) == []
    window.call.answer.click()
    assert window.call.why.isVisible()
    window.call.refuse.click()
    assert not window.call.isVisible()


def test_what_responders_must_know_is_kept_sealed_and_a_note_is_never_shown_again(
    window: MainWindow, qtbot: QtBot
) -> None:
    state = window.state
    person = state.elders.board.rows()[0].id
    window.open_plan(person)
    page = window.go("careplan")
    page.help.door.setText("key at 3-2-502")
    page.help.place.setText("31.2304, 121.4737")
    page.help.note.setPlainText("takes warfarin")
    page.save.click()
    answer(window, qtbot)
    plain = state.elders.board.plan(person) or {}
    assert open_note(state.keys, person, plain["door_access"]) == "key at 3-2-502"
    assert open_note(state.keys, person, plain["position"]).split() == ["31.2304", "121.4737"]
    assert "warfarin" not in str(plain)
    page.show_person(person)
    assert page.help.door.text() == "key at 3-2-502"
    assert page.help.note.toPlainText() == ""
    page.save.click()
    answer(window, qtbot)
    assert state.elders.medical_note(person, "fell") == "takes warfarin"
