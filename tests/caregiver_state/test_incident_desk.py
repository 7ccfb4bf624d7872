"""Working an incident from this desk: what rings, what is recorded, what the district has of it."""

from datetime import timedelta

import pytest
from msgspec.structs import replace as changed

from caregiver.incidents.history import HistoryFilter
from caregiver.incidents.work import Step, told
from caregiver.invented import ME, Feed, open_incident
from caregiver.state import AppState
from domain.events import to_ms
from domain.incident_kinds import ACKNOWLEDGED, CHECKED, CLOSED, EVIDENCE, FEEDBACK, ON_SCENE, Level, State
from tests.fakes.fed import back_down
from tests.fakes.there import there


def test_the_gravest_rings_first(state: AppState) -> None:
    ringing = state.incidents.ringing()
    assert [i.id for i in ringing] == ["sos-now", "inactive-now"]


def test_acknowledging_stops_the_ringing_and_waits_for_the_district(state: AppState) -> None:
    state.incidents.acknowledge("sos-now")
    state.take()
    assert [i.id for i in state.incidents.ringing()] == ["inactive-now"]
    work = state.incidents.work("sos-now")
    assert work is not None
    assert work.incident.state is State.ACCEPTED
    assert work.incident.leader == ME
    assert work.pending
    assert state.incidents.undelivered() == {"sos-now"}
    state.journal.acknowledged(state.journal.pending())
    again = state.incidents.work("sos-now")
    assert again is not None
    assert not again.pending
    assert state.incidents.undelivered() == set()


def test_who_was_told_shows_the_farthest_each_channel_got(state: AppState) -> None:
    work = state.incidents.work("sos-now")
    assert work is not None
    states = {(t.channel, t.state) for t in work.told}
    assert states == {("desktop", "delivered"), ("sms", "unknown"), ("wecom", "failed")}


def test_only_where_a_service_reports_is_sent_more_than_sent(state: AppState) -> None:
    """What says nothing of arrival is told as such: nobody should take "sent" for "will be known"."""
    steps = [
        Step(
            str(n),
            "notice.sent",
            "system",
            state.now(),
            {"ref": str(n), "person": "p", "channel": channel, "reports": reports},
        )
        for n, (channel, reports) in enumerate([("sms", True), ("email", False)])
    ]
    assert [(t.channel, t.state) for t in told(steps)] == [("sms", "sent"), ("email", "unknown")]


def notices(state: AppState, *told_of: tuple[str, str, dict[str, object]]) -> list[Step]:
    """Steps about one person on one channel, unless a payload says otherwise: (kind, ref, what else)."""
    return [
        Step(str(n), f"notice.{kind}", "system", state.now(), {"ref": ref, "person": "p", "channel": "sms", **more})
        for n, (kind, ref, more) in enumerate(told_of)
    ]


REPORTS = {"reports": True}


@pytest.mark.parametrize(
    ("told_of", "shown"),
    [
        ([("failed", "a", {}), ("sent", "a", REPORTS)], "sent"),
        ([("failed", "a", {}), ("sent", "a", {})], "unknown"),
        ([("failed", "a", {}), ("sent", "a", REPORTS), ("delivered", "a", {})], "delivered"),
        ([("sent", "a", REPORTS), ("failed", "a", {"reported": True}), ("sent", "b", REPORTS)], "sent"),
        ([("sent", "a", REPORTS), ("failed", "a", {"reported": True})], "failed"),
        ([("failed", "a", {"reported": True}), ("sent", "a", REPORTS)], "failed"),
        ([("delivered", "a", {}), ("sent", "a", REPORTS)], "delivered"),
        ([("delivered", "a", {}), ("failed", "b", {})], "delivered"),
    ],
    ids=[
        "tried again and taken", "and says nothing of arrival", "and arrived", "lost, and another sent", "taken and lost",
        "lost before the note that it was taken", "arrived before that note", "arrived once, and the next one failed",
    ],
)  # fmt: skip
def test_a_failure_is_shown_until_something_is_sent_again(
    state: AppState, told_of: list[tuple[str, str, dict[str, object]]], shown: str
) -> None:
    assert [t.state for t in told(notices(state, *told_of))] == [shown]


def test_where_nobody_could_be_told_the_reason_stands_instead_of_a_channel(state: AppState) -> None:
    nobody = {"person": None, "channel": None, "reason": "nobody_on_call"}
    steps = notices(
        state,
        ("failed", "a", {**nobody, "level": 1}),
        ("failed", "b", {**nobody, "level": 2}),
        ("failed", "c", {"channel": None, "reason": "no_address"}),
    )
    assert [(t.level, t.who, t.state) for t in told(steps)] == [
        (Level.COMMUNITY, "", "nobody"), (Level.STREET, "", "nobody"), (Level.HOME, "p", "no_address")
    ]  # fmt: skip
    later = notices(state, ("failed", "c", {"channel": None}), ("sent", "d", {**REPORTS}))
    assert [(t.who, t.channel, t.state) for t in told(later)] == [("p", "sms", "sent")], "reached in the end"


def test_what_was_sent_to_whoever_sits_here_is_said_to_have_arrived_once(state: AppState) -> None:
    before = state.incidents.undelivered()
    notice = {
        "incident": "sos-now",
        "ref": "r1",
        "person": ME,
        "channel": "desktop",
        "act": "alarm",
        "level": 0,
        "by": "system",
    }
    state.journal.append("notice.sent", notice, subject="p1")
    state.journal.append("notice.sent", {**notice, "ref": "r2", "person": "somebody else"}, subject="p1")
    for _ in range(2):
        state.take()
        state.incidents.refresh(["sos-now"])
    said = [
        f.payload["ref"] for f in state.journal.facts("notice.delivered") if f.payload and f.payload.get("by") == ME
    ]
    assert said.count("r1") == 1
    assert "r2" not in said
    work = state.incidents.work("sos-now")
    assert work is not None
    states = [(t.who, t.state) for t in work.told if t.channel == "desktop"]
    assert states == [(ME, "delivered"), ("somebody else", "sent")], (
        "the receipt is a step of the line, and no line of nobody"
    )
    assert state.incidents.undelivered() == before  # a receipt is no step of ours that somebody waits for


def test_the_ladder_counts_down_to_the_community(state: AppState) -> None:
    work = state.incidents.work("sos-now")
    assert work is not None
    assert work.next_level is not None
    level, at = work.next_level
    assert level is Level.COMMUNITY
    assert timedelta(0) < at - work.incident.opened_at <= timedelta(seconds=61)


def test_a_whole_incident_and_its_own_worker_may_not_check_it(state: AppState) -> None:
    for kind in (ON_SCENE, FEEDBACK):
        state.incidents.step("sos-now", kind)
        state.take()
    assert CHECKED not in state.incidents.allowed("sos-now")
    state.incidents.step("sos-now", CLOSED)
    state.take()
    work = state.incidents.work("sos-now")
    assert work is not None
    assert work.incident.state is State.CLOSED_REVIEW_DUE


def test_a_note_is_sealed_and_opens_here(state: AppState) -> None:
    incident = state.incidents.ringing()[0]
    payload = state.sealed_note(incident.elder, "在卧室, 神志清醒 😀")
    assert "卧室" not in payload["note"]
    assert state.open_note(incident.elder, payload) == "在卧室, 神志清醒 😀"
    assert state.open_note("p-somebody-else", payload) == ""


def test_history_pages_by_key_without_gaps_or_repeats(state: AppState) -> None:
    seen: list[str] = []
    before = None
    while rows := state.incidents.history(HistoryFilter(), before, limit=3):
        seen += [r["incident"] for r in rows]
        before = (rows[-1]["opened"], rows[-1]["incident"])
    total = state.reader.value("SELECT count(*) FROM incidents_now")
    assert len(seen) == len(set(seen)) == total


def test_a_drill_and_an_unconfirmed_alarm_say_so(state: AppState) -> None:
    feed = Feed("jinxiu", 5)
    elder = state.elders.board.rows()[9].id
    at = state.now()
    for id, more in (("drill", {"exercise": True}), ("alone", {"confirmed": False})):
        state.journal.absorb(list(open_incident(feed, id, "sos", elder, at, "", device="d9", **more))[:1])
    state.take()
    drill, alone = state.incidents.work("drill"), state.incidents.work("alone")
    assert drill is not None
    assert alone is not None
    assert drill.incident.exercise
    assert not alone.incident.confirmed
    assert state.incidents.ringing()[-1].id == "drill", "what is real rings before a drill"


def test_an_erased_opening_hides_the_incident_and_breaks_nothing(state: AppState) -> None:
    opened = next(f for f in state.journal.facts("incident.opened") if f.payload and f.payload["incident"] == "sos-now")
    state.journal.erase([opened.envelope.id])
    state.journal.rebuild()
    state.incidents.refresh(["sos-now"])
    assert state.incidents.work("sos-now") is None
    assert to_ms(state.now()) > 0


def test_what_was_reported_here_before_the_newest_press_ends_nothing_and_is_shown_as_that(state: AppState) -> None:
    """The desk was cut off when its report was made; with the line back, the press and the report's place come down."""
    feed, later = Feed("jinxiu", 702), timedelta(minutes=10)
    feed.position = 10_001
    seen, report = (state.incidents.step("sos-now", kind) for kind in (ON_SCENE, FEEDBACK))
    elder = there(state.incidents.work("sos-now")).incident.elder
    pressed = feed.item(EVIDENCE, {"incident": "sos-now", "by": "system", "rings": True}, elder, state.now() + later)
    state.journal.absorb([changed(back_down(feed, state.journal, seen), position=pressed.position - 1)])
    state.journal.absorb([pressed])
    state.journal.absorb([back_down(feed, state.journal, report)])
    state.take()
    work = there(state.incidents.work("sos-now"))
    assert (work.incident.state, work.incident.unheard) == (State.HANDLING, True)
    assert [(s.refused, s.overtaken) for s in work.steps if s.id == report] == [(True, True)]
    assert "sos-now" in [i.id for i in state.incidents.ringing()]
    state.incidents.step("sos-now", ACKNOWLEDGED)
    state.take()
    assert "sos-now" not in [i.id for i in state.incidents.ringing()]
