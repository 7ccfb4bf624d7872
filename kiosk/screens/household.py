"""Who lives in a flat: one button a person, and what the symbols on them mean."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QScroller, QVBoxLayout, QWidget

from kiosk.screens.shape import Shape
from kiosk.visit.people import Newcomer
from qtkit.buttons import Button
from qtkit.i18n import Language
from qtkit.theme import Theme
from qtkit.widgets import Symbol, text

LEAST_GAP = 24  # pixels between two people


class Household(QScrollArea):
    """`chosen` carries a person's id. Two columns where there is little height; more than fit are drawn up by the finger."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, language: Language) -> None:
        super().__init__(widgetResizable=True)
        self._theme, self._language = theme, language
        self._columns = 1
        self._listed: tuple[object, ...] = ()
        self.legend = Legend(theme, language)
        self.buttons: dict[str, Button] = {}
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.LeftMouseButtonGesture)

    def arrange(self, shape: Shape) -> None:
        self._columns = 2 if shape.beside else 1

    def show_people(self, people: tuple[Newcomer, ...]) -> None:
        key = (people, self._language.code, self._columns)
        if key == self._listed:
            return
        self._listed = key
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(max(LEAST_GAP, self._theme.px(24)))
        self.buttons = {}
        for place, person in enumerate(people):
            button = Button(self._theme, person.greeting[self._language.code], STATES[_state(person)])
            button.clicked.connect(lambda _=False, who=person.person_id: self.chosen.emit(who))
            grid.addWidget(button, 1 + place // self._columns, place % self._columns)
            self.buttons[person.person_id] = button
        grid.setRowStretch(0, 1)
        grid.setRowStretch(2 + len(people) // self._columns, 1)
        self.setWidget(inside)
        self.legend.show_states({_state(person) for person in people})


STATES = {"": "person", "enrolled": "check", "outdated": "refresh"}


def _state(person: Newcomer) -> str:
    if not person.enrolled:
        return ""
    return "outdated" if person.outdated else "enrolled"


class Legend(QWidget):
    """A symbol and its sentence for every state that somebody is in."""

    def __init__(self, theme: Theme, language: Language) -> None:
        super().__init__()
        self._language = language
        self._lines = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, theme.px(16))
        side = round(1.2 * theme.type_px("small") / theme.scale)  # beside its words, however small the panel
        for state, symbol in STATES.items():
            if not state:
                continue
            line = QWidget()
            row = QHBoxLayout(line)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(theme.px(12))
            label = text("", "small", "muted")
            row.addWidget(Symbol(theme, symbol, "ink", side), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(label, 1)
            column.addWidget(line)
            self._lines[state] = (line, label)

    def show_states(self, states: set[str]) -> None:
        for state, (line, label) in self._lines.items():
            label.setText(self._language.tr(f"kiosk.enrol.{state}"))
            line.setVisible(state in states)
