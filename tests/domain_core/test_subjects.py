"""An incident of no elder names the thing it is about."""

import pytest

from domain.subjects import is_crowd, is_stray, of_crowd, of_gate, of_gateway, of_stray, thing


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        (of_gate("South gate: cars"), "South gate: cars"),
        (of_gateway("jinxiu", "bridge/east"), "east"),
        (of_gateway("jinxiu", "bridge"), "bridge"),
        (of_stray("jinxiu", "0x00158d:7"), "0x00158d:7"),
        ("p" + "0" * 32, None),
        ("", None),
    ],
)
def test_a_thing_has_a_name_and_a_person_is_no_thing(subject: str, name: str | None) -> None:
    assert thing(subject) == name


def test_only_a_device_in_nobodys_home_is_stray() -> None:
    assert is_stray(of_stray("jinxiu", "button"))
    assert not any(map(is_stray, (of_gate("stray"), of_gateway("stray", "b"), "p1")))


def test_a_crowd_is_all_of_them_and_no_single_device() -> None:
    assert is_crowd(of_crowd("jinxiu"))
    assert not any(map(is_crowd, (of_stray("jinxiu", "button"), of_gate("*"), of_gateway("jinxiu", "*"))))
