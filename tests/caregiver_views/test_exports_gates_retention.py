"""Two people and an export; the gates as they describe themselves; how long things are kept; colleagues by name."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from caregiver.admin.exports import Export, Exports
from caregiver.admin.page import AdminPage
from caregiver.invented import Feed
from caregiver.main_window import MainWindow
from caregiver.memory.colleagues import Colleagues
from caregiver.parts.working import Stopped
from domain.errors import Mendable
from domain.people import Role
from offline.journal.outbox import SHED
from offline.keys.identity import Identity
from offline.letters.gate_card import GATE_DESCRIBED, GATE_REMOVED, describe
from offline.node import Node
from qtkit.shots import settle
from tests.caregiver_views.conftest import Employed
from tests.caregiver_views.pages import at
from tests.fakes.measure import cut_off
from tests.fakes.serving import Serving
from tests.fakes.there import there

SitAs = Callable[..., str]


@pytest.fixture
def sit(window: MainWindow, node: Node, district: Serving, employed: Callable[..., Employed]) -> SitAs:
    """Somebody signs in at the window; their id."""
    state = window.state

    def as_(login: str, role: Role = Role.SUPERVISOR, community: str = "jinxiu") -> str:
        who = employed(login, role, community)
        state.connect(node.line, lambda: who.token, "jinxiu", district.url)
        state.session = replace(state.session, person=who.person, role=role)
        return who.person

    return as_


def opened(window: MainWindow, tab: str) -> AdminPage:
    window.alarm.show_work(None)
    page = at(window, "admin", AdminPage)
    page.setCurrentWidget(getattr(page, tab))
    settle(window)
    return page


def test_an_export_is_asked_for_allowed_by_another_and_fetched(
    window: MainWindow, sit: SitAs, district: Serving, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = window.state.people.find(window.state.elders.board.rows()[0].id)
    assert who is not None
    district.office.store.append_own("sign.door", "jinxiu", who.id, district.office.now_ms(), {"open": True})
    li = sit("li", Role.SUPERVISOR, "jinxiu")
    tab = opened(window, "exports").exports
    tab.ask.click()
    assert tab.said.label.text() == "请先选择要导出谁的记录。"
    tab.person.choose(who)
    tab.reference.setText("2026/17")
    tab.ask.click()
    qtbot.waitUntil(lambda: [e.state for e in tab.model.rows] == ["asked"], timeout=10_000)
    assert f"{who.name}的记录" in tab.about.text()
    assert not tab.allow.isVisibleTo(tab), "nobody allows their own"
    assert tab.stands.text().startswith("须由另一个人同意")
    settle(window)
    assert cut_off(window) == []

    mine = window.state.administration.exports
    assert mine is not None
    sit("wu", Role.SUPERVISOR, "jinxiu")
    tab.refresh()
    qtbot.waitUntil(lambda: tab.allow.isVisibleTo(tab), timeout=10_000)
    assert not tab.fetch.isVisibleTo(tab)
    tab.allow.click()
    qtbot.waitUntil(lambda: [e.state for e in tab.model.rows] == ["allowed"], timeout=10_000)

    from dataclasses import replace

    window.state.administration.exports = mine
    window.state.session = replace(window.state.session, person=li)
    tab.refresh()
    qtbot.waitUntil(lambda: tab.fetch.isVisibleTo(tab), timeout=10_000)
    path = tmp_path / "record.jsonl"
    monkeypatch.setattr("caregiver.parts.save_as.QFileDialog.getSaveFileName", lambda *_: (str(path), ""))
    tab.fetch.click()
    qtbot.waitUntil(lambda: str(path) in tab.said.label.text(), timeout=10_000)
    head, *facts = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert (head["reference"], [f["event"]["kind"] for f in facts]) == ("2026/17", ["sign.door"])
    assert not path.with_name("record.jsonl.part").exists()


def test_who_waits_for_the_other_person_sees_the_decision_where_they_wait(
    window: MainWindow, sit: SitAs, qtbot: QtBot
) -> None:
    li = sit("li")
    tab = opened(window, "exports").exports
    tab.person.choose(window.state.elders.board.rows()[0].person)
    tab.ask.click()
    qtbot.waitUntil(lambda: [e.state for e in tab.model.rows] == ["asked"], timeout=10_000)
    mine = there(window.state.administration.exports)
    sit("wu")
    there(window.state.administration.exports).decide(tab.model.rows[0], True)
    window.state.administration.exports, window.state.session = mine, replace(window.state.session, person=li)
    assert tab._again.isActive()
    tab._again.setInterval(1)
    qtbot.waitUntil(lambda: tab.fetch.isVisibleTo(tab), timeout=10_000)
    window.go("board")
    assert not tab._again.isActive()


def test_a_look_that_no_line_answers_leaves_what_was_said_last(
    window: MainWindow, sit: SitAs, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    sit("li")
    tab = opened(window, "exports").exports
    tab.person.choose(window.state.elders.board.rows()[0].person)
    tab.ask.click()
    qtbot.waitUntil(lambda: len(tab.model.rows) == 1 and tab._job is None, timeout=10_000)
    said, looks = tab.said.label.text(), list[str]()

    def no_line(_: Exports) -> list[Export]:
        looks.append("one")
        raise Mendable("exports_no_line")

    monkeypatch.setattr(Exports, "all", no_line)
    tab._again.setInterval(1)
    qtbot.waitUntil(lambda: len(looks) > 1, timeout=10_000)
    assert tab.said.label.text() == said != ""
    assert len(tab.model.rows) == 1


def test_names_that_come_later_leave_the_chosen_export_chosen(window: MainWindow, sit: SitAs, qtbot: QtBot) -> None:
    sit("li", Role.SUPERVISOR, "jinxiu")
    tab = opened(window, "exports").exports
    tab.person.choose(window.state.elders.board.rows()[0].person)
    tab.reference.setText("2026/17")
    tab.ask.click()
    qtbot.waitUntil(lambda: len(tab.model.rows) == 1, timeout=10_000)
    tab._show([*tab.model.rows, replace(tab.model.rows[0], id="another")])
    tab.table.selectRow(1)
    chosen = tab.table.current()
    tab.people_known([])
    assert tab.table.current() == chosen, "or Allow and Refuse would press nothing"
    assert tab.table.selectionModel().isRowSelected(1)


def test_a_file_that_cannot_be_written_and_one_that_is_stopped_leave_nothing(
    window: MainWindow, sit: SitAs, district: Serving, tmp_path: Path
) -> None:
    sit("li", Role.SUPERVISOR, "jinxiu")
    exports = window.state.administration.exports
    assert isinstance(exports, Exports)
    exports.ask("person", "authority", "", "p1")
    district.office.exports.decide(exports.all()[0].id, True, "another", district.office.now_ms())
    [export] = exports.all()

    def stop(_: float) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        exports.fetch(export, tmp_path / "x.jsonl", stop)
    with pytest.raises(OSError, match="gone"):
        exports.fetch(export, tmp_path / "gone" / "x.jsonl")
    assert list(tmp_path.glob("x*")) == []
    with pytest.raises(Mendable) as caught:
        exports.decide(export, True)
    assert caught.value.code == "exports_own_request"


def test_without_a_district_exports_and_terms_say_what_to_do(window: MainWindow, qtbot: QtBot) -> None:
    page = opened(window, "exports")
    assert page.exports.said.label.text().startswith("导出要向区平台申请")
    qtbot.waitUntil(lambda: page.retention.said.label.text().startswith("用自己的账号登录后"), timeout=10_000)
    assert len(page.retention.model.rows) == 5, "what never depends on a number of days is told all the same"


def test_gates_say_what_they_do_alone_and_a_removed_one_is_gone(window: MainWindow, qtbot: QtBot) -> None:
    state, feed = window.state, Feed("jinxiu", 78)

    def card(gate: str, phone: bool) -> dict[str, object]:
        return describe(
            Identity.create(), gate=gate, name={"zh": f"{gate}门", "en": gate}, direction="in", software="1.2", engine="sface 1",
            ways=["face", "card", "pin", "qr"], guard_phone=phone, keep_days=30, rests={} if phone else {"face": 72, "qr": 0.5},
            stands_open=[] if phone else ["07:00–19:00"],
        )  # fmt: skip

    state.journal.absorb(
        [
            feed.item(GATE_DESCRIBED, card("东", True), None, state.now(), "k-east"),
            feed.item(GATE_DESCRIBED, card("西", False), None, state.now(), "k-west"),
            feed.item("kiosk.silent", {"name": "西", "silent": True, "since": 1}, "k-west", state.now()),
            *(feed.item(SHED, {"first": n, "last": n + 49, "count": 50}, None, state.now(), "k-west") for n in (1, 90)),
        ]
    )
    page = opened(window, "gates")
    tab = page.gates
    qtbot.waitUntil(lambda: len(tab.model.rows) == 2, timeout=10_000)
    assert [g.silent for g in tab.model.rows] == [True, False]
    assert "呼叫没有人接" in tab.alone.text()
    assert "人脸（72 小时内）、刷卡、密码、扫码（0.5 小时内）。" in tab.alone.text()
    assert "认不了人脸时，07:00–19:00 大门常开。" in tab.alone.text()
    assert tab.shed.label.text().startswith("因空间不足放弃了 100 条记录")
    tab.table.selectRow(1)
    assert tab.title.text() == "东门断网时"
    assert not tab.shed.isVisible()
    assert "小时" not in tab.alone.text()
    assert "刷脸" in tab.alone.text() or "人脸" in tab.alone.text()
    settle(window)
    assert cut_off(window) == []
    state.journal.absorb([feed.item(GATE_REMOVED, {"device": "k-west", "by": "x"}, None, state.now())])
    tab.refresh()
    qtbot.waitUntil(lambda: [g.card.device for g in tab.model.rows] == ["k-east"], timeout=10_000)


def test_retention_is_the_districts_own_and_says_when_it_was_enforced(
    window: MainWindow, sit: SitAs, district: Serving, qtbot: QtBot
) -> None:
    sit("li", Role.SUPERVISOR, "jinxiu")
    gate = describe(
        Identity.create(), gate="e", name={}, direction="in", software="1", engine="s", ways=[], guard_phone=True, keep_days=21,
        picture_days=5,
    )  # fmt: skip
    state = window.state
    state.journal.absorb([Feed("jinxiu", 79).item(GATE_DESCRIBED, gate, None, state.now(), "k-east")])
    page = opened(window, "retention")
    tab = page.retention
    qtbot.waitUntil(lambda: "还没有清理过" in tab.last.text(), timeout=10_000)
    days = {k.what: k.days for k in tab.model.rows}
    assert (days["passage"], days["care"], days["call"], days["template"]) == (30, 400, 90, None)
    assert (days["at_gate"], days["picture"]) == (21, 5), "what the gates keep, they say themselves"
    from district.serving import _expire

    _expire(district.office)
    tab.refresh()
    qtbot.waitUntil(lambda: tab.last.text().startswith("最近一次清理"), timeout=10_000)
    settle(window)
    assert cut_off(window) == []


def test_an_ordinary_caregiver_learns_colleagues_names_and_knows_them_without_a_line(
    window: MainWindow, sit: SitAs, district: Serving, tmp_path: Path
) -> None:
    ann = sit("ann", Role.CAREGIVER, "jinxiu")
    sit("elsewhere", Role.CAREGIVER, "yulan")
    sit("bea", Role.CAREGIVER, "jinxiu")
    state = window.state
    names = state.ask_names()
    assert names[ann] == "Ann"
    assert "Elsewhere" not in names.values()
    state.colleague_names.update(names)
    assert state.name_of(ann) == "Ann"
    path = state.journal.path.with_name("colleagues")
    assert b"Ann" not in path.read_bytes()
    assert Colleagues(path, state.keys.secret("colleagues")).ask()[ann] == "Ann"
    path.write_bytes(b"damaged")
    assert Colleagues(path, state.keys.secret("colleagues")).kept() == {}
