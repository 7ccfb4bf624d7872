"""Incidents of a gate, a kiosk or a gateway: named by where they stand, and nobody is offered to ring up."""

from datetime import timedelta

import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from caregiver.incidents.alarm_words import to_know, who_is_next
from caregiver.incidents.page import IncidentsPage
from caregiver.main_window import MainWindow
from domain.events import to_ms
from domain.incident_kinds import EVIDENCE, GRADED, OPENED, SEVERITY, Kind
from domain.ladder_steps import default_ladder
from domain.subjects import of_crowd, of_stray
from qtkit.shots import settle
from tests.caregiver_views.pages import at
from tests.fakes.measure import cut_off


def open_incident(window: MainWindow, kind: Kind, subject: str, **detail: object) -> str:
    severity, now = SEVERITY[kind], window.state.now()
    payload = {
        "incident": f"i-{subject}", "elder": subject, "kind": kind.value, "severity": int(severity), "rule": kind.value,
        "occurrence": "1", "happened_at": now.isoformat(), "confirmed": True, "exercise": False, "by": "system",
        "ladder": default_ladder(severity).plain(), **detail,
    }  # fmt: skip
    window.state.journal.append(OPENED, payload, subject=subject, at=to_ms(now))
    return f"i-{subject}"


def shown(window: MainWindow, qtbot: QtBot, incident: str) -> IncidentsPage:
    page = at(window, "incidents", IncidentsPage)
    page.detail.show_incident(incident)
    qtbot.waitUntil(lambda: page.detail._work is not None, timeout=10_000)
    return page


def buttons(page: IncidentsPage) -> set[str]:
    return {b.text() for b in page.detail.findChildren(QPushButton) if b.isVisibleTo(page.detail)}


def test_a_silent_gateway_is_named_by_its_place_and_calls_no_elder(window: MainWindow, qtbot: QtBot) -> None:
    page = shown(window, qtbot, open_incident(window, Kind.GATEWAY_SILENT, "gateway:jinxiu:bridge/east", place="east"))
    assert page.detail.title.text() == "east · 网关失联"
    assert not {"呼叫老人", "拨打 120"} & buttons(page)
    assert not page.detail.open_elder.isVisibleTo(page.detail)
    work = page.detail._work
    assert work is not None
    assert "家属" not in who_is_next(window.desk, work, window.state.now()), (
        "those of the community are asked from the first on"
    )
    page.refresh()
    qtbot.waitUntil(lambda: any(r["place"] == "east" for r in page.model.rows), timeout=10_000)
    row = next(n for n, r in enumerate(page.model.rows) if r["place"] == "east")
    names = [str(page.model.index(row, c).data()) for c in range(page.model.columnCount())]
    assert "east" in names


def test_records_that_a_server_found_altered_say_what_to_do_and_which_they_are(
    window: MainWindow, qtbot: QtBot
) -> None:
    subject, number = "gateway:jinxiu:server/street", "v2867a297999ad810617b16e6 1/7"
    told = {"place": "street", "altered": 1, "differing": 2, "given_way": 0, "which": [number, "v1 1/1", "v1 1/2"]}
    page = shown(window, qtbot, open_incident(window, Kind.RECORDS_ALTERED, subject, **told))
    assert page.detail.title.text() == "street · 记录被改动"
    words = page.detail.warning.label.text()
    assert "street 保存的 1 条记录与写入时不符" in words
    assert "有 2 条记录存在两个版本" in words
    assert number in words
    assert "上级的版本" not in words
    whole = {"incident": f"i-{subject}", "by": "system", "reason": "records_whole"}
    window.desk.state.journal.append(EVIDENCE, whole, subject=subject, at=to_ms(window.desk.state.now()))
    page.detail.refresh()
    assert page.detail.warning.label.text().endswith("所有记录均已恢复完好。")
    settled = {**whole, "reason": "records_settled", "settled": 2}
    window.desk.state.journal.append(EVIDENCE, settled, subject=subject, at=to_ms(window.desk.state.now()))
    page.detail.refresh()
    assert "其中 2 条没有完好的副本" in page.detail.warning.label.text()
    assert "所有记录" not in page.detail.warning.label.text()


def test_what_a_gate_found_altered_among_its_own_is_whole_at_the_district(window: MainWindow, qtbot: QtBot) -> None:
    told = {"place": "south", "device": "v1", "altered": 1, "differing": 0, "given_way": 0, "which": ["v1 1/2"]}
    page = shown(window, qtbot, open_incident(window, Kind.RECORDS_ALTERED, "v1", **told))
    assert page.detail.title.text() == "south · 记录被改动"
    words = page.detail.warning.label.text()
    assert "south 自己写下的 1 条记录与写入时不符" in words
    assert "自动取回" not in words
    assert "v1 1/2" in words


def test_what_is_not_taken_above_says_that_it_is_kept_and_what_to_look_at(window: MainWindow, qtbot: QtBot) -> None:
    told = {"place": "south", "device": "v1", "withheld": 1, "because": "http_413", "which": ["v1 1/2"]}
    page = shown(window, qtbot, open_incident(window, Kind.RECORDS_WITHHELD, "v1", **told))
    more = {"incident": "i-v1", "by": "system", **told, "which": ["v1 1/3"]}
    window.desk.state.journal.append(EVIDENCE, more, subject="v1", at=to_ms(window.desk.state.now()))
    page.detail.refresh()
    assert page.detail.title.text() == "south · 记录未被收下", "nothing was altered"
    words = page.detail.warning.label.text()
    assert words.startswith("south 有 2 条记录未被上级服务器收下")
    assert words.endswith("编号：v1 1/3")


def test_of_many_records_three_are_named(window: MainWindow, qtbot: QtBot) -> None:
    which = [f"v1 1/{n}" for n in range(1, 21)]
    told = {"place": "street", "altered": 900, "differing": 0, "given_way": 0, "which": which}
    page = shown(window, qtbot, open_incident(window, Kind.RECORDS_ALTERED, "gateway:jinxiu:server/street", **told))
    assert page.detail.warning.label.text().endswith("编号：v1 1/1 · v1 1/2 · v1 1/3，另有 897 条")


def test_a_call_for_help_from_a_device_in_nobodys_home_says_what_to_find_out(window: MainWindow, qtbot: QtBot) -> None:
    incident = open_incident(window, Kind.SOS, of_stray("jinxiu", "button-7"), place="button-7", device="button-7")
    page = shown(window, qtbot, incident)
    assert page.detail.title.text() == "button-7 · 紧急求助"
    assert "没有登记在任何人家中" in page.detail.warning.label.text()
    qtbot.waitUntil(lambda: "拨打 120" in buttons(page), timeout=10_000)
    assert "呼叫老人" not in buttons(page)


def test_many_devices_in_nobodys_home_are_one_alarm_that_says_how_many_called(window: MainWindow, qtbot: QtBot) -> None:
    subject = of_crowd("jinxiu")
    incident = open_incident(window, Kind.SOS, subject, place="strays", device="000B")
    for told in ({"device": "000C", "signal": "s1"}, {"calls": 28}):
        window.state.journal.append(
            "incident.evidence", {"incident": incident, "by": "system", **told}, subject=subject
        )
    page = shown(window, qtbot, incident)
    assert page.detail.title.text() == "多台未登记设备 · 紧急求助"
    assert "已合并 30 次呼叫" in page.detail.warning.label.text()
    words = " ".join(label.text() for label in page.detail.story.findChildren(QLabel))
    assert "再次求助：000C" in words
    assert "又求助 28 次" in words


def test_ringing_up_an_elder_dials_shows_the_number_and_is_put_on_record(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialled: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: dialled.append(str(url)))
    elder = next(e.person for e in window.state.elders.board.rows() if e.person.profile.phone)
    incident = open_incident(window, Kind.SOS, elder.id)
    page = shown(window, qtbot, incident)
    page.detail.call("elder")
    assert dialled == [f"tel:{elder.profile.phone.replace(' ', '')}"]
    assert page.detail.dialled.isVisibleTo(page.detail)
    assert elder.profile.phone in page.detail.dialled.text()
    called = [f.payload for f in window.state.journal.facts("incident.evidence")]
    assert [c["called"] for c in called if c and c["incident"] == incident] == ["elder"]
    page.detail.show_incident(None)
    assert not page.detail.dialled.isVisibleTo(page.detail)


def test_somebody_on_the_block_list_who_came_is_named_with_what_the_gate_did(window: MainWindow, qtbot: QtBot) -> None:
    person = next(iter(window.state.people))
    told = {"place": "gate-south", "about": person.id, "ruling": "blocked", "method": "card", "opened": False}
    page = shown(window, qtbot, open_incident(window, Kind.GATE_NOTICE, "gate:south", **told))
    assert page.detail.title.text() == "南门 · 门口留意"
    assert page.detail.warning.label.text() == f"{person.name}在受限名单上，刚才要进门（刷卡），门没有开。"
    assert not {"呼叫老人", "拨打 120"} & buttons(page)
    out = {"incident": "i-gate:south", "by": "system", **told, "method": "face", "opened": True}
    window.desk.state.journal.append(EVIDENCE, out, subject="gate:south", at=to_ms(window.desk.state.now()))
    page.detail.refresh()
    assert page.detail.warning.label.text() == f"{person.name}在受限名单上，刚才出了门（人脸）。"


def test_a_silence_whose_sensors_may_have_failed_says_so_on_its_page_and_where_it_rings(
    window: MainWindow, qtbot: QtBot
) -> None:
    (elder, *_) = window.state.elders.board.rows()
    since = window.state.now() - timedelta(hours=24)
    told = {"quiet_sensors": True, "rule": "no_motion", "since": since.isoformat()}
    page = shown(window, qtbot, open_incident(window, Kind.INACTIVITY, elder.id, **told))
    assert page.detail.also.text() == f"没活动，自 {since:%m-%d %H:%M} 起"
    assert "可能已损坏" in page.detail.warning.label.text()
    settle(page)
    assert cut_off(page.detail) == []
    work = page.detail._work
    assert work is not None
    assert "可能已损坏" in to_know(window.desk, work, lambda _: None)
    at = window.state.now() - timedelta(hours=26)
    heard, doubt = to_know(window.desk, work, lambda _: (at, "door", "")).split("\n")
    assert heard.startswith("最后："), "since when, and where, is not lost for it"
    assert "可能已损坏" in doubt


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("lost", "带钥匙"),
        ("held_open", "关上"),
        ("fire", "消防"),
        ("faces_lost", "摄像头"),
        ("self_test_failed", "自检"),
        ("records_lost", "记录已经丢失"),
    ],
)
def test_what_is_wrong_with_a_gate_is_said_with_what_to_do(
    window: MainWindow, qtbot: QtBot, trouble: str, words: str
) -> None:
    told = {"place": "gate-south", "trouble": trouble, "rule": trouble}
    page = shown(window, qtbot, open_incident(window, Kind.GATE_TROUBLE, "gate:south", **told))
    assert page.detail.title.text() == "南门 · 大门需要查看"
    assert words in page.detail.warning.label.text()
    assert cut_off(page.detail) == []
    work = page.detail._work
    assert work is not None
    assert words in to_know(window.desk, work, lambda _: None), "the alarm, where one rings for it, says so too"


@pytest.mark.parametrize("kind", [Kind.GATE_TROUBLE, Kind.KIOSK_SILENT])
def test_that_elders_are_seen_by_nobody_while_a_gate_is_blind_is_said_before_anything_else(
    window: MainWindow, qtbot: QtBot, kind: Kind
) -> None:
    told = {"place": "gate-south", "rule": "faces_lost"} | (
        {"trouble": "faces_lost"} if kind is Kind.GATE_TROUBLE else {}
    )
    page = shown(window, qtbot, open_incident(window, kind, "gate:south", **told))
    graded = {"incident": "i-gate:south", "by": "system", "severity": 2, "reason": "elders_unseen", "elders": 3}
    window.desk.state.journal.append(GRADED, graded, subject="gate:south", at=to_ms(window.desk.state.now()))
    page.detail.refresh()
    settle(page)
    first, *rest = page.detail.warning.label.text().split("\n")
    assert "老人" in first
    assert ["摄像头" in line for line in rest] == ([True] if kind is Kind.GATE_TROUBLE else [])
    assert cut_off(page.detail) == []
    work = page.detail._work
    assert work is not None
    assert first in to_know(window.desk, work, lambda _: None)
