"""A program's settings: a TOML file in the platform's own folder, overridden by the environment, checked at the door."""

import json
import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from platformdirs import user_config_path, user_data_path, user_log_path
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from domain.errors import Mendable

APP = "shouwang"
S = TypeVar("S", bound="Settings")
_BOUNDS = {
    "greater_than": (">", "gt"),
    "greater_than_equal": ("≥", "ge"),
    "less_than": ("<", "lt"),
    "less_than_equal": ("≤", "le"),
}
_KINDS = {"int": "number", "float": "number", "string": "text", "bool": "bool", "model": "table", "dict": "table"}


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as e:
        raise ValueError("no such time zone; Asia/Shanghai, for example") from e
    return name


Zone = Annotated[str, AfterValidator(_zone)]  # an IANA name that this machine knows


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


def load(kind: type[S], program: str, path: Path | None = None, told: Mapping[str, Any] | None = None) -> S:
    """The settings of `program`: file, then variables such as SHOUWANG_KIOSK_GATE__HOST (``__`` between levels), then `told`.

    `told` is what the command line says, by the setting's name. A missing file is an empty one, unless it was named. Raises
    Mendable: `config_missing`, `config_unreadable`, `config_broken` (file and line), and for a setting `config_absent`,
    `config_unknown`, `config_mistyped`, `config_choice`, `config_bound`, `config_number`, `config_text`, `config_bool`,
    `config_table` or `config_wrong`, with the file, the variable or the option it stands in.
    """
    file = path or config_path(program)
    prefix = f"SHOUWANG_{program.upper()}_"
    try:
        raw = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError as e:
        if path is not None or prefix + "CONFIG" in os.environ:
            raise Mendable("config_missing", path=file) from e
        raw = {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise Mendable("config_broken", path=file, what=e) from e
    except OSError as e:
        raise Mendable("config_unreadable", path=file, what=e.strerror) from e
    origins = _override(raw, prefix)
    for name, value in (told or {}).items():
        raw[name], origins[name,] = value, "--" + name.replace("_", "-")
    try:
        return kind.model_validate(raw)
    except ValidationError as e:
        first = e.errors()[0]
        place = tuple(map(str, first["loc"]))
        where = next((origins[place[:n]] for n in range(len(place), 0, -1) if place[:n] in origins), str(file))
        raise _mistake(kind, first, where, place) from e


def _mistake(kind: type[BaseModel], error: ErrorDetails, where: str, place: tuple[str, ...]) -> Mendable:
    """What pydantic found, as one of our sentences."""
    told = {"path": where, "setting": ".".join(place)}
    found, context = error["type"], error.get("ctx", {})
    if found == "extra_forbidden":
        near = get_close_matches(place[-1], _names(kind, place[:-1]), 1)
        return Mendable("config_mistyped", near=near[0], **told) if near else Mendable("config_unknown", **told)
    if found == "missing":
        return Mendable("config_absent", **told)
    if found in ("enum", "literal_error"):
        return Mendable("config_choice", choices=str(context["expected"]).replace(" or ", ", "), **told)
    if found in _BOUNDS:
        sign, name = _BOUNDS[found]
        return Mendable("config_bound", bound=f"{sign} {context[name]}", **told)
    wanted = _KINDS.get(found.partition("_")[0])
    if wanted and found.endswith(("_type", "_parsing", "_from_float")):
        return Mendable(f"config_{wanted}", **told)
    return Mendable("config_wrong", what=error["msg"], **told)


def _names(kind: type[BaseModel], place: tuple[str, ...]) -> list[str]:
    """The settings there are in a table."""
    for name in place:
        field = kind.model_fields.get(name)
        if field is None or not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)):
            return []
        kind = field.annotation
    return list(kind.model_fields)


def _override(raw: dict[str, Any], prefix: str) -> dict[tuple[str, ...], str]:
    """Put the variables into `raw`; which variable each setting came from."""
    origins: dict[tuple[str, ...], str] = {}
    for name, text in sorted(os.environ.items()):
        if not name.startswith(prefix) or name == prefix + "CONFIG":
            continue
        place = tuple(name.removeprefix(prefix).lower().split("__"))
        at = raw
        for table in place[:-1]:
            at = at.setdefault(table, {})
            if not isinstance(at, dict):
                raise Mendable("config_table", path=name, setting=table)
        value: object = text
        if text.startswith(("[", "{")):  # a list or a table is written as JSON
            with suppress(ValueError):
                value = json.loads(text)
        at[place[-1]], origins[place] = value, name
    return origins
