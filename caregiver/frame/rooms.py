"""The pages, one at a time, each made when it is first asked for, and the ways from one to another."""

import gc

from PySide6.QtCore import Signal
from PySide6.QtGui import QMoveEvent
from PySide6.QtWidgets import QWidget

from caregiver.account.page import AccountPage
from caregiver.elders.board_page import BoardPage
from caregiver.elders.page import ElderPage
from caregiver.frame.pages import Finds, Hears, Shown, make_page
from caregiver.incidents.page import IncidentsPage
from caregiver.layout import Pages
from caregiver.memory.changes import Changes
from caregiver.state import AppState
from caregiver.ui import Desk


def keep_what_is_built() -> None:
    """What was read in and built until now stays while the window does: to look through all of it for garbage now and then holds
    every thread for 50 ms and more."""
    gc.freeze()


class Rooms(Pages):
    """`leaves(page)` before a page is made, which takes a moment; `entered(page)` when it stands; `failed(sentence)`;
    `password_changed` once whoever sits here must sign in anew; `moved` when all of it is at another height than before."""

    leaves = Signal(str)
    entered = Signal(str)
    failed = Signal(str)
    password_changed = Signal()
    moved = Signal()

    def __init__(self, desk: Desk, state: AppState) -> None:
        super().__init__()
        self._desk, self._state = desk, state
        self._pages: dict[str, QWidget] = {}
        self._missed: dict[str, Changes] = {}  # by page: what came while it was out of sight
        self.board = BoardPage(desk, state.elders)
        self.board.elder_chosen.connect(self.open_elder)
        self._add("board", self.board)

    @property
    def page(self) -> str:
        """The name of the one that is shown."""
        return next(name for name, page in self._pages.items() if page is self.currentWidget())

    def go(self, name: str) -> QWidget:
        """Show a page. Raises KeyError for a page there is not."""
        if name not in self._pages:
            self.leaves.emit(self.page)
            self._add(name, self._make(name))
            keep_what_is_built()
        page = self._pages[name]
        self.setCurrentWidget(page)
        self.entered.emit(name)
        self.catch_up()
        if isinstance(page, Shown):
            page.shown()
        return page

    def heard(self, changes: Changes, covered: bool) -> None:
        """What came: told to the page that is shown, and to the others, or one that an alarm has `covered`, once they are seen."""
        for name, page in self._pages.items():
            if isinstance(page, Hears):
                self._missed.setdefault(name, Changes()).add(changes)
        if not covered:
            self.catch_up()

    def catch_up(self) -> None:
        """Tell the page that is shown what it has missed."""
        missed, page = self._missed.pop(self.page, None), self.currentWidget()
        if missed is not None and isinstance(page, Hears):
            page.heard(missed)

    def _read_whole(self, name: str) -> QWidget:
        """Show a page that is then read anew, whatever it has missed."""
        self._missed.pop(name, None)
        return self.go(name)

    def open_elder(self, person: str) -> None:
        page = self._read_whole("elder")
        assert isinstance(page, ElderPage)
        page.show_person(person)

    def open_plan(self, person: str) -> None:
        from caregiver.elders.plan_page import PlanPage

        fresh = "careplan" not in self._pages
        page = self._read_whole("careplan")
        assert isinstance(page, PlanPage)
        if fresh:
            page.back.connect(lambda: self.open_elder(page.person))
            page.gone.connect(lambda: self.go("board"))
        page.show_person(person)

    def open_incident(self, incident: str) -> IncidentsPage:
        page = self._read_whole("incidents")
        assert isinstance(page, IncidentsPage)
        page.refresh()  # also what was done here a moment ago
        page.select(incident)
        return page

    def look_for(self) -> None:
        """Let somebody be looked for among those who are shown; on the board, where a page has no search of its own."""
        page = self.currentWidget()
        field = page.looks_in() if isinstance(page, Finds) else None
        if field is None:
            self.go("board")
            field = self.board.search
        field.setFocus()
        field.selectAll()

    def only(self, token: str) -> None:
        """The board with those of one state alone, or everybody where it is so already."""
        self.go("board")
        self.board.only(token)

    def tick(self) -> None:
        """Once a second: the clocks of the page that is shown."""
        page = self.currentWidget()
        if page is self.board:
            self.board.tick()
        elif isinstance(page, IncidentsPage):
            page.detail.tick()

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        if event.pos().y() != event.oldPos().y() and self.isVisible():
            self.moved.emit()

    def _add(self, name: str, page: QWidget) -> None:
        self._pages[name] = page
        self.addWidget(page)

    def _make(self, name: str) -> QWidget:
        page = make_page(name, self._desk, self._state)
        if isinstance(page, IncidentsPage):
            page.elder_chosen.connect(self.open_elder)
            page.detail.failed.connect(self.failed)
        elif isinstance(page, ElderPage):
            page.back.connect(lambda: self.go("board"))
            page.incident_chosen.connect(self.open_incident)
            page.care_plan.connect(self.open_plan)
        elif isinstance(page, AccountPage):
            page.password_changed.connect(self.password_changed)
        elif name == "residents":
            from caregiver.residents.page import ResidentsPage

            assert isinstance(page, ResidentsPage)
            page.side.care_wanted.connect(self.open_plan)
        return page
