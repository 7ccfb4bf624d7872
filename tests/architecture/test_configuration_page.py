import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_settings_says_what_the_programs_take() -> None:
    page = runpy.run_path(str(ROOT / "packaging" / "describe_settings.py"))["page"]
    assert (ROOT / "docs" / "CONFIGURATION.md").read_text("utf-8") == page(), (
        "run: python packaging/describe_settings.py"
    )
