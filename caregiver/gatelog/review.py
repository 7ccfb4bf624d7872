"""What the gate log asks and records: a passage's picture, and a reader's verdict. No Qt."""

from typing import Any

from caregiver.gatelog.log import NOT_THIS_PERSON
from caregiver.gatelog.picture import PictureDesk
from caregiver.gatelog.projection import VERDICT, WITHDRAWN
from caregiver.replica import Replica


class Review:
    def __init__(self, replica: Replica) -> None:
        self._replica, self.pictures = replica, PictureDesk()

    def judge(self, passage: int, person: str | None, verdict: str) -> None:
        """A reader's verdict on a passage, in place of their last. "Not this person" also tightens that resident's margin at
        the kiosks, and taking it back releases it; a stranger is never stored. '' takes the verdict back."""
        reader, me = self._replica.reader, self._replica.session.person
        id = reader.value("SELECT id FROM facts WHERE rowid = ?", (passage,))
        before = reader.value("SELECT verdict FROM gatelog_verdicts WHERE passage = ? AND by = ?", (passage, me))
        about = {"passage": id, "by": me}
        said = (VERDICT, {**about, "verdict": verdict}) if verdict else (WITHDRAWN, about)
        facts: list[tuple[str, dict[str, Any], str | None, int | None, str | None]] = [(*said, None, None, None)]
        doubted, doubts = before in NOT_THIS_PERSON, verdict in NOT_THIS_PERSON
        if person is not None and doubts != doubted:
            facts.append(("margin.tightened" if doubts else "margin.released", about, person, None, None))
        self._replica.journal.append_all(facts)
