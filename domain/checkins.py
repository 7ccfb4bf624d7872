"""Expected by when: from an elder's plan, signs of life and what could be seen, to how they stand now and what must be raised.

Everything is a pure function of its arguments, so a cut-off desktop and the district reach the same answer under the same ids,
and a rule can be replayed over last quarter. Deadlines run on watched time (`domain.watched`): while nobody could have seen a
sign the state is *blind*, never *missed*, and the deadline waits. Credentials without a face and signs from clocks that cannot be
corrected clear nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import zip_longest

from domain.absences import stays
from domain.assessment import WORST, Assessment, Case, Claim, Reminder, State
from domain.calendars import ORDINARY, Calendar
from domain.careplan import CarePlan, Window
from domain.events import derived_id
from domain.incident_kinds import Kind
from domain.signals import CLEARING, HOME, Sign, SignOfLife
from domain.silences import Learned, backstop, learned_silence
from domain.watched import FOREVER, ZERO, Source, Span, reached, union, unseen, watched
from domain.windows import after_quiet, expected_from, stamp, utc, window_spans

RETURN = "return"  # the return watch's name among the rules
LOOK_BACK = timedelta(hours=48)
LATELY = timedelta(days=1)  # where nothing is awaited, whoever was heard longer ago is not called well
EXCUSED = timedelta(hours=12)  # a wearable may charge, or lie beside the bed, for a night before anybody is asked
_AROUND = timedelta(days=11)  # a weekday window is due again within the longest public holiday
_AHEAD = timedelta(days=7)  # where the next window lies beyond that (a festival), we look again after this


def assess(
    plan: CarePlan,
    signs: Iterable[SignOfLife],
    now: datetime,
    *,
    sources: Iterable[Source] = (),
    calendar: Calendar = ORDINARY,
    learned: Learned | None = None,
    since: datetime | None = None,
    unheard: Sequence[Span] = (),
) -> Assessment:
    """How the elder stands at `now`, and what became due in (`since`, `now`] (`since` defaults to 48 h before).

    `signs` in any order, long enough to hold the last of every kind (a few days); `calendar` by local
    dates; `unheard` when the server stood still, sorted and disjoint. Give the time of the last tick as `since`, or nothing: ids
    do not change, so raising an occurrence twice is harmless. Raises ValueError for times without a zone.
    """
    if now.tzinfo is None:
        raise ValueError("now needs a zone")
    now = utc(now)
    seen = sorted(
        (s for s in signs if s.trusted and s.at <= now and plan.admits(s)), key=lambda s: (s.at, s.kind, s.source)
    )
    live = [s for s in sources if s.id not in plan.paused and (plan.watches_home or not s.yields <= HOME)]
    case = Case(
        plan, seen, now, since or now - LOOK_BACK, live, [], [], [], [], [], [s for s in unheard if s[1] <= now]
    )
    pauses = list(_pauses(case))
    away = union([*pauses, *stays(plan.away, seen)])
    for window in plan.windows:
        _window(case, window, away, calendar)
    if plan.watches_home:
        for rule in plan.backstops:
            backstop(case, rule, away)
        if learned is not None:
            learned_silence(case, learned, away)
    _blind(case, away)
    for start, end in away:
        if start <= now < end:
            case.claims.append(Claim(State.AWAY, start))
    last = next((s for s in reversed(seen) if s.clears), None)
    next_due = min((d for d in case.dues if now < d < FOREVER), default=None)
    unheard_of = not case.claims and (last is None or (next_due is None and now - utc(last.at) > LATELY))
    if not case.claims:  # nobody is called well who is not heard
        since = utc(last.at) if last else plan.since or now
        case.claims.append(Claim(State.DUE if unheard_of else State.WELL, since))
        if next_due is None:
            case.looks.append(since + LATELY)
    worst = max(case.claims, key=lambda c: (WORST.index(c.state), -c.since.timestamp()))
    return Assessment(
        worst.state,
        worst.since,
        next_due,
        last,
        tuple(sorted(case.found, key=lambda o: (o.ring_at, o.id))),
        tuple(case.reminders),
        min((d for d in (*case.looks, *case.dues) if now < d < FOREVER), default=None),
        unheard_of,
    )


def _pauses(case: Case) -> Iterator[Span]:
    """The spans in which the home's watch rests: from a passage out to a home sign, another passage, or the return deadline.

    Being heard from outside (a call, a link) sets the return watch anew.
    """
    left, heard, watch = None, FOREVER, case.plan.return_watch
    for sign in (s for s in case.signs if s.clears):
        at = utc(sign.at)
        if left and at > (due := reached(heard, watch, case.unheard)):
            yield left, _not_back(case, left, due)
            left = None
        if left and (sign.kind in HOME or sign.kind is Sign.GATE):
            yield left, at
            left = None
        if sign.leaves:
            left = at
        heard = at
    if left:
        yield left, _not_back(case, left, reached(heard, watch, case.unheard))


def _not_back(case: Case, left: datetime, due: datetime) -> datetime:
    """Nobody came by `due`: the watch over the home is on again. Adds what the return watch has to say of it.

    Quiet hours do not put it off: they are out of doors, in winter maybe, and not asleep.
    """
    plan, deadline = case.plan, reached(due, case.plan.return_grace, case.unheard)
    case.dues.append(due)
    if any(utc(a.start) <= deadline and (a.end is None or due < utc(a.end)) for a in plan.away):
        return due  # they stay elsewhere, and somebody entered it
    back = next((utc(s.at) for s in case.signs if utc(s.at) > due and s.clears), None)
    if deadline <= case.now and (back is None or back > deadline):
        case.silent(Kind.MISSED_CHECKIN, RETURN, stamp(left), deadline, left, back, CLEARING, quiet=False)
    if back is None:
        case.dues.append(deadline)
    if back is None and due <= case.now:
        missed = deadline <= case.now
        case.claims.append(Claim(State.MISSED, deadline) if missed else Claim(State.OVERDUE, due))
    return due


def _window(case: Case, window: Window, away: list[Span], calendar: Calendar) -> None:
    plan, now = case.plan, case.now
    counted = (plan.counted if window.counted is None else window.counted) & CLEARING
    gaps = case.gaps(counted)
    heard = [utc(s.at) for s in case.signs if s.clears and s.kind in counted]
    first = min(case.since, now).astimezone(plan.tz).date() - _AROUND
    last = now.astimezone(plan.tz).date() + _AROUND
    agreed = expected_from(plan, window)
    spans = [s for s in window_spans(plan, window, first, last, calendar) if agreed is None or s[1] >= agreed]
    for day, start, due, deadline, answer in _awaited(window, spans, heard, gaps, away, now):
        if answer is None or answer > deadline:
            if deadline <= now:
                kind = Kind.MISSED_CHECKIN
                case.silent(kind, window.id, day.isoformat(), deadline, start, answer, counted, quiet=True)
            if answer is None and start <= now:
                hidden = next((a for a, b in gaps if a <= now < b), None)
                if deadline <= now:
                    case.claims.append(Claim(State.MISSED, deadline))
                elif hidden:
                    case.claims.append(Claim(State.BLIND, max(hidden, start)))
                else:
                    case.claims.append(Claim(State.OVERDUE, due) if due <= now else Claim(State.DUE, start))
            if answer is None:
                case.dues.extend((due, deadline) if start <= now else (due,))
                if now < due < FOREVER:
                    _remind(case, window, day, due)
        if start > now:
            break
    else:
        case.looks.append(now + _AHEAD)


def _awaited(
    window: Window, spans: Sequence[tuple[date, datetime, datetime]], heard: Sequence[datetime], gaps: Sequence[Span],
    away: Sequence[Span], now: datetime,
) -> Iterator[tuple[date, datetime, datetime, datetime, datetime | None]]:  # fmt: skip
    """(local date, start, due, deadline, answer) of each of a window's `spans` in which somebody is waited for.

    One that was blind until the next began is handed on to that, with how long nothing was heard in what was watched of it: where
    that comes to a whole window, the deadline is the end of the one that it was handed on to. A window that is so long that its
    own deadline lies beyond the start of the next is handed on to nobody, unless nothing at all was watched of it until then.
    """
    carried = ZERO
    for (day, start, end), following in zip_longest(spans, spans[1:]):
        needed, until = end - start + window.grace, following[1] if following else FOREVER
        waited = reached(start, max(ZERO, needed - carried), gaps)
        deadline = max(waited, reached(end, window.grace, gaps), window.since or start)
        asked = window.first if window.first and window.since and start < window.since else start
        answer = next((t for t in heard if t >= asked), None)
        elsewhere = any(a <= end < b for a, b in away)
        short = end + window.grace < until or not watched(start, until, gaps)
        blinded = short and until <= reached(start, needed, gaps)
        if not elsewhere and not (blinded and until <= min(now, waited)):
            yield day, start, min(deadline, reached(start, end - start, gaps)), deadline, answer
        silent = answer is None or answer >= until
        own = watched(start, min(end + window.grace, until), gaps)
        carried = carried + own if blinded and silent and not elsewhere else ZERO


def _remind(case: Case, window: Window, day: date, due: datetime) -> None:
    if not window.remind_before:
        return
    at = after_quiet(case.plan, due - window.remind_before)
    if case.now < at < due:
        case.looks.append(at)
    elif at <= case.now and after_quiet(case.plan, case.now) == case.now:
        which = derived_id(case.plan.elder, "remind:" + window.id, day.isoformat())
        case.reminders.append(Reminder(which, window.id, at, due))


def _blind(case: Case, away: list[Span]) -> None:
    """Devices that say nothing: an incident of their own kind each; the elder is blind when none of them can see.

    While a wearable charges it sees nothing either, and no window counts it; it only calls nobody for a night.

    A kiosk stands at the gate of many elders: its silence is one incident of the gate and none of theirs. So is a gateway's.
    """
    for source in case.sources:
        for start, end in () if source.kiosk else source.spans():
            if start in source.shared:
                continue
            at = start + (max(case.plan.blind_after, EXCUSED) if start in source.excused else case.plan.blind_after)
            if at < (end or FOREVER):
                resolved = None if end == FOREVER or end > case.now else end
                lasts = resolved is None
                case.add(Kind.DEVICE_BLIND, source.id, stamp(start), at, start, resolved, quiet=False, lasting=lasts)
    at_home = not any(a <= case.now < b for a, b in away)
    for start, end in unseen(case.sources):
        if at_home and start <= case.now < end:
            case.claims.append(Claim(State.BLIND, start))
