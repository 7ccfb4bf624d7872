"""The columns of the gate's log."""

from collections.abc import Callable

from caregiver.gatelog.log import KEPT_OUT, Passage
from caregiver.parts.tables import Column
from caregiver.ui import Desk
from caregiver.wording import begin, exact, stamp, term
from domain.verdicts import Standing

OUTCOME_TOKEN = {"identified": "well", "unsure": "overdue", "unknown": "muted", KEPT_OUT: "overdue"}
STANDING_TOKEN = {Standing.DISPUTED: "alarm", Standing.SECOND: "due"}


def standing_words(desk: Desk, p: Passage) -> str:
    """How the reading of a passage stands, in a word or two."""
    return term(desk.language, "verdict", p.settled) if p.settled else term(desk.language, "standing", p.standing)


def why_words(desk: Desk, p: Passage) -> str:
    """Why it was kept out, else why it was decided so."""
    return term(desk.language, "kept_out", p.kept_out) if p.kept_out else term(desk.language, "reason", p.reason or "")


def columns(desk: Desk, who: Callable[[Passage], str]) -> list[Column]:
    """`who` names whoever passed."""
    tongue = desk.language

    def score(p: Passage) -> str:
        return "" if p.score is None else f"{p.score:.2f} / {p.threshold:.2f}" if p.threshold else f"{p.score:.2f}"

    return [
        Column("since", lambda p: stamp(desk.state.local(p.at)), 96, exact=lambda p: exact(desk.state.local(p.at))),
        Column("gate", lambda p: begin(desk.place(p.gate or "")), 72),
        Column("outcome", lambda p: term(tongue, "outcome_of", p.end), 112,
               lambda p: OUTCOME_TOKEN.get(p.end, ""), symbol=True),
        Column("score", score, 96, right=True, spare=True),
        Column("verdict", lambda p: begin(standing_words(desk, p)), 96, lambda p: STANDING_TOKEN.get(p.standing, "")),
        Column("name", who, 76),
        Column("method", lambda p: term(tongue, "method", p.method or ""), 60, spare=True),
        Column("reason", lambda p: begin(why_words(desk, p)), 104, spare=True),
    ]  # fmt: skip
