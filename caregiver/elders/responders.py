"""What whoever goes there must know: the way in, where it is, and the medical note, each sealed under the elder's own key.

The way in and the place are shown to whoever makes the plan. The note is not: to read it takes the glass on the elder's page;
here it can only be written anew. The place is kept in WGS-84; a Chinese map shows every place some hundred metres beside that.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QLabel, QPlainTextEdit

from caregiver.ui import Choice, Desk, Hinted, Words, at_scale
from domain.places import gcj02_to_wgs84, read_position
from offline.letters.notes import open_note, seal_note
from qtkit.flow import Flow
from qtkit.widgets import Card, text

CHINESE_MAP, SATELLITES = "chinese_map", "satellites"


class ForResponders(Card):
    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.theme)
        self._desk, self._words = desk, Words(desk, self)
        self._person = ""
        self._shown: dict[str, str] = {}
        self.door, self.place, self.note = Hinted(), Hinted(), QPlainTextEdit()
        self.note.setTabChangesFocus(True)
        at_scale(desk.theme, self.note, QPlainTextEdit.setFixedHeight, 72)
        title = text("", strong=True)
        self._words.put(title.setText, "responders.title")
        self.body.addWidget(title)
        self.read_from = Choice()  # which map the place was read from
        self._words.put(self.read_from.setAccessibleName, "responders.read_from")
        for field, key, beside in (
            (self.door, "door", ()),
            (self.place, "place", (self.read_from,)),
            (self.note, "note", ()),
        ):
            label = QLabel()
            label.setBuddy(field)
            self._words.put(label.setText, f"responders.{key}")
            self._words.put(field.setAccessibleName, f"responders.{key}")
            self.body.addWidget(label)
            self.body.addLayout(Flow(field, *beside))
        self._words.put(self.door.setPlaceholderText, "responders.door_hint")
        self._words.put(self.place.setPlaceholderText, "responders.place_hint")
        desk.language.changed.connect(lambda _: self._hint())
        self._has_note = False

    def show_person(self, person: str, plain: dict[str, Any]) -> None:
        keys = self._desk.state.keys
        self._person = person
        self._shown = {name: open_note(keys, person, plain.get(name)) for name in ("door_access", "position")}
        self._has_note = bool(plain.get("medical_note"))
        self.door.setText(self._shown["door_access"])
        self.place.setText(self._shown["position"])
        self.read_from.choose(SATELLITES if self._shown["position"] else CHINESE_MAP)
        self.note.clear()
        self._hint()

    @property
    def unread(self) -> bool:
        """Whether a place is written that nobody could be sent to."""
        return bool(self.place.text().strip()) and read_position(self.place.text()) is None

    @property
    def changed(self) -> dict[str, str]:
        """What was changed, in plain words, by its name in the plan's payload."""
        written = {"door_access": self.door.text().strip(), "position": self._position()}
        changed = {name: words for name, words in written.items() if words != self._shown.get(name, "")}
        if note := self.note.toPlainText().strip():
            changed["medical_note"] = note
        return changed

    def write_over(self, changed: Mapping[str, str]) -> None:
        """Put what was `changed` over what stands."""
        self.door.setText(changed.get("door_access", self.door.text()))
        self.note.setPlainText(changed.get("medical_note", self.note.toPlainText()))
        if (place := changed.get("position")) is not None:
            self.place.setText(place)
            if read_position(place) is not None:  # as it was understood
                self.read_from.choose(SATELLITES)

    def sealed(self) -> dict[str, str]:
        """What was changed, as the plan's payload carries it. Raises Mendable `key_not_here`."""
        return {name: seal_note(self._desk.state.keys, self._person, words) for name, words in self.changed.items()}

    def _position(self) -> str:
        written = self.place.text().strip()
        found = None if written == self._shown.get("position") else read_position(written)
        if found is None:
            return written
        return "{:.6f} {:.6f}".format(*(gcj02_to_wgs84(*found) if self.read_from.value == CHINESE_MAP else found))

    def _hint(self) -> None:
        self.read_from.offer([(each, self._desk.tr(f"responders.{each}")) for each in (CHINESE_MAP, SATELLITES)])
        key = "responders.note_there" if self._has_note else "responders.note_none"
        self.note.setPlaceholderText(self._desk.tr(key))
