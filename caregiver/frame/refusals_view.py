"""A line that says how much of what was done here the district did not take; and the list that says what, why, and what to do."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QDialog, QWidget

from caregiver.layout import column, row, scrolling
from caregiver.memory.refusals import Refused, refused
from caregiver.ui import Desk
from domain.events import from_ms
from qtkit.buttons import Button
from qtkit.widgets import Banner, Card, text

WHAT = (  # how a kind begins: the word for it below ``caregiver.memory.refusals``
    ("config.rota", "rota"), ("config.ladder", "ladder"), ("config.", "setting"), ("home.", "device"),
    ("careplan.", "plan"), ("verdict.", "verdict"), ("margin.", "verdict"), ("person.erased", "erasure"),
    ("person.registered", "resident"),
    ("incident.", "incident"),
)  # fmt: skip
SEEN = "refusals_seen"  # until when the list was read, ms


def what(kind: str) -> str:
    return next((word for begins, word in WHAT if kind.startswith(begins)), "entry")


def why(desk: Desk, because: str) -> str:
    """What to do about it, too: at a desk that asks nobody to sign in nobody can."""
    nobody = because == "not_signed_in" and not desk.state.session.signed_in
    return desk.tr(f"refusals.because.{'nobody_signs_in' if nobody else because}")


class RefusalBanner(Banner):
    """Hidden while there is nothing new; opens the list, and remembers what somebody has read."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.theme, "small")
        self._desk = desk
        self._seen = int(desk.kept.value(SEEN) or 0) if desk.kept is not None else 0
        self._found: list[Refused] = []
        self.see = Button(desk.theme, role="quiet", height=40)
        self.see.clicked.connect(self._look)
        self.add(self.see)
        desk.language.changed.connect(lambda _: self._speak())
        self.refresh()

    def refresh(self) -> None:
        self._found = refused(self._desk.state.reader, self._seen)
        self._speak()

    @property
    def of_alarms(self) -> bool:
        """Whether a step of an alarm is among it."""
        return any(one.kind.startswith("incident.") for one in self._found)

    def _look(self) -> None:
        told = RefusalList(self._desk, self._found, self.window())
        told.understood.connect(self._understood)
        told.show()

    def _understood(self) -> None:
        """What is in the list need not be told again."""
        self._seen = max((one.answered for one in self._found), default=self._seen)
        if self._desk.kept is not None:
            self._desk.kept.setValue(SEEN, self._seen)
        self.refresh()

    def _speak(self) -> None:
        desk, count = self._desk, len(self._found)
        self.see.setText(desk.tr("refusals.see"))
        key = "refusals.one" if count == 1 else "refusals.some"
        self.say(desk.tr(key, n=count) if count else "", "overdue", "attention")


class RefusalList(QDialog):
    """Not modal: one may put it right and read on. `understood` when it is put away."""

    understood = Signal()

    def __init__(self, desk: Desk, found: list[Refused], parent: QWidget) -> None:
        super().__init__(parent)
        px = desk.theme.px
        self.setWindowTitle(desk.tr("refusals.title"))
        cards = []
        for one in found:
            card = Card(desk.theme)
            about = desk.tr(f"refusals.what.{what(one.kind)}")
            whom = desk.state.people.find(one.person)
            card.body.addWidget(text(f"{about} · {whom.name}" if whom else about, strong=True))
            card.body.addWidget(text(why(desk, one.because)))
            card.body.addWidget(text(f"{desk.state.local(from_ms(one.at)):%Y-%m-%d %H:%M}", "small", tone="muted"))
            cards.append(card)
        done = Button(desk.theme, desk.tr("refusals.understood"), icon_name="check", role="primary")
        done.clicked.connect(self.accept)
        self.accepted.connect(self.understood)
        inside = QWidget()
        inside.setLayout(column(*cards, 1, space=px(8)))
        area = scrolling(inside)
        self.setLayout(
            column(text(desk.tr("refusals.title"), "title"), area, row(1, done), space=px(16), margins=px(24))
        )
        self.resize(QSize(px(560), px(480)).boundedTo(parent.size()))
