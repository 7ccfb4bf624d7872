"""Who counts as one of two: nobody who was given an account, a duty or a way in a short while ago.

Whoever makes accounts is handed the links by which they begin, and could be both people of an export or an erasure within a minute.
"""

from district.people.audit import Audit

SETTLES_MS = (
    72 * 3_600_000
)  # as long as a link is good for: time for others to see in the audit who was invited, and by whom
_STEPS = frozenset(
    {"account.invited", "account.invited_again", "account.began", "account.granted", "account.enabled"}
)  # what one's own hands do not bring about: another password or telephone number unsettles nobody


def settles(audit: Audit, person: str, now: int) -> int | None:
    """From when on somebody counts as one of two, ms; None where they do at `now`."""
    lines = audit.lines(about=person, action="account.", since=now - SETTLES_MS + 1)
    return max((line.at + SETTLES_MS for line in lines if line.action in _STEPS), default=None)
