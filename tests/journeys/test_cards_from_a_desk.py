"""A card, a PIN and a visitor's pass from the residents' page to the gate and back: real window, district and kiosk."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QDate
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from caregiver.parts.qr import qr_image
from caregiver.residents.page import ResidentsPage
from caregiver.session import Session
from caregiver.state import AppState, projections
from domain.consent import Purpose
from domain.passages import Method
from domain.people import Profile, Role
from kiosk.bootstrap import pass_keys
from kiosk.config import KioskSettings, Site
from kiosk.credentials.books import Books, CredentialsProjection
from kiosk.credentials.desk import Desk
from kiosk.credentials.orders import AccessOrders
from kiosk.credentials.pass_reader import codes
from kiosk.credentials.pins import Attempts, Pins
from kiosk.credentials.port import Presented
from kiosk.introduction import introduction
from kiosk.residents.lookalikes import Radar
from kiosk.visit.events import CredentialAccepted, CredentialRefused
from offline.letters.gate_card import GATE_DESCRIBED
from qtkit.shots import settle
from tests.caregiver_views.residents import press
from tests.fakes.serving import Joined, Serving
from tests.fakes.staff import PASSWORD, a_desk, a_district, a_kiosk, employ
from tests.fakes.waiting import until
from tests.journeys.desk_window import desk_window, residents_of

HERE = timezone(timedelta(hours=8))


class Gate:
    """The part of a kiosk that knows cards, PINs and passes."""

    def __init__(self, district: Serving, folder: Path) -> None:
        node = a_kiosk(district, folder, [CredentialsProjection()])
        self.joined, self.node = Joined(node), node
        pins = Pins(b"pepper", memory_kib=64, passes=1)
        self.orders = AccessOrders(node.journal, node.identity.box, pins, b"cards", lambda: None)
        books = Books(node.journal, lambda p: node.roster.profiles()[p].flat)
        here = (node.journal.community, "south")
        self.desk = Desk(here, books, books, books, lambda: pass_keys(node), pins, Attempts(), b"cards")
        site = Site(gate_id="south", gate_zh="南门", gate_en="South gate")
        told = introduction(KioskSettings(data=folder, site=site), node, "sface 1")
        assert told is not None
        node.journal.append(GATE_DESCRIBED, told)

    def presented(self, method: Method, words: str) -> CredentialAccepted | CredentialRefused:
        return self.desk.present(Presented(method, words), datetime.now(HERE))

    def round(self) -> None:
        self.joined.client.round()
        self.orders.work()
        self.joined.client.round()

    def close(self) -> None:
        self.orders.close()
        self.node.close()


class Place:
    def __init__(self, district: Serving, folder: Path, role: Role = Role.GATE_STAFF) -> None:
        self.district, self.gate = district, Gate(district, folder / "gate")
        person = employ(district, "li", role)
        node = a_desk(district, folder / "desk", projections())
        self.joined, self.node = Joined(node), node
        self.line = node.line()
        self.token = self.line.sign_in("li", PASSWORD, "").token
        for number, (who, name) in enumerate((("p-wang", "王秀兰"), ("p-li", "李建国"))):
            node.roster.register(who, Profile(name[0], name[1:], "女士", "Mrs", "", f"3-2-50{number + 1}"))
            node.roster.consent(who, Purpose.FACE_AT_GATE, True, "2026-1", "self")
        self.gate.round()
        self.round()
        self.state = AppState(
            node.journal, node.keys, node.clock, Session(person, role, "Li", "锦绣社区", signed_in=True), zone=HERE
        )
        self.state.access.connect(self.line, lambda: self.token)

    def round(self) -> None:
        self.joined.client.round()

    def there_and_back(self) -> None:
        self.round()
        self.gate.round()
        self.round()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    for district in a_district(tmp_path, monkeypatch):
        place = Place(district, tmp_path)
        yield place
        place.state.close()
        place.node.close()
        place.gate.close()


@pytest.fixture
def page(place: Place, qapp: QApplication) -> Iterator[ResidentsPage]:
    with desk_window(place.state, qapp) as window:
        found = residents_of(window, 2)
        found.table.selectRow([r.person.id for r in found.model.rows].index("p-wang"))
        yield found


def shown(page: ResidentsPage, words: str) -> bool:
    settle(page)
    return any(words in label.text() for label in page.side.ways.findChildren(QLabel) if label.isVisibleTo(page))


def buttons(page: ResidentsPage, words: str) -> list[QPushButton]:
    return [b for b in page.side.ways.findChildren(QPushButton) if b.text() == words and b.isVisibleTo(page)]


def can_press(page: ResidentsPage, words: str) -> bool:
    settle(page)
    return bool(buttons(page, words))


def button(page: ResidentsPage, words: str) -> QPushButton:
    return buttons(page, words)[0]


def test_a_card_is_pending_until_the_gate_has_it_and_blocked_when_it_is_lost(
    place: Place, page: ResidentsPage, qtbot: QtBot
) -> None:
    page.side.ways.cards.number.setText("04:A1:B2:C3")
    qtbot.keyClick(page.side.ways.cards.number, "\r")  # a reader that types ends with Enter
    qtbot.waitUntil(lambda: page.side.ways.cards.number.text() == "", timeout=10_000)
    place.round()
    qtbot.waitUntil(lambda: shown(page, "卡 …B2C3"), timeout=10_000)
    qtbot.waitUntil(lambda: shown(page, "正在下发") and shown(page, "等待：南门"), timeout=10_000)
    assert isinstance(place.gate.presented(Method.CARD, "04A1B2C3"), CredentialRefused)
    place.there_and_back()
    qtbot.waitUntil(lambda: not shown(page, "等待：南门") and shown(page, "有效"), timeout=10_000)
    assert isinstance(place.gate.presented(Method.CARD, "04A1B2C3"), CredentialAccepted)
    place.token = ""  # the line to the district is not needed to block
    button(page, "挂失").click()
    qtbot.waitUntil(lambda: shown(page, "正在失效"), timeout=10_000)
    place.there_and_back()
    qtbot.waitUntil(lambda: shown(page, "已挂失"), timeout=10_000)
    assert isinstance(place.gate.presented(Method.CARD, "04A1B2C3"), CredentialRefused)


def test_a_new_pin_is_shown_once_and_opens(place: Place, page: ResidentsPage, qtbot: QtBot) -> None:
    button(page, "换新密码").click()
    qtbot.waitUntil(lambda: page.side.ways.fresh_pin.text() != "", timeout=10_000)
    pin = page.side.ways.fresh_pin.text().replace(" ", "")
    place.there_and_back()
    qtbot.waitUntil(lambda: shown(page, "有效"), timeout=10_000)
    assert page.side.ways.fresh_pin.text().replace(" ", "") == pin, "what came meanwhile does not take it away"
    now = datetime.now(HERE)
    assert isinstance(place.gate.desk.pin("32501", pin, now), CredentialAccepted)
    page.table.selectRow([r.person.id for r in page.model.rows].index("p-li"))
    page.table.selectRow([r.person.id for r in page.model.rows].index("p-wang"))
    assert page.side.ways.fresh_pin.text() == ""
    button(page, "取消密码").click()
    place.there_and_back()
    assert isinstance(place.gate.desk.pin("32501", pin, now), CredentialRefused)
    assert pin not in "".join(str(f.payload) for f in place.node.journal.facts())


def test_a_visitors_pass_opens_a_gate_that_is_cut_off_until_it_is_revoked(
    place: Place, page: ResidentsPage, qtbot: QtBot
) -> None:
    ways = page.side.ways.passes
    ways.kind.choose("weekly")
    ways.note.setText("护工小陈")
    ways.first.setDate(QDate(*datetime.now(HERE).timetuple()[:3]))  # in the evening tomorrow is proposed
    ways.start.setTime(ways.start.minimumTime())
    ways.end.setTime(ways.end.minimumTime())  # midnight: the whole day
    button(page, "生成访客码").click()
    qtbot.waitUntil(lambda: ways.sheet.isVisibleTo(page), timeout=10_000)
    [text] = codes(pixels(ways.sheet.picture()))
    accepted = place.gate.presented(Method.QR, text)  # the gate has heard nothing from the district since
    assert isinstance(accepted, CredentialAccepted)
    assert accepted.person_id not in ("p-wang", "p-li"), "a visitor is no sign of the resident's life"
    place.round()
    qtbot.waitUntil(lambda: can_press(page, "作废"), timeout=10_000)  # listed, and not on its sheet alone
    button(page, "作废").click()
    place.there_and_back()
    assert place.gate.presented(Method.QR, text) == CredentialRefused(Method.QR, "pass_used", accepted.reference)
    assert "护工小陈" not in "".join(str(f.payload) for f in place.node.journal.facts())
    ways.sheet.show_pass("", "")
    assert not ways.sheet.isVisibleTo(page)


def test_look_alikes_are_named_while_both_consent(place: Place, page: ResidentsPage, qtbot: QtBot) -> None:
    assert not page.side.ways.alike.isVisibleTo(page)
    Radar(place.gate.node.journal, "sface 1").tell("p-li", ["p-wang"])
    place.there_and_back()
    qtbot.waitUntil(lambda: shown(page, "可能把王秀兰认成李建国 3-2-502"), timeout=10_000)
    place.state.roster.consent("p-li", Purpose.FACE_AT_GATE, False, "", "self")
    until(lambda: not page.side.ways.alike.isVisibleTo(page), meanwhile=lambda: settle(page))


def test_who_may_not_give_anything_out_is_told_so_and_so_is_who_is_cut_off(
    place: Place, page: ResidentsPage, qtbot: QtBot
) -> None:
    page.side.ways.cards.number.setText("04A1B2C3")
    place.token = ""
    page.side.ways.cards.give.click()
    qtbot.waitUntil(lambda: page.side.ways.said.label.text().startswith("请用自己的账号登录"), timeout=10_000)
    page.side.ways.cards.number.setText("12")
    page.side.ways.cards.give.click()
    qtbot.waitUntil(lambda: page.side.ways.said.label.text().startswith("请把卡放到读卡器上"), timeout=10_000)
    assert page.side.ways.cards.number.text() == "12", "what was typed stays to be mended"


def test_a_gate_that_was_revoked_is_not_waited_for(place: Place, page: ResidentsPage, qtbot: QtBot) -> None:
    page.side.ways.cards.number.setText("04A1B2C3")
    page.side.ways.cards.give.click()
    qtbot.waitUntil(lambda: page.side.ways.cards.number.text() == "", timeout=10_000)
    place.round()
    qtbot.waitUntil(lambda: shown(page, "等待：南门"), timeout=10_000)
    office, gate = place.district.office, place.gate.node.journal.device
    office.registry.revoke(gate, office.now_ms())
    office.access.removed(gate, "root", office.now_ms())
    place.round()
    page.refresh()
    assert not shown(page, "等待：南门")


def pixels(image: QImage) -> np.ndarray:
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(bytes(plain.constBits()), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return np.ascontiguousarray(rows[:, : plain.width() * 3].reshape(plain.height(), plain.width(), 3))


def test_a_code_is_read_back_as_it_was_written() -> None:
    assert codes(pixels(qr_image("SW1ABC234"))) == ["SW1ABC234"]


def test_whoever_is_blocked_is_pending_until_every_gate_has_said_that_it_knows(
    place: Place, page: ResidentsPage, qtbot: QtBot
) -> None:
    """A gate that is off the line goes on letting them in, and the page names it."""
    block = page.side.block

    def says(words: str) -> bool:
        settle(page)
        return any(words in label.text() for label in block.findChildren(QLabel) if label.isVisibleTo(page))

    press(qtbot, page, block.ask)
    block.why.setText("法院禁止令")
    press(qtbot, page, block.yes)
    qtbot.waitUntil(lambda: says("等待：南门"), timeout=10_000)
    place.there_and_back()
    qtbot.waitUntil(lambda: not says("等待：南门"), timeout=10_000)
    assert says(page._desk.tr("residents.is_blocked"))
    press(qtbot, page, block.lift)
    qtbot.waitUntil(lambda: says("等待：南门"), timeout=10_000)
    place.there_and_back()
    qtbot.waitUntil(lambda: not says("等待：南门"), timeout=10_000)
