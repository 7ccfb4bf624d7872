"""One passage: the scores as bars against the threshold of its time, the quality as small bars, and the six verdicts."""

from typing import Any

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from caregiver.gatelog.log import VERDICTS, Passage
from caregiver.gatelog.picture import PictureDesk
from caregiver.gatelog.picture_row import PictureRow
from caregiver.ui import Desk, Words, column, empty, row, scrolling
from caregiver.wording import term
from domain.verdicts import Standing
from qtkit.widgets import Button, Card, Chip, EmptyState, text

QUALITIES = ("sharpness", "exposure", "occlusion", "unified", "inter_eye_px")
STANDING_TOKEN = {Standing.DISPUTED: "alarm", Standing.SECOND: "due"}
FULL = {"inter_eye_px": 120.0}  # pixels between the eyes that count as plenty


class Bar(QWidget):
    """A named value of 0 to 1 with an optional mark; the value stands beside it in figures too."""

    def __init__(self, desk: Desk, name: str, value: float, shown: str, token: str, mark: float | None = None) -> None:
        super().__init__()
        self._desk, self._value, self._token, self._mark = desk, min(1.0, max(0.0, value)), token, mark
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.track = QWidget()
        self.track.setFixedHeight(desk.theme.px(20))
        label, figure = text(name, "small", tone="muted", wrap=False), text(shown, "small", strong=True, wrap=False)
        label.setFixedWidth(desk.theme.px(104))
        figure.setFixedWidth(desk.theme.px(48))
        figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line = row(label, self.track, figure)
        line.setStretch(1, 1)
        self.setLayout(line)
        self.setAccessibleName(f"{name} {shown}")

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, place = self._desk.theme, self.track.geometry()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        height = theme.px(8)
        track = QRectF(place.x(), place.center().y() - height / 2, place.width(), height)
        painter.setBrush(theme.colour("sunken"))
        painter.drawRoundedRect(track, height / 2, height / 2)
        painter.setBrush(theme.colour(self._token))
        painter.drawRoundedRect(
            QRectF(track.x(), track.y(), track.width() * self._value, height), height / 2, height / 2
        )
        if self._mark is not None:
            x = track.x() + track.width() * min(1.0, max(0.0, self._mark))
            painter.setPen(QPen(theme.colour("ink"), theme.px(2)))
            painter.drawLine(int(x), place.y(), int(x), place.bottom())


class PassageDetail(QWidget):
    """`judged(verdict)` by button; the page has the keys."""

    judged = Signal(str)

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
        self.area = scrolling(inner)
        self.setLayout(column(self.area, self.nothing))
        desk.language.changed.connect(lambda _: self.show_passage(self.passage))
        desk.theme.changed.connect(lambda: self.show_passage(self.passage))
        self.show_passage(None)

    def show_passage(self, passage: Passage | None) -> None:
        self.passage = passage
        self.area.setVisible(passage is not None)
        self.nothing.setVisible(passage is None)
        empty(self._box)
        if passage is not None:
            self._box.addWidget(self._card(passage))

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
        desk, tongue = self._desk, self._desk.language
        token = {"identified": "well", "unsure": "overdue"}.get(p.outcome, "muted")
        card = Card(desk.theme, edge=token)
        who = self.who(p) or desk.tr("gatelog.nobody")
        card.body.addLayout(row(text(who, "title"), 1, Chip(desk.theme, token, term(tongue, "outcome_of", p.outcome))))
        at = desk.state.local(p.at)
        place = " · ".join(
            (
                f"{at:%m-%d %H:%M:%S}",
                term(tongue, "place", p.gate or ""),
                term(tongue, "direction", p.direction or "unknown"),
            )
        )
        card.body.addWidget(text(place, tone="muted"))
        card.body.addWidget(
            text(" · ".join((term(tongue, "method", p.method), term(tongue, "reason", p.reason or ""))))
        )
        card.body.addWidget(PictureRow(desk, self._pictures, p))
        body = desk.state.payload(p.fact)
        self._scores(card, p, body)
        self._verdicts(card, p)  # in sight without scrolling; what else was measured comes below
        self._quality(card, p, body)
        return card

    def _scores(self, card: Card, p: Passage, body: dict[str, Any]) -> None:
        desk, scores = self._desk, body.get("scores") or []
        if not scores:
            card.body.addWidget(text(desk.tr("gatelog.no_scores"), "small", tone="muted"))
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
        did = body.get("gate_did")
        parts = [live, term(tongue, "gate_did", str(did)) if did else "", f"{body['ms']} ms" if body.get("ms") else ""]
        card.body.addWidget(text(" · ".join(part for part in parts if part), "small", tone="muted"))

    def _verdicts(self, card: Card, p: Passage) -> None:
        desk, tongue = self._desk, self._desk.language
        card.body.addWidget(text(desk.tr("gatelog.your_verdict"), strong=True))
        mine = dict(p.verdicts).get(desk.state.session.person)
        line = None
        for number, verdict in enumerate(VERDICTS):
            if number % 2 == 0:
                line = row(space=desk.theme.px(8))
                card.body.addLayout(line)
            button = Button(
                desk.theme,
                f"{number + 1}  {term(tongue, 'verdict', verdict)}",
                role="primary" if verdict == mine else "",
            )
            button.clicked.connect(lambda _=False, v=verdict: self.judged.emit(v))
            assert line is not None
            line.addWidget(button, 1)
        me = desk.state.session.person
        for by, verdict in p.seen_by(me):
            words = desk.tr("gatelog.reader", name=desk.state.name_of(by), verdict=term(tongue, "verdict", verdict))
            card.body.addWidget(text(words, "small", tone="muted"))
        if (hint := _hint(p, me)) is not None:
            token = STANDING_TOKEN.get(p.standing, "muted")
            card.body.addWidget(text(desk.tr(hint), "small", tone=token, strong=p.standing is Standing.DISPUTED))


def standing_words(desk: Desk, p: Passage) -> str:
    """How the reading of a passage stands, in a word or two."""
    return term(desk.language, "verdict", p.settled) if p.settled else term(desk.language, "standing", p.standing)


def _hint(p: Passage, me: str) -> str | None:
    """What a reader is told beside the verdicts: never what somebody else said before they have spoken."""
    mine = me in dict(p.verdicts)
    match p.standing:
        case Standing.SECOND:
            return "gatelog.waits_for_second" if mine else "gatelog.read_blind"
        case Standing.DISPUTED:
            return "gatelog.third_decides" if mine else "gatelog.disputed"
        case Standing.SETTLED:
            return "gatelog.is_settled"
    return None
