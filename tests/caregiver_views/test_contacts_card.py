"""Whom a care plan names: the carer in charge, relatives and neighbours; new ones on the roster, to be called and written to."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from caregiver.elders.page import ElderPage
from caregiver.elders.plan_page import PlanPage
from caregiver.main_window import MainWindow
from caregiver.memory.contacts import contacts
from caregiver.residents.page import ResidentsPage
from qtkit.buttons import Button
from qtkit.shots import settle
from tests.caregiver_views.pages import at, here
from tests.fakes.there import there
from watch.plans import PROPOSED

ANN, BO = "staff-ann", "staff-bo"


@pytest.fixture
def elder(window: MainWindow) -> str:
    window.alarm.show_work(None)
    window.state.colleague_names |= {ANN: "安宁", BO: "柏林"}
    return window.state.elders.board.rows()[3].id


@pytest.fixture
def page(window: MainWindow, elder: str) -> PlanPage:
    window.open_plan(elder)
    settle(window)
    return here(window, PlanPage)


def proposed(window: MainWindow, elder: str) -> dict[str, object]:
    return there(window.state.journal.facts(PROPOSED, elder)[-1].payload)


def add(qtbot: QtBot, page: PlanPage, name: str, phone: str) -> None:
    page.contacts.name.setText(name)
    page.contacts.phone.setText(phone)
    qtbot.keyClick(page.contacts.phone, Qt.Key.Key_Return)
    settle(page)


def test_somebody_new_is_named_called_and_saved_with_the_plan(
    window: MainWindow, qtbot: QtBot, elder: str, page: PlanPage
) -> None:
    before = contacts(window.state.people, elder, window.state.elders.board.plan(elder))
    assert not page.contacts.add.isEnabled()
    page.contacts.relation.choose("daughter")
    page.contacts.has_key.setChecked(True)
    add(qtbot, page, "周小燕", "139 0000 1111")
    assert page.contacts.name.hasFocus(), "for the next one"
    page.save.click()
    told = proposed(window, elder)
    found = contacts(window.state.people, elder, told)
    assert found[:-1] == before
    assert (found[-1].name, found[-1].phone, found[-1].relation, found[-1].has_key) == (
        "周小燕", "139 0000 1111", "daughter", True,
    )  # fmt: skip


def test_one_who_is_dropped_is_not_asked_any_more(window: MainWindow, qtbot: QtBot, elder: str, page: PlanPage) -> None:
    add(qtbot, page, "周小燕", "139 0000 1111")
    drop = window.desk.tr("contacts.drop", name="周小燕")
    (button,) = [b for b in page.contacts.findChildren(Button) if b.accessibleName() == drop]
    button.click()
    settle(page)
    page.save.click()
    names = [c.name for c in contacts(window.state.people, elder, proposed(window, elder))]
    assert "周小燕" not in names


def test_the_carer_in_charge_is_chosen_among_those_who_work_here(
    window: MainWindow, qtbot: QtBot, elder: str, page: PlanPage
) -> None:
    before = there(window.state.elders.board.plan(elder))["caregiver"]
    assert page.contacts.caregiver.value == before, "as the plan has it, whoever that is"
    page.save.click()
    assert proposed(window, elder)["caregiver"] == before, "what nobody touched stays"
    page.contacts.caregiver.choose(ANN)
    page.save.click()
    assert proposed(window, elder)["caregiver"] == ANN
    page.undo.click()
    assert proposed(window, elder)["caregiver"] == before
    for who in (ANN, BO):
        page.contacts.caregiver.choose(who)
        page.save.click()
    page.contacts.caregiver.choose(ANN)
    page.save.click()
    assert proposed(window, elder)["caregiver"] == ANN, "and back again by hand"


@pytest.mark.parametrize("phone", ["", "12", "139 0000 1111 or his wife"])
def test_what_is_no_number_names_nobody(window: MainWindow, qtbot: QtBot, page: PlanPage, phone: str) -> None:
    page.contacts.name.setText("周小燕")
    page.contacts.phone.setText(phone)
    assert not page.contacts.add.isEnabled()


def test_whoever_has_no_plan_yet_gets_one_from_the_residents(window: MainWindow, qtbot: QtBot, elder: str) -> None:
    residents = at(window, "residents", ResidentsPage)
    settle(window)
    person = there(residents.table.current()).person
    residents.side.care.click()
    settle(window)
    assert here(window, PlanPage).person == person.id
    here(window, PlanPage).return_.click()
    settle(window)
    assert here(window, ElderPage).isVisible()


def test_one_who_was_erased_is_no_number_and_can_be_dropped(
    window: MainWindow, qtbot: QtBot, elder: str, page: PlanPage
) -> None:
    add(qtbot, page, "周小燕", "139 0000 1111")
    page.save.click()
    who = there(page.contacts._contacts[-1]).person_id
    window.state.keys.destroy(who)
    window.state.people.refresh([who])
    page.contacts._draw()
    lines = [label.text() for label in page.contacts.findChildren(QLabel)]
    assert window.desk.tr("contacts.not_known") in lines
    assert not any(who[:8] in line for line in lines)
    (drop,) = [b for b in page.contacts.findChildren(Button) if b.accessibleName().endswith("可能已删除")]
    drop.click()
    assert who not in [c.person_id for c in page.contacts._contacts]


def test_who_was_invited_since_the_sign_in_can_be_put_in_charge(
    window: MainWindow, qtbot: QtBot, elder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the first afternoon the carers are invited at the desk where the first plans are written."""
    monkeypatch.setattr(window.state, "ask_names", lambda: {ANN: "安宁", "staff-new": "钱新"})
    window.open_plan(elder)
    settle(window)
    choice = here(window, PlanPage).contacts.caregiver
    qtbot.waitUntil(lambda: choice.findData("staff-new") > 0)
