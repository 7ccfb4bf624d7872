from datetime import UTC, timedelta
from pathlib import Path

import pytest

from assets.words import LANGUAGES
from domain.events import to_ms
from kiosk.faces.messages import GalleryApplied
from kiosk.screens.speech import sentence
from kiosk.upkeep.status import Fittings, StatusBoard
from kiosk.visit.effects import AskStatus
from kiosk.visit.events import Press, Pressed, StaffAccepted, StatusKnown
from kiosk.visit.faults import Fault, Part
from offline.line.link import Link, SyncStatus
from offline.program import program_version
from tests.kiosk_visit.visits import START, Bench


def board(tmp_path: Path, link: SyncStatus | None = None, reader: bool = True, sound: bool = True) -> StatusBoard:
    fittings = Fittings("sface", tmp_path, False, True, reader, lambda: sound, lambda: link)
    return StatusBoard(fittings, lambda: START)


def rows(known: StatusKnown, language: str = "en") -> dict[str, tuple[str, str]]:
    return {
        sentence(row.label, language): (row.value if isinstance(row.value, str) else sentence(row.value, language), row.state)
        for section in known.sections
        for row in section.rows
    }  # fmt: skip


def test_everything_that_is_well(tmp_path: Path) -> None:
    made = board(tmp_path, SyncStatus(Link.CONNECTED, to_ms(START), None, 3))
    made.hear(GalleryApplied(7, 1284, 0.5271, (0.511, 0.5404), (0.00031, 0.0026)))
    made.tested(START, True, "3/3")
    shown = rows(made.known())
    assert shown["People"] == ("1,284", "")
    assert shown["Threshold"] == ("0.527 (0.511–0.540)", "")
    assert shown["Strangers taken for residents"] == ("0.03–0.26 %", "")
    assert shown["Camera"] == ("Simulated", "due")
    assert shown["Gate"] == shown["District"] == shown["Card reader"] == ("Works", "well")
    assert shown["To be sent"] == ("3", "")
    assert shown["Last sync"] == ("09:41:00", "")
    assert shown["Self-test"] == ("09:41  3/3", "well")
    assert shown["Passages, notices"] == ("30 days", "")
    assert shown["Templates, photos"] == ("until withdrawn", "")
    assert shown["Frames of passers-by"] == ("never kept", "")


def test_keys_that_were_damaged_are_told_of_until_all_have_come_again(tmp_path: Path) -> None:
    lost = [True]
    fittings = Fittings("sface", tmp_path, False, True, True, lambda: True, lambda: None, keys_lost=lambda: lost[0])
    assert rows(StatusBoard(fittings, lambda: START).known())["Residents' keys"] == ("damaged, not all back", "overdue")
    lost[0] = False
    assert "Residents' keys" not in rows(StatusBoard(fittings, lambda: START).known())


@pytest.mark.parametrize("wanted", ["", program_version(), "99.1"])
def test_the_version_that_the_district_wants_is_shown_where_it_is_another(tmp_path: Path, wanted: str) -> None:
    shown = rows(board(tmp_path, SyncStatus(Link.CONNECTED, to_ms(START), wanted=wanted)).known())
    here = program_version()
    assert shown["Software"] == ((f"{here}, 99.1 is wanted", "due") if wanted == "99.1" else (here, "well"))


@pytest.mark.parametrize(
    ("clock", "shown"),
    [
        ((True, 900), ("Works", "well")),
        ((True, 180_000), ("machine 3 min ahead", "due")),
        ((True, -86_400_000), ("machine 1,440 min behind", "due")),
        ((False, 0), ("the machine's own", "overdue")),
    ],
)
def test_whose_time_it_is_and_by_how_much_the_machine_is_wrong(
    tmp_path: Path, clock: tuple[bool, int], shown: tuple[str, str]
) -> None:
    fittings = Fittings("sface", tmp_path, False, False, True, lambda: True, lambda: None, clock=lambda: clock)
    assert rows(StatusBoard(fittings, lambda: START).known())["Clock"] == shown


def test_the_infrared_camera_has_its_own_row_where_there_is_one(tmp_path: Path) -> None:
    fittings = Fittings("sface", tmp_path, False, False, True, lambda: True, lambda: None, infrared=True)
    made = StatusBoard(fittings, lambda: START)
    assert rows(made.known())["Infrared camera"] == ("Works", "well")
    made.hear(Fault(Part.INFRARED, "camera_frozen", {"source": "/dev/video2"}))
    assert rows(made.known())["Infrared camera"][1] == "overdue"
    assert "Infrared camera" not in rows(board(tmp_path).known())


@pytest.mark.parametrize(
    ("hours", "shown"),
    [(None, ("None", "due")), (5, ("2026-11-23 04:41", "well")), (49, ("2026-11-21 08:41", "well")),
     (51, ("2026-11-21 06:41", "overdue"))],
)  # fmt: skip
def test_how_old_the_newest_copy_is(tmp_path: Path, hours: int | None, shown: tuple[str, str]) -> None:
    at = None if hours is None else (START - timedelta(hours=hours)).astimezone(UTC)
    fittings = Fittings("sface", tmp_path, False, False, True, lambda: True, lambda: None, backed_up=lambda: at)
    assert rows(StatusBoard(fittings, lambda: START).known())["Newest backup"] == shown


def test_a_kiosk_that_was_cut_off_says_until_when_its_record_is_whole(tmp_path: Path) -> None:
    at = (START - timedelta(hours=5)).astimezone(UTC)
    fittings = Fittings("sface", tmp_path, False, False, True, lambda: True, lambda: None, cut_off=at)
    assert rows(StatusBoard(fittings, lambda: START).known())["Cut off"] == ("recorded until 2026-11-23 04:41", "due")
    assert "Cut off" not in rows(board(tmp_path).known())


def test_what_is_broken_and_what_is_not_there(tmp_path: Path) -> None:
    made = board(tmp_path, SyncStatus(Link.REVOKED), reader=False, sound=False)
    made.hear(Fault(Part.GATE, "gate_unreachable"))
    made.hear(Fault(Part.STORAGE, "disk_full"))
    shown = rows(made.known())
    assert shown["Gate"] == ("Not working", "overdue")
    assert shown["Sound"] == ("Not working", "overdue")
    assert shown["Card reader"] == ("None", "away")
    assert shown["Free space"][1] == "overdue"
    assert shown["District"][1] == "overdue"
    made.hear(Fault(Part.GATE))
    assert rows(made.known())["Gate"] == ("Works", "well")


@pytest.mark.parametrize("link", Link)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_of_the_line_has_words(tmp_path: Path, link: Link, language: str) -> None:
    assert rows(board(tmp_path, SyncStatus(link)).known(), language)


def test_the_maintenance_screen_asks_again_every_two_seconds() -> None:
    bench = Bench()
    bench.send(Pressed(Press.STAFF), StaffAccepted("张工", 1))
    assert [effect for effect in bench.wait(5) if isinstance(effect, AskStatus)] == [AskStatus()] * 3
    bench.send(board(Path("/")).known())
    assert bench.view.status
    bench.wait(300, step=1)
    assert bench.view.status == ()


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("unnamed", ("No folder named", "due")),
        ("gone", ("The folder is not there", "overdue")),
        ("closed", ("The folder may not be written", "overdue")),
    ],
)
def test_why_no_backup_can_be_made_is_told_in_its_place(tmp_path: Path, why: str, told: tuple[str, str]) -> None:
    """A folder of root's said "None" for as long as the gate stood, as where none was named."""
    fittings = Fittings(
        "sface",
        tmp_path,
        False,
        False,
        True,
        lambda: True,
        lambda: None,
        backed_up=lambda: START,
        no_backup=lambda: why,
    )
    assert rows(StatusBoard(fittings, lambda: START).known())["Newest backup"] == told
