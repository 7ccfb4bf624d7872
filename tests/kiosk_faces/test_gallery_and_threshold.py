"""The gallery in memory, and the threshold that follows from it."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.identification import Outcome, judge
from kiosk.faces.calibration import calibrate
from kiosk.faces.engine import unit
from kiosk.faces.gallery import Gallery, fuse
from kiosk.faces.tail import shipped_tail

TAIL = shipped_tail("sface")


def people(n: int, seed: int = 0, common: float = 0.35) -> list[tuple[str, np.ndarray]]:
    """`n` made people who share something, as faces do: mean similarity `common` squared."""
    rng = np.random.default_rng(seed)
    shared = unit(np.random.default_rng(99).normal(size=128))
    own = unit(rng.normal(size=(n, 128)))
    return [(f"p{i}", unit(common * shared + np.sqrt(1 - common**2) * row)) for i, row in enumerate(own)]


def test_the_template_is_the_mean_and_search_is_best_first() -> None:
    a, b = np.eye(128, dtype=np.float32)[:2]
    gallery = Gallery([("mixed", np.stack([a, b])), ("b", b)])
    first, second = gallery.search(b)
    assert (first.person_id, second.person_id) == ("b", "mixed")
    assert second.score == pytest.approx(2**-0.5, abs=1e-6)
    assert Gallery(()).search(b) == ()


def test_nobody_is_in_it_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        Gallery(people(1) * 2)


def test_a_withdrawn_person_is_gone() -> None:
    everybody = people(20)
    gallery = Gallery(everybody).without({"p3"})
    assert "p3" not in gallery.ids
    assert len(gallery) == 19
    assert all(c.person_id != "p3" for c in gallery.search(everybody[3][1], k=19))


def test_frames_are_weighted_by_quality_alone() -> None:
    a, b = np.eye(128, dtype=np.float32)[:2]
    fused = fuse([a, b], [0.9, 0.1])
    assert fused[0] > 8 * fused[1]
    assert np.linalg.norm(fused) == pytest.approx(1, abs=1e-5)


def test_the_radar_shows_who_a_newcomer_could_be_taken_for() -> None:
    everybody = people(50)
    twin = unit(everybody[7][1] + 0.3 * unit(np.random.default_rng(5).normal(size=128)))
    gallery = Gallery([*everybody, ("twin", twin)])
    found = gallery.lookalikes(twin, 0.7, but="twin")
    assert [x.person_id for x in found] == ["p7"]
    at = calibrate(gallery, TAIL, 1e-3)
    assert set(at.pair_margins) == {frozenset(("p7", "twin"))}
    assert at.closest == pytest.approx(found[0].score, abs=1e-5)


def test_more_residents_and_a_stricter_target_raise_the_threshold() -> None:
    everybody = people(200)
    few, many = Gallery(everybody[:20]), Gallery(everybody)
    assert calibrate(few, TAIL, 1e-3).threshold < calibrate(many, TAIL, 1e-3).threshold
    assert calibrate(many, TAIL, 1e-2).threshold < calibrate(many, TAIL, 1e-3).threshold
    low, high = calibrate(many, TAIL, 1e-2).threshold_ci95
    assert low <= calibrate(many, TAIL, 1e-2).threshold <= high


@pytest.mark.parametrize(("residents", "target"), [(2000, 0.01), (2000, 0.03), (4000, 0.01)])
def test_strangers_pass_as_often_as_was_asked(residents: int, target: float) -> None:
    """With a large gallery the rate seen is within a factor of two of the target, whatever the faces are like."""
    gallery = Gallery(people(residents, seed=1, common=0.5))
    at = calibrate(gallery, TAIL, target)
    strangers = people(4000, seed=2, common=0.5)
    passed = sum(judge(gallery.search(v), at).outcome is Outcome.IDENTIFIED for _, v in strangers)
    assert target / 2 <= passed / 4000 <= 2 * target


def test_an_empty_gallery_and_one_person_have_a_threshold_too() -> None:
    for n in (0, 1, 2):
        at = calibrate(Gallery(people(n)), TAIL, 1e-3)
        assert 0.3 < at.threshold < 0.8


@settings(max_examples=30)
@given(st.floats(-7, -0.1))
def test_the_tail_reads_both_ways(rate: float) -> None:
    score = TAIL.score_at(rate)
    if score > TAIL.scores[0]:
        assert float(TAIL.log10_fmr(score)) == pytest.approx(rate, abs=1e-6)


def test_ten_thousand_are_searched_in_a_moment() -> None:
    gallery = Gallery((str(i), row) for i, row in enumerate(unit(np.random.default_rng(0).normal(size=(10_000, 128)))))
    query = gallery.matrix[5]
    start = time.perf_counter()
    for _ in range(10):
        assert gallery.search(query)[0].person_id == "5"
    assert time.perf_counter() - start < 2  # 0.3 ms each is usual; this only catches a loop over residents
