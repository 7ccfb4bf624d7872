"""The doctor names what an operator has to mend, and is content once it is."""

import os
from pathlib import Path

import pytest

from assets.words import say
from district.config import DistrictSettings
from district.intake.lines import Line, LineSettings
from district.upkeep.doctor import examine
from tests.district_api.damage import spoil
from tests.district_api.typed import run
from tests.fakes.serving import Serving

pytestmark = pytest.mark.usefixtures("own_folders")


def test_the_doctor_ends_content_once_an_altered_fact_was_settled(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, district: Serving, settings: DistrictSettings
) -> None:
    from district.upkeep.lock import FolderLock

    item = district.office.store.append_own("config.set", "jinxiu", None, 1, {"n": 1})
    spoil(district, "UPDATE facts SET at = at + 1 WHERE kind = 'config.set'")
    district.office.look_over()
    data, lock = ["--data", str(settings.data)], FolderLock(settings.data)
    assert lock.take()
    lock.announce(district.url)
    try:
        assert "MEND  Of the facts looked at so far, 1 are not what their hash says" in run(capsys, *data, "doctor")[1]
        number = [item.device, str(item.epoch), str(item.event.seq)]
        assert run(capsys, *data, "records", "list")[1].startswith(f"altered  {' '.join(number)}  jinxiu  here ")
        status, _, err = run(capsys, *data, "records", "settle", *number, "--because", "no_copy")
        assert status == 0
        assert "is settled" in err
        assert run(capsys, *data, "records", "list")[1].rstrip().endswith("no_copy")
        told = run(capsys, *data, "doctor")[1]
        assert "ok    Of the facts looked at so far, 0 are not what their hash says" in told
        assert "ok    1 altered fact is settled" in told
    finally:
        lock.close()


def test_the_doctor_asks_to_delete_a_database_that_a_restore_put_aside_a_month_ago(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """What was erased since is still in it."""
    data, saved = ["--data", str(tmp_path / "d")], tmp_path / "saved.sqlite"
    run(capsys, *data, "code", "--role", "kiosk", "--community", "Jinxiu")
    assert run(capsys, *data, "backup", str(saved))[0] == 0
    assert "any more lie in" not in run(capsys, *data, "doctor")[1]
    assert run(capsys, *data, "restore", str(saved))[0] == 0
    assert "ok    Databases that nothing uses any more lie in" in run(capsys, *data, "doctor")[1]
    (aside,) = (tmp_path / "d").glob("district.sqlite.before-*[0-9]")
    month_ago = aside.stat().st_mtime - 31 * 86_400
    os.utime(aside, (month_ago, month_ago))
    assert "MEND  Databases that nothing uses any more lie in" in run(capsys, *data, "doctor")[1]


@pytest.mark.parametrize(("host", "warns"), [("127.0.0.1", False), ("0.0.0.0", True)])
def test_the_doctor_warns_of_a_port_where_whoever_reaches_it_can_ring_a_community(
    tmp_path: Path, host: str, warns: bool
) -> None:
    lines = LineSettings(sia=Line(host=host, port=10000, community="jinxiu"))
    found = [f.ok for f in examine(DistrictSettings(data=tmp_path, lines=lines)) if f.key == "strangers"]
    assert found == [False] * warns
    for language in ("zh", "en"):
        assert "lines.sia" in say(language, "district.doctor_strangers", line="sia", community="jinxiu", most=10)


def test_the_doctor_asks_for_a_backup_and_is_content_with_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = ["--data", str(tmp_path / "d")]
    run(capsys, *data, "status")
    assert "MEND  There is no backup yet" in run(capsys, *data, "doctor")[1]
    run(capsys, *data, "backup", str(tmp_path / "copy"))
    assert f"ok    The newest backup, {tmp_path / 'copy'}, is 0 days old" in run(capsys, *data, "doctor")[1]
