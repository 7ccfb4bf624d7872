"""`./run screens`: every screen of both programs as a picture, into docs/screens; looked at by people, kept by git."""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from PIL import Image

HERE = Path(__file__).resolve().parent.parent
COLOURS = 128  # flat colours and text: a palette keeps a picture small and nobody sees it
KEPT = ("portrait-zh-light", "portrait-en-dark", "landscape-zh-light", "zh-light", "en-light", "zh-dark")


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser("./run screens", description=__doc__)
    top.add_argument("--out", type=Path, default=HERE / "docs" / "screens", metavar="DIR")
    top.add_argument("--all", action="store_true", help="every screen in every language, look and orientation")
    top.add_argument("--only", choices=("kiosk", "caregiver"))
    return top


def main() -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    args = parser().parse_args()
    from caregiver.screens import render_all as caregiver
    from kiosk.screens.gallery import render_all as kiosk

    programs: dict[str, Callable[[Path], Iterable[Path]]] = {"kiosk": kiosk, "caregiver": caregiver}
    for name, render in programs.items():
        if args.only in (None, name):
            with tempfile.TemporaryDirectory() as scratch:
                made = [path for path in render(Path(scratch)) if args.all or path.name.startswith(KEPT)]
                _keep(made, args.out / name)
            print(f"{len(made):4} {args.out / name}")
    return 0


def _keep(made: Iterable[Path], folder: Path) -> None:
    """Replace the pictures of `folder` by these."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    for path in made:
        picture = Image.open(path).convert("RGB")
        picture.quantize(COLOURS, dither=Image.Dither.NONE).save(folder / path.name, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
