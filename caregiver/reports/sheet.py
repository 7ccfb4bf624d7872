"""A report as lines of words, for screen, workbook and page alike; and the workbook. No Qt."""

from collections.abc import Callable
from pathlib import Path

from caregiver.gatelog.rates import Rate
from caregiver.parts.whole_file import whole_file
from caregiver.reports.figures import Report
from caregiver.wording import Tongue, term
from domain.figures import Share
from domain.incident_kinds import Severity

LINES = (
    "incidents", "answered_60", "answered_180", "on_scene_45", "on_scene_60", "false_alarms", "blind_min", "visits", "visited",
    "passages", "opened_for_known",
)  # fmt: skip
ELDERS = ("month", "name", "false_alarms", "blind_min")  # the columns of what is told by elder and month
TARGETS = {"answered_60": 0.975, "answered_180": 0.99, "on_scene_45": 0.90, "on_scene_60": 1.0}


def share(value: Share) -> str:
    return "–" if value.rate is None else f"{value.rate:.1%} ({value.met}/{value.of})"


def rate(value: Rate) -> str:
    return (
        "–"
        if value.rate is None
        else f"{value.rate:.2%} [{value.low:.2%}, {value.high:.2%}] ({value.errors}/{value.trials})"
    )


def lines(report: Report, tongue: Tongue) -> list[tuple[str, str, str]]:
    """(key, what, how much) of every figure, in order."""
    found = []
    for name in LINES:
        value = getattr(report, name)
        found.append(
            (name, tongue.tr(f"caregiver.report.{name}"), share(value) if isinstance(value, Share) else f"{value:,}")
        )
    for name in ("fnir", "fpir", "apcer"):
        found.append((name, tongue.tr(f"caregiver.report.{name}"), rate(getattr(report.gate, name))))
    return found


def severities(tongue: Tongue) -> list[str]:
    """What the columns of the days count: each severity with what it means."""
    return [term(tongue, "severity", str(int(severity))) for severity in Severity]


def meets(report: Report, name: str) -> bool | None:
    """Whether a figure with a target meets it; None where there is no target or nothing to measure."""
    value = getattr(report, name, None)
    if name not in TARGETS or not isinstance(value, Share) or value.rate is None:
        return None
    return value.rate >= TARGETS[name]


def workbook(
    report: Report, tongue: Tongue, community: str, path: Path, told: Callable[[float], None] = lambda _: None
) -> None:
    """Write the report as XLSX, whole or not at all: a sheet of figures, one by day, one by kind, one by elder. Raises OSError."""
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font
    from openpyxl.worksheet.worksheet import Worksheet

    def put(sheet: Worksheet, *values: str | int) -> None:
        """A row of words and numbers: no name becomes a formula, and nothing that a sheet cannot hold stops it."""
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", v) if isinstance(v, str) else v for v in values])
        for cell in sheet[sheet.max_row]:
            if cell.data_type == "f":
                cell.data_type = "s"

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = tongue.tr("caregiver.report.sheet_figures")
    put(sheet, tongue.tr("caregiver.report.title", community=community))
    put(sheet, f"{report.period.first} – {report.period.last}")
    sheet.append([])
    for _, what, how_much in lines(report, tongue):
        put(sheet, what, how_much)
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 44, 40
    told(0.3)
    days = book.create_sheet(tongue.tr("caregiver.report.sheet_days"))
    put(days, tongue.tr("caregiver.column.day"), *severities(tongue))
    for day, count in sorted(report.per_day.items()):
        put(days, day.isoformat(), *(count.get(n, 0) for n in Severity))
    for column in "ABCDE":
        days.column_dimensions[column].width = 26 if column > "A" else 14
    kinds = book.create_sheet(tongue.tr("caregiver.report.sheet_kinds"))
    for kind, n in sorted(report.by_kind.items(), key=lambda pair: -pair[1]):
        put(kinds, term(tongue, "kind", kind), n)
    elders = book.create_sheet(tongue.tr("caregiver.report.sheet_elders"))
    put(elders, *(tongue.tr(f"caregiver.column.{key}") for key in ELDERS))
    for line in report.by_elder:
        put(elders, line.month, line.name, line.false_alarms, line.blind_min)
    elders.column_dimensions["B"].width = 24
    told(0.6)
    with whole_file(path) as part:
        book.save(part)
        told(1.0)
