"""What is not code: words, colours, icons, voice prompts; and the few lines that find them."""

from importlib.resources import files
from pathlib import Path


def asset(*parts: str) -> Path:
    """The path of a file shipped with the program, e.g. ``asset("theme.toml")``."""
    return Path(str(files("assets"))).joinpath(*parts)
