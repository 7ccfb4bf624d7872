"""A page on a telephone on which something is cut is not drawn without a word about it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DRAWN = """
import sys
from pathlib import Path
import demo.telephone as telephone
from district.api.paper import line, sheet

telephone.pages = lambda language: [("page", sheet(language, sys.argv[2]))]
print(telephone.draw("en", "light", Path(sys.argv[1])))
"""


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("<p>Call them on 138 0000 0001</p>", ""),
        ("<p style='white-space:nowrap'>Messages to you will be in English as well</p>", "page: "),
        (
            "<p style='width:300px;white-space:nowrap;overflow:hidden'>Press it when you are there and done</p>",
            "page: ",
        ),
        ("<p style='margin-left:-40px'>Call 120</p>", "page: "),
        ("<p style='width:320px;white-space:nowrap'>Press when you are there</p>", "page-large: "),
    ],
)
def test_what_is_cut_is_told(tmp_path: Path, inside: str, told: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DRAWN, str(tmp_path), inside], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().startswith(told)
    assert bool(done.stdout.strip()) is bool(told)
