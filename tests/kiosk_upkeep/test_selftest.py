"""The self-test on real faces: it passes where all is well, and fails where it should."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import kiosk.upkeep.selftest as selftest
from domain.errors import Mendable
from kiosk.faces.engine import FaceEngine
from kiosk.faces.engines import load_engine
from kiosk.upkeep.selftest import Trial, run

pytestmark = [pytest.mark.data, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def engine() -> FaceEngine:
    return load_engine("sface")


@pytest.fixture
def place(shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Puts a London photograph into the self-test's folder."""
    monkeypatch.setattr(selftest, "LIVE_S", 1.2)
    monkeypatch.setattr(selftest, "FLAT_S", 2.0)
    monkeypatch.setattr(selftest, "SIZE", (640, 480))
    selftest._grain.cache_clear()
    london = shared_data / "faces" / "london"

    def put(photo: str, where: str) -> None:
        target = tmp_path / where
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(london / photo, target)

    return put


def test_the_known_open_strangers_and_pictures_do_not(
    place: Callable[[str, str], None], tmp_path: Path, engine: FaceEngine
) -> None:
    place("002_neutral.jpg", "known/li/1.jpg")
    place("002_smiling.jpg", "known/li/2.jpg")
    place("104_neutral.jpg", "stranger/1.jpg")
    assert run(tmp_path, engine) == [
        Trial("known", "li", "li"),
        Trial("stranger", "1.jpg", None),
        Trial("flat", "li", None),
    ]


def test_a_stranger_who_is_let_in_and_a_resident_who_is_not_fail_it(
    place: Callable[[str, str], None], tmp_path: Path, engine: FaceEngine
) -> None:
    place("002_neutral.jpg", "known/li/1.jpg")
    place("104_neutral.jpg", "known/li/2.jpg")  # enrolled with one face, shown with another
    place("002_smiling.jpg", "stranger/1.jpg")
    assert [trial.passed for trial in run(tmp_path, engine)] == [False, False, True]


def test_without_pictures_it_says_what_it_needs(tmp_path: Path, engine: FaceEngine) -> None:
    with pytest.raises(Mendable) as caught:
        run(tmp_path, engine)
    assert caught.value.code == "selftest_no_pictures"
