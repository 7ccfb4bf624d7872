"""What the gate log asks and records: a passage's picture, and a reader's verdict. No Qt."""

from typing import Any

from caregiver.gatelog.log import Passage
from caregiver.gatelog.picture import PictureDesk
from caregiver.gatelog.projection import VERDICT, WITHDRAWN
from caregiver.memory.replica import Replica
from domain.verdicts import NOT_THIS_PERSON, standing

TIGHTENED, RELEASED = "margin.tightened", "margin.released"


class Review:
    def __init__(self, replica: Replica) -> None:
        self._replica, self.pictures = replica, PictureDesk()

    def judge(self, passage: Passage, verdict: str) -> None:
        """A reader's verdict on a passage, in place of their last; '' takes it back.

        "Not this person" also tightens the resident's margin at the kiosks, where it was the face that was mistaken; taking it back
        releases it, and so does whoever settles that it was the resident after all. A stranger is never stored.
        """
        reader, me = self._replica.reader, self._replica.session.person
        id = reader.value("SELECT id FROM facts WHERE rowid = ?", (passage.fact,))
        said = dict(reader.rows("SELECT by, verdict FROM gatelog_verdicts WHERE passage = ?", (passage.fact,)))
        before, about = said.pop(me, ""), {"passage": id, "by": me}
        fact = (VERDICT, {**about, "verdict": verdict}) if verdict else (WITHDRAWN, about)
        facts: list[tuple[str, dict[str, Any], str | None, int | None, str | None]] = [(*fact, None, None, None)]
        if passage.by_face and passage.named and passage.person is not None:
            margin = _margin(list(said.values()), before, verdict)
            facts += [(kind, {**about, **more}, passage.person, None, None) for kind, more in margin]
        self._replica.journal.append_all(facts)


def _margin(others: list[str], before: str, now: str) -> list[tuple[str, dict[str, Any]]]:
    """What the kiosks are told of a resident's margin when a reader says something else than before."""
    doubted = any(verdict in NOT_THIS_PERSON for verdict in others)
    if doubted and _cleared([*others, now]):
        return [(RELEASED, {"settled": True})]  # of everybody's word
    if doubted and _cleared([*others, before]):
        return [(TIGHTENED, {})]
    if (before in NOT_THIS_PERSON) == (now in NOT_THIS_PERSON):
        return []
    return [(TIGHTENED if now in NOT_THIS_PERSON else RELEASED, {})]


def _cleared(verdicts: list[str]) -> bool:
    """Whether the readers agree on something that is no mistake about the person."""
    settled = standing(verdict for verdict in verdicts if verdict)[1]
    return bool(settled) and settled not in NOT_THIS_PERSON
