"""What somebody types at the district's terminal, and what it answers."""

import pytest

from district.__main__ import main


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    try:
        status = main(list(args))
    except SystemExit as e:
        status = int(e.code or 0)
    told = capsys.readouterr()
    return status, told.out, told.err
