"""What must hold whatever happens."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.assessment import Assessment, State
from domain.careplan import Away, Backstop, CarePlan, QuietHours, Window
from domain.checkins import assess
from domain.consent import Purpose
from domain.incident_kinds import Kind
from domain.passages import Direction
from domain.signals import Sign, SignOfLife
from domain.silences import AWAKE, _anchors, _ended
from domain.watched import Source, Span, reached, union, unseen, watched

Gaps = tuple[tuple[datetime, datetime | None], ...]
START = datetime(2027, 3, 1, tzinfo=UTC)
moments = st.integers(0, 4 * 24 * 60).map(lambda m: START + timedelta(minutes=m))
signs = st.lists(
    st.builds(SignOfLife, st.sampled_from(Sign), moments, direction=st.sampled_from(Direction), trusted=st.booleans()),
    max_size=12,
)
spans = st.lists(st.tuples(moments, moments).filter(lambda s: s[0] < s[1]), max_size=3).map(tuple)
PLAN = CarePlan(
    "e",
    since=START,
    windows=(Window("m", time(9), time(11)), Window("n", time(22), time(1))),
    quiet=QuietHours(time(22), time(6)),
    consents=frozenset({Purpose.HOME_MONITORING}),
)


def sources(kiosk: Gaps, pir: Gaps) -> list[Source]:
    return [
        Source("kiosk", frozenset({Sign.GATE, Sign.BUTTON}), START, kiosk, kiosk=True),
        Source("pir", frozenset({Sign.MOTION, Sign.DOOR, Sign.WATER}), START, pir),
    ]


@given(signs, moments, spans, spans)
@settings(max_examples=150)
def test_a_credential_or_an_untrusted_sign_changes_nothing(
    heard: list[SignOfLife], now: datetime, kiosk: Gaps, pir: Gaps
) -> None:
    def strong(s: SignOfLife) -> bool:
        return s.trusted and s.kind is not Sign.GATE_CREDENTIAL

    devices = sources(kiosk, pir)
    assert assess(PLAN, heard, now, sources=devices) == assess(PLAN, filter(strong, heard), now, sources=devices)


@given(signs, moments, moments, spans)
@settings(max_examples=150)
def test_no_tick_is_needed_for_anything_to_be_found(
    heard: list[SignOfLife], one: datetime, other: datetime, pir: Gaps
) -> None:
    """One look back over a span finds what two looks find: a stopped server loses nothing, a second look doubles nothing but a
    device that is still silent, for that may have been told of late."""
    first, last = sorted((one, other))
    heard = [s for s in heard if s.at <= first]
    devices = sources((), pir)
    ids = {o.id for o in assess(PLAN, heard, last, sources=devices, since=START).occurrences}
    seen = {o.id for o in assess(PLAN, heard, first, sources=devices, since=START).occurrences}
    then = {o.id: o.kind for o in assess(PLAN, heard, last, sources=devices, since=first).occurrences}
    assert seen | then.keys() == ids
    assert {then[id] for id in seen & then.keys()} <= {Kind.DEVICE_BLIND}


@given(moments, spans)
@settings(max_examples=150)
def test_while_every_device_is_silent_nothing_about_the_elder_is_raised(
    now: datetime, before: list[SignOfLife]
) -> None:
    devices = sources(((START, None),), ((START, None),))
    plan = replace(PLAN, windows=(replace(PLAN.windows[0], counted=frozenset({Sign.MOTION, Sign.GATE})),))
    found = assess(plan, (), now, sources=devices)
    assert found.state is State.BLIND
    assert {o.kind for o in found.occurrences} <= {Kind.DEVICE_BLIND}


@given(signs, moments)
@settings(max_examples=150)
def test_a_person_who_sees_the_elder_leaves_nothing_open(heard: list[SignOfLife], now: datetime) -> None:
    found = assess(PLAN, [*heard, SignOfLife(Sign.VISIT, now)], now, sources=sources((), ()))
    lasting = [o for o in found.occurrences if o.resolved_at is None]
    assert all(o.rule.startswith("no_") for o in lasting)  # the sensors' own backstops ask for their own sensor


@given(moments, st.integers(0, 600), spans, spans)
def test_reached_is_the_inverse_of_watched(start: datetime, minutes: int, a: Gaps, b: Gaps) -> None:
    gaps = unseen(sources(a, b))
    needed = timedelta(minutes=minutes)
    end = reached(start, needed, gaps)
    assert watched(start, end, gaps) == needed


litres = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 12)), max_size=25)


@given(litres, st.integers(1, 14))
def test_a_meters_silence_is_counted_from_when_the_amount_was_last_used(
    drawn: list[tuple[int, int]], needed: int
) -> None:
    """Against the definition, sum by sum: a meter that reports every drop must not take minutes to judge."""
    signs = [SignOfLife(Sign.WATER, START + timedelta(minutes=m), amount=n / 1000) for m, n in sorted(drawn)]
    rule = Backstop("w", frozenset({Sign.WATER}), timedelta(hours=1), amount=needed / 1000)
    expected = []
    for i, sign in enumerate(signs):
        enough = [j for j in range(i + 1) if sum(n for _, n in sorted(drawn)[j : i + 1]) >= needed]
        expected += [(sign.at, signs[enough[-1]].at)] if enough else []
    assert list(_anchors(rule, signs)) == expected


@given(st.lists(st.integers(0, 9), max_size=25))
def test_a_silence_ends_with_the_first_sign_counted_from_a_later_moment(drawn: list[int]) -> None:
    hour = timedelta(hours=1)
    steps = [(START + i * hour, START + n * hour, START) for i, n in enumerate(drawn)]
    assert _ended(steps) == [
        next((at for at, anchor, _ in steps[i + 1 :] if anchor > steps[i][1]), None) for i in range(len(steps))
    ]


@given(moments, spans, spans, st.sampled_from([6, 12, 24, 36]))
@settings(max_examples=300)
def test_an_outage_never_hastens_a_fixed_rule_and_never_takes_of_it_more_than_its_own_hours(
    last: datetime, stood: Gaps, pir: Gaps, hours: int
) -> None:
    rule = Backstop("no_motion", frozenset({Sign.MOTION}), timedelta(hours=hours))
    plan = replace(PLAN, windows=(), backstops=(rule,), quiet=None)
    devices = sources((), tuple((a, b) for a, b in pir))
    outages, blind = union((a, b) for a, b in stood if b), unseen(devices[1:])

    def rings(unheard: list[Span]) -> datetime:
        end = START + timedelta(days=12)
        signs = [SignOfLife(Sign.MOTION, last)]
        found = assess(plan, signs, end, sources=devices, since=START, unheard=unheard).occurrences
        return max(o.ring_at for o in found if o.rule == "no_motion" and o.since == last)

    put_off = rings(outages)
    assert rings([]) == reached(last, rule.after, blind) <= put_off
    assert put_off <= reached(last, rule.after, union([*blind, *outages]))
    ends = [b for a, b in outages if a < put_off and b > last]
    latest = max((reached(b, AWAKE, union([*blind, *outages])) for b in ends), default=put_off)
    assert put_off <= max(latest, rings([]))


AWAY = st.lists(
    st.tuples(moments, st.one_of(moments, st.none())).filter(lambda s: s[1] is None or s[0] < s[1]), max_size=2
)


@given(signs, moments, spans, AWAY, st.booleans())
@settings(max_examples=300)
def test_whoever_looks_again_when_it_says_so_is_never_late(
    heard: list[SignOfLife], now: datetime, pir: Gaps, away: list[tuple[datetime, datetime | None]], learned: bool
) -> None:
    """Where nothing more is heard. A return awaited in vain rang with whatever was looked at next, hours later."""
    plan = replace(PLAN, away=tuple(Away(a, b) for a, b in away))
    known = [s for s in heard if s.at <= now]
    # the watch asks after devices that are silent by itself
    told = tuple((a, b) for a, b in pir if b is not None and b <= now)

    def look(at: datetime) -> Assessment:
        rule = (lambda s: s.at + timedelta(hours=5)) if learned else None
        return assess(plan, known, at, sources=sources((), told), learned=rule, since=START)

    found: dict[str, datetime] = {}
    at: datetime | None = now
    for _ in range(25):
        assert at is not None
        seen = look(at)
        for o in seen.occurrences:
            assert found.setdefault(o.id, at) <= max(o.ring_at, now), f"{o.rule} rang late"
        if seen.look_at is None or seen.look_at > now + timedelta(days=3):
            break
        assert seen.look_at > at
        at = seen.look_at
