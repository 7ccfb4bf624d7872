"""What a server has found wrong with the facts it keeps, as a person reads it: what it is, what to do, which ones."""

from collections.abc import Mapping, Sequence
from typing import Any

from caregiver.incidents.work import Work
from caregiver.ui import Desk

_ENDED = {"records_whole": "records.whole", "records_settled": "records.settled"}
NAMED = 3  # facts by their numbers; the incident itself has twenty


def found(desk: Desk, work: Work) -> str:
    """A sentence for each kind of finding, the numbers of the facts as evidence; '' where the incident tells of none."""
    steps = [step for step in work.steps if "which" in step.payload or step.payload.get("reason") in _ENDED]
    told = [step.payload for step in steps if "which" in step.payload]
    if not told:
        return ""
    counts = {
        "altered": _last(told, "altered"),
        "differing": _last(told, "differing"),
        "given_way": sum(int(each.get("given_way", 0)) for each in told),
        "withheld": sum(int(each.get("withheld", 0)) for each in told),
    }
    own = "records.altered_own" if "device" in told[-1] else "records.altered"  # a gate or desk of its own, or a server
    sentences = {
        "altered": own, "differing": "records.differing", "given_way": "records.given_way", "withheld": "records.withheld",
    }  # fmt: skip
    lines = [desk.tr(sentences[name], n=count, place=work.place) for name, count in counts.items() if count]
    if which := told[-1]["which"]:
        rest = counts["altered"] + counts["differing"] - NAMED
        numbers = " · ".join(map(str, which[:NAMED]))
        lines.append(desk.tr("records.which_of_more" if rest > 0 else "records.which", which=numbers, n=rest))
    if "which" not in steps[-1].payload:
        ended = steps[-1].payload
        lines.append(desk.tr(_ENDED[str(ended["reason"])], n=int(ended.get("settled", 0))))
    return "\n".join(lines)


def _last(told: Sequence[Mapping[str, Any]], name: str) -> int:
    """What was counted last, where it was counted."""
    return next((int(each[name]) for each in reversed(told) if name in each), 0)
