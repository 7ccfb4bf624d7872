"""What the documents name as proof is there."""

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
DOCS = TESTS.parent / "docs"
# '': the file itself
DEFINED = {
    (str(file.relative_to(TESTS)), name)
    for file in TESTS.rglob("test_*.py")
    for name in ["", *re.findall(r"^\s*(?:async )?def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)]
}
PROOF = re.compile(r"`(?:tests/)?((?:\w+/)*(?:test_\w+\.py)?)(?:::(test_[^`]+))?`")


def named(document: Path) -> list[tuple[str, str]]:
    """(file, pattern of a test's name) as the document names them; '' for either where it is left out."""
    found = PROOF.findall(document.read_text("utf-8"))
    return [(file, test) for file, test in found if test or file.endswith(".py")]


@pytest.mark.parametrize("document", sorted(DOCS.rglob("*.md")), ids=lambda path: path.name)
def test_every_test_that_a_document_names_is_there(document: Path) -> None:
    missing = [
        f"{file}::{test}"
        for file, test in named(document)
        if not any(path.endswith(file) and fnmatch(name, test) for path, name in DEFINED)
    ]
    assert missing == []


def test_the_page_on_security_names_proofs() -> None:
    assert len(named(DOCS / "SECURITY.md")) > 30


def test_every_decision_has_a_number_of_its_own() -> None:
    numbers = [page.name[:4] for page in (DOCS / "decisions").glob("*.md")]
    assert sorted(numbers) == sorted(set(numbers))


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in DOCS.glob("*.md"))])
def test_every_file_that_a_document_links_to_is_there(document: str) -> None:
    page = DOCS.parent / document
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
