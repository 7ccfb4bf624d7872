"""One passage: who, where and how, the scores as bars against the threshold of its time, the quality, and the verdicts."""

from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from caregiver.gatelog.bar import Bar
from caregiver.gatelog.columns import OUTCOME_TOKEN, why_words
from caregiver.gatelog.log import Passage
from caregiver.gatelog.picture import PictureDesk
from caregiver.gatelog.picture_row import PictureRow
from caregiver.gatelog.verdict_panel import VerdictPanel
from caregiver.layout import column, empty, row, scrolling
from caregiver.ui import Desk, Words
from caregiver.wording import term
from qtkit.widgets import Card, Chip, EmptyState, text

QUALITIES = ("sharpness", "exposure", "occlusion", "unified", "inter_eye_px")
FULL = {"inter_eye_px": 120.0}  # pixels between the eyes that count as plenty


class PassageDetail(QWidget):
    """What is known of the passage scrolls; the verdicts stand below it."""

    def __init__(self, desk: Desk, pictures: PictureDesk) -> None:
        super().__init__()
        self._desk, self._pictures, self._words = desk, pictures, Words(desk, self)
        self.passage: Passage | None = None
        self.visitors: dict[str, str] = {}  # pass -> the resident it leads to
        self.nothing = EmptyState(desk.theme, "gate", "")
        self._words.put(self.nothing.say, "gatelog.choose")
        self._box = QVBoxLayout()
        inner = QWidget()
        inner.setLayout(column(self._box, 1, space=0, margins=desk.theme.px(4)))
        self.area, self.verdicts = scrolling(inner), VerdictPanel(desk)
        self.verdicts.keys_on(self)
        whole = column(self.area, self.verdicts, self.nothing)
        whole.setStretch(0, 1)
        self.setLayout(whole)
        desk.language.changed.connect(lambda _: self.show_passage(self.passage))
        desk.theme.changed.connect(lambda: self.show_passage(self.passage))
        self.show_passage(None)

    def show_passage(self, passage: Passage | None) -> None:
        self.passage = passage
        for part in (self.area, self.verdicts):
            part.setVisible(passage is not None)
        self.nothing.setVisible(passage is None)
        empty(self._box)
        if passage is not None:
            self._box.addWidget(self._card(passage))
            self.verdicts.show_passage(passage)

    def who(self, p: Passage) -> str:
        """Who passed, or whom they visited; '' where nobody was recognised."""
        desk = self._desk
        if p.person is None:
            return ""
        if (visited := self.visitors.get(p.person)) is not None:
            return desk.tr("gatelog.visitor_of", name=desk.state.known_name(visited) or desk.tr("unknown_person"))
        person = desk.state.people.find(p.person)
        return person.name if person else desk.tr("unknown_person")

    def _card(self, p: Passage) -> Card:
        desk, tongue, body = self._desk, self._desk.language, self._desk.state.payload(p.fact)
        did = str(body.get("gate_did") or "")
        if p.by_face or p.kept_out:
            token, end = OUTCOME_TOKEN.get(p.end, "muted"), term(tongue, "outcome_of", p.end)
        else:
            token, end = "well" if did == "opened" else "muted", term(tongue, "gate_did", did)
        card = Card(desk.theme, edge=token)
        who = text(self.who(p) or desk.tr("gatelog.nobody"), "title")
        card.body.addLayout(row(who, 1, Chip(desk.theme, token, end)) if end else row(who))
        at = desk.state.local(p.at)
        place = (
            f"{at:%m-%d %H:%M:%S}",
            desk.place(p.gate or ""),
            term(tongue, "direction", p.direction or "unknown"),
        )
        how = (term(tongue, "method", p.method), why_words(desk, p))
        for parts, tone in ((place, "muted"), (how, "")):
            card.body.addWidget(text(" · ".join(part for part in parts if part), tone=tone))
        card.body.addWidget(PictureRow(desk, self._pictures, p))
        self._scores(card, p, body)
        self._quality(card, p, body)
        return card

    def _scores(self, card: Card, p: Passage, body: dict[str, Any]) -> None:
        desk, scores = self._desk, body.get("scores") or []
        if not scores:
            why = "gatelog.no_candidates" if p.by_face else "gatelog.no_scores"
            card.body.addWidget(text(desk.tr(why), "small", tone="muted"))
        for number, score in enumerate(scores[:2], 1):
            words = desk.tr(f"gatelog.score_{number}")
            token = "well" if p.threshold is not None and score >= p.threshold else "overdue"
            card.body.addWidget(Bar(desk, words, float(score), f"{score:.3f}", token, p.threshold))
        if scores and p.threshold is not None:
            card.body.addWidget(text(desk.tr("gatelog.threshold", t=f"{p.threshold:.3f}"), "small", tone="muted"))

    def _quality(self, card: Card, p: Passage, body: dict[str, Any]) -> None:
        desk, tongue, quality = self._desk, self._desk.language, body.get("quality") or {}
        for name in QUALITIES:
            if name in quality:
                value = float(quality[name])
                shown = f"{value:.0f} px" if name in FULL else f"{value:.2f}"
                card.body.addWidget(Bar(desk, term(tongue, "quality", name), value / FULL.get(name, 1.0), shown, "due"))
        live = desk.tr("gatelog.liveness", state=term(tongue, "liveness", p.liveness or "not_assessed"))
        did = term(tongue, "gate_did", str(body.get("gate_did") or ""))
        parts = (live, did, f"{body['ms']} ms" if body.get("ms") else "") if p.by_face else (did,)
        card.body.addWidget(text(" · ".join(part for part in parts if part), "small", tone="muted"))
