"""A call from the gate, above whatever page is open: who rings, what to ask, answer or refuse with the reason."""

from PySide6.QtWidgets import QWidget

from caregiver.calls.desk import REASONS, Call
from caregiver.ui import Choice, Desk, Words, column, row
from caregiver.wording import clock_span, term
from qtkit.widgets import Button, Card, Symbol, text


class CallStrip(Card):
    """Hidden while nobody rings. Several calls come one after another, the oldest first."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.theme, edge="lantern")
        self._desk, self._words = desk, Words(desk, self)
        self.call: Call | None = None
        self.line, self.prompt = text("", "title", wrap=False), text("", tone="muted")
        self.answer = Button(desk.theme, icon_name="phone", role="primary")
        self.why, self.refuse = Choice(), Button(desk.theme, icon_name="close")
        self.answer.clicked.connect(self._answer)
        self.refuse.clicked.connect(self._refuse)
        words = QWidget()
        words.setLayout(column(self.line, self.prompt, space=desk.theme.px(2)))
        line = row(
            Symbol(desk.theme, "guard", "lantern", 32),
            words,
            self.answer,
            self.why,
            self.refuse,
            space=desk.theme.px(8),
        )
        line.setStretch(1, 1)
        self.body.addLayout(line)
        put = self._words.put
        put(self.answer.setText, "call.answer")
        put(self.refuse.setText, "call.refuse")
        put(self.why.setAccessibleName, "call.why")
        desk.language.changed.connect(lambda _: self.refresh())
        self.refresh()

    def refresh(self) -> bool:
        """Look who rings; True while a call is not answered yet."""
        desk = self._desk
        calls = desk.state.calls.going_on() if desk.state.session.sees_gate else []
        self.call = next((c for c in calls if c.ringing or c.answered_by == desk.state.session.person), None)
        self.setVisible(self.call is not None)
        if self.call is None:
            return False
        gate = term(desk.language, "place", self.call.gate)
        self.line.setText(desk.tr("call.line", gate=gate, span=clock_span(desk.state.now() - self.call.since)))
        self.prompt.setText(desk.tr("call.ringing" if self.call.ringing else "call.prompts"))
        self.answer.setVisible(self.call.ringing)
        self.why.setVisible(not self.call.ringing)
        self.why.offer([(r, term(desk.language, "call_reason", r)) for r in REASONS])
        self.setAccessibleName(self.line.text())
        return self.call.ringing

    def _answer(self) -> None:
        if self.call is not None:
            self._desk.state.calls.answer(self.call.id)
            self.refresh()

    def _refuse(self) -> None:
        if self.call is not None:
            self._desk.state.calls.refuse(self.call.id, self.why.value or REASONS[0])
            self.refresh()
