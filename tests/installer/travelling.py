"""What a program needs of others, by its imports and by its lock."""

import ast
import re
import sys
from collections.abc import Collection
from importlib.metadata import packages_distributions
from pathlib import Path

HOUSE = Path(__file__).parents[2]


def pins(lock: Path) -> dict[str, str]:
    """Version by distribution."""
    return dict(re.findall(r"^([\w.-]+)==([^ ;\\]+)", lock.read_text(), re.MULTILINE))


def imported(packages: Collection[str]) -> set[str]:
    """The distributions that packages of this house import from."""
    names: set[str] = set()
    for package in packages:
        for file in (HOUSE / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Import):
                    names |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                    names.add(node.module.split(".")[0])
    known = packages_distributions()
    others = names - set(sys.stdlib_module_names) - set(packages)
    # Qt's two halves come with the whole.
    return {known[name][0].lower().replace("_", "-") for name in others if name != "PySide6"} | {"pyside6"}
