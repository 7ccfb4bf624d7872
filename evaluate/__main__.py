"""Run one command: every module here with a ``main(argv)`` is a command of its own name."""

import signal
import sys
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path

from offline.program import measuring

NAMES = sorted(p.stem for p in Path(__file__).parent.glob("[a-z]*.py"))


def main(argv: list[str]) -> int:
    """The command's exit status; whatever it is, the last line is one JSON object (`offline.program.measuring`)."""
    if not argv or argv[0] not in NAMES:
        print(f"usage: ./run evaluate {{{','.join(NAMES)}}} …", file=sys.stderr)
        return 2
    for stream in (sys.stdout, sys.stderr):  # file names need not be text
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    # ends like Ctrl-C, and so do the processes that work for it
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    return measuring(lambda: int(import_module(f"evaluate.{argv[0]}").main(argv[1:]) or 0))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
