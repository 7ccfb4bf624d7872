"""The desktop's words are complete in both languages, with the same placeholders."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from string import Formatter

import pytest

from assets.words import catalogue
from caregiver.state import AppState
from caregiver.wording import ahead, second_of, step
from domain.careplan import Days
from domain.consent import Purpose
from domain.doubts import SAYS_WELL
from domain.falls import DOWNGRADING
from domain.identification import Liveness, Outcome, Reason
from domain.incident_kinds import ESCALATED, EVIDENCE, Kind, Level, State
from domain.people import Role
from domain.signals import Sign
from offline.line.link import Link
from qtkit.i18n import Language
from watch.signs import DEVICE_KINDS


def words(language: str) -> dict[str, str]:
    return {k: v for k, v in catalogue(language).items() if k.startswith("caregiver.")}


def test_both_languages_say_the_same_things() -> None:
    assert words("zh").keys() == words("en").keys()


def test_placeholders_agree_between_the_languages() -> None:
    def fields(sentence: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(sentence) if name}

    en = words("en")
    assert {k: fields(v) ^ fields(en[k]) for k, v in words("zh").items() if fields(v) != fields(en[k])} == {}


@pytest.mark.parametrize(
    ("group", "values"),
    [
        ("kind", Kind), ("incident_state", State), ("level", [str(int(level)) for level in Level]), ("role", Role), ("line", Link),
        ("device", DEVICE_KINDS),
        ("sign", [f"sign_{sign}" for sign in (*SAYS_WELL, *DOWNGRADING, Sign.PRESS, "movement", "cancel")]),
        ("reason", Reason), ("outcome_of", Outcome), ("liveness", Liveness), ("days", Days), ("purpose", Purpose),
    ],
)  # fmt: skip
def test_every_value_of_the_domain_has_a_word(group: str, values: Iterable[object]) -> None:
    missing = [str(v) for v in values if f"caregiver.{group}.{v}" not in words("zh")]
    assert missing == []


@pytest.mark.parametrize(
    ("language", "line"),
    [("zh", "之后有：回复了短信 · 可信度 80%"), ("en", "Heard since: answered a message · 80 % sure it was them")],
)
def test_an_incidents_history_says_what_was_heard_since(language: str, line: str) -> None:
    told = {"reason": "says_well", "sign": "link", "tells": True}
    assert step(Language(language), EVIDENCE, told) == line
    assert step(Language(language), EVIDENCE, {**told, "weight": 0.955}) == line.replace("80", "96"), (
        "of several together"
    )


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("zh", "上报一级 · 接警后一直没有进展"),
        ("en", "Next level called · It was accepted, but nothing has happened since"),
    ],
)
def test_an_incidents_history_says_why_the_ladder_called_the_next_level(language: str, line: str) -> None:
    assert step(Language(language), ESCALATED, {"by": "system", "reason": "stale"}) == line
    assert " · " not in step(Language(language), ESCALATED, {"by": "p-1", "level": 1})


def test_nobody_is_shouted_at() -> None:
    assert [k for k in words("zh") | words("en") if "!" in words("en")[k] or "！" in words("zh")[k]] == []


@pytest.mark.parametrize(
    ("language", "said"),
    [("zh", ["23:30", "明天 07:00", "11-25 07:00"]), ("en", ["23:30", "tomorrow 07:00", "11-25 07:00"])],
)
def test_a_moment_to_come_says_its_day_unless_it_is_today(language: str, said: list[str]) -> None:
    now = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)
    coming = (
        now.replace(hour=23, minute=30),
        datetime(2026, 11, 24, 7, tzinfo=UTC),
        datetime(2026, 11, 25, 7, tzinfo=UTC),
    )
    assert [ahead(Language(language), at, now) for at in coming] == said


def test_an_alarm_of_another_day_says_which() -> None:
    now = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)
    assert second_of(now, now) == "09:41:00"
    assert second_of(now - timedelta(hours=22), now) == "11-22 11:41:00"


def test_whoever_is_not_known_here_takes_no_more_room_than_a_name(state: AppState) -> None:
    assert state.name_of("p" + "0123456789abcdef" * 2) == "p0123456…"
    assert state.name_of("operator") == "operator"
