"""The project's packages, as the type checker and the import contracts are told them."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
PACKAGES: tuple[str, ...] = tuple(TOOLS["importlinter"]["root_packages"])
