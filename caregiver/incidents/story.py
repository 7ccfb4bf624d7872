"""What became of an incident: who was told by which channel, and every step with who took it and what they wrote."""

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from caregiver.incidents.subject import CONTACT
from caregiver.incidents.work import NO_ADDRESS, NOBODY, Step, Work
from caregiver.layout import column, empty, row
from caregiver.parts.photo_views import kept
from caregiver.ui import Desk, Words
from caregiver.wording import begin, step, term
from domain.events import moment
from qtkit.flow import Beside
from qtkit.widgets import Chip, text

TOKENS = {"acknowledged": "well", "delivered": "well", "failed": "alarm", NOBODY: "alarm", NO_ADDRESS: "alarm"}
LONG_NAME = 16  # characters; a longer one takes two lines, for beside it stands whether they were reached


class Story(QWidget):
    """`between` stands under who was told."""

    def __init__(self, desk: Desk, between: QWidget) -> None:
        super().__init__()
        self._desk, self._words = desk, Words(desk, self)
        self._ladder, self._steps = QVBoxLayout(), QVBoxLayout()
        for box in (self._ladder, self._steps):
            box.setSpacing(desk.theme.px(4))
        told, happened = text("", strong=True), text("", strong=True)
        self._words.put(told.setText, "incidents.ladder")
        self._words.put(happened.setText, "incidents.story")
        self.setLayout(column(told, self._ladder, between, happened, self._steps, space=desk.theme.px(8)))

    def show_work(self, work: Work) -> None:
        self._rungs(work)
        self._history(work)

    def _rungs(self, work: Work) -> None:
        desk, tongue = self._desk, self._desk.language
        empty(self._ladder)
        if not work.told:
            self._ladder.addWidget(text(desk.tr("incidents.nobody_told"), "small", tone="muted"))
        for told in work.told:
            token = TOKENS.get(told.state, "due")
            level = text(begin(term(tongue, "level", str(int(told.level)))), "small", tone="muted")
            name = desk.state.name_of(told.who)
            who = text(name, "small", strong=True, wrap=len(name) > LONG_NAME)
            channel = text(begin(term(tongue, "channel", told.channel) if told.channel else ""), "small", wrap=False)
            at = text(f"{desk.state.local(told.at):%H:%M:%S}", "small", tone="muted", wrap=False)
            chip = Chip(desk.theme, token, begin(term(tongue, "notice", told.state)))
            whom, when = QWidget(), QWidget()
            whom.setLayout(row(level, who, channel, 1))
            when.setLayout(row(at, chip))
            self._ladder.addWidget(Beside(whom, when, shares=(1, 0)))

    def _history(self, work: Work) -> None:
        empty(self._steps)
        for number, one in enumerate(s for s in work.steps if not s.kind.startswith("notice.")):
            if number:
                line = QFrame()
                line.setFrameShape(QFrame.Shape.NoFrame)
                line.setFixedHeight(1)
                self._steps.addWidget(line)
            self._steps.addLayout(self._line(one, work.incident.elder))
        for photo in self._desk.state.photos.of(work.incident.elder, work.incident.id):
            self._steps.addWidget(kept(self._desk, photo))

    def _line(self, one: Step, elder: str) -> QVBoxLayout:
        desk, tongue = self._desk, self._desk.language
        by = desk.state.known_name(one.by) or begin(term(tongue, "who", one.by))
        tone = "muted" if one.refused or one.withdrawn else "ink"
        words = step(tongue, one.kind, one.payload)
        if (until := moment(one.payload.get("until"))) is not None:
            words = desk.tr("incidents.until_day", step=words, until=f"{desk.state.local(until):%Y-%m-%d}")
        if one.payload.get("called") == CONTACT:
            words = desk.tr("incidents.called_contact", name=desk.state.name_of(str(one.payload.get("contact", ""))))
        if one.withdrawn:
            words = desk.tr("incidents.withdrawn", step=words)
        if one.overtaken:
            words = desk.tr("incidents.overtaken", step=words)
        elif one.refused:
            words = desk.tr("incidents.refused", step=words)
        if one.pending:
            words = desk.tr("incidents.pending_mark", state=words)
        head = row(
            text(f"{desk.state.local(one.at):%m-%d %H:%M:%S}", "small", tone="muted", wrap=False),
            text(words, "body", tone=tone),
            text(by, "small", tone="muted", wrap=len(by) > LONG_NAME),
            space=desk.theme.px(12),
        )
        head.setStretch(1, 1)
        lines = column(head)
        note = desk.state.open_note(elder, one.payload)
        if note:
            lines.addWidget(text(note, "body"))
        return lines
