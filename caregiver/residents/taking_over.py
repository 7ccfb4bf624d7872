"""A table of residents that was read: what is in it and what is wrong with it, to be taken over or left."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from caregiver.layout import column, row
from caregiver.parts.tables import Column, Table, TableModel
from caregiver.parts.working import Working
from caregiver.residents.importing import Line, Preview, preview, take_over
from caregiver.ui import Desk, Words
from caregiver.wording import term
from domain.errors import Mendable
from qtkit.buttons import Button
from qtkit.widgets import Banner, text


class TakingOver(QWidget):
    """`came`: a table was read and is shown; `left`, `taken`: it was put away, or taken over. What it says stands in `said`."""

    came = Signal()
    left = Signal()
    taken = Signal()

    def __init__(self, desk: Desk, said: Banner, working: Working) -> None:
        super().__init__()
        self._desk, self._said, self._working, self._words = desk, said, working, Words(desk, self)
        self._preview: Preview | None = None
        self.lines = TableModel(desk, self._columns())
        self.table = Table(desk, self.lines, "preview")
        self.counted, self.line = text("", "title"), text("")
        self.take, self.drop = Button(desk.theme, icon_name="check", role="primary"), Button(desk.theme, role="quiet")
        self.take.clicked.connect(self._take_over)
        self.drop.clicked.connect(self._drop)
        head = row(self.counted, self.drop, self.take)
        head.setStretch(0, 1)
        whole = column(head, self.table, self.line)
        whole.setStretch(1, 1)
        self.setLayout(whole)
        self._words.put(self.drop.setText, "do.cancel")
        self._words.put(self.table.setAccessibleName, "residents.import")
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._say_line())
        desk.language.changed.connect(lambda _: self._say_line())

    def _columns(self) -> list[Column]:
        return [
            Column("line", lambda ln: str(ln.number), 64, right=True),
            Column("name", lambda ln: ln.profile.full_name, 128),
            Column("flat", lambda ln: ln.profile.flat, 112),
            Column("born", lambda ln: ln.profile.born, 112, spare=True),
            Column("phone", lambda ln: ln.profile.phone, 128, spare=True),
            Column("check", self.problems, 360, lambda ln: "alarm" if ln.problems else "well", symbol=True),
        ]

    def problems(self, line: Line) -> str:
        return " ".join(term(self._desk.language, "import", p) for p in line.problems) or self._desk.tr("import.good")

    def _say_line(self) -> None:
        """The chosen line of a table whole, however large the text is."""
        line: Line | None = self.table.current()
        if line is not None:
            of = line.profile
            parts = (of.full_name, of.flat, of.born, of.phone, self.problems(line))
            self.line.setText(
                self._desk.tr("import.line", n=line.number, says=" · ".join(part for part in parts if part))
            )

    def read(self, path: Path) -> None:
        """Read and check a table in the background, then show what it holds."""
        state = self._desk.state
        # who comes meanwhile does not stir the list that is read
        today, people = state.now().date(), list(state.people)
        self._said.say("")
        self._working.run(
            self._desk.tr("residents.reading", file=path.name), lambda told: preview(path, people, today, told),
            self._show, self._failed, self._stopped,
        )  # fmt: skip

    def _show(self, found: Preview) -> None:
        self._preview = found
        self._said.say("")
        self.came.emit()
        self.lines.show([*found.bad, *found.good])
        self.table.selectRow(0)
        self.table.setFocus()
        good, bad = len(found.good), len(found.bad)
        self.counted.setText(self._desk.tr("residents.counted", good=good, bad=bad))
        self.take.setText(self._desk.tr("residents.take", n=good))
        self.take.setEnabled(good > 0)

    def _put_away(self) -> None:
        self._preview = None
        self._said.say("")

    def _drop(self) -> None:
        self._put_away()
        self.left.emit()

    def _take_over(self) -> None:
        if self._preview is None:
            return
        state, good = self._desk.state, self._preview.good
        self.table.setFocus()  # the button rests, and the keyboard would go on to another
        self.take.setEnabled(False)

        def done(made: list[str]) -> None:
            self._put_away()
            self.taken.emit()
            self._said.say(self._desk.tr("residents.taken", n=len(made)), "well", "check")

        def failed(error: Exception) -> None:
            self.take.setEnabled(True)  # nothing was taken over; they may try again
            self._failed(error)

        def stopped() -> None:
            self.take.setEnabled(True)
            self._stopped()

        self._working.run(
            self._desk.tr("residents.taking", n=len(good)), lambda told: take_over(good, state.journal, state.keys, told),
            done, failed, stopped,
        )  # fmt: skip

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, Mendable):
            raise error
        self._said.say(self._desk.language.tr(f"error.{error.code}", **error.details), "alarm", "attention")

    def _stopped(self) -> None:
        self._said.say(self._desk.tr("do.stopped"), "muted", "info")
