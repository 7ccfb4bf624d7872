import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.verdicts import UNSURE, Standing, standing


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        ([], (Standing.OPEN, "")),
        (["right"], (Standing.SECOND, "")),
        ([UNSURE], (Standing.SECOND, "")),
        (["right", UNSURE], (Standing.SECOND, "")),
        (["right", "right"], (Standing.SETTLED, "right")),
        (["right", "attack"], (Standing.DISPUTED, "")),
        (["right", "attack", "attack"], (Standing.SETTLED, "attack")),
        (["right", "attack", UNSURE], (Standing.DISPUTED, "")),
        (["right", "attack", "stranger_in"], (Standing.DISPUTED, "")),
        (["right", "right", "attack", "attack"], (Standing.DISPUTED, "")),
    ],
)
def test_two_who_agree_settle_and_a_third_decides(said: list[str], stands: tuple[Standing, str]) -> None:
    assert standing(said) == stands


@given(st.lists(st.sampled_from(["right", "attack", "stranger_in", UNSURE])))
def test_the_order_of_reading_changes_nothing_and_nobody_settles_alone(said: list[str]) -> None:
    assert standing(said) == standing(sorted(said))
    stands, verdict = standing(said)
    assert (stands is Standing.SETTLED) == (verdict != "")
    if verdict:
        assert said.count(verdict) >= 2
