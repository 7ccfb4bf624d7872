"""A line that tells whoever may export and erase here of a new one, or of a new link for one, until they have read it."""

from caregiver.memory.new_duties import TOLD_FOR, new_duties
from caregiver.ui import Desk
from domain.events import from_ms, to_ms
from qtkit.buttons import Button
from qtkit.widgets import Banner

SEEN = "duties_seen"  # by person: what of it they have read
_NOBODYS = ("operator", "system")  # done at the server itself


class DutiesBanner(Banner):
    """Hidden for everybody else, and while there is nothing new."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.theme, "small")
        self._desk, self._key = desk, f"{SEEN}/{desk.state.session.person}"
        self._seen = set(str(desk.kept.value(self._key) or "").split()) if desk.kept is not None else set[str]()
        self._shown = ""
        self.seen = Button(desk.theme, role="quiet", height=40)
        self.seen.clicked.connect(self._read)
        self.add(self.seen)
        desk.language.changed.connect(lambda _: self.refresh())
        self.refresh()

    def refresh(self) -> None:
        desk, session = self._desk, self._desk.state.session
        self.seen.setText(desk.tr("duties.seen"))
        since = to_ms(desk.state.now() - TOLD_FOR)
        told = new_duties(desk.state.reader, session.person, since) if session.administers else []
        self._seen &= {one.id for one in told}
        found = [one for one in told if one.id not in self._seen]
        if not found:
            self.say("")
            return
        first = found[0]
        self._shown = first.id
        by = desk.tr("duties.at_the_server") if first.by in _NOBODYS else desk.state.name_of(first.by)
        whose = desk.state.name_of(first.account)
        self.setToolTip(f"{desk.state.local(from_ms(first.at)):%Y-%m-%d %H:%M}")
        self.say(desk.tr(f"duties.{first.step}", name=whose, by=by), "overdue", "attention")

    def _read(self) -> None:
        self._seen.add(self._shown)
        if self._desk.kept is not None:
            self._desk.kept.setValue(self._key, " ".join(sorted(self._seen)))
        self.refresh()
