"""The alarm: the whole window, who, where, what, since when; what one does at once; under it the ladder, counting down."""

from typing import cast

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

from caregiver.incidents.actions import to_send
from caregiver.incidents.alarm_words import to_know, who_is_next
from caregiver.incidents.asking import Asked
from caregiver.incidents.big_words import BODY, Big, large
from caregiver.incidents.desk import IncidentDesk
from caregiver.incidents.subject import ELDER, EMERGENCY, dial, dial_words, name_of, to_ring_up
from caregiver.incidents.told_list import ToldList
from caregiver.incidents.work import LastSign, Work
from caregiver.layout import column, reachable, row
from caregiver.ui import Desk, Words
from caregiver.wording import clock_span, second_of, term
from domain.incident import Incident
from qtkit.buttons import Button, is_enter
from qtkit.flow import Flow

WRITING_MS = 1000  # after its last letter: what somebody was in the middle of writing must not answer an alarm


def is_writing() -> bool:
    """Whether the keyboard is in a field that holds words."""
    field = QApplication.focusWidget()
    if isinstance(field, QLineEdit):
        return bool(field.text())
    return isinstance(field, QPlainTextEdit) and bool(field.toPlainText())


class AlarmView(QWidget):
    """Covers its parent while something rings. `painted(incident)` once each incident was really on the screen; `covers` when it
    comes over what stood there, or another incident in the place of the first: True where that was not pressed for."""

    painted = Signal(str)
    covers = Signal(bool)
    acknowledge = Signal(str)
    called = Signal(str, str)  # incident, "elder" or "120"
    sent = Signal(str)  # somebody else was called to it

    def __init__(self, desk: Desk, incidents: IncidentDesk, parent: QWidget, last_sign: LastSign) -> None:
        super().__init__(parent)
        self._desk, self._incidents, self._words = desk, incidents, Words(desk, self)
        self._over, self._last_sign, self._work = parent, last_sign, cast(Work | None, None)
        self._others = 0
        self._said: str | None = None
        self._dialled = ""  # whom one rang up last: a computer without a telephone shows the number to dial by hand
        self._trouble = ""  # what was not kept of what one did, until another alarm stands here
        self._before: QWidget | None = None  # where the keyboard was
        self.writing = QTimer(self, singleShot=True, interval=WRITING_MS)
        self.writing.timeout.connect(self._hear)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._build()
        parent.installEventFilter(self)
        desk.language.changed.connect(lambda _: self._fill())
        desk.theme.changed.connect(self.update)
        self.hide()

    def _build(self) -> None:
        desk = self._desk
        self.kind, self.who, self.where = Big(28, desk), Big(56, desk), Big(40, desk)
        self.since, self.note = Big(40, desk, bold=False), Big(20, desk, bold=False)
        self.drill, self.more = Big(40, desk), Big(20, desk)
        self.take = Button(desk.theme, icon_name="check", role="on_alarm", height=72)
        self.call = Button(desk.theme, icon_name="phone", role="on_alarm", height=72)
        self.emergency = Button(desk.theme, icon_name="phone", role="on_alarm", height=72)
        self.send = Button(desk.theme, icon_name="people", role="on_alarm", height=72)
        for button in (self.take, self.call, self.emergency, self.send):
            button.setMinimumWidth(large(desk.theme, 288))
            button.setStyleSheet(f"font-size: {large(desk.theme, BODY)}px;")
        self.take.clicked.connect(self._take)
        self.call.clicked.connect(lambda: self._call(ELDER))
        self.emergency.clicked.connect(lambda: self._call(EMERGENCY))
        self.send.clicked.connect(self._send)
        self.ask = Asked(desk, self._incidents, "alarm")
        self.ask.saved.connect(self.sent)
        self.ask.failed.connect(lambda e: self.complain(desk.language.tr(f"error.{e.code}", **e.details)))
        self.ask.left.connect(lambda: self.send.setFocus(Qt.FocusReason.OtherFocusReason))
        self.number = Big(40, desk)
        self.number.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.number.hide()
        self.next, self.told = Big(20, desk), ToldList(desk)
        px = desk.theme.px
        actions, whole = QWidget(), QWidget()
        actions.setLayout(Flow(self.take, self.call, self.emergency, self.send, space=px(16)))
        lay = column(
            row(self.kind, self.drill, 1, self.more, space=px(16)), self.who, self.where, self.since, self.note, 2,
            actions, self.ask, self.number, 1, self.next, self.told, space=px(8),
        )  # fmt: skip
        lay.setContentsMargins(*(large(desk.theme, edge) for edge in (56, 32, 56, 32)))
        whole.setLayout(lay)
        whole.setProperty("ground", "alarm")
        self.area = reachable(whole)
        self.setLayout(column(self.area))
        self._words.put(self.take.setText, "alarm.take")
        self._words.put(self.call.setText, "alarm.call")
        self._words.put(self.emergency.setText, "alarm.emergency")
        self._words.put(self.drill.setText, "alarm.drill")
        self.setTabOrder(self.take, self.call)
        self.setTabOrder(self.call, self.emergency)
        self.setTabOrder(self.emergency, self.send)
        self.setTabOrder(self.send, self.told.rest)

    # ---- what it shows ----------------------------------------------------------------------------------------------

    @property
    def incident(self) -> Incident | None:
        return self._work.incident if self._work else None

    @property
    def _is_asking(self) -> bool:
        return self.ask.isAncestorOf(self.focusWidget() or self)

    @property
    def rings_on(self) -> bool:
        """Whether nobody here has pressed that they take it."""
        return self.take.isEnabled()

    def show_work(self, work: Work | None, others: int = 0) -> None:
        """Ring for this one (None: for nothing); `others` ring besides."""
        fresh = work is not None and (self._work is None or self._work.incident.id != work.incident.id)
        if fresh and self.isHidden():
            self._before = self.window().focusWidget()
            if is_writing():
                self.writing.start()
        self._work, self._others = work, others
        if work is None:
            self._said = None
            self._let_go()
            return
        if fresh:
            self._trouble = self._dialled = ""
            self.number.hide()
            self.ask.leave()  # what was begun about the one before is kept
        by_itself = self.isVisible() and self.rings_on
        self._fill(fresh)
        self.setGeometry(self._over.rect())
        self.show()
        self.raise_()
        if fresh:
            self.take.setEnabled(True)
            self.covers.emit(by_itself)
            self._hear()
            self.repaint()  # before anything else that came with it
        self.update()

    def _let_go(self) -> None:
        """Off the screen; the keyboard goes back to where it was."""
        self.writing.stop()
        held = self.isAncestorOf(self.window().focusWidget() or self._over)
        self.hide()
        if held and self._before is not None and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        elif held and (anywhere := self.window().focusWidget()) is not None:
            anywhere.clearFocus()
        self._before = None

    def _hear(self) -> None:
        """Let the keyboard answer, once what was being written elsewhere has run out."""
        (self if self.writing.isActive() else self.take).setFocus(Qt.FocusReason.OtherFocusReason)

    def complain(self, words: str) -> None:
        """What one did was not kept: said here, for nothing else is to be seen, and it can be done again."""
        self._trouble = words
        self._say()
        if not self.take.isEnabled():
            self.take.setEnabled(True)
            self.take.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fill(self, fresh: bool = False) -> None:
        work, desk = self._work, self._desk
        if work is None:
            return
        incident, tongue = work.incident, desk.language
        self.kind.setText(term(tongue, "kind", incident.kind))
        name = name_of(desk, work.person, work.of_equipment, work.place)
        age = work.person.age(desk.state.now().date()) if work.person else None
        self.who.setText(name if age is None else desk.tr("alarm.who", name=name, age=age))
        flat = work.person.profile.flat if work.person else ""
        room = desk.place(work.place) if work.place != flat and not work.of_equipment else ""
        for whom, button in ((ELDER, self.call), (EMERGENCY, self.emergency)):
            button.setHidden(whom not in to_ring_up(work))
        if (action := to_send(self._incidents.allowed(incident.id))) is not None:
            self.send.setText(desk.tr(f"alarm.{action.key}"))
            if self.ask.action is not None:
                self.ask.ask(action, work)
        elif self.ask.action is not None:
            self.ask.leave()  # somebody has taken it
        self.send.setHidden(action is None)
        self.where.setText(" · ".join(part for part in (desk.state.session.community, flat, room) if part))
        self.drill.setVisible(incident.exercise)
        self.more.setText(desk.tr("alarm.more", n=self._others))
        self.more.setVisible(self._others > 0)
        if self._dialled:
            self.number.setText(dial_words(desk, work, self._dialled))
        elif work.person is not None:
            self.number.setText(work.person.profile.phone)
        self.told.show_told(work.told, anew=fresh)
        self.tick()
        self.setAccessibleName(" · ".join((self.kind.text(), self.who.text(), self.where.text(), self.since.text())))

    def _say(self) -> None:
        """The line beneath: when they were heard last is known a moment later than that they call, and grows old."""
        if self._work is not None:
            self.note.setText(self._trouble or to_know(self._desk, self._work, self._last_sign))
            self.note.setVisible(bool(self.note.text()))

    def tick(self) -> None:
        """Move the clocks on."""
        if self._work is None:
            return
        desk, now = self._desk, self._desk.state.now()
        opened = self._work.incident.happened_at
        at = second_of(desk.state.local(opened), now)
        self._say()
        self.since.setText(desk.tr("alarm.since", at=at, span=clock_span(desk.language, now - opened)))
        self.next.setText(who_is_next(desk, self._work, now))

    # ---- what one does ----------------------------------------------------------------------------------------------

    def _take(self) -> None:
        if self._work is not None and self.take.isEnabled():
            self.take.setEnabled(False)
            self.acknowledge.emit(self._work.incident.id)

    def _call(self, whom: str) -> None:
        if self._work is None:
            return
        self._dialled = whom
        self.number.setText(dial(self._desk, self._work, whom))
        self.number.show()
        self.called.emit(self._work.incident.id, whom)

    def _send(self) -> None:
        """Ask whom, here: the page of the incident is covered until somebody has taken it, and then nobody is sent any more."""
        work = self._work
        if work is not None and (action := to_send(self._incidents.allowed(work.incident.id))) is not None:
            self.ask.ask(action, work)
            self.ask.choice.setFocus(Qt.FocusReason.OtherFocusReason)
            QTimer.singleShot(0, self, lambda: self.area.ensureWidgetVisible(self.ask.ok))  # once it is laid out

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.writing.isActive() and event.text() and not is_enter(event):
            self.writing.start()  # whoever looks at a paper writes on for longer
        if event.isAutoRepeat() or self.writing.isActive() or self._is_asking:
            return  # a key held down would take the next alarm before anybody has read it
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                focus = self.focusWidget()
                if isinstance(focus, Button) and focus is not self.take:
                    focus.click()
                else:
                    self._take()
            case Qt.Key.Key_C if not self.call.isHidden():
                self._call(ELDER)
            case Qt.Key.Key_1 if not self.emergency.isHidden():
                self._call(EMERGENCY)
            case Qt.Key.Key_D if not self.send.isHidden():
                self._send()
            case _:
                super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """The keyboard stays inside while it rings."""
        if self.isHidden():
            return super().focusNextPrevChild(forward)
        buttons = (self.take, self.call, self.emergency, self.send, *self.ask.fields, self.told.rest)
        ring = [one for one in buttons if one.isVisible() and one.isEnabled()]
        here = next((n for n, one in enumerate(ring) if one.hasFocus()), -1)
        ring[(here + (1 if forward else -1)) % len(ring)].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    # ---- painting ---------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._over and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._over.rect())
        return super().eventFilter(watched, event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        work, theme = self._work, self._desk.theme
        painter = QPainter(self)
        fill = theme.colour("alarm_fill")
        painter.fillRect(self.rect(), fill)
        if work is None:
            return
        if work.incident.exercise or not work.incident.confirmed:
            band = QColor(theme.hex("on_alarm"))
            band.setAlphaF(0.16)
            painter.fillRect(self.rect(), QBrush(band, Qt.BrushStyle.BDiagPattern))
            painter.setPen(QPen(theme.colour("on_alarm"), theme.px(8), Qt.PenStyle.DashLine))
            painter.drawRect(QRectF(self.rect()).adjusted(8, 8, -8, -8))
        if self._said != work.incident.id:
            self._said = work.incident.id
            QTimer.singleShot(0, self, lambda id=work.incident.id: self.painted.emit(id))
