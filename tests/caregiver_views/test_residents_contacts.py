"""Contacts, who live elsewhere, among the residents."""

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from caregiver.main_window import MainWindow
from caregiver.parts.tables import TableModel
from caregiver.residents.known_contacts import KnownContact
from caregiver.residents.page import ResidentsPage
from domain.people import Profile
from qtkit.shots import settle
from tests.caregiver_views.residents import contacts_of, plan_with, press, residents_of


def known(page: ResidentsPage) -> dict[str, KnownContact]:
    model = page.contacts.model()
    assert isinstance(model, TableModel)
    return {row.person.id: row for row in model.rows}


def test_contacts_are_listed_with_whom_they_are_asked_about_and_without_a_plan_too(
    window: MainWindow, qtbot: QtBot
) -> None:
    elder = residents_of(window).model.rows[0].person
    for id, name in (("p-kin", "王建军"), ("p-nobodys", "没有人")):
        window.state.roster.register(id, Profile("", name, phone="139 0000 1111"))
    plan_with(window, elder.id, "p-kin")
    page = contacts_of(window)
    found = known(page)
    assert found["p-kin"].of == ((elder.id, "son"),)
    assert found["p-nobodys"].of == (), "registered, and the plan was never saved"
    assert elder.id not in found
    page.contacts.choose("p-kin")
    settle(page)
    words = " ".join(label.text() for label in page.side.contact.findChildren(QLabel))
    assert elder.name in words
    assert not page.side.ways.isVisibleTo(page)
    assert not page.side.consents.isVisibleTo(page)


def test_a_contacts_number_is_put_right(window: MainWindow, qtbot: QtBot) -> None:
    window.state.roster.register("p-kin", Profile("", "王建军", phone="139 0000 1111"))
    page = contacts_of(window)
    page.contacts.choose("p-kin")
    card = page.side.contact
    assert not card.save.isEnabled()
    card.phone.setText("139 0000 2222")
    press(qtbot, page, card.save)
    assert window.state.roster.profile("p-kin") == Profile("", "王建军", phone="139 0000 2222")
    assert known(page)["p-kin"].person.profile.phone == "139 0000 2222"
    card.phone.setText("not a number")
    assert not card.save.isEnabled()
