"""Every error that a user can mend has its sentence, and every sentence is of an error that can happen."""

import ast
import string
from collections.abc import Iterator

from assets.words import catalogue
from tests.architecture.packages import PACKAGES, ROOT


def raised() -> Iterator[tuple[str, str, set[str] | None]]:
    """(where, code, names of the details) of every Mendable with a literal code; details are None where they are passed on."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Mendable"):
                    continue
                if node.args and isinstance(node.args[0], ast.Constant):
                    names = {k.arg for k in node.keywords if k.arg}
                    passed_on = any(k.arg is None for k in node.keywords)
                    yield (
                        f"{path.relative_to(ROOT)}:{node.lineno}",
                        str(node.args[0].value),
                        None if passed_on else names,
                    )


def test_every_error_has_a_sentence_in_both_languages() -> None:
    for language in ("zh", "en"):
        words = catalogue(language)
        missing = {f"{where} {code}" for where, code, _ in raised() if f"error.{code}" not in words}
        assert missing == set(), language


def test_every_sentence_gets_the_details_it_speaks_of() -> None:
    words = catalogue("en")
    short = set()
    for where, code, given in raised():
        wanted = {name for _, name, _, _ in string.Formatter().parse(words.get(f"error.{code}", "")) if name}
        if given is not None and not wanted <= given:
            short.add(f"{where} {code}: {sorted(wanted - given)}")
    assert short == set()
