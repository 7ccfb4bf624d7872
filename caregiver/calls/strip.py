"""A call from the gate, above whatever page is open: the live picture, what to ask, open or refuse with the reason."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from caregiver.calls.desk import OPEN_REASONS, REASONS, Call, Calls
from caregiver.layout import column, row
from caregiver.ui import Choice, Desk, Words, at_scale
from caregiver.wording import clock_span, term
from domain.errors import Mendable
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.widgets import Card, Symbol, text

PICTURE = (240, 180)
LOOK_MS = 100


class CallStrip(Card):
    """Hidden while nobody rings. Several calls come one after another, the oldest first. `rings` when one waits for an answer that
    did not before, and when none does any more."""

    rings = Signal(bool)

    def __init__(self, desk: Desk, calls: Calls) -> None:
        super().__init__(desk.theme, edge="lantern")
        self._desk, self._calls, self._words = desk, calls, Words(desk, self)
        self.call: Call | None = None
        self._number, self._rung = 0, ""
        self._looking = self._opening = ""  # the call a picture is asked for, and the one that is being opened
        self._error: Mendable | None = None
        self.line, self.prompt = text("", "title"), text("", tone="muted")
        self.picture, self.trouble = QLabel(), text("", tone="alarm")
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for setter, length in zip((QWidget.setFixedWidth, QWidget.setFixedHeight), PICTURE, strict=True):
            at_scale(desk.theme, self.picture, setter, length)
        self.answer = Button(desk.theme, icon_name="phone", role="primary")
        self.why_open, self.open = Choice(), Button(desk.theme, icon_name="gate", role="primary")
        self.why, self.refuse = Choice(), Button(desk.theme, icon_name="close")
        self.answer.clicked.connect(self._answer)
        self.open.clicked.connect(self._open)
        self.refuse.clicked.connect(self._refuse)
        words, acts = QWidget(), QWidget()
        space = desk.theme.px(8)
        acts.setLayout(Flow(self.answer, self.why_open, self.open, self.why, self.refuse, space=space))
        words.setLayout(column(self.line, self.prompt, self.trouble, acts, space=space))
        line = row(Symbol(desk.theme, "guard", "lantern", 32), self.picture, words, space=desk.theme.px(16))
        line.setStretch(2, 1)
        self.body.addLayout(line)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        put = self._words.put
        put(self.answer.setText, "call.answer")
        put(self.refuse.setText, "call.refuse")
        put(self.why.setAccessibleName, "call.why")
        put(self.why_open.setAccessibleName, "call.open_why")
        put(self.picture.setAccessibleName, "call.picture")
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self._next_picture)
        desk.language.changed.connect(lambda _: self.refresh())
        self.refresh()

    @property
    def waits(self) -> bool:
        """Whether somebody waits for an answer, as far as was looked."""
        return bool(self._rung)

    def refresh(self) -> None:
        """Look who rings."""
        self._look_who_rings()
        rung = self.call.id if self.call is not None and self.call.ringing else ""
        if rung != self._rung:
            self._rung = rung
            self.rings.emit(bool(rung))

    def _look_who_rings(self) -> None:
        desk = self._desk
        calls = self._calls.going_on() if desk.state.session.sees_gate else []
        before = self.call.id if self.call else ""
        self.call = next((c for c in calls if c.ringing or c.answered_by == desk.state.session.person), None)
        self.setVisible(self.call is not None)
        if self.call is None or self.call.id != before:
            self._number, self._error = 0, None
            self.picture.setPixmap(QPixmap())
        if self.call is None:
            self._look.stop()
            return
        ringing = self.call.ringing
        gate = desk.place(self.call.gate)
        self.line.setText(
            desk.tr("call.line", gate=gate, span=clock_span(desk.language, desk.state.now() - self.call.since))
        )
        self.prompt.setText(desk.tr("call.ringing" if ringing else "call.prompts"))
        for part, shown in (
            (self.answer, ringing), (self.picture, not ringing), (self.why_open, not ringing), (self.open, not ringing),
            (self.why, not ringing),
        ):  # fmt: skip
            part.setVisible(shown)
        self.why.offer([(r, term(desk.language, "call_reason", r)) for r in REASONS])
        self.why_open.offer([(r, term(desk.language, "open_reason", r)) for r in OPEN_REASONS])
        opening = self._opening == self.call.id
        self.open.setText(desk.tr("call.opening" if opening else "call.open"))
        self.open.setEnabled(not opening)
        error = self._error
        self.trouble.setText(desk.language.tr(f"error.{error.code}", **error.details) if error else "")
        self.trouble.setVisible(error is not None)
        if self.picture.pixmap().isNull():
            self.picture.setText("" if self._calls.line is None else desk.tr("call.no_picture"))
        self.setAccessibleName(self.line.text())
        if not ringing and self._calls.line is not None and not self._look.isActive():
            self._look.start()

    def _answer(self) -> None:
        if self.call is not None:
            self._calls.answer(self.call.id)
            self.refresh()

    def _refuse(self) -> None:
        if self.call is not None:
            self._calls.refuse(self.call.id, self.why.value or REASONS[0])
            self.refresh()

    def _open(self) -> None:
        if self.call is None or self._opening == self.call.id:
            return
        call, reason = self.call, self.why_open.value or OPEN_REASONS[0]
        self._opening, self._error = call.id, None
        self.refresh()
        calls = self._calls
        self._desk.background.run(
            lambda: calls.open(call, reason),
            lambda _: self._opened(call.id, None),
            lambda error: self._opened(call.id, error),
            self,
            asks=True,
        )

    def _opened(self, id: str, error: Exception | None) -> None:
        if self._opening == id:
            self._opening = ""
        if error is not None and not isinstance(error, Mendable):
            raise error
        if self.call is not None and self.call.id == id:
            self._error = error
        self.refresh()

    def _next_picture(self) -> None:
        """One at a time: the next is asked for when the one before has come, or has not."""
        line, call = self._calls.line, self.call
        if line is None or call is None or self._looking == call.id:
            return
        self._looking = call.id
        number = self._number
        self._desk.background.run(
            lambda: line.picture(call.id, number),
            lambda found: self._seen(call.id, found),
            lambda error: self._not_seen(call.id, error),
            self,
            asks=True,
        )

    def _seen(self, id: str, found: tuple[int, bytes] | None) -> None:
        self._asked_of(id)
        if found is None or self.call is None or self.call.id != id:
            return  # whoever stands there is at another gate
        picture = QPixmap()
        if picture.loadFromData(found[1]):
            self._number = found[0]
            fit = Qt.AspectRatioMode.KeepAspectRatio
            self.picture.setPixmap(picture.scaled(self.picture.size(), fit, Qt.TransformationMode.SmoothTransformation))

    def _not_seen(self, id: str, error: Exception) -> None:
        self._asked_of(id)
        raise error

    def _asked_of(self, id: str) -> None:
        if self._looking == id:
            self._looking = ""
