"""Who counts as one of two: nobody who was given an account, a duty or a way in a short while ago, and no two of one making.

Whoever makes accounts is handed the links by which they begin, and could be both people of an export or an erasure within a minute;
or, having made two of them, neither and yet both.
"""

from collections.abc import Iterable, Iterator

from district.people.audit import Audit, Line

# as long as a link is good for: time for others to see in the audit who was invited, and by whom
SETTLES_MS = 72 * 3_600_000
# Of two of whom one has made the other, or a third both: as long as whoever reads the audit may be on leave, and half of the month
# in which a request of the law is to be answered.
ONE_HAND_MS = 14 * 86_400_000
MADE = frozenset({"account.invited", "account.invited_again", "account.granted", "account.enabled"})
# what one's own hands do not bring about: another password or telephone number unsettles nobody
_STEPS = MADE | {"account.began"}
_NOBODY = frozenset({"system", "operator"})  # who is at the machine itself needs no account for what is in it


def settled(audit: Audit, one: str, other: str, now: int) -> bool:
    """Whether the two count as two at `now`, ms."""
    new = (line for person in (one, other) for line in _lines(audit, person, now - SETTLES_MS + 1))
    if any(line.action in _STEPS for line in new):
        return False
    since = now - ONE_HAND_MS + 1
    return not _hands(audit, one, since) & _hands(audit, other, since)


def _hands(audit: Audit, person: str, since: int) -> set[str]:
    """Somebody, who has made them, who has made those, and so on: a puppet's puppet is nobody else's."""
    found, ahead = {person}, [person]
    while ahead:
        more = makers(_lines(audit, ahead.pop(), since)) - found
        found |= more
        ahead += more
    return found


def _lines(audit: Audit, person: str, since: int) -> Iterator[Line]:
    """All of them: whoever changes telephone numbers by the hundred must not push a step out of sight."""
    after = 0
    while page := audit.lines(after, about=person, action="account.", since=since):
        yield from page
        after = page[-1].line


def makers(lines: Iterable[Line]) -> set[str]:
    """Who has opened an account, sent it a link, switched it on or given it duties."""
    return {line.actor for line in lines if line.action in MADE} - _NOBODY
