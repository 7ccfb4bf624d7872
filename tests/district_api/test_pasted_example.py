"""The example of the protocol's page works when it is pasted."""

import re
import subprocess
import sys
from pathlib import Path

from district.operator import commands
from tests.fakes.serving import Serving

PAGE = Path(__file__).parents[2] / "docs" / "PROTOCOL.md"


def test_the_example_reports_a_fall(district: Serving, tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    bridge = commands.perform(district.office, "bridge", {"community": "jinxiu"})
    for printed, own in (
        ("b0123456789abcdef", bridge["key"]),
        ('"…"', f'"{bridge["secret"]}"'),
        ("http://127.0.0.1:8700", district.url),
    ):
        assert printed in example, "what its reader puts in the place of"
        example = example.replace(printed, own)
    plain = [sys.executable, "-I", "-S", "-c", example]  # nothing of ours and no package can be imported
    told = subprocess.run(plain, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert told.stdout == "{'signals': 2, 'recorded': 1, 'unknown': ['watch-1'], 'unheard': {}}\n", told.stderr
    assert told.stdout.strip() in PAGE.read_text("utf-8")
