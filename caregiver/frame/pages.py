"""Which pages there are: who sees which, how each is made when it is first asked for, and what a page may want to be told."""

from typing import Protocol, runtime_checkable

from PySide6.QtWidgets import QLineEdit, QWidget

from caregiver.account.page import AccountPage
from caregiver.elders.page import ElderPage
from caregiver.incidents.page import IncidentsPage
from caregiver.memory.changes import Changes
from caregiver.session import Session
from caregiver.state import AppState
from caregiver.ui import Desk


@runtime_checkable
class Shown(Protocol):
    """A page that reads anew whenever it is opened."""

    def shown(self) -> None: ...


@runtime_checkable
class Hears(Protocol):
    """A page that is told of what came while it is open."""

    def heard(self, changes: Changes) -> None: ...


@runtime_checkable
class Begins(Protocol):
    """A page with a widget to which the keyboard goes where the page is called by a key. (A focus proxy would take all fields
    before it out of the reach of Tab.)"""

    begins: QWidget


@runtime_checkable
class Finds(Protocol):
    """A page on which somebody can be looked for."""

    def looks_in(self) -> QLineEdit | None:
        """The field for it; None where what is open has none."""
        ...


def visible_pages(session: Session) -> list[str]:
    """The pages in the sidebar of whoever sits here, from the top."""
    names = ["board", "incidents"]
    if session.sees_gate:
        names += ["gatelog", "residents"]
    names.append("reports")
    if session.administers:
        names.append("admin")
    return names


def make_page(name: str, desk: Desk, state: AppState) -> QWidget:
    """A page with the presenter of its room; what only it needs (plots, tables, paper) is read in now.

    Raises KeyError for a page there is not.
    """
    match name:
        case "incidents":
            return IncidentsPage(desk, state.incidents)
        case "elder":
            return ElderPage(desk, state.elders)
        case "careplan":
            from caregiver.elders.plan_page import PlanPage

            return PlanPage(desk, state.elders)
        case "gatelog":
            from caregiver.gatelog.page import GateLogPage

            return GateLogPage(desk, state.review)
        case "residents":
            from caregiver.residents.page import ResidentsPage

            return ResidentsPage(desk, state.access)
        case "reports":
            from caregiver.reports.page import ReportsPage

            return ReportsPage(desk, lambda: len(state.elders.board))
        case "account":
            return AccountPage(desk, lambda: state.account)
        case "admin":
            from caregiver.admin.page import AdminPage

            return AdminPage(desk, state.administration)
        case _:
            raise KeyError(name)
