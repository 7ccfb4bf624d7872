"""Both catalogues are complete, and their placeholders are the same."""

import string

from assets.words import LANGUAGES, catalogue


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_sentence_stands_in_every_language() -> None:
    keys = {language: set(catalogue(language)) for language in LANGUAGES}
    assert keys["zh"] ^ keys["en"] == set()


def test_a_sentence_has_the_same_placeholders_everywhere() -> None:
    zh, en = catalogue("zh"), catalogue("en")
    assert {k for k in zh if placeholders(zh[k]) != placeholders(en[k])} == set()


def test_no_sentence_shouts_and_an_empty_one_is_empty_in_both_languages() -> None:
    for language in LANGUAGES:
        for key, text in catalogue(language).items():
            assert bool(text) == bool(catalogue("zh")[key]), key
            assert "!" not in text, (key, text)
            assert "!" not in text, (key, text)
