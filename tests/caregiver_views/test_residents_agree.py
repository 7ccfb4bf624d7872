"""What residents agree to at a desk, and withdrawing it with a receipt."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from caregiver.main_window import MainWindow
from caregiver.residents.consents_card import BY_WORD, WORDS
from caregiver.residents.page import ResidentsPage
from domain.consent import Purpose
from domain.people import Profile
from offline.roster import Roster
from qtkit.buttons import Button
from qtkit.shots import settle
from tests.caregiver_views.residents import press, residents_of


def test_withdrawing_consent_gives_a_receipt(window: MainWindow, qtbot: QtBot) -> None:
    page = residents_of(window)
    person = page.model.rows[0].person
    page.side._withdraw(person, Purpose.FACE_AT_GATE)
    assert not window.state.roster.holds(person.id, Purpose.FACE_AT_GATE)
    assert person.name in page.said.label.text()


def test_withdrawing_by_keyboard_asks_first_and_says_what_it_means_for_this_purpose(
    window: MainWindow, qtbot: QtBot
) -> None:
    page = residents_of(window)
    person = page.model.rows[0].person

    def pressed(name: str) -> Button:
        found = [b for b in page.side.consents.findChildren(Button) if name in (b.accessibleName() or b.text())]
        button = next(b for b in found if b.isVisibleTo(page))
        button.setFocus()
        qtbot.keyClick(button, Qt.Key.Key_Return)
        settle(page)
        return button

    def label() -> str:
        focused = window.focusWidget()
        assert isinstance(focused, QPushButton)
        return focused.text()

    pressed("居家感应")
    said = " ".join(label.text() for label in page.side.consents.findChildren(QLabel) if label.isVisibleTo(page))
    assert "家中的感应从此不再使用" in said
    assert "人脸模板" not in said
    assert label() == "取消", "a second press withdraws nothing"
    Roster(window.state.journal, window.state.keys).register("p-new", Profile("王", "新来", flat="77-1-101"))
    qtbot.waitUntil(lambda: any(r.person.id == "p-new" for r in page.model.rows))
    assert label() == "取消", "somebody else who comes takes nothing away"
    pressed("取消")
    assert "居家感应" in window.focusWidget().accessibleName()
    pressed("居家感应")
    pressed("确认撤回")
    assert not window.state.roster.holds(person.id, Purpose.HOME_MONITORING)
    assert window.state.roster.holds(person.id, Purpose.FACE_AT_GATE)
    assert page.table.hasFocus()


def offered(page: ResidentsPage, words: str) -> list[Button]:
    return [
        b for b in page.side.findChildren(Button) if words in (b.accessibleName() or b.text()) and b.isVisibleTo(page)
    ]


def test_consent_to_sensors_at_home_is_written_down_with_who_agreed_and_who_wrote_it(
    window: MainWindow, qtbot: QtBot
) -> None:
    page = residents_of(window)
    person = page.model.rows[0].person
    page.side._withdraw(person, Purpose.HOME_MONITORING)
    settle(page)
    (ask,) = offered(page, window.desk.tr("residents.agree_what", purpose=window.desk.tr("purpose.home_monitoring")))
    press(qtbot, page, ask)
    assert window.focusWidget() is page.side.consents._way_back, "a second press agrees to nothing"
    said = " ".join(label.text() for label in page.side.consents.findChildren(QLabel) if label.isVisibleTo(page))
    assert window.desk.tr("residents.terms_home_monitoring") in said
    assert not window.state.roster.holds(person.id, Purpose.HOME_MONITORING)
    press(qtbot, page, offered(page, window.desk.tr("residents.agree_self"))[0])
    assert window.state.roster.holds(person.id, Purpose.HOME_MONITORING)
    told = window.state.journal.facts("consent.given", person.id)[-1].payload
    assert told is not None
    assert (told["by"], told["recorded_by"], told["version"]) == (person.id, window.state.session.person, WORDS)


def test_below_fourteen_a_guardian_alone_agrees(window: MainWindow, qtbot: QtBot) -> None:
    page = residents_of(window)
    child = Profile("王", "小小", born=f"{window.state.now().year - 9}-01-01", flat="77-1-102")
    Roster(window.state.journal, window.state.keys).register("p-child", child)
    qtbot.waitUntil(lambda: any(r.person.id == "p-child" for r in page.model.rows))
    page.table.selectRow([r.person.id for r in page.model.rows].index("p-child"))
    settle(page)
    purpose = window.desk.tr("purpose.home_monitoring")
    press(qtbot, page, offered(page, window.desk.tr("residents.agree_what", purpose=purpose))[0])
    assert offered(page, window.desk.tr("residents.agree_self")) == []
    press(qtbot, page, offered(page, window.desk.tr("residents.agree_guardian"))[0])
    assert window.state.roster.holds("p-child", Purpose.HOME_MONITORING)
    (said,) = window.state.journal.query("SELECT by FROM roster_consents WHERE person = 'p-child'")
    assert said["by"] == "guardian"


def test_what_is_agreed_to_before_the_gate_is_not_written_down_at_a_desk(window: MainWindow, qtbot: QtBot) -> None:
    page = residents_of(window)
    Roster(window.state.journal, window.state.keys).register("p-new", Profile("王", "新来", flat="77-1-101"))
    qtbot.waitUntil(lambda: any(r.person.id == "p-new" for r in page.model.rows))
    page.table.selectRow([r.person.id for r in page.model.rows].index("p-new"))
    settle(page)
    words = [window.desk.tr("residents.agree_what", purpose=window.desk.tr(f"purpose.{p}")) for p in Purpose]
    assert [bool(offered(page, found)) for found in words] == [p in BY_WORD for p in Purpose]
