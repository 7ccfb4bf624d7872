"""Lines of the model made into sentences of one language."""

from collections.abc import Mapping

from assets.words import LANGUAGES, say
from kiosk.visit.line import Line


def sentence(line: Line | None, language: str) -> str:
    """The sentence of `line`, empty for None. Details that are mappings are taken in that language."""
    if line is None:
        return ""
    details = {
        name: value.get(language, "") if isinstance(value, Mapping) else value for name, value in line.details.items()
    }
    return say(language, line.key, **details)


def other(language: str) -> str:
    """The other language of the pair."""
    return next(code for code in LANGUAGES if code != language)
