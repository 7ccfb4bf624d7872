"""One elder: on the left who and what to do, on the right four weeks of signs of life."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from caregiver.elders.medical_card import MedicalCard
from caregiver.elders.presenter import Elders
from caregiver.elders.timeline import timeline
from caregiver.elders.visit_form import VisitForm
from caregiver.layout import Side, beside, column, empty, row
from caregiver.memory.changes import Changes
from caregiver.memory.contacts import Contact, contacts
from caregiver.parts.photo_views import kept
from caregiver.ui import Desk, Words
from caregiver.wording import ahead, begin, sign, term
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.widgets import Banner, Card, Chip, text, tip

# the others' words would be "next" once more; they too are expected to be heard from
SAYS_HOW = ("due", "overdue", "away")
SIDE_PX = 376


class ElderPage(QWidget):
    """`back` to the board; `incident_chosen` and `care_plan` ask for those pages."""

    back = Signal()
    incident_chosen = Signal(str)
    care_plan = Signal(str)

    def __init__(self, desk: Desk, elders: Elders) -> None:
        super().__init__()
        from caregiver.elders.strips import Strips  # pyqtgraph only where it is looked at

        self._desk, self._elders, self._words = desk, elders, Words(desk, self)
        self.person: str | None = None
        self.strips = Strips(desk)
        self._build()
        desk.language.changed.connect(lambda _: self.refresh())

    def _build(self) -> None:
        desk, px = self._desk, self._desk.theme.px
        self.return_ = Button(desk.theme, icon_name="left", role="quiet")
        self.return_.clicked.connect(self.back)
        self.name, self.chip = text("", "title", wrap=False), Chip(desk.theme, "well", "", "body")
        self.line = text("", tone="muted", wrap=False)
        self.banner = Banner(desk.theme)
        self.plan_button = Button(desk.theme, icon_name="clock")
        self.visit_button = Button(desk.theme, icon_name="heart", role="primary")
        self.medical_button = Button(desk.theme, icon_name="lock")
        self.visit_form, self.note = VisitForm(desk, self._elders.visits), MedicalCard(desk, self._elders.medical)
        self.visit_form.saved.connect(self._visited)
        self.plan_button.clicked.connect(lambda: self.care_plan.emit(self.person or ""))
        self.visit_button.clicked.connect(lambda: self.visit_form.ask(self.person or ""))
        self.medical_button.clicked.connect(lambda: self.note.ask(self.person or ""))
        self.cards = QVBoxLayout()
        self.cards.setSpacing(px(8))
        left = QWidget()
        left.setLayout(column(self.visit_form, self.note, self.cards, 1, space=px(8)))
        self.strips_title, self.legend = text("", strong=True, wrap=False), text("", "small", tone="muted")
        self.hover = text("", "small")
        self.hover.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.strips.hovered.connect(self.hover.setText)
        picture = Card(desk.theme)
        over = row(self.strips_title, self.hover)
        over.setStretch(1, 1)
        picture.body.addLayout(over)
        picture.body.addWidget(self.strips, 1)
        picture.body.addWidget(self.legend)
        named, acts, head = QWidget(), QWidget(), QWidget()
        named.setLayout(Flow(self.return_, self.name, self.chip, self.line, space=px(12)))
        named.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        acts.setLayout(Flow(self.visit_button, self.plan_button, self.medical_button, space=px(12)))
        head.setLayout(Flow(named, acts, space=px(12)))
        body = beside(Side(desk, left, SIDE_PX), picture, space=px(12))
        whole = column(head, body, self.banner, space=px(8))
        whole.setStretch(1, 1)
        self.setLayout(whole)
        put = self._words.put
        put(self.return_.setText, "elder.back")
        put(self.plan_button.setText, "elder.plan")
        put(self.visit_button.setText, "elder.visit")
        put(self.medical_button.setText, "elder.medical")
        put(self.strips_title.setText, "elder.four_weeks")
        put(self.legend.setText, "elder.legend")

    def show_person(self, person: str) -> None:
        if person != self.person:
            self.visit_form.hide()
            self.note.leave()
            self.banner.say("")
        self.person = person
        self.refresh()

    def heard(self, changes: Changes) -> None:
        if self.person in changes.people:
            gone = self._desk.state.people.find(self.person) is None
            self.refresh()
            if gone and self.isVisible():
                self.back.emit()

    def refresh(self) -> None:
        """Read everything of the person again."""
        desk, state = self._desk, self._desk.state
        person = state.people.find(self.person)
        if person is None or self.person is None:
            if self.person is not None:
                self._gone()
            return
        elder = self._elders.board.find(person.id)
        age = person.age(state.now().date())
        self.name.setText(person.name if age is None else desk.tr("elder.name", name=person.name, age=age))
        self.line.setText(person.profile.flat)
        if elder is not None:
            self.chip.show_state(elder.standing.urgency.token, term(desk.language, "state", elder.standing.word))
        empty(self.cards)
        self._now_card()
        self._contact_card()
        self._device_card()
        self._incident_card()
        self._visit_card()
        self._looked_card()
        self.strips.show_line(timeline(state.reader, person.id, state.now(), state.zone))

    def _gone(self) -> None:
        """Whoever was erased, or has left what this desk may see, leaves the screen as well."""
        self.person = None
        self.visit_form.hide()
        self.note.leave()
        self.name.clear()
        self.line.clear()
        empty(self.cards)
        self.strips.show_line(None)

    def _visited(self) -> None:
        self.refresh()
        self.banner.say(self._desk.tr("elder.visited"), "well", "check")
        self.visit_button.setFocus()  # the form has gone, and the keyboard would go on to another

    def _card(self, key: str) -> Card:
        card = Card(self._desk.theme)
        card.body.addWidget(text(self._desk.tr(key), strong=True))
        self.cards.addWidget(card)
        return card

    def _pair(self, card: Card, label: str, words: str) -> None:
        line = row(text(label, "small", tone="muted", wrap=False), text(words), space=self._desk.theme.px(8))
        line.setStretch(1, 1)
        card.body.addLayout(line)

    def _now_card(self) -> None:
        desk, state = self._desk, self._desk.state
        elder, card = self._elders.board.find(self.person or ""), self._card("elder.now")
        if elder is None or elder.last is None:
            card.body.addWidget(text(desk.tr("board.never")))
        else:
            at = desk.language.ago(state.local(elder.last), state.now())
            self._pair(
                card,
                desk.tr("elder.last"),
                f"{at} · {sign(desk.language, elder.last_kind, desk.place(elder.last_place))}",
            )
        if elder is not None and elder.standing.until is not None:
            at = ahead(desk.language, state.local(elder.standing.until), state.now())
            token = elder.standing.urgency.token
            until = desk.tr(f"board.until_{token if token in SAYS_HOW else 'away'}", at=at)
            self._pair(card, desk.tr("elder.next"), until)
        for words in self._elders.plan_summary(self.person or "", desk.language):
            card.body.addWidget(text(words, "small", tone="muted"))

    def _contact_card(self) -> None:
        desk = self._desk
        card, found = self._card("elder.contacts"), self._contacts()
        for contact in found:
            card.body.addLayout(self._contact(contact))
        if not found:
            card.body.addWidget(text(desk.tr("elder.no_contacts"), "small", tone="muted"))

    def _contact(self, contact: Contact) -> QVBoxLayout:
        desk = self._desk
        role = begin(term(desk.language, "relation", contact.relation))
        call, copy = (
            Button(desk.theme, icon_name="phone", role="quiet"),
            Button(desk.theme, icon_name="copy", role="quiet"),
        )
        call.setAccessibleName(desk.tr("elder.call", name=contact.name))
        call.setToolTip(tip(call.accessibleName()))
        copy.setAccessibleName(desk.tr("elder.copy", name=contact.name))
        copy.setToolTip(tip(copy.accessibleName()))
        call.clicked.connect(lambda: QDesktopServices.openUrl(f"tel:{contact.phone.replace(' ', '')}"))
        copy.clicked.connect(lambda: self._copy(contact))
        key = desk.tr("contacts.has_key") if contact.has_key else ""
        words = column(
            row(text(contact.name, strong=True, wrap=False), text(key, "small", tone="muted", wrap=False), 1),
            text(" · ".join(part for part in (role, contact.phone) if part), "small", tone="muted"),
            space=0,
        )
        line = row(words, call, copy)
        line.setStretch(0, 1)
        return column(line)

    def _copy(self, contact: Contact) -> None:
        QGuiApplication.clipboard().setText(contact.phone)
        self.banner.say(self._desk.tr("elder.copied", phone=contact.phone), "well", "check")

    def _rows(self, key: str, none: str, sql: str, line: Callable[[dict[str, object]], str]) -> Card | None:
        desk = self._desk
        rows = desk.state.reader.query(sql, (self.person,))
        card = self._card(key)
        for found in rows:
            card.body.addWidget(text(line(found), "small"))
        if not rows:
            card.body.addWidget(text(desk.tr(none), "small", tone="muted"))
        return card

    def _contacts(self) -> list[Contact]:
        person = self.person or ""
        return contacts(self._desk.state.people, person, self._elders.board.plan(person))

    def _device_card(self) -> None:
        desk, state = self._desk, self._desk.state

        def line(r: dict[str, object]) -> str:
            parts = [
                begin(term(desk.language, "device", str(r["kind"] or "").replace(".", "_"))),
                desk.place(str(r["place"] or "")),
            ]
            if r["blind"]:
                parts.append("◌ " + term(desk.language, "state", "blind"))
            elif r["seen"]:
                parts.append(desk.language.ago(state.local(int(str(r["seen"]))), state.now()))
            if r["battery"] is not None:
                parts.append(f"{r['battery']} %")
            return " · ".join(p for p in parts if p)

        self._rows("elder.devices", "elder.no_devices",
                   "SELECT * FROM elders_devices WHERE person = ? ORDER BY blind DESC, kind, place LIMIT 12", line)  # fmt: skip

    def _incident_card(self) -> None:
        desk, state = self._desk, self._desk.state
        card = self._card("elder.incidents")
        rows = state.reader.query(
            "SELECT * FROM incidents_now WHERE elder = ? ORDER BY opened DESC LIMIT 5", (self.person,)
        )
        for r in rows:
            at = desk.language.ago(state.local(r["opened"]), state.now())
            kind = term(desk.language, "kind", r["kind"])
            kind = desk.tr("incidents.drill_mark", kind=kind) if r["exercise"] else kind
            words = f"{kind} · {at} · {term(desk.language, 'incident_state', r['state'])}"
            button = Button(desk.theme, words, "alarm" if r["open"] else "well", "quiet")
            button.setProperty("type", "small")
            button.clicked.connect(lambda _=False, id=r["incident"]: self.incident_chosen.emit(id))
            card.body.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        if not rows:
            card.body.addWidget(text(desk.tr("elder.no_incidents"), "small", tone="muted"))

    def _visit_card(self) -> None:
        desk, state = self._desk, self._desk.state

        def line(r: dict[str, object]) -> str:
            by = state.known_name(str(r["by"]))
            at = desk.language.ago(state.local(int(str(r["at"]))), state.now())
            note = state.open_note(self.person or "", {"note": r["note"]})
            how = term(desk.language, "visit", str(r["how"] or "visit"))
            return " · ".join(p for p in (at, how, by, note) if p)

        card = self._rows(
            "elder.visits",
            "elder.no_visits",
            "SELECT * FROM elders_visits WHERE person = ? ORDER BY at DESC LIMIT 4",
            line,
        )
        if card is not None:
            self._visit_photos(card)
        due = self._elders.visits.due(self.person or "")
        if card is not None and due:
            card.body.addWidget(text(desk.tr("elder.visit_due"), "small", tone="overdue", strong=True))

    def _visit_photos(self, card: Card) -> None:
        """Of the newest visit that has any."""
        state, person = self._desk.state, self.person or ""
        newest = "SELECT f.id FROM elders_visits v JOIN facts f ON f.rowid = v.fact WHERE v.person = ? ORDER BY v.at DESC LIMIT 4"
        for (visit,) in state.reader.rows(newest, (person,)):
            if found := state.photos.of(person, visit):
                for photo in found:
                    card.body.addWidget(kept(self._desk, photo))
                return

    def _looked_card(self) -> None:
        desk, state = self._desk, self._desk.state

        def line(r: dict[str, object]) -> str:
            by = state.name_of(str(r["by"]))
            at = desk.language.ago(state.local(int(str(r["at"]))), state.now())
            return " · ".join(p for p in (at, by, term(desk.language, "looked", str(r["what"]))) if p)

        self._rows(
            "elder.looked",
            "elder.nobody_looked",
            "SELECT * FROM elders_looked WHERE person = ? ORDER BY at DESC LIMIT 4",
            line,
        )
