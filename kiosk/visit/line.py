"""A sentence by its key: the catalogues have the words."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence by its key. A detail may be a mapping by language."""

    key: str
    details: Mapping[str, object] = field(default_factory=dict)


SILENT = Line("")
