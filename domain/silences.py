"""Silences: the fixed rules and the learned routine, each a length of watched time without a sign that may be allowed once."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate

from domain.assessment import Case, Claim, State
from domain.careplan import Backstop
from domain.incident_kinds import Kind
from domain.mute import mute_until, put_off
from domain.signals import CLEARING, HOME, Sign, SignOfLife
from domain.watched import Span, reached, union
from domain.windows import stamp, utc

SILENCE = "silence"  # the learned routine's name among the rules
ANEW = 0.6  # docs/decisions/0031: half as long a wait as hour by hour, and fewer false alarms
# docs/decisions/0031: whoever is well is heard within this time of the end of an outage, a night included
AWAKE = timedelta(hours=14)
_DROP = 1e-9  # m3: what sums of decimals may be off by
# the moment at which silence since this sign would ring, were all of it watched
Learned = Callable[[SignOfLife], datetime]


def backstop(case: Case, rule: Backstop, away: list[Span]) -> None:
    sources = case.yielding(rule.kinds)
    if not sources or (rule.alone and case.yielding(HOME)):
        return  # nobody installed such a sensor, or better ones stand in the home
    blind = case.blind(rule.kinds, *away)
    signs = [s for s in case.signs if s.kind in rule.kinds and s.clears]
    began = max(min(utc(s.since) for s in sources), utc(case.plan.since or sources[0].since))
    anchors = [(began, began), *_anchors(rule, signs)]

    def deadline(anchor: datetime) -> datetime:
        alone = _over(anchor, rule.after, rule.after, lambda _: AWAKE, blind, case.unheard)
        return put_off(case, rule, anchor, alone)

    steps = [(seen, anchor, deadline(anchor)) for seen, anchor in anchors]
    _silences(case, rule.id, steps, rule.kinds, rule.kinds, quiet=True)


def _anchors(rule: Backstop, signs: Sequence[SignOfLife]) -> Iterator[tuple[datetime, datetime]]:
    """(time of each sign, since when less than the rule's amount has been used)."""
    used = [0.0, *accumulate(max(0.0, s.amount) for s in signs)]  # before each sign, and after the last
    for i, sign in enumerate(signs):
        begun = min(i, bisect_right(used, used[i + 1] - rule.amount + _DROP) - 1)
        if begun >= 0:
            yield utc(sign.at), utc(signs[begun].at)


def learned_silence(case: Case, learned: Learned, away: list[Span]) -> None:
    """The learned routine, over every clearing sign; it knows the nights itself and is not deferred by quiet hours."""
    blind = case.blind(HOME, *away)
    steps = [(utc(s.at), utc(s.at), _deadline(s, learned, blind, case.unheard)) for s in case.signs if s.clears]
    _silences(case, SILENCE, steps, CLEARING, HOME, quiet=False)


def _deadline(sign: SignOfLife, learned: Learned, blind: Sequence[Span], outages: Sequence[Span]) -> datetime:
    """When the silence since this sign rings: `ANEW` of what somebody heard as an outage ends is allowed from there, for they may
    lie there since before it, and twice the first allowance in all."""
    at = utc(sign.at)
    allowed = utc(learned(sign)) - at

    def anew(end: datetime) -> timedelta:
        return ANEW * (utc(learned(replace(sign, at=end))) - end)

    return _over(at, allowed, 2 * allowed, anew, blind, outages)


def _over(
    at: datetime, allowed: timedelta, most: timedelta, anew: Callable[[datetime], timedelta],
    blind: Sequence[Span], outages: Sequence[Span],
) -> datetime:  # fmt: skip
    """When a silence since `at` rings; `outages`: when the server stood still, sorted and disjoint.

    What was done in an outage nobody heard, so what is allowed counts `anew` from its end. `most` of hours that were watched is
    enough in any case, or a server that stands still again and again would put it off for ever. And it is never sooner than
    without an outage.
    """
    gaps = union([*blind, *outages])
    alone = deadline = reached(at, allowed, blind)
    for start, end in outages:
        if at < end and start < deadline:
            deadline = max(deadline, reached(end, anew(end), gaps))
    return max(alone, min(deadline, reached(at, most, gaps)))


def _silences(
    case: Case, rule: str, steps: list[tuple[datetime, datetime, datetime]], kinds: frozenset[Sign],
    sensed: frozenset[Sign], *, quiet: bool,
) -> None:  # fmt: skip
    """steps: (sign of one of `kinds`, silence counted from, deadline). One occurrence a silence; its id is the last sign.
    `sensed`: what sensors that may have failed would have shown."""
    raised: set[datetime] = set()
    for (_, anchor, deadline), later in zip(steps, _ended(steps), strict=True):
        if anchor in raised or (later and later <= deadline):
            continue
        raised.add(anchor)
        if deadline <= case.now:
            until = mute_until(case.yielding(sensed), anchor, case.now)
            mute = until is not None and until > deadline
            case.silent(Kind.INACTIVITY, rule, stamp(anchor), deadline, anchor, later, kinds, quiet=quiet, mute=mute)
            if later is None:
                case.claims.append(Claim(State.MISSED, deadline))
        elif later is None:
            case.dues.append(deadline)


def _ended(steps: Sequence[tuple[datetime, datetime, datetime]]) -> list[datetime | None]:
    """Of each silence the first later sign that is counted from a later moment; None where it still lasts."""
    ends: list[datetime | None] = [None] * len(steps)
    waiting: list[int] = []
    for j, (at, anchor, _) in enumerate(steps):
        while waiting and steps[waiting[-1]][1] < anchor:
            ends[waiting.pop()] = at
        waiting.append(j)
    return ends
