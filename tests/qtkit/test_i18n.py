import re
from datetime import datetime, timedelta

import pytest

from assets.words import LANGUAGES, catalogue
from qtkit.i18n import Language

MONDAY = datetime(2026, 11, 23, 9, 41)  # noqa: DTZ001  a clock on a wall


def test_switching_tells_once(qapp: object) -> None:
    language = Language("zh")
    heard: list[str] = []
    language.changed.connect(heard.append)
    language.set("zh")
    language.toggle()
    assert heard == ["en"]
    assert language.tr("qtkit.date.just_now") == "just now"
    assert language.both("qtkit.date.just_now") == ("just now", "刚刚")


def test_an_unknown_language_is_refused(qapp: object) -> None:
    with pytest.raises(KeyError):
        Language("fr")


@pytest.mark.parametrize(("code", "day"), [("zh", "11月23日 周一"), ("en", "Mon 23 Nov")])
def test_a_day_is_written_as_the_language_does(qapp: object, code: str, day: str) -> None:
    assert Language(code).day(MONDAY) == day


@pytest.mark.parametrize(
    ("back", "words"),
    [
        (timedelta(seconds=5), "刚刚"),
        (timedelta(minutes=12), "12 分钟前"),
        (timedelta(hours=3), "06:41"),
        (timedelta(hours=12), "昨天 21:41"),
        (timedelta(days=3), "11月20日 周五 09:41"),
    ],
)
def test_times_are_relative_up_to_an_hour_then_clock_then_date(qapp: object, back: timedelta, words: str) -> None:
    assert Language("zh").ago(MONDAY - back, MONDAY) == words


@pytest.mark.parametrize("prefix", ["qtkit.", "kiosk.", "error."])
def test_catalogues_say_the_same_things(prefix: str) -> None:
    keys = [{key for key in catalogue(code) if key.startswith(prefix)} for code in LANGUAGES]
    assert keys[0] == keys[1]


def test_a_count_takes_the_word_that_goes_with_it() -> None:
    language = Language("en")
    said = [language.tr("caregiver.residents.taken", n=n) for n in (0, 1, 2)]
    assert said == ["0 residents imported.", "1 resident imported.", "2 residents imported."]


def test_no_english_sentence_counts_one_thing_as_many() -> None:
    """A number right before the plural of a word that it counts; of some there are never less than two."""
    counted = re.compile(
        r"\{\w+\} (?:\w+ )?(?:alarms|calls|cards|days|devices|digits|facts|gaps|minutes|months|passes|photos|records|residents|rows"
        r"|signs|times|things|visits|waits)\b"
    )
    more_than_one = {
        "caregiver.refusals.some", "caregiver.sign_in.waiting",  # there is a sentence for one
        "incident.title.storm", "incident.title.storm_news", "error.table_too_long", "error.engine_trial",
        "terminal.engine_on_trial", "terminal.engine_tried", "demo.times",  # a dozen at least
    }  # fmt: skip
    wrong = {key for key, words in catalogue("en").items() if counted.search(words)}
    assert wrong == more_than_one
