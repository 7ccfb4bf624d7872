"""The medical note of an elder, handed out to who goes there: sealed as it stands in the plan, and never without its fact."""

from collections.abc import Mapping
from typing import Any

from district.ledger import seen
from district.people.audit import Audit
from district.store.port import Store
from offline.letters.notes import READ, VIEWED
from watch.ledger import as_said
from watch.plans import SET


class MedicalNotes:
    """Who may ask is decided before; times in ms."""

    def __init__(self, store: Store, audit: Audit) -> None:
        self._store, self._audit = store, audit

    def read(self, elder: str, community: str, by: str, now: int) -> str:
        """The note of the plan there, sealed under the elder's own key, base64; '' where there is none, and nobody has looked.

        Who looked at whom is on record before anything is handed out.
        """
        note = standing_plan(self._store, elder, community).get("medical_note")
        if not note or not isinstance(note, str):
            return ""
        self._audit.note(now, by, "record.medical_note", elder, community=community)
        self._store.append_own(VIEWED, community, elder, now, {"by": by, "what": READ})
        return note


def standing_plan(store: Store, elder: str, community: str = "") -> Mapping[str, Any]:
    """The newest plan in force, of one community's where one is named: a later revision wins, as in `watch.plans`. One altered here
    beyond reading is none."""
    theirs = (item for item in store.about(elder, (SET,)) if community in ("", item.event.community))
    plans = [fact.payload for fact in as_said(map(seen, theirs)) if fact.payload]
    return max(enumerate(plans), key=lambda p: (revision_of(p[1]), p[0]), default=(0, dict[str, Any]()))[1]


def revision_of(told: Mapping[str, Any]) -> int:
    """Which of several versions it is, of a plan or a profile."""
    revision = told.get("revision")
    return revision if isinstance(revision, int) else 1
