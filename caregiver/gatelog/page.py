"""The gate log on the screen: a table that fills itself as one scrolls; beside it one passage, its figures and the verdicts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QStackedWidget, QWidget

from caregiver.gatelog.columns import columns
from caregiver.gatelog.detail import PassageDetail
from caregiver.gatelog.filters import Filters
from caregiver.gatelog.log import PAGE, Figures, Passage, export, figures, page, visitors, waiting, with_verdicts
from caregiver.gatelog.projection import PASSAGE, VERDICT, WITHDRAWN
from caregiver.gatelog.review import Review
from caregiver.layout import Split, column, row
from caregiver.memory.changes import Changes
from caregiver.memory.reading import Reader, reading
from caregiver.parts.save_as import save_as
from caregiver.parts.tables import Table, TableModel
from caregiver.parts.working import Working
from caregiver.ui import Desk, Words
from caregiver.wording import term
from domain.verdicts import Standing
from offline.letters.gate_card import GATE_DESCRIBED
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.widgets import Banner, EmptyState, text


class GateLogPage(QWidget):
    def __init__(self, desk: Desk, review: Review) -> None:
        super().__init__()
        self._desk, self._review, self._words = desk, review, Words(desk, self)
        self._asked = 0  # number of the newest request; answers to older ones are dropped
        self._busy = self._ended = self._late = False  # late: something came while a page was being read
        self._same = False  # the list is read anew of what was asked for before
        self._undo: Passage | None = None  # as it was before the last verdict
        self._goes_on = False  # past the last row that was read, as soon as the next ones are
        self._last = 0  # the fact of the end of the list, where that was just judged: a key that is pressed on overwrites nothing
        self.filters, self.detail = Filters(desk), PassageDetail(desk, review.pictures)
        self.model = TableModel(desk, columns(desk, self.detail.who))
        self.table = Table(desk, self.model, "gatelog")
        self._build()
        self.filters.changed.connect(lambda *_: self.reload())
        self.detail.verdicts.judged.connect(self.judge)
        self.detail.verdicts.unsaid.connect(self._take_back)
        desk.language.changed.connect(self.retranslate)
        self.reload()

    def _build(self) -> None:
        desk = self._desk
        self.export = Button(desk.theme, icon_name="sheet", role="quiet")
        self.export.clicked.connect(self._export)
        self._words.put(self.export.setText, "gatelog.export")
        self._words.put(self.table.setAccessibleName, "nav.gatelog")
        self.waiting = Button(desk.theme, icon_name="people", role="quiet")
        self.waiting.clicked.connect(self._read_waiting)
        self.waiting.hide()  # until it is known that something waits
        self.said, self.working = Banner(desk.theme), Working(desk)
        self.undo = Button(desk.theme, role="quiet")
        self._words.put(self.undo.setText, "do.undo")
        self.undo.clicked.connect(self._take_back)
        self.said.add(self.undo)
        self.figures = text("", "small", tone="muted")
        self._words.put(self.figures.setToolTip, "gatelog.figures_mean")
        self.none = EmptyState(desk.theme, "gate", "")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.none)
        left = QWidget()
        left.setLayout(column(self._stack, self.figures, self.said, self.working))  # below: no line moves under a press
        self.split = Split(desk, "gatelog", left, self.detail, (848, 324))
        aside = QWidget()
        aside.setLayout(row(1, self.export))
        aside.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        whole = column(Flow(self.filters.person, self.waiting, aside), self.filters, self.split)
        whole.setStretch(2, 1)
        self.setLayout(whole)
        self.begins: QWidget = self.table
        self.table.selectionModel().currentRowChanged.connect(self._chosen)
        self.table.verticalScrollBar().valueChanged.connect(self._more)
        self.detail.verdicts.keys_on(self.table)  # where one reads: elsewhere a key may fall on what has just come

    def looks_in(self) -> QLineEdit | None:
        return self.filters.person

    def retranslate(self) -> None:
        self.filters.offer()
        self.reload(same=True)

    def _read_waiting(self) -> None:
        """The whole queue, and the keys with it."""
        self.filters.whole_queue()
        self.table.setFocus()

    def _count(self) -> None:
        """The running rates, and how many passages wait for this reader."""
        work = self._reading(lambda r: (figures(r), waiting(r, self._desk.state.session.person), visitors(r)))
        self._desk.background.read_anew(work, self._figures, self)

    # ---- pages ------------------------------------------------------------------------------------------------------

    def reload(self, *, same: bool = False) -> None:
        """Begin again from the newest, of what was asked for before or of something else."""
        self._ended, self._same = False, same
        self._ask(None)
        self._count()

    def _more(self) -> None:
        if (bar := self.table.verticalScrollBar()).value() > bar.maximum() - 1200:
            self._read_on()

    def _read_on(self) -> None:
        if not self._busy and not self._ended and self.model.rows:
            last: Passage = self.model.rows[-1]
            self._ask((last.at, last.fact))

    def _ask(self, before: tuple[int, int] | None) -> None:
        self._asked += 1
        number, wanted, self._busy = self._asked, self.filters.wanted(), True
        work = self._reading(lambda r: page(r, wanted, before))
        self._desk.background.run(work, lambda rows: self._got(number, before, rows), self._failed, self)

    def _failed(self, error: Exception) -> None:
        self._busy = self._goes_on = False
        raise error

    def _reading(self, work: Callable[[Reader], Any]) -> Callable[[], Any]:
        return reading(self._desk.state.journal.file, work)

    def _got(self, number: int, before: tuple[int, int] | None, rows: list[Passage]) -> None:
        if number != self._asked:
            return
        self._busy, self._ended = False, len(rows) < PAGE
        if before is None:
            self._show_anew(rows)
        else:
            self.model.extend(rows)
            if self._goes_on:
                self._go_on()
        if self._late:
            self._late = False
            self._begin_anew()

    def _show_anew(self, rows: list[Passage]) -> None:
        """From the newest; who reads stays at their passage, and goes on from it where they have just judged it."""
        read: Passage | None = self.table.current() if self._reads() else None
        goes_on, last, self._goes_on = self._goes_on, self._last, False
        if read and self._same and (self._ended or not rows or _place(read) > _place(rows[-1])):
            rows = _with(rows, read)
        self.model.show(rows)
        self._stack.setCurrentWidget(self.table if rows else self.none)
        if not rows:
            self.none.say(self._why_none())
            self.detail.show_passage(None)
            return
        there = next((n for n, p in enumerate(rows) if read and p.fact == read.fact), -1)
        self.table.selectRow(max(0, there))
        if there >= 0 and goes_on:
            self._go_on()
        elif there >= 0 and rows[there].fact == last:
            self._last = last

    def _go_on(self) -> None:
        """From the passage that was just judged to the next; once it is read, where there may be more."""
        number = self.table.currentIndex().row()
        self._goes_on = False
        if number + 1 < len(self.model.rows):
            self.table.selectRow(number + 1)
        elif self._ended:
            self._last = self.model.rows[number].fact
        else:
            self._goes_on = True
            self._read_on()

    def _why_none(self) -> str:
        """What to do about an empty list; on a computer that has never had a passage it may not be one that is told of them."""
        journal = self._desk.state.journal
        if self._desk.state.reader.value("SELECT 1 FROM gatelog_passages LIMIT 1"):
            return self._desk.tr("gatelog.none")
        return self._desk.tr("gatelog.none_ever", device=journal.device, community=journal.community)

    def _begin_anew(self) -> None:
        """New passages stand on top, unless somebody has scrolled down to read."""
        if self.table.verticalScrollBar().value() == 0:
            self.reload(same=True)

    def _reads(self) -> bool:
        """Whether somebody is at a passage: then what comes must not put another under their keys."""
        here = self.window().focusWidget()
        return here is not None and (here is self.table or self.detail.isAncestorOf(here))

    def heard(self, changes: Changes) -> None:
        if PASSAGE in changes.kinds:
            self._late = self._busy
            if not self._busy:
                self._begin_anew()
        if changes.kinds & {VERDICT, WITHDRAWN}:
            self._count()
        if GATE_DESCRIBED in changes.kinds and self.detail.passage is not None and not self._reads():
            self._show(self.detail.passage)  # under the name that its gate has given itself

    # ---- verdicts ---------------------------------------------------------------------------------------------------

    def _chosen(self, now: QModelIndex) -> None:
        self._last, self._goes_on = 0, False
        if now.isValid():
            self._renew(now.row())  # others read too

    def _show(self, passage: Passage) -> None:
        """Beside the list; the keyboard goes there before a button rests or goes, and Qt would hand it to the next."""
        if self._reads():
            self.table.setFocus()
        self.detail.show_passage(passage)

    def judge(self, verdict: str) -> None:
        """Record what the reader says of the chosen passage and go on to the next."""
        number = self.table.currentIndex().row()
        if not 0 <= number < len(self.model.rows) or self._goes_on:
            return
        self._renew(number)
        passage: Passage = self.model.rows[number]
        if not passage.open_to(self._desk.state.session.person):
            settled = passage.standing is Standing.SETTLED
            self._say(self._desk.tr("gatelog.is_settled" if settled else "gatelog.third_decides"), "due", "info")
            return
        if not passage.takes(verdict):
            self._say(self._desk.tr(f"gatelog.unfit_{verdict}"), "overdue", "attention")
            return
        if passage.fact == self._last:
            self._say(self._desk.tr("gatelog.no_next"), "due", "info", undo=True)
            return
        self._review.judge(passage, verdict)
        self._undo, more = passage, number + 1 < len(self.model.rows)
        self._renew(number, shown=not more)
        name = term(self._desk.language, "verdict", verdict)
        self._say(self._desk.tr("gatelog.said_last" if self._ended and not more else "gatelog.said", verdict=name),
                  "well", "check", undo=True)  # fmt: skip
        self._go_on()

    def _renew(self, number: int, shown: bool = True) -> None:
        """What readers have said of it by now, in the list, and beside it where it is `shown`."""
        (now,) = with_verdicts(self._desk.state.reader, [self.model.rows[number]])
        if now != self.model.rows[number]:
            self.model.replace(number, now)
        if shown and number == self.table.currentIndex().row() and now != self.detail.passage:
            self._show(now)

    def _take_back(self) -> None:
        """What the reader had said before stands again, or nothing."""
        if self._undo is None:
            return
        passage, self._undo, self._last = self._undo, None, 0
        before = dict(passage.verdicts).get(self._desk.state.session.person, "")
        self._review.judge(passage, before)
        numbers = [i for i, p in enumerate(self.model.rows) if p.fact == passage.fact]
        for number in numbers:
            self._renew(number)
            self.table.selectRow(number)
        self._say("")

    def _figures(self, told: tuple[Figures, int, dict[str, str]]) -> None:
        desk = self._desk
        found, wait, self.detail.visitors = told
        self.waiting.setText(desk.tr("gatelog.waiting", n=wait))
        self.waiting.setVisible(wait > 0)

        def rate(name: str) -> str:
            r, words = getattr(found, name), desk.tr(f"report.{name}")
            if r.rate is None:
                return desk.tr("gatelog.no_rate", name=words)
            return desk.tr("gatelog.rate", name=words, rate=f"{r.rate:.2%}", low=f"{r.low:.2%}", high=f"{r.high:.2%}",
                           errors=r.errors, trials=r.trials)  # fmt: skip

        head = desk.tr("gatelog.reviewed", n=found.reviewed, settled=found.settled, disputed=found.disputed)
        self.figures.setText("   ".join((head, rate("fnir"), rate("fpir"), rate("apcer"))))

    def _export(self) -> None:
        path = save_as(self, self.export.text(), "labelled.csv", "CSV (*.csv)")
        if not path:
            return
        desk, file = self._desk, self._desk.state.journal.file

        def done(n: int) -> None:
            self._say(desk.tr("gatelog.exported", n=n, path=path), "well", "check")

        def failed(error: Exception) -> None:
            if not isinstance(error, OSError):
                raise error
            why = error.strerror or str(error)
            self._say(desk.tr("report.not_saved", path=path, why=why), "alarm", "attention")

        self._say("")
        self.working.run(
            desk.tr("gatelog.exporting"), lambda told: reading(file, lambda r: export(r, Path(path), told))(),
            done, failed, lambda: self._say(desk.tr("do.stopped"), "muted", "info"),
        )  # fmt: skip

    def _say(self, words: str, tone: str = "muted", icon: str = "info", undo: bool = False) -> None:
        """One sentence, and beside it the way back where there is one."""
        self.undo.setVisible(undo)
        self.said.say(words, tone, icon)


def _with(rows: list[Passage], read: Passage) -> list[Passage]:
    """`rows`, newest first, and the one that is being read in its place: where a colleague has settled it meanwhile it is none of
    what was asked for, and a key must not fall on another."""
    if any(p.fact == read.fact for p in rows):
        return rows
    return sorted([*rows, read], key=_place, reverse=True)


def _place(passage: Passage) -> tuple[int, int]:
    return passage.at, passage.fact
