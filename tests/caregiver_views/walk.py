"""A walk by every page, tab, form and window of the desktop, each as it stands when it has settled."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from caregiver.admin.accounts import Account
from caregiver.admin.page import AdminPage
from caregiver.elders.page import ElderPage
from caregiver.elders.plan_page import PlanPage
from caregiver.frame.leaving import Leaving
from caregiver.frame.refusals_view import RefusalList
from caregiver.incidents.actions import ACTIONS
from caregiver.invented import Feed
from caregiver.main_window import MainWindow
from caregiver.reports.page import ReportsPage
from caregiver.residents.page import ResidentsPage
from domain.events import to_ms
from domain.people import Role
from offline.letters.duty_given import DUTY_GIVEN
from offline.letters.put_aside import PUT_ASIDE
from offline.line.link import Link, SyncStatus
from qtkit.shots import settle
from tests.caregiver_views.conftest import NOW
from tests.caregiver_views.pages import at, here


def everything(window: MainWindow, qtbot: QtBot, table: Path) -> Iterator[tuple[str, QWidget]]:
    """Open every page, tab, form and window once; its name and what is to be looked at, after it has settled."""

    def rest() -> None:
        qtbot.waitUntil(lambda: not window.desk.background.busy, timeout=20_000)
        settle(window)

    window.alarm.show_work(None)
    elder = window.state.elders.board.rows()[0].id
    for name in ("board", "incidents", "gatelog", "residents", "reports", "account"):
        window.go(name)
        rest()
        yield name, window
    detail = window.open_incident(window.state.incidents.ringing()[0].id).detail
    for action in (a for a in ACTIONS if a.asks in ("severity", "until")):
        detail.do(action)
        rest()
        yield f"incidents, {action.key}", window
    detail.ask.leave()
    window.board.form.setChecked(True)
    window.go("board")
    rest()
    yield "board, as cards", window
    window.say("A sentence of what did not work.")
    rest()
    yield "something that did not work", window
    window.trouble.seen.click()
    window.open_elder(elder)
    page = here(window, ElderPage)
    page.visit_button.click()
    page.medical_button.click()
    rest()
    yield "elder, a visit and the medical note", window
    window.open_plan(elder)
    rest()
    yield "careplan", window
    plan = here(window, PlanPage)
    for fold in (plan.counted, plan.silence, plan.sensors, plan.reach):
        fold.unfold(True)
    rest()
    yield "careplan, unfolded", window
    at(window, "reports", ReportsPage).period.choose("custom")
    rest()
    yield "reports, of certain days", window
    admin = at(window, "admin", AdminPage)
    for name, word in admin.words.items():
        word.click()
        rest()
        yield f"admin, {name}", window
    admin.setCurrentWidget(admin.audit)
    admin.audit.period.choose("custom")
    rest()
    yield "admin, the audit of certain days", window
    admin.setCurrentWidget(admin.devices)
    heard = {
        "community": window.state.journal.community,
        "device": "0x00158d0003e2c4a1",
        "heard": to_ms(NOW),
        "said": "door True",
    }
    admin.devices.strangers._got([heard])
    rest()
    yield "a device that stands nowhere", window
    admin.setCurrentWidget(admin.people)
    ann = Account("p-ann", "ann", "Ann", frozenset({Role.CAREGIVER}), False, {}, "en", (("sms", "139 0000 1111"),))
    admin.people._came(([ann], ["mail", "sms"]))
    admin.people.table.selectRow(0)
    rest()
    yield "somebody who works here", window
    residents = at(window, "residents", ResidentsPage)
    residents.which.choose("contacts")
    rest()
    yield "contacts", window
    residents.which.choose("")
    residents.side.ways.passes.sheet.show_pass("SW1:example", "A visitor")
    rest()
    yield "a visitor's pass", window
    residents.side.erasure.ask.click()
    rest()
    yield "somebody who is to be erased", window
    residents.side.erasure.no.click()
    residents.new.click()
    rest()
    yield "somebody new", window
    residents.side.form.save.click()
    rest()
    yield "somebody of whom nothing is known", window
    residents.side.form.cancel.click()
    residents.importing.read(table)
    rest()
    yield "import", window
    yield from working(window, qtbot)
    window.go("board")
    ring_at_the_gate(window, qtbot)
    rest()
    yield "a call from the gate", window
    window.call.refuse.click()
    tell_of_a_duty(window, qtbot)
    rest()
    yield "somebody else may export from now on", window
    window.duties.seen.click()
    refuse(window, qtbot)
    settle(window)
    yield "something was refused", window
    window.state._heard(SyncStatus(Link.UNREACHABLE, last_ok=to_ms(NOW) - 3_600_000, since=0, pending=3))
    qtbot.waitUntil(window.line.isVisible, timeout=5000)
    settle(window)
    yield "cut off, and something was refused", window
    window.tour.begin()
    rest()
    yield "tour", window
    window.tour.end()
    window.show_help()
    settle(window._help)
    yield "help", window._help
    window._help.close()
    window.refusals.see.click()
    listed = next(w for w in QApplication.topLevelWidgets() if isinstance(w, RefusalList) and w.isVisible())
    settle(listed)
    yield "what was refused", listed
    listed.close()
    leaving = Leaving(window.desk.theme, window.desk.language, window)
    leaving.show()
    settle(leaving)
    yield "before it is closed", leaving
    leaving.close()


def working(window: MainWindow, qtbot: QtBot) -> Iterator[tuple[str, QWidget]]:
    """While a report is being written, for as long as one looks."""
    page, done = window.go("reports"), Event()
    assert isinstance(page, ReportsPage)
    page.working.run("Writing", lambda told: done.wait(60), lambda _: None, lambda _: None)
    qtbot.waitUntil(page.working.isVisible, timeout=5000)
    settle(window)
    yield "work that takes its time", window
    done.set()
    qtbot.waitUntil(lambda: not page.working.busy, timeout=5000)


def ring_at_the_gate(window: MainWindow, qtbot: QtBot) -> None:
    state = window.state
    call = {"call": "c-walk", "gate": "gate-north"}
    state.journal.absorb([Feed("jinxiu", 78).item("call.started", call, None, state.now(), "kiosk-walk")])
    qtbot.waitUntil(window.call.isVisible, timeout=5000)


def tell_of_a_duty(window: MainWindow, qtbot: QtBot) -> None:
    state = window.state
    state.colleague_names |= {"a-boss": "陈站长", "a-new": "吴新"}
    told = {"account": "a-new", "by": "a-boss", "step": "invited"}
    state.journal.absorb([Feed(state.journal.community, 77).item(DUTY_GIVEN, told, None, state.now())])
    qtbot.waitUntil(window.duties.isVisible, timeout=5000)


def refuse(window: MainWindow, qtbot: QtBot) -> None:
    """The district does not take what was done here."""
    journal = window.state.journal
    own = journal.append("config.rota_set", {"by": "p-li"}).envelope
    told = {"device": own.device, "epoch": own.epoch, "seq": own.seq, "because": "no_duty"}
    journal.absorb([Feed(journal.community, 79).item(PUT_ASIDE, told, None, NOW)])
    qtbot.waitUntil(window.refusals.isVisible, timeout=5000)
