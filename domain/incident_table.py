"""Which step may follow which: the one declared table. What it does not name is refused."""

from collections.abc import Mapping

from domain.incident_kinds import (
    ACKNOWLEDGED,
    CHECKED,
    CLOSED,
    DISPATCHED,
    ESCALATED,
    EVALUATED,
    EVIDENCE,
    EXTENDED,
    EXTENSION_ASKED,
    EXTENSION_DECLINED,
    FEEDBACK,
    GRADED,
    HANDLING,
    LOWERED,
    MERGED,
    NOTICE_ACKNOWLEDGED,
    NOTICE_DELIVERED,
    NOTICE_FAILED,
    NOTICE_SENT,
    ON_SCENE,
    OPENED,
    REJECTED,
    REOPENED,
    STEP_WITHDRAWN,
    TRANSFERRED,
    UNANSWERED,
    VERIFIED,
    State,
)

_S = State
TRANSITIONS: Mapping[tuple[State, str], State] = {
    (_S.DETECTED, VERIFIED): _S.VERIFIED,
    **{(s, REJECTED): _S.REJECTED for s in (*UNANSWERED, _S.ACCEPTED, _S.HANDLING, _S.FEEDBACK)},
    **{(s, MERGED): _S.MERGED for s in (*UNANSWERED, _S.ACCEPTED, _S.HANDLING)},
    **{(s, DISPATCHED): _S.DISPATCHED for s in UNANSWERED},
    # Calling the next level means that somebody is still wanted; people on their way stay on their way.
    **{(s, ESCALATED): _S.DISPATCHED for s in (*UNANSWERED, _S.ACCEPTED)},
    **{(s, ESCALATED): s for s in (_S.HANDLING, _S.FEEDBACK, _S.CHECKED)},
    **{(s, ACKNOWLEDGED): _S.ACCEPTED for s in UNANSWERED},
    # A second acceptance shows and does not lead.
    **{(s, ACKNOWLEDGED): s for s in (_S.ACCEPTED, _S.HANDLING, _S.FEEDBACK)},
    **{(s, HANDLING): _S.HANDLING for s in (*UNANSWERED, _S.ACCEPTED, _S.HANDLING, _S.FEEDBACK)},
    **{(s, ON_SCENE): _S.HANDLING for s in (*UNANSWERED, _S.ACCEPTED, _S.HANDLING)},
    **{(s, FEEDBACK): _S.FEEDBACK for s in (_S.ACCEPTED, _S.HANDLING, _S.FEEDBACK)},
    **{(s, TRANSFERRED): _S.DISPATCHED for s in (*UNANSWERED, _S.ACCEPTED, _S.HANDLING)},
    (_S.FEEDBACK, CHECKED): _S.CHECKED,
    (_S.CLOSED_REVIEW_DUE, CHECKED): _S.CLOSED,
    (_S.FEEDBACK, CLOSED): _S.CLOSED,
    (_S.CHECKED, CLOSED): _S.CLOSED,
    (_S.CLOSED, EVALUATED): _S.EVALUATED,
    (_S.REJECTED, EVALUATED): _S.EVALUATED,
    **{(s, REOPENED): _S.DETECTED for s in (_S.REJECTED, _S.MERGED, _S.CLOSED, _S.CLOSED_REVIEW_DUE, _S.EVALUATED)},
}
# Welcome in every state of the table; each has rules of its own (`domain.grading`, and `fold` for what is taken back).
ANY_STATE = frozenset({
    EVIDENCE, EXTENSION_ASKED, EXTENDED, EXTENSION_DECLINED, GRADED, LOWERED, STEP_WITHDRAWN,
    NOTICE_SENT, NOTICE_DELIVERED, NOTICE_FAILED, NOTICE_ACKNOWLEDGED,
})  # fmt: skip
# Every kind that a fold reads. Whoever asks for one incident asks for these: of a home that is heard a thousand times a day
# all facts of a quarter take a second to read.
FOLDED = tuple(sorted({OPENED, *ANY_STATE, *(kind for _, kind in TRANSITIONS)}))
