"""A line in which a person is found by name, pinyin initials or flat, and then stands chosen."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QModelIndex, QStringListModel, Qt, Signal
from PySide6.QtWidgets import QCompleter, QLineEdit

from caregiver.people import Person

SHOWN = 12


class PersonField(QLineEdit):
    """`among` yields whom it may find; `chosen` tells of every change, `person` is None until one stands chosen."""

    chosen = Signal()

    def __init__(self, among: Callable[[], Iterable[Person]]) -> None:
        super().__init__()
        self._among = among
        self._found: list[Person] = []
        self.person: Person | None = None
        self._names = QStringListModel(self)
        completer = QCompleter(self._names, self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        completer.setMaxVisibleItems(SHOWN)
        # The stubs know the overload with the text alone, and two people may have one name.
        completer.activated[QModelIndex].connect(  # type: ignore[index]
            lambda index: self._take(index.row())
        )
        self.setCompleter(completer)
        self.setClearButtonEnabled(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.textEdited.connect(self._look)
        self.returnPressed.connect(self._first)

    def choose(self, person: Person | None) -> None:
        self.person = person
        self.setText("" if person is None else _line(person))
        self.chosen.emit()

    def _look(self, words: str) -> None:
        wanted = words.lower().split()
        self._found = []
        for person in self._among() if wanted else ():
            if all(word in person.search for word in wanted):
                self._found.append(person)
                if len(self._found) == SHOWN:
                    break
        self._names.setStringList([_line(p) for p in self._found])
        if self.person is not None:
            self.person = None
            self.chosen.emit()

    def _first(self) -> None:
        """Enter takes the first that fits, as long as nobody stands chosen."""
        if self.person is None and self._found:
            self._take(0)

    def _take(self, number: int) -> None:
        if 0 <= number < len(self._found):
            self.choose(self._found[number])


def _line(person: Person) -> str:
    return f"{person.name} · {person.profile.flat}" if person.profile.flat else person.name
