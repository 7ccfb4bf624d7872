"""Run one command: every module here with a ``main(argv)`` is a command of its own name."""

import os
import sys
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path

from domain.errors import Mendable
from offline.program import mendable, sentence, terminal_language

NAMES = sorted(p.stem for p in Path(__file__).parent.glob("[a-z]*.py"))


def main(argv: list[str]) -> int:
    """The command's exit status; 1 after one sentence about what somebody can mend, 130 after Ctrl-C."""
    if not argv or argv[0] not in NAMES:
        print(f"usage: ./run evaluate {{{','.join(NAMES)}}} …", file=sys.stderr)
        return 2
    for stream in (sys.stdout, sys.stderr):  # file names need not be text
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = int(import_module(f"evaluate.{argv[0]}").main(argv[1:]) or 0)
        sys.stdout.flush()
        return status
    except Mendable as e:
        print(sentence(e, terminal_language()), file=sys.stderr)
    except BrokenPipeError:  # whoever read our output has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as e:
        if (known := mendable(e)) is None:
            raise
        print(sentence(known, terminal_language()), file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
