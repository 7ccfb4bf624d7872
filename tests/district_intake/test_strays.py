"""Devices in nobody's home that call for help by the dozen: none is dropped, and they are not as many alarms."""

from datetime import timedelta

import pytest

from district.intake.signals import Heard, Kind, Signal
from district.intake.strays import HOUR, MOST, Strays
from domain.subjects import of_crowd, of_stray
from tests.district_intake.conftest import HERE, T0, Intake

MINUTE = timedelta(minutes=1)


def call(device: str, kind: Kind = Kind.SOS) -> Heard:
    return Heard("sia", (Signal("sia", device, kind), Signal("sia", device, Kind.HEARTBEAT)), "unknown_account", b"x")


def test_the_first_call_singly_and_those_beyond_together() -> None:
    strays = Strays()
    found = [strays.subject(HERE, f"{n}", T0) for n in range(MOST + 2)]
    assert found == [of_stray(HERE, f"{n}") for n in range(MOST)] + [of_crowd(HERE)] * 2
    assert strays.subject(HERE, "3", T0 + MINUTE) == of_stray(HERE, "3"), "it has an alarm of its own"
    assert strays.subject("yulan", "77", T0) == of_stray("yulan", "77"), "elsewhere is another matter"


@pytest.mark.parametrize("later", [HOUR + MINUTE, -HOUR - MINUTE], ids=["an hour on", "a clock put back"])
def test_an_hour_later_a_device_rings_singly_again_save_those_that_go_on(later: timedelta) -> None:
    strays = Strays()
    for n in range(MOST):
        strays.subject(HERE, f"{n}", T0)
    strays.subject(HERE, "0", T0 + later)
    assert [strays.subject(HERE, f"new-{n}", T0 + later) for n in (1, MOST - 1)] == [
        of_stray(HERE, "new-1"),
        of_stray(HERE, f"new-{MOST - 1}"),
    ]


def test_every_call_is_recorded_with_its_device_and_kept_for_whoever_lists_it(intake: Intake) -> None:
    for n in range(MOST + 20):
        assert intake.hear(call(f"{n}"), after=1) == 1
    together = intake.ledger.about(of_crowd(HERE))
    assert [f.payload["device"] for f in together] == [f"{n}" for n in range(MOST, MOST + 20)]
    assert len([p for p in intake.desk.memory.problems() if p["problem"] == "unknown_account"]) == MOST + 20
    assert intake.desk.counts["sia", "grouped"] == 20
    assert len(intake.desk.memory.devices()) == MOST, "nothing grows with invented names"


def test_a_device_that_somebody_has_put_up_is_never_among_them(intake: Intake) -> None:
    for n in range(MOST + 5):
        intake.hear(call(f"{n}"))
    intake.furnish("hers")
    intake.hear(call("hers"))
    assert intake.recorded() == ["sign.sos"]
