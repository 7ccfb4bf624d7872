"""A program's settings: a TOML file in the platform's own folder, overridden by the environment, checked at the door."""

import os
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from platformdirs import user_config_path, user_data_path, user_log_path
from pydantic import BaseModel, ConfigDict, ValidationError

from domain.errors import Mendable

APP = "shouwang"
S = TypeVar("S", bound="Settings")


class Settings(BaseModel):
    """Base of every program's settings. Unknown keys are mistakes and are named."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def config_path(program: str) -> Path:
    """Where `program` looks for its settings: SHOUWANG_<PROGRAM>_CONFIG, else the platform's folder."""
    named = os.environ.get(f"SHOUWANG_{program.upper()}_CONFIG")
    return Path(named) if named else user_config_path(APP, appauthor=False) / f"{program}.toml"


def data_path(program: str) -> Path:
    """The platform's folder for what `program` keeps."""
    return user_data_path(APP, appauthor=False) / program


def log_path(program: str) -> Path:
    return user_log_path(APP, appauthor=False) / f"{program}.log"


def load(kind: type[S], program: str, path: Path | None = None) -> S:
    """The settings of `program`: file first, then variables such as SHOUWANG_KIOSK_GATE__HOST (``__`` between levels).

    A missing file is an empty one, unless it was named. Raises Mendable: `config_missing`, `config_broken` (file and line),
    `config_wrong` (the setting and what is wrong with it).
    """
    file = path or config_path(program)
    try:
        raw = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError as e:
        if path is not None:
            raise Mendable("config_missing", path=file) from e
        raw = {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise Mendable("config_broken", path=file, what=e) from e
    _override(raw, f"SHOUWANG_{program.upper()}_")
    try:
        return kind.model_validate(raw)
    except ValidationError as e:
        first = e.errors()[0]
        setting = ".".join(map(str, first["loc"]))
        raise Mendable("config_wrong", path=file, setting=setting, what=first["msg"]) from e


def _override(raw: dict[str, Any], prefix: str) -> None:
    for name, value in os.environ.items():
        if not name.startswith(prefix) or name == prefix + "CONFIG":
            continue
        *tables, key = name.removeprefix(prefix).lower().split("__")
        at = raw
        for table in tables:
            at = at.setdefault(table, {})
        at[key] = value
