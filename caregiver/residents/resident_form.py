"""Writing down one resident: a new one, or what has changed of one who is known."""

from dataclasses import replace
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from caregiver.memory.people import Person
from caregiver.residents.importing import read_profile
from caregiver.ui import Choice, Desk, Words, column, row
from caregiver.wording import term
from domain.people import Profile
from qtkit.widgets import Banner, Button, Card, text

FIELDS = ("family_name", "given_name", "title", "born", "flat", "phone")
LANGUAGES = (("zh", "中文"), ("en", "English"))


class ResidentForm(Card):
    """`done(person or None for a new one, profile)`; `left()` without a change. What is wrong is said beneath the fields."""

    done = Signal(object, object)
    left = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.theme)
        self._desk, self._words = desk, Words(desk, self)
        self._person: Person | None = None
        self.fields = {name: QLineEdit() for name in FIELDS}
        self.alone, self.language, self.said = QCheckBox(), Choice(), Banner(desk.theme)
        self.language.offer(list(LANGUAGES))
        self.save, self.cancel = Button(desk.theme, icon_name="check", role="primary"), Button(desk.theme, role="quiet")
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self._leave)
        self.title, put = text("", "title"), self._words.put
        self.body.addWidget(self.title)
        halves = (("family_name", "given_name"), ("title", "born"), ("flat", "phone"))
        for pair in halves:
            line = row(*(self._named(name) for name in pair))
            line.setStretch(0, 1)
            line.setStretch(1, 1)
            self.body.addLayout(line)
        spoken = text("")
        put(spoken.setText, "residents.language")
        put(self.language.setAccessibleName, "residents.language")
        self.body.addLayout(row(self.alone, 1))
        self.body.addLayout(row(spoken, self.language, 1))
        self.body.addWidget(self.said)
        self.body.addLayout(row(self.save, self.cancel, 1))
        for setter, key in (
            (self.alone.setText, "residents.lives_alone"), (self.save.setText, "do.save"), (self.cancel.setText, "do.cancel"),
        ):  # fmt: skip
            put(setter, key)
        for field in self.fields.values():
            field.returnPressed.connect(self._save)
        desk.language.changed.connect(lambda _: self._name())
        self.hide()

    def _named(self, name: str) -> QWidget:
        label, field, both = text("", "small", tone="muted"), self.fields[name], QWidget()
        label.setBuddy(field)
        self._words.put(label.setText, f"residents.{name}")
        self._words.put(field.setAccessibleName, f"residents.{name}")
        self._words.put(field.setPlaceholderText, f"residents.{name}_hint")
        both.setLayout(column(label, field, space=2))
        return both

    def begin(self, person: Person | None) -> None:
        """With what is known of `person`; None for somebody new."""
        self._person = person
        profile = person.profile if person is not None else Profile("", "")
        title = profile.title_en if self._desk.language.code == "en" else profile.title_zh
        shown = (profile.family_name, profile.given_name, title, profile.born, profile.flat, profile.phone)
        for name, value in zip(FIELDS, shown, strict=True):
            self.fields[name].setText(value)
        self.alone.setChecked(profile.lives_alone)
        self._name()
        self.language.choose(profile.language)
        self.said.say("")
        self.show()
        self.fields["family_name"].setFocus()

    def _name(self) -> None:
        desk, person = self._desk, self._person
        self.title.setText(
            desk.tr("residents.new") if person is None else desk.tr("residents.edit_of", name=person.name)
        )

    def _save(self) -> None:
        desk, person = self._desk, self._person
        cells = {name: " ".join(field.text().split()) for name, field in self.fields.items()}
        cells["lives_alone"] = "yes" if self.alone.isChecked() else ""
        today: date = desk.state.now().date()
        profile, problems = read_profile(cells, today)
        others = (p for p in desk.state.people if person is None or p.id != person.id)
        if not problems and any((p.name, p.profile.flat) == (profile.full_name, profile.flat) for p in others):
            problems = ["known"]
        if problems:
            said = " ".join(term(desk.language, "import", problem) for problem in problems)
            self.said.say(said, "overdue", "attention")
            return
        known = person.profile if person is not None else Profile("", "")
        if desk.language.code == "en":  # what a gate greets with is kept for each language
            profile = replace(profile, title_en=profile.title_zh, title_zh=known.title_zh)
        else:
            profile = replace(profile, title_en=known.title_en)
        self.hide()
        self.done.emit(person, replace(profile, language=self.language.value))

    def _leave(self) -> None:
        self.hide()
        self.left.emit()
