"""Choosing one person by typing: whoever fits is offered, and nobody is taken for another of the same name."""

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtWidgets import QCompleter

from caregiver.memory.people import Person
from caregiver.ui import Desk, Hinted

OFFERED = 12


class PersonChoice(Hinted):
    """`chosen` is emitted with an id, or '' once nobody is chosen any more. `value` says who is."""

    chosen = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk, self._offered = desk, list[Person]()
        self.value = ""
        self.setClearButtonEnabled(True)
        self._names = QStringListModel(self)
        self.offer = QCompleter(self._names, self)
        self.offer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.offer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.offer.setMaxVisibleItems(OFFERED)
        self.setCompleter(self.offer)
        self.textChanged.connect(self._typed)
        self.offer.activated.connect(self._named)
        self.returnPressed.connect(self._only_one)

    def choose(self, person: Person) -> None:
        """Take somebody who was pointed at elsewhere."""
        self._offered = [person]
        self._take(0)

    def _typed(self, words: str) -> None:
        if self.value and words == self._label(self._desk.state.people.find(self.value)):
            return
        parts = words.lower().split()
        fits = (p for p in self._desk.state.people if all(w in p.search for w in parts)) if parts else iter(())
        self._offered = sorted(fits, key=lambda p: (p.name, p.profile.flat))[:OFFERED]
        self._names.setStringList([self._label(p) for p in self._offered])
        if self.value:
            self.value = ""
            self.chosen.emit("")

    def _only_one(self) -> None:
        if not self.value and len(self._offered) == 1:
            self._take(0)

    def _named(self, label: str) -> None:
        self._take(next((n for n, p in enumerate(self._offered) if self._label(p) == label), -1))

    def _take(self, number: int) -> None:
        if 0 <= number < len(self._offered):
            person = self._offered[number]
            self.value = person.id
            self.setText(self._label(person))
            self.chosen.emit(person.id)

    @staticmethod
    def _label(person: Person | None) -> str:
        return "" if person is None else f"{person.name} {person.profile.flat}".strip()
