"""What never moves: the clock above, the ways in and the language below."""

from datetime import datetime

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from kiosk.screens.shape import Shape
from kiosk.screens.speech import other, sentence
from kiosk.visit.events import Press
from kiosk.visit.line import Line
from kiosk.visit.settings import VisitSettings
from kiosk.visit.view import Screen, View, Way
from qtkit.buttons import Button
from qtkit.i18n import Language
from qtkit.icons import icon
from qtkit.theme import Theme
from qtkit.widgets import Symbol, retone, text

HOLD_MS = 3000
LOW_WAYS = 104  # pixels of height on a low panel
WITH_BACK = (Screen.CARD, Screen.PIN, Screen.QR, Screen.CALLING, Screen.MAINTENANCE, Screen.ENROL)


class Header(QWidget):
    """Clock and date; where we are. Pressing the place for three seconds asks for the staff's PIN."""

    staff_asked = Signal()

    def __init__(self, theme: Theme, language: Language, settings: VisitSettings) -> None:
        super().__init__()
        self._language, self._settings, self._low = language, settings, False
        self.clock, self.day = text("", "title", wrap=False), text("", "small", "muted", wrap=False)
        self.place = text("", "small", strong=True, wrap=False)
        self.notice = text("", "small", "muted")  # of the camera; on a low panel there is no room for it below
        self.notice.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.notice.hide()
        self.offline = Symbol(theme, "offline", "muted", 32)
        self.offline.hide()
        self.mark = HoldButton(theme, "lantern")
        self.mark.held.connect(self.staff_asked)
        for label in (self.place, self.day):
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.place)
        right.addWidget(self.day)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(16))
        row.addWidget(self.mark)
        row.addWidget(self.clock)
        row.addWidget(self.notice, 4)
        row.addStretch(0)
        row.addWidget(self.offline)
        row.addLayout(right)
        self._row = row

    def arrange(self, shape: Shape) -> None:
        self._low = shape is Shape.LOW
        self.notice.setVisible(self._low)
        self._row.setStretch(3, 0 if self._low else 1)

    def takes(self, note: str) -> bool:
        """On a low panel, show `note` in the place of the notice of camera use, where it fits; whether it does."""
        beside = (self.mark, self.clock, max(self.place, self.day, key=lambda label: label.sizeHint().width()))
        width = self.width() - sum(part.sizeHint().width() + self._row.spacing() for part in beside)
        metrics = self.notice.fontMetrics()
        needed = metrics.boundingRect(QRect(0, 0, width, 10_000), Qt.TextFlag.TextWordWrap, note)
        taken = self._low and bool(note) and needed.height() <= self.mark.height() and needed.width() <= width
        self.notice.setText(note if taken else self._language.tr("kiosk.standby.camera_notice"))
        retone(self.notice, "tone", "overdue" if taken else "muted")
        return taken

    def show_time(self, now: datetime) -> None:
        self.clock.setText(self._language.clock(now))
        self.day.setText(self._language.day(now))

    def show_view(self, view: View) -> None:
        code = self._language.code
        self.place.setText(f"{self._settings.community[code]} · {self._settings.gate[code]}")
        self.offline.setVisible(view.offline)
        self.offline.setAccessibleName(self._language.tr("kiosk.standby.offline"))
        self.offline.setToolTip(self._language.tr("kiosk.standby.offline"))
        self.mark.setAccessibleName(self._language.tr("kiosk.staff.enter"))


class HoldButton(QPushButton):
    """The brand's lantern, which is also the staff's door when held for three seconds, by finger or by key."""

    held = Signal()

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self.setProperty("role", "quiet")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._theme, self._name = theme, name
        self._timer = QTimer(self, singleShot=True, interval=HOLD_MS)
        self._timer.timeout.connect(self.held)
        self.pressed.connect(self._timer.start)
        self.released.connect(self._timer.stop)
        theme.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        side = max(56, self._theme.px(64))
        self.setIcon(icon(self._name, self._theme.colour("lantern"), side))
        self.setIconSize(QSize(side, side))
        least = max(96, side + 16)
        self.setFixedSize(least, least)


class Notes(QWidget):
    """What stays true whatever is shown: one strip a note, hidden while there is none."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(12))
        self.symbol = Symbol(theme, "info", "overdue", 32)
        self.label = text("", "small", "overdue")
        row.addWidget(self.symbol)
        row.addWidget(self.label, 1)
        self.hide()

    def show_note(self, said: str) -> None:
        self.label.setText(said)
        self.setVisible(bool(said))


def joined(notes: tuple[Line, ...], trouble: str, language: str) -> str:
    """The notes in words; `trouble` is a sentence about a failure of ours, already in words."""
    return "  ·  ".join([sentence(note, language) for note in notes] + ([trouble] if trouble else []))


class WayButton(QPushButton):
    """One way in: a picture, its word, and its word in the other language."""

    def __init__(self, theme: Theme, way: Way) -> None:
        super().__init__()
        self.way = way
        self.setProperty("role", "way")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme = theme
        self.symbol = Symbol(theme, way.value, "lantern", 56)
        self.word, self.foreign = text("", "body", strong=True, wrap=False), text("", "small", "muted", wrap=False)
        words = QVBoxLayout()
        words.setSpacing(0)
        for part in (self.symbol, self.word, self.foreign):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            if isinstance(part, QLabel) and part is not self.symbol:
                part.setAlignment(Qt.AlignmentFlag.AlignCenter)
                words.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        self._parts = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._parts.setContentsMargins(4, theme.px(12), 4, theme.px(10))
        self._parts.setSpacing(0)
        self._parts.addStretch(1)
        self._parts.addWidget(self.symbol, 0, Qt.AlignmentFlag.AlignCenter)
        self._parts.addLayout(words)
        self._parts.addStretch(1)
        self.arrange(Shape.UPRIGHT)

    def arrange(self, shape: Shape) -> None:
        """The picture above its words, beside them on a low panel."""
        low = shape is Shape.LOW
        self.setFixedHeight(LOW_WAYS if low else max(156, self._theme.px(184)))
        self._parts.setDirection(QBoxLayout.Direction.LeftToRight if low else QBoxLayout.Direction.TopToBottom)
        self._parts.setSpacing(self._theme.px(16) if low else 0)

    def show_state(self, language: str, broken: bool) -> None:
        self.setEnabled(not broken)
        self.symbol.show_icon(self.way.value, "muted" if broken else "lantern")
        self.word.setText(sentence(Line(f"kiosk.way.{self.way}"), language))
        retone(self.word, "tone", "muted" if broken else "")
        line = Line("kiosk.way.broken" if broken else f"kiosk.way.{self.way}")
        self.foreign.setText(sentence(line, language if broken else other(language)))
        self.setAccessibleName(f"{self.word.text()} {self.foreign.text()}")


class WaysRow(QWidget):
    """Card, PIN, QR, guard: always the same size, always in the same place."""

    asked = Signal(object)

    def __init__(self, theme: Theme, language: Language) -> None:
        super().__init__()
        self._theme, self._language = theme, language
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(max(16, theme.px(24)))
        self.buttons = {way: WayButton(theme, way) for way in Way}
        for way, button in self.buttons.items():
            row.addWidget(button, 1)
            button.clicked.connect(lambda _=False, way=way: self.asked.emit(way))
        self._row = row

    def arrange(self, shape: Shape) -> None:
        for button in self.buttons.values():
            button.arrange(shape)
        self._row.setSpacing(16 if shape is Shape.LOW else max(16, self._theme.px(24)))

    def show_view(self, view: View) -> None:
        for way, button in self.buttons.items():
            button.show_state(self._language.code, way in view.broken_ways)


class Footer(QWidget):
    """The notice of camera use, or the way back; and the language."""

    pressed = Signal(object)

    def __init__(self, theme: Theme, language: Language) -> None:
        super().__init__()
        self._language = language
        self.notice = text("", "small", "muted")
        self.back = Button(theme, "", "left")
        self.back.clicked.connect(lambda: self.pressed.emit(Press.BACK))
        self.switch = Button(theme, "", "globe", "quiet")
        self.switch.clicked.connect(language.toggle)
        self._low = False
        self.setFixedHeight(max(96, theme.px(96)))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(24))
        row.addWidget(self.notice, 1)
        row.addWidget(self.back)
        row.addStretch(0)
        row.addWidget(self.switch)
        self._row = row

    def arrange(self, shape: Shape) -> None:
        """On a low panel it stands beside the ways in, always as wide, and the notice of camera use in the header."""
        self._low = shape is Shape.LOW
        policy = self.back.sizePolicy()
        policy.setRetainSizeWhenHidden(self._low)
        self.back.setSizePolicy(policy)

    def show_view(self, view: View) -> None:
        tr = self._language.tr
        back = view.screen in WITH_BACK
        self.notice.setText(tr("kiosk.standby.camera_notice"))
        self.notice.setVisible(not back and not self._low)
        self._row.setStretch(2, 1 if back or self._low else 0)
        word = {Screen.CALLING: "kiosk.calling.hang_up", Screen.MAINTENANCE: "kiosk.maintenance.leave"}
        self.back.setMinimumWidth(0)
        if self._low:  # so that the ways in beside it never move
            widths = []
            for key in ("kiosk.back.word", "kiosk.calling.hang_up"):
                self.back.setText(tr(key))
                widths.append(self.back.sizeHint().width())
            self.back.setMinimumWidth(max(widths))
        self.back.setText(tr(word.get(view.screen, "kiosk.back.word")))
        self.back.setVisible(back)
        self.switch.setText(tr("kiosk.language.switch"))
        self.switch.setAccessibleName(tr("kiosk.language.switch_name"))
