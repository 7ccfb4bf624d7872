"""Devices in homes, and the bridges they speak through, from the command line."""

import json
from pathlib import Path

import pytest

from district.bootstrap import opened
from district.config import DistrictSettings
from district.intake import zigbee2mqtt
from district.store.people import HOME_DEVICE
from domain.subjects import of_gateway, thing
from tests.district_api.typed import run
from tests.fakes.there import there

pytestmark = pytest.mark.usefixtures("own_folders")


def test_what_is_said_of_a_device_in_a_home_is_kept_whole(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    settings = DistrictSettings(data=tmp_path / "d")
    told = ["--community", "jinxiu", "--name", "watch-1", "--elder", "p1", "--place", "hall", "--kind", "wearable"]
    data = ["--data", str(settings.data)]
    assert run(capsys, *data, "device", "add", *told, "--every", "10", "--position", "waist")[0] == 0
    with opened(settings) as office:
        (item,) = office.store.told([HOME_DEVICE])
        kept = json.loads(bytes(there(item.event.payload)))
    assert kept == {"device": "watch-1", "place": "hall", "kind": "wearable", "every_min": 10, "position": "waist"}


def test_the_devices_in_homes_are_listed_with_what_they_are_and_when_they_were_heard(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = ["--data", str(tmp_path)]
    home = ["--community", "Jinxiu", "--elder", "p1", "--place", "hall"]
    run(capsys, *data, "device", "add", *home, "--name", "front", "--kind", "door")
    run(capsys, *data, "device", "add", *home, "--name", "gone")
    run(capsys, *data, "device", "remove", "--community", "Jinxiu", "--name", "gone")
    _, out, _ = run(capsys, *data, "device", "list")
    (line,) = out.splitlines()
    assert line.split("  ")[:5] == ["Jinxiu", "front", "p1", "hall", "door"]
    assert line.split("  ")[5] == "never heard"


def test_an_unknown_elder_and_a_mistyped_community_are_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    data = ["--data", str(tmp_path / "d")]
    with opened(DistrictSettings(data=tmp_path / "d")) as office:
        office.store.append_own("person.registered", "jinxiu", "p1", office.now_ms(), {})
    right = run(capsys, *data, "device", "add", "--community", "jinxiu", "--name", "w1", "--elder", "p1")
    assert (right[0], right[2].count("\n")) == (0, 1)
    wrong = run(capsys, *data, "device", "add", "--community", "jinxui", "--name", "w2", "--elder", "p2")[2]
    assert "known so far: jinxiu" in wrong
    assert "Nobody has told of p2 in jinxui" in wrong
    assert "known so far: jinx" in run(capsys, *data, "bridge", "--community", "yulann")[2]
    assert run(capsys, *data, "bridge", "--community", "jinxiu")[2] == ""


def test_a_bridge_is_called_where_it_is_for_an_alarm_of_its_silence_says_so(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    make = ["--data", str(tmp_path / "d"), "bridge", "--community", "Jinxiu", "--name"]
    key = run(capsys, *make, "building-3")[1].split()[1]
    silent = of_gateway("Jinxiu", zigbee2mqtt.gateway(key))
    assert (thing(silent) or "").startswith("building-3-")
    code, _, said = run(capsys, *make, "三号楼")
    assert (code, "building-3" in said) == (1, True)
