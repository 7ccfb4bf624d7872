"""Make the kiosk's voice prompts with espeak-ng: ``python packaging/make_voice.py FOLDER``. Called by the set-up."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from kiosk.voice import make_prompts


def main() -> int:
    if len(sys.argv) != 2:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    try:
        made = make_prompts(Path(sys.argv[1]))
    except FileNotFoundError:
        sys.stderr.write("espeak-ng is not installed, so the kiosk stays silent: every prompt is on the screen too.\n")
        return 1
    sys.stdout.write(f"{len(made)} prompts in {sys.argv[1]}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
