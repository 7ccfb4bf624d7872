"""An elder with a medical note in the window's replica."""

from caregiver.invented import Feed
from caregiver.main_window import MainWindow
from offline.letters.notes import seal_note
from watch.plans import SET


def note_of(window: MainWindow, person: str, words: str) -> None:
    """A medical note stands in their care plan."""
    state = window.state
    plan = {
        **(state.elders.board.plan(person) or {}),
        "medical_note": seal_note(state.keys, person, words),
        "revision": 90,
    }
    state.journal.absorb([Feed("jinxiu", 96).item(SET, plan, person, state.now())])
    state.take()
