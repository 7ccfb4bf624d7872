"""What the bench says of the visits it has played: an undecided one is counted, with all the time it took."""

from datetime import UTC, datetime

from bench.identify import Played, match
from domain.identification import Decision, Liveness, Outcome, Reason

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def decided(at: float, person: str | None) -> tuple[float, Decision]:
    outcome, reason = (Outcome.IDENTIFIED, Reason.MATCH) if person else (Outcome.UNKNOWN, Reason.NO_MATCH)
    return at, Decision(f"v{at}", outcome, reason, person, (), 0.5, 3, None, Liveness.LIVE, "sface", NOW, 1.0)


def test_times_run_from_the_first_usable_frame_to_the_first_decision_or_until_the_person_is_gone() -> None:
    played = [Played("help.mkv", 10.0, 11.5), Played("no.mkv", 13.0, 14.5), Played("please.mkv", 16.0, 17.5)]
    decisions = [decided(10.25, "again.mkv"), decided(10.5, None), decided(16.5, None)]
    times, wrong, undecided = match(played, decisions)
    assert times == [250.0, 1500.0, 500.0]
    assert (wrong, undecided) == (0, 1)


def test_a_decision_belongs_to_the_visit_in_which_it_came_and_another_name_is_wrong() -> None:
    played = [Played("help.mkv", 10.0, 11.5), Played("learn.mkv", 13.0, 14.5)]
    times, wrong, undecided = match(played, [decided(9.0, None), decided(13.125, "again.mkv")])
    assert times == [1500.0, 125.0]
    assert (wrong, undecided) == (1, 1)
