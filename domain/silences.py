"""Silences: the fixed rules and the learned routine, each a length of watched time without a sign that may be allowed once."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate

from domain.assessment import Case, Claim, State
from domain.careplan import Backstop
from domain.incident_kinds import Kind
from domain.signals import CLEARING, HOME, Sign, SignOfLife
from domain.watched import Span, reached
from domain.windows import stamp, utc

SILENCE = "silence"  # the learned routine's name among the rules
_DROP = 1e-9  # m3: what sums of decimals may be off by
# the moment at which silence since this sign would ring, were all of it watched
Learned = Callable[[SignOfLife], datetime]


def backstop(case: Case, rule: Backstop, away: list[Span]) -> None:
    sources = case.yielding(rule.kinds)
    if not sources or (rule.alone and case.yielding(HOME)):
        return  # nobody installed such a sensor, or better ones stand in the home
    gaps = case.gaps(rule.kinds, *away)
    signs = [s for s in case.signs if s.kind in rule.kinds and s.clears]
    began = max(min(utc(s.since) for s in sources), utc(case.plan.since or sources[0].since))
    anchors = [(began, began), *_anchors(rule, signs)]
    _silences(case, rule.id, [(seen, anchor, rule.after) for seen, anchor in anchors], rule.kinds, gaps, quiet=True)


def _anchors(rule: Backstop, signs: Sequence[SignOfLife]) -> Iterator[tuple[datetime, datetime]]:
    """(time of each sign, since when less than the rule's amount has been used)."""
    used = [0.0, *accumulate(max(0.0, s.amount) for s in signs)]  # before each sign, and after the last
    for i, sign in enumerate(signs):
        begun = min(i, bisect_right(used, used[i + 1] - rule.amount + _DROP) - 1)
        if begun >= 0:
            yield utc(sign.at), utc(signs[begun].at)


def learned_silence(case: Case, learned: Learned, away: list[Span]) -> None:
    """The learned routine, over every clearing sign; it knows the nights itself and is not deferred by quiet hours."""
    signs = [s for s in case.signs if s.clears]
    gaps = case.gaps(HOME, *away)
    steps = [(utc(s.at), utc(s.at), utc(learned(s)) - utc(s.at)) for s in signs]
    _silences(case, SILENCE, steps, CLEARING, gaps, quiet=False)


def _silences(
    case: Case, rule: str, steps: list[tuple[datetime, datetime, timedelta]], kinds: frozenset[Sign], gaps: list[Span],
    *, quiet: bool,
) -> None:  # fmt: skip
    """steps: (sign of one of `kinds`, silence counted from, allowed). One occurrence a silence; its id is the last sign of life."""
    raised: set[datetime] = set()
    for (_, anchor, allowed), later in zip(steps, _ended(steps), strict=True):
        deadline = reached(anchor, allowed, gaps)
        if anchor in raised or (later and later <= deadline):
            continue
        raised.add(anchor)
        if deadline <= case.now:
            case.silent(Kind.INACTIVITY, rule, stamp(anchor), deadline, anchor, later, kinds, quiet=quiet)
            if later is None:
                case.claims.append(Claim(State.MISSED, deadline))
        elif later is None:
            case.dues.append(deadline)


def _ended(steps: Sequence[tuple[datetime, datetime, timedelta]]) -> list[datetime | None]:
    """Of each silence the first later sign that is counted from a later moment; None where it still lasts."""
    ends: list[datetime | None] = [None] * len(steps)
    waiting: list[int] = []
    for j, (at, anchor, _) in enumerate(steps):
        while waiting and steps[waiting[-1]][1] < anchor:
            ends[waiting.pop()] = at
        waiting.append(j)
    return ends
