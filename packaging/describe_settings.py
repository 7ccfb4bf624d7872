"""Write docs/CONFIGURATION.md from the programs' own settings; a test holds the page to them."""

import sys
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from caregiver.config import CaregiverSettings
from district.config import DistrictSettings
from kiosk.config import KioskSettings

PROGRAMS: dict[str, type[BaseModel]] = {
    "kiosk": KioskSettings,
    "caregiver": CaregiverSettings,
    "district": DistrictSettings,
}
HEAD = """# Configuration

Each program reads one TOML file and starts without any. Where it looks:

| system | folder |
| --- | --- |
| Linux | `~/.config/shouwang/` |
| Windows | `%LOCALAPPDATA%\\shouwang\\` |

`SHOUWANG_KIOSK_CONFIG=FILE` (or `--config FILE`) names another. Every setting is also a variable of the environment, which has
the last word: `SHOUWANG_<PROGRAM>_<TABLE>__<NAME>`, for example `SHOUWANG_KIOSK_GATE__HOST=10.0.0.7`. A list or a
table is written as JSON: `SHOUWANG_KIOSK_HOURS=[{"group": "visitor", "start": "08:00", "end": "20:00"}]`. A setting that does not
exist or does not fit is named with its file and the program does not start. This page is made from the programs by
`python packaging/describe_settings.py`.
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_program(name, model) for name, model in PROGRAMS.items())


def _program(name: str, model: type[BaseModel]) -> str:
    return f"\n## `{name}.toml`\n" + _settings(model, "")


def _settings(model: type[BaseModel], within: str) -> str:
    """What stands in a table, then the tables within it."""
    tables = {key: table for key, field in model.model_fields.items() if (table := _table(field)) is not None}
    text = _rows({key: field for key, field in model.model_fields.items() if key not in tables})
    for key, (table, named) in tables.items():
        path = f"{within}{key}{'.NAME' if named else ''}"
        about = (table.__doc__ or "").strip() if table.__doc__ != BaseModel.__doc__ else ""
        text += f"\n### `[{path}]`\n{about}\n" + _settings(table, f"{path}.")
    return text


def _table(field: FieldInfo) -> tuple[type[BaseModel], bool] | None:
    """The table that a setting is, and whether there may be several, each with a name; None for a plain setting."""
    kinds = (field.annotation, *get_args(field.annotation)[1:])
    table = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
    return None if table is None else (table, get_origin(field.annotation) is dict)


def _rows(fields: dict[str, FieldInfo]) -> str:
    if not fields:
        return ""
    lines = ["", "| setting | kind | default | |", "| --- | --- | --- | --- |"]
    for key, field in fields.items():
        lines.append(f"| `{key}` | {_kind(field.annotation)} | {_default(field)} | {field.description or ''} |")
    return "\n".join(lines) + "\n"


def _kind(kind: Any) -> str:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return " · ".join(f"`{member.value}`" for member in kind)
    args = [a for a in get_args(kind) if a is not type(None)]
    if str(get_origin(kind)) == "typing.Literal":
        return " · ".join(f"`{a}`" for a in args)
    if args and get_origin(kind) not in (list, tuple, dict, frozenset):
        return _kind(args[0])
    words = {str: "text", int: "whole number", float: "number", bool: "true or false", Path: "path"}
    return words.get(kind, getattr(kind, "__name__", str(kind)))


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return "the platform's data folder" if field.annotation is Path else "none"
    value = field.default.value if isinstance(field.default, Enum) else field.default
    if field.is_required():
        return "must be given"
    if value is None or value == "":
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


if __name__ == "__main__":
    (ROOT / "docs" / "CONFIGURATION.md").write_text(page(), "utf-8")
