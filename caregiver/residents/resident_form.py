"""Writing down one resident: a new one, or what has changed of one who is known."""

from dataclasses import replace
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from caregiver.layout import column, row
from caregiver.memory.people import Person
from caregiver.residents.importing import read_profile
from caregiver.ui import Choice, Desk, Hinted, Words
from caregiver.wording import LANGUAGES, term
from domain.people import Profile
from qtkit.buttons import Button
from qtkit.widgets import Banner, Card, text

FIELDS = ("family_name", "given_name", "title", "born", "flat", "phone")


class ResidentForm(Card):
    """`done(person or None for a new one, profile)`; `left()` without a change. What is wrong is said beneath the fields, and
    so is what another desk has written meanwhile: then nothing is saved before somebody has seen both."""

    done = Signal(object, object)
    left = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.theme)
        self._desk, self._words = desk, Words(desk, self)
        self._person: Person | None = None
        self._known = Profile("", "")  # what was known of them when the fields were filled
        self.fields = {name: Hinted() for name in FIELDS}
        self.alone, self.language, self.said = QCheckBox(), Choice(), Banner(desk.theme)
        self.language.offer(list(LANGUAGES.items()))
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
        self._known = person.profile if person is not None else Profile("", "")
        for name, value in self._shown(self._known).items():
            self._put(name, value)
        self._name()
        self.said.say("")
        self.show()
        self.fields["family_name"].setFocus()

    def _shown(self, profile: Profile) -> dict[str, str]:
        """What the fields say of a profile, by their names."""
        title = profile.title_en if self._desk.language.code == "en" else profile.title_zh
        words = (profile.family_name, profile.given_name, title, profile.born, profile.flat, profile.phone)
        alone = "yes" if profile.lives_alone else ""
        return dict(zip(FIELDS, words, strict=True)) | {"lives_alone": alone, "language": profile.language}

    def _put(self, name: str, value: str) -> None:
        if name == "lives_alone":
            self.alone.setChecked(bool(value))
        elif name == "language":
            self.language.choose(value)
        else:
            self.fields[name].setText(value)

    def _cells(self) -> dict[str, str]:
        """What the fields say now."""
        words = {name: " ".join(field.text().split()) for name, field in self.fields.items()}
        return words | {"lives_alone": "yes" if self.alone.isChecked() else "", "language": self.language.value}

    def _overtaken(self, person: Person) -> bool:
        """Whether somebody else has corrected them since the fields were filled: theirs stands in every field that was not touched
        here, and is named beneath beside what was."""
        newest = self._desk.state.roster.profile(person.id) or self._known
        before, here, there = (self._shown(self._known), self._cells(), self._shown(newest))
        self._known = newest
        changed = [name for name in there if there[name] not in (before[name], here[name])]
        for name in changed:
            if here[name] == before[name]:
                self._put(name, there[name])
        if changed:
            theirs = self._desk.tr("residents.semicolon").join(self._said_of(name, there[name]) for name in changed)
            self.said.say(self._desk.tr("residents.overtaken", theirs=theirs), "overdue", "attention")
        return bool(changed)

    def _said_of(self, name: str, value: str) -> str:
        if name == "lives_alone":
            value = self._desk.tr("residents.alone" if value else "residents.not_alone")
        elif name == "language":
            value = dict(LANGUAGES)[value]
        return self._desk.tr("residents.field_is", field=self._desk.tr(f"residents.{name}"), value=value or "—")

    def _name(self) -> None:
        desk, person = self._desk, self._person
        self.title.setText(
            desk.tr("residents.new") if person is None else desk.tr("residents.edit_of", name=person.name)
        )

    def _save(self) -> None:
        desk, person = self._desk, self._person
        if person is not None and desk.state.roster.profile(person.id) is None:
            self.said.say(desk.tr("residents.gone"), "overdue", "attention")
            return
        if person is not None and self._overtaken(person):
            return
        cells = self._cells()
        today: date = desk.state.now().date()
        profile, problems = read_profile(cells, today)
        others = (p for p in desk.state.people if person is None or p.id != person.id)
        if not problems and any((p.name, p.profile.flat) == (profile.full_name, profile.flat) for p in others):
            problems = ["known"]
        if problems:
            said = " ".join(term(desk.language, "import", problem) for problem in problems)
            self.said.say(said, "overdue", "attention")
            return
        known = self._known
        if desk.language.code == "en":  # what a gate greets with is kept for each language
            profile = replace(profile, title_en=profile.title_zh, title_zh=known.title_zh)
        else:
            profile = replace(profile, title_en=known.title_en)
        self.hide()
        self.done.emit(person, replace(profile, language=self.language.value))

    def _leave(self) -> None:
        self.hide()
        self.left.emit()
