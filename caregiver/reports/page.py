"""Reports on the screen: the figures against their targets, incidents by day, answer times; to a workbook, a PDF or a printer."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtGui import QPageLayout
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from caregiver.layout import column, empty, row
from caregiver.memory.reading import reading
from caregiver.parts.day_field import DayField
from caregiver.parts.period import Period, between, last_days, last_month
from caregiver.parts.save_as import save_as
from caregiver.parts.tables import Column, Table, TableModel
from caregiver.parts.working import Told, Working
from caregiver.reports.charts import SEVERITY_TOKENS
from caregiver.reports.figures import Report, report
from caregiver.reports.paper import draw, pdf
from caregiver.reports.sheet import TARGETS, lines, meets, workbook
from caregiver.ui import Choice, Desk, Words
from qtkit.buttons import Button
from qtkit.flow import Beside, Flow
from qtkit.widgets import Banner, Card, Chip, text

PERIODS = {"week": 7, "month": 31, "last_month": 0, "custom": 0}  # days, where it is so many before today
MOST_A_ROW, FIGURE_PX = 5, 170
FIGURES_PX = 940  # the room for a row of them on the least screen, whatever the size of the text


def _columns() -> list[Column]:
    return [
        Column("month", lambda line: line.month, 80),
        Column("name", lambda line: line.name, 112),
        Column("false_alarms", lambda line: f"{line.false_alarms:,}", 72, right=True),
        Column("blind_min", lambda line: f"{line.blind_min:,}", 72, right=True),
    ]


def _mark(label: QLabel, words: str) -> None:
    """A square of the label's colour before the first part of `words`."""
    label.setText(f"■ {words.partition(' · ')[0]}")


class ReportsPage(QWidget):
    def __init__(self, desk: Desk, watched: Callable[[], int]) -> None:
        super().__init__()
        from caregiver.reports.plots import AnswerPlot, DayPlot  # pyqtgraph only where it is looked at

        self._desk, self._watched, self._words = desk, watched, Words(desk, self)
        self._report: Report | None = None
        self.days, self.answers = DayPlot(desk), AnswerPlot(desk)
        self.elders = TableModel(desk, _columns())
        self._build()
        desk.language.changed.connect(self.retranslate)
        desk.theme.changed.connect(self._show)

    def _build(self) -> None:
        desk = self._desk
        self.period = Choice()
        self.period.currentIndexChanged.connect(self.refresh)
        today = desk.state.now().date()
        self.first, self.last = DayField(last_days(today, 31).first), DayField(today)
        for field in (self.first, self.last):
            field.dateChanged.connect(self.refresh)
        self.xlsx, self.pdf, self.printer = (
            Button(desk.theme, icon_name=name) for name in ("sheet", "page", "printer")
        )
        self.working = Working(desk)
        self.xlsx.clicked.connect(lambda: self._save("XLSX (*.xlsx)", "report.xlsx", workbook))
        self.pdf.clicked.connect(lambda: self._save("PDF (*.pdf)", "report.pdf", pdf))
        self.printer.clicked.connect(self._print)
        self.said = Banner(desk.theme)
        self.by_elder = Table(desk, self.elders, "report")
        self._words.put(self.by_elder.setAccessibleName, "report.by_elder")
        self.cards = QGridLayout()
        self.cards.setSpacing(desk.theme.px(8))
        drawn = Beside(
            self._framed(self.days, "report.by_day", self._legend()),
            self._framed(self.answers, "report.answer_times"),
            space=desk.theme.px(8),
            shares=(1, 1),
        )
        plots = Beside(drawn, self._framed(self.by_elder, "report.by_elder"), space=desk.theme.px(8), shares=(2, 1))
        papers, tools = QWidget(), QWidget()
        papers.setLayout(row(1, self.xlsx, self.pdf, self.printer))
        papers.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        tools.setLayout(Flow(self.period, self.first, self.last, papers))
        whole = column(tools, self.cards, plots, self.working, self.said)
        whole.setStretch(2, 1)
        self.setLayout(whole)
        self.begins: QWidget = self.period
        put = self._words.put
        put(self.period.setAccessibleName, "incidents.period")
        put(self.first.setAccessibleName, "report.first")
        put(self.last.setAccessibleName, "report.last")
        put(self.xlsx.setText, "report.xlsx")
        put(self.pdf.setText, "report.pdf")
        put(self.printer.setText, "do.print")

    def _legend(self) -> QWidget:
        """Which colour is which severity."""
        marks = []
        for severity, token in SEVERITY_TOKENS.items():
            mark = text("", "small", tone=token, strong=True, wrap=False)
            self._words.put(partial(_mark, mark), f"severity.{severity}")
            marks.append(mark)
        legend = QWidget()
        legend.setLayout(Flow(*marks, space=self._desk.theme.px(12)))
        return legend

    def _framed(self, plot: QWidget, key: str, legend: QWidget | None = None) -> Card:
        card = Card(self._desk.theme)
        title = text("", strong=True)
        self._words.put(title.setText, key)
        card.body.addWidget(title)
        if legend is not None:
            card.body.addWidget(legend)
        card.body.addWidget(plot, 1)
        return card

    def shown(self) -> None:
        """Figures of now: the page may have been made days ago, in another month."""
        self._offer()
        self.refresh()

    def retranslate(self) -> None:
        self._offer()
        self._show()

    def _offer(self) -> None:
        before = f"{last_month(self._desk.state.now().date()).first:%Y-%m}"
        self.period.offer([(p, self._desk.tr(f"report.{p}", month=before)) for p in PERIODS])

    def chosen(self) -> Period:
        days, today = PERIODS[self.period.value or "week"], self._desk.state.now().date()
        if days:
            return last_days(today, days)
        if self.period.value == "last_month":
            return last_month(today)
        return between(self.first.day, self.last.day)

    def refresh(self) -> None:
        custom = self.period.value == "custom"
        self.first.setVisible(custom)
        self.last.setVisible(custom)
        state, period = self._desk.state, self.chosen()
        elders = self._watched()

        now = state.now()
        work = reading(
            state.journal.file, lambda reader: report(reader, period, state.zone, elders, now, state.name_of)
        )
        self._desk.background.read_anew(work, self._got, self)

    def _got(self, found: Report) -> None:
        if found != self._report:
            self._report = found
            self._show()

    def _show(self) -> None:
        if (found := self._report) is None:
            return
        empty(self.cards)
        a_row = max(1, min(MOST_A_ROW, FIGURES_PX // self._desk.theme.px(FIGURE_PX)))
        for number, (name, what, much) in enumerate(lines(found, self._desk.language)):
            self.cards.addWidget(self._figure(found, name, what, much), *divmod(number, a_row))
        self.days.show_report(found)
        self.answers.show_report(found)
        self.elders.show(found.by_elder)

    def _figure(self, found: Report, name: str, what: str, much: str) -> Card:
        desk, met = self._desk, meets(found, name)
        card = Card(desk.theme, edge="" if met is None else "well" if met else "overdue")
        pad = desk.theme.px(10)
        card.body.setContentsMargins(pad + desk.theme.px(4), pad, pad, pad)
        card.body.setSpacing(desk.theme.px(2))
        head, _, rest = much.partition(" ")
        card.body.addWidget(text(what, "small", tone="muted"))
        card.body.addLayout(row(text(head, "title", wrap=False), text(rest, "small", tone="muted"), 1))
        if met is not None:
            words = desk.tr("report.target", target=f"{TARGETS[name]:.1%}".replace(".0%", "%"))
            card.body.addWidget(Chip(desk.theme, "well" if met else "overdue", words))
        card.body.addStretch(1)
        return card

    def _save(self, kinds: str, name: str, write: Any) -> None:
        path = save_as(self, self._desk.tr("do.export"), name, kinds)
        found = self._report
        if path and found is not None:
            tongue, community = self._desk.language, self._desk.state.session.community
            self._work(path, lambda told: write(found, tongue, community, Path(path), told))

    def _print(self) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setPageOrientation(QPageLayout.Orientation.Portrait)
        tongue, community = self._desk.language, self._desk.state.session.community
        printer.setDocName(self._desk.tr("report.title", community=community))
        found = self._report
        if found is not None and QPrintDialog(printer, self).exec():
            self._work("", lambda told: draw(found, tongue, community, printer, told))

    def _work(self, path: str, work: Callable[[Told], object]) -> None:
        desk = self._desk

        def done(_: object) -> None:
            self.said.say(desk.tr("report.saved", path=path) if path else desk.tr("report.printed"), "well", "check")

        def failed(error: Exception) -> None:
            if not isinstance(error, OSError):
                raise error
            why = error.strerror or str(error)
            not_saved = desk.tr("report.not_saved", path=path, why=why)
            self.said.say(not_saved if path else desk.tr("report.not_printed"), "alarm", "attention")

        self.said.say("")
        self.working.run(
            desk.tr("report.writing"), work, done, failed, lambda: self.said.say(desk.tr("do.stopped"), "muted", "info")
        )
