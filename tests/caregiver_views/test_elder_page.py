"""An elder's page in the real window: what each mark was, whom to reach, who has looked, and what empty parts say."""

from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from caregiver.elders.page import ElderPage
from caregiver.elders.timeline import Mark
from caregiver.elders.visit_form import VisitForm
from caregiver.main_window import MainWindow
from domain.people import Profile
from offline.roster import Roster
from qtkit.shots import settle
from tests.caregiver_views.conftest import Opener
from tests.caregiver_views.medical import note_of
from tests.caregiver_views.pages import here


def shown(window: MainWindow, person: str) -> ElderPage:
    window.alarm.show_work(None)
    window.open_elder(person)
    settle(window)
    return here(window, ElderPage)


def words(page: ElderPage) -> list[str]:
    return [label.text() for label in page.findChildren(QLabel) if label.isVisibleTo(page)]


def over(page: ElderPage, mark: Mark) -> QPointF:
    """Where a mark of the strips stands on the screen."""
    box = page.strips.plot.getPlotItem().getViewBox()
    return QPointF(box.mapViewToScene(QPointF(mark.hour, mark.day)))


def test_hovering_over_a_mark_tells_what_it_was_and_when(open_window: Opener) -> None:
    window = open_window("en")
    (ringing, *_) = window.state.incidents.ringing()
    page = shown(window, ringing.elder)
    line = page.strips._line
    assert line is not None
    sign = line.signs[-1]
    page.strips.plot.scene().sigMouseMoved.emit(over(page, sign))
    assert page.hover.text().startswith(f"{sign.at:%m-%d %H:%M:%S}  ")
    assert page.hover.text().endswith(f"{round(100 * sign.weight)} % sure it was them")
    page.strips.plot.scene().sigMouseMoved.emit(over(page, line.alarms[-1]))
    assert page.hover.text().endswith("Call for help")
    page.strips.plot.scene().sigMouseMoved.emit(QPointF(0, 0))
    assert page.hover.text() == ""


def test_a_contact_is_rung_up_and_a_number_copied(open_window: Opener, no_telephone: list[str]) -> None:
    window = open_window("en")
    elder = window.state.elders.board.rows()[0]
    page = shown(window, elder.id)
    buttons = {b.accessibleName(): b for b in page.findChildren(QPushButton)}
    buttons[f"Call {elder.person.name}"].click()
    phone = elder.person.profile.phone
    assert no_telephone == [f"tel:{phone.replace(' ', '')}"]
    buttons[f"Copy the number of {elder.person.name}"].click()
    assert QGuiApplication.clipboard().text() == phone
    assert page.banner.label.text() == f"Copied {phone}."


def test_who_has_looked_stands_on_the_page(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("en")
    elder = window.state.elders.board.rows()[0].id
    note_of(window, elder, "takes warfarin")
    page = shown(window, elder)
    assert "Nobody has opened anything confidential." in words(page)
    with qtbot.waitSignal(window.synced, timeout=5000):
        window.state.elders.medical.break_glass(elder, "fallen")
    settle(window)
    assert any("赵敏 · opened the medical note in an emergency" in said for said in words(page))


def test_somebody_of_whom_nothing_is_known_yet_has_a_page_that_says_what_to_do(
    open_window: Opener, qtbot: QtBot
) -> None:
    window = open_window("en")
    state = window.state
    new = "p" + "f" * 32
    with qtbot.waitSignal(window.synced, timeout=5000):
        Roster(state.journal, state.keys).register(new, Profile("何", "新来", flat="9-1-101", lives_alone=True))
    page = shown(window, new)
    assert {
        "Nothing heard yet", "No contacts yet. Add them in the care plan.", "No devices registered.", "No alarms.",
        "No visits recorded yet.", "Nobody has opened anything confidential.",
    } <= set(words(page))  # fmt: skip


def test_a_visit_is_recorded_and_counts_as_a_sign_of_life(window: MainWindow, qtbot: QtBot) -> None:
    window.alarm.show_work(None)
    elder = window.state.elders.board.rows()[3].id
    window.open_elder(elder)
    page = here(window, ElderPage)
    page.visit_button.click()
    page.visit_form.note.setPlainText("一切都好")
    page.medical_button.click()
    page.visit_form.ok.setFocus()
    page.visit_form.ok.click()
    assert window.focusWidget() is page.visit_button, "and not a field in which Enter opens a note"
    assert not window.state.elders.visits.due(elder)
    found = window.state.elders.board.find(elder)
    assert found is not None
    assert found.last_kind == "visit.recorded"


def test_what_was_begun_about_one_elder_is_not_recorded_of_another_and_waits(window: MainWindow) -> None:
    window.alarm.show_work(None)
    first, second = (e.id for e in window.state.elders.board.rows()[3:5])

    def begin(person: str) -> VisitForm:
        window.open_elder(person)
        page = here(window, ElderPage)
        page.visit_button.click()
        return page.visit_form

    begin(first).note.setPlainText("膝盖疼")
    form = begin(second)
    assert form.note.toPlainText() == ""
    form.ok.click()
    assert "note" not in (window.state.journal.facts("visit.recorded", second)[-1].payload or {})
    assert begin(first).note.toPlainText() == "膝盖疼"
