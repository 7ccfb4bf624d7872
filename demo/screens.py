"""`./run screens`: every screen of both programs and every page on a telephone as a picture, into docs/screens; looked at by
people, kept by git.

`./run screens --pinned` renews what tests/visual compares with instead: in the pinned type, in every language and mode, small.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from PIL import Image

from demo.comparing import COLOURS, EXPECTED, SHRINK, compare, few_colours, shrunk
from demo.pinned import pin

HERE = Path(__file__).resolve().parent.parent
KEPT = ("portrait-zh-light", "portrait-en-dark", "landscape-zh-light", "zh-light", "en-light", "zh-dark")
MODES = tuple(f"{language}-{mode}-" for language in ("zh", "en") for mode in ("light", "dark"))
COMPARED = (*MODES, *(f"portrait-{mode}" for mode in MODES), "landscape-zh-light-", "landscape-en-dark-")

Render = Callable[[Path, Callable[[str], bool]], Iterable[Path]]


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser("./run screens", description=__doc__)
    top.add_argument("--out", type=Path, metavar="DIR")
    top.add_argument("--all", action="store_true", help="every screen in every language, mode and orientation")
    top.add_argument("--only", choices=("kiosk", "caregiver", "telephone"))
    top.add_argument(
        "--begins", default="", help="only pictures whose names begin like this: en-dark, portrait-zh-light"
    )
    top.add_argument("--pinned", action="store_true", help="renew what tests/visual compares with")
    top.add_argument("--exact", action="store_true", help="with --pinned: keep every colour, as a test needs it")
    return top


def main() -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    args = parser().parse_args()
    if args.pinned:
        pin()
    out = args.out or (EXPECTED if args.pinned else HERE / "docs" / "screens")
    wanted = COMPARED if args.pinned else ("",) if args.all else KEPT
    for name, render in programs().items():
        if args.only in (None, name):
            with tempfile.TemporaryDirectory() as scratch:
                made = list(render(Path(scratch), partial(_asked_for, wanted, args.begins)))
                _forget(out / name, args.begins, {path.name for path in made})
                for path in made:
                    target = out / name / path.name
                    if not args.pinned:
                        picture = Image.open(path).convert("RGB")
                        picture.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
                    elif args.exact:
                        shrunk(path, name).save(target)
                    else:
                        _renew(shrunk(path, name), target, SHRINK[name])
            print(f"{len(made):4} {out / name}")
    return 0


def programs() -> dict[str, Render]:
    """By name. Qt looks at the environment when it is first imported, so that comes late."""
    from caregiver.pictured import render_all as caregiver
    from demo.telephone import render_all as telephone
    from kiosk.screens.pictured import render_all as kiosk

    return {
        "kiosk": lambda out, keep: kiosk(out, keep=keep),
        "caregiver": lambda out, keep: caregiver(out, keep),
        "telephone": lambda out, keep: telephone(out, keep),
    }


def _asked_for(wanted: tuple[str, ...], begins: str, title: str) -> bool:
    return title.startswith(wanted) and title.startswith(begins)


def _forget(folder: Path, begins: str, made: set[str]) -> None:
    """Remove pictures of screens that are no more."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{begins}*.png"):
        if old.name not in made:
            old.unlink()


def _renew(actual: Image.Image, kept: Path, scale: int) -> None:
    """Write what a test would call changed and nothing else, so that the history holds no noise."""
    if not kept.exists() or compare(actual, kept, scale):
        few_colours(actual).save(kept, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
