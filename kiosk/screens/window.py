"""The kiosk's one window. It shows the presenter's view, hands it what fingers and devices do, and passes on its effects."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QLayout, QStackedWidget, QVBoxLayout, QWidget

from kiosk.camera.port import Frame, Image
from kiosk.screens.camera_view import CameraView, Guide
from kiosk.screens.chrome import Footer, Header, Notes, WaysRow, joined
from kiosk.screens.enrol_page import EnrolPage
from kiosk.screens.maintenance_page import MaintenancePage
from kiosk.screens.pages import CallPage, FacePage, MessagePage, Page, PassPage
from kiosk.screens.pin_page import PinPage
from kiosk.screens.shape import Shape, shape_of
from kiosk.visit.events import Event, Press, Pressed, Tick
from kiosk.visit.presenter import Visit
from kiosk.visit.view import Screen, View, Way
from qtkit.i18n import Language
from qtkit.theme import Mode, Theme

TICK_MS = 100
LOW_ABOVE = 2  # pixels above the header of a low panel, whose lantern is as high as every button and has air of its own
TROUBLE_FOR = timedelta(seconds=30)
KEYS = {
    Qt.Key.Key_Escape: Press.BACK, Qt.Key.Key_Backspace: Press.ERASE, Qt.Key.Key_F1: Way.CARD, Qt.Key.Key_F2: Way.PIN,
    Qt.Key.Key_F3: Way.QR, Qt.Key.Key_F4: Way.GUARD,
}  # fmt: skip
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class KioskWindow(QWidget):
    """Full screen, touch first.

    `effect` carries what the presenter wants done. `typed` is asked of every key that went down, be it a finger's or a typing
    reader's, with its text and its own time in ms, and says whether it was a card's last one. `take` may be called from any thread.
    `frames` gives the newest camera frame or None; `now` is the aware local time; `night`, where given, turns the theme dark and
    light again while nobody stands there. `visitor` gives the picture of whoever may be taken over.
    """

    effect = Signal(object)
    _incoming = Signal(object)

    def __init__(
        self,
        presenter: Visit,
        language: Language,
        theme: Theme,
        frames: Callable[[], Frame | None] = lambda: None,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
        night: Callable[[datetime], bool] | None = None,
        visitor: Callable[[], Image | None] = lambda: None,
        typed: Callable[[str, int], bool] = lambda _text, _ms: False,
    ) -> None:
        super().__init__()
        self.setProperty("ground", "paper")
        self.setWindowTitle("守望 Shouwang")
        self._presenter, self._language, self._theme, self._now = presenter, language, theme, now
        self._night, self._typed = night, typed
        self._shown: View | None = None
        self._trouble, self._trouble_until = "", now()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._build(frames, visitor)
        self._incoming.connect(self._handle, Qt.ConnectionType.QueuedConnection)
        language.changed.connect(self._reword)
        theme.changed.connect(self.update)
        self._clock = QTimer(self, interval=TICK_MS)
        self._clock.timeout.connect(self._tick)
        self._clock.start()
        self.refresh()

    def _build(self, frames: Callable[[], Frame | None], visitor: Callable[[], Image | None]) -> None:
        theme, language = self._theme, self._language
        self.header = Header(theme, language, self._presenter.settings)
        self.notes, self.ways, self.footer = Notes(theme), WaysRow(theme, language), Footer(theme, language)
        self.camera = CameraView(theme, frames)
        face = FacePage(theme, language, self.camera)
        message = MessagePage(theme, language)
        pin = PinPage(theme, language)
        maintenance = MaintenancePage(
            theme, language, CameraView(theme, frames, Guide.BOXES, self._presenter.settings.zone)
        )
        self.pages: dict[Screen, Page] = dict.fromkeys(Screen, message)
        self.pages |= dict.fromkeys((Screen.STANDBY, Screen.APPROACHING, Screen.COACHING, Screen.CHALLENGE), face)
        enrol = EnrolPage(theme, language, CameraView(theme, frames), visitor)
        enrol.happened.connect(self._handle)
        self.pages |= {
            Screen.ENROL: enrol,
            Screen.PIN: pin,
            Screen.QR: PassPage(theme, language, CameraView(theme, frames, Guide.SQUARE)),
            Screen.CALLING: CallPage(theme, language, CameraView(theme, frames, Guide.NONE)),
            Screen.MAINTENANCE: maintenance,
        }
        self.stage = QStackedWidget()
        for page in dict.fromkeys(self.pages.values()):
            self.stage.addWidget(page)
        for source in (message, pin, maintenance, self.footer):
            source.pressed.connect(self.press)
        self.ways.asked.connect(self.press)
        self.header.staff_asked.connect(lambda: self.press(Press.STAFF))
        column = QVBoxLayout(self)
        # the panel is as large as it is, and divided by that
        column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        column.setSpacing(theme.px(16))
        for part, stretch in ((self.header, 0), (self.notes, 0), (self.stage, 1)):
            column.addWidget(part, stretch)
        self._below = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._below.setSpacing(theme.px(16))
        self._below.addWidget(self.ways, 1)
        self._below.addWidget(self.footer)
        column.addLayout(self._below)
        self._column = column

    # ------------------------------------------------------------ in

    def take(self, event: Event) -> None:
        """Hand over an event from any thread."""
        self._incoming.emit(event)

    def take_the_rest(self) -> None:
        """What other threads have handed over and nobody has taken in: the event loop has ended, and a gate may have answered."""
        for _ in range(2):  # what is asked for in the first is answered in the second
            QCoreApplication.sendPostedEvents(self, QEvent.Type.MetaCall.value)

    def press(self, what: Way | Press | str) -> None:
        self._handle(Pressed(what))

    def keyPressEvent(self, key: QKeyEvent) -> None:
        """Everything works from the keyboard; what types fast is a card reader, whose Enter confirms no PIN."""
        words = "\n" if key.key() in ENTER else key.text()
        held = key.isAutoRepeat()  # it comes as fast as a card's number, and is a finger's
        if words and not held and self._typed(words, key.timestamp()):
            return
        if key.key() in ENTER:
            self.press(Press.ENTER)
        elif (press := KEYS.get(Qt.Key(key.key()))) is not None:
            self.press(press)
        elif words.isdigit():
            self.press(words)
        else:
            super().keyPressEvent(key)

    @Slot(str)
    def say_trouble(self, sentence: str) -> None:
        """Show what went wrong on our side for a while; the gate works on."""
        self._trouble, self._trouble_until = sentence, self._now() + TROUBLE_FOR
        self._reword()

    def _tick(self) -> None:
        if self._trouble and not timedelta(0) < self._trouble_until - self._now() <= TROUBLE_FOR:
            self._trouble = ""
            self._reword()
        self._handle(Tick())
        if self._night is not None and self._presenter.view().screen is Screen.STANDBY:
            self._theme.set_mode(Mode.DARK if self._night(self._now()) else Mode.LIGHT)

    @Slot(object)
    def _handle(self, event: Event) -> None:
        effects = self._presenter.handle(event, self._now())
        self.refresh()
        for effect in effects:
            self.effect.emit(effect)

    # ------------------------------------------------------------ out

    def refresh(self) -> None:
        """Show the presenter's view; what did not change is left alone."""
        view = self._presenter.view()
        self.header.show_time(self._now())
        page = self.pages[view.screen]
        if self._shown is not None and _still(self._shown) == _still(view):
            if view.ring != self._shown.ring or view.sighting is not self._shown.sighting:
                page.show_view(view)
        else:
            self.header.show_view(view)
            note = joined(view.notes, self._trouble, self._language.code)
            self.notes.show_note("" if self.header.takes(note) else note)
            self.ways.show_view(view)
            self.footer.show_view(view)
            page.show_view(view)
            self.ways.setVisible(view.screen not in (Screen.MAINTENANCE, Screen.ENROL))
            for other in dict.fromkeys(self.pages.values()):
                if other.foot is not None and other is not page:
                    other.foot.hide()
            if self.stage.currentWidget() is not page:
                self.stage.setCurrentWidget(page)
                self.setFocus()
        self._shown = view

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.setFocus()

    @property
    def shown(self) -> View | None:
        """What is on the screen; None before the first picture."""
        return self._shown

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        shape = shape_of(self.width(), self.height())
        low = shape is Shape.LOW
        margin, above = self._theme.px(32), LOW_ABOVE if low else self._theme.px(24)
        self._column.setContentsMargins(margin, above, margin, self._theme.px(16))
        self._below.setDirection(QBoxLayout.Direction.LeftToRight if low else QBoxLayout.Direction.TopToBottom)
        parts: list[Header | WaysRow | Footer | Page] = [self.header, self.ways, self.footer]
        for part in (*parts, *dict.fromkeys(self.pages.values())):
            part.arrange(shape)
        self._below.setSpacing(16 if low else self._theme.px(16))
        for page in dict.fromkeys(self.pages.values()):
            if low and page.foot is not None:
                self._below.insertWidget(0, page.foot, 1)
        self._column.activate()  # whether the header takes a note depends on its width
        self._reword()

    def _reword(self) -> None:
        for view in self.findChildren(CameraView):
            view.setAccessibleName(self._language.tr("kiosk.maintenance.camera"))
        self._shown = None
        self.refresh()


def _still(view: View) -> View:
    return replace(view, ring=0.0, sighting=None)
