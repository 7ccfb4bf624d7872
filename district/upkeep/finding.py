"""One line of what the doctor says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`key` names the sentence `district.doctor_<key>`."""

    ok: bool
    key: str
    details: dict[str, object]
