"""Changing the engine of a kiosk in use: prepared beside it, compared, switched by a fact, taken back by one."""

import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest

from domain.consent import Purpose
from domain.people import Profile
from kiosk.__main__ import main
from kiosk.bootstrap import make_enroller, open_node, open_templates
from kiosk.config import KioskSettings
from kiosk.enrolling.enroller import ConsentForm
from kiosk.faces.change import Trial
from kiosk.faces.engine import FaceEngine, title
from kiosk.faces.engines import load_engine
from kiosk.faces.enrolment import read_photo
from kiosk.upkeep import engine_change as change
from kiosk.upkeep.engine_trial import COMPARED, LEAST_VISITS
from tests.fakes.faces_data import LONDON, needs_data
from tests.fakes.gatehouse import Gatehouse
from tests.fakes.there import there


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Gatehouse]:
    made = Gatehouse(tmp_path)
    yield made
    made.close()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KioskSettings:
    """Of a kiosk whose commands are typed in this process, which stays as it is."""
    (file := tmp_path / "kiosk.toml").write_text(f"data = '{tmp_path / 'data'}'\n", "utf-8")
    monkeypatch.setenv("SHOUWANG_KIOSK_CONFIG", str(file))
    monkeypatch.setenv("SHOUWANG_LANGUAGE", "en")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setattr("os.nice", lambda by: by)
    monkeypatch.setattr("kiosk.__main__.keep_log", lambda *_, **__: None)
    return KioskSettings(data=tmp_path / "data")


def test_the_engine_in_use_follows_from_the_last_fact_of_this_kiosk(house: Gatehouse) -> None:
    assert change.in_use(house.journal, "sface") == "sface"
    assert change.before(house.journal, "sface") is None
    change.switch(house.journal, "pack:new", None)
    assert (change.in_use(house.journal, "sface"), change.before(house.journal, "sface")) == ("pack:new", "sface")
    change.switch(house.journal, "sface", None)
    assert (change.in_use(house.journal, "sface"), change.before(house.journal, "sface")) == ("sface", "pack:new")


def test_it_is_welcome_only_where_nobody_is_lost_and_it_errs_no_more() -> None:
    old = Trial(10, 1, 0)
    assert change.Prepared(9, (), old, Trial(10, 1, 0)).welcome
    assert not change.Prepared(9, (), old, Trial(10, 2, 0)).welcome
    assert not change.Prepared(9, ("p1",), old, Trial(10, 0, 0)).welcome
    assert not change.Prepared(9, (), Trial(0, 0, 0), Trial(0, 0, 0)).welcome


@needs_data
@pytest.mark.timeout(600)  # a minute of work for both engines on one core, more beside other programs
def test_a_kiosk_changes_its_engine_and_goes_back(settings: KioskSettings, capsys: pytest.CaptureFixture[str]) -> None:
    sface, dlib = load_engine("sface"), load_engine("face_recognition")

    node = open_node(settings)
    templates = open_templates(settings, node)
    node.journal.become("gate-1", 1, "jinxiu")
    enroller = make_enroller(settings, node, templates, sface)
    for name in ("001", "002", "003"):
        photos = [(x, read_photo(LONDON / f"{name}_{x}.jpg")) for x in ("neutral", "smiling")]
        enroller.enrol(Profile("王", name), photos, ConsentForm("self", keep_photos=name != "003"), person=name)
    templates.close()
    node.close()

    assert main(["engine"]) == 0
    assert "In use: sface" in capsys.readouterr().out
    assert main(["engine", "face_recognition"]) == 1  # 003 kept no photographs
    assert "enrolled again: 1." in capsys.readouterr().err
    assert main(["engine", "face_recognition", "--anyway"]) == 0
    assert "residents it knows: 2." in capsys.readouterr().out

    node = open_node(settings)
    templates = open_templates(settings, node)
    try:
        assert change.in_use(node.journal, "sface") == "face_recognition"
        consenting = node.roster.consenting(Purpose.FACE_AT_GATE)
        assert [p for p, _ in templates.gallery(dlib.name, dlib.version, consenting)] == ["001", "002"]
        assert [p for p, _ in templates.gallery(sface.name, sface.version, consenting)] == ["001", "002", "003"]
        (fact,) = node.journal.facts(change.CHANGED)
        assert there(fact.payload)["trials"]["new"]["visits"] == 2
    finally:
        templates.close()
        node.close()

    assert main(["engine", "--back"]) == 0
    capsys.readouterr()
    assert main(["engine"]) == 0
    assert "In use: sface" in capsys.readouterr().out


@needs_data
def test_what_was_withdrawn_is_not_embedded_anew(house: Gatehouse) -> None:
    engine = load_engine("sface")
    for person in ("p1", "p2"):
        house.enrol(person)
        photo = (LONDON / "001_neutral.jpg").read_bytes()
        house.templates.save(person, "sface", "1", house.templates.gallery("sface", "1", {person})[0][1], [photo])
        house.roster.consent(person, Purpose.ENROLMENT_PHOTOS, True, "2026-1", person)
    house.roster.consent("p2", Purpose.ENROLMENT_PHOTOS, False, "2026-1", "p2")
    found = change.prepare(house.templates, house.roster, engine, engine, 1e-3)
    assert found.people == 1
    assert [p for p, _ in house.templates.gallery(engine.name, engine.version, {"p1", "p2"})] == ["p1"]


@needs_data
def test_who_withdraws_at_the_very_moment_leaves_nothing_behind(
    house: Gatehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kiosk in use erases them before this program, which had asked just then, has saved what it made."""
    engine = load_engine("sface")
    house.enrol("p1")
    photo = (LONDON / "001_neutral.jpg").read_bytes()
    house.templates.save("p1", "sface", "1", house.templates.gallery("sface", "1", {"p1"})[0][1], [photo])
    house.roster.consent("p1", Purpose.ENROLMENT_PHOTOS, True, "2026-1", "p1")
    save = house.templates.save

    def withdrawn_meanwhile(person: str, *what: Any) -> None:
        house.roster.consent(person, Purpose.FACE_AT_GATE, False, "2026-1", person)
        save(person, *what)

    monkeypatch.setattr(house.templates, "save", withdrawn_meanwhile)
    change.prepare(house.templates, house.roster, engine, engine, 1e-3)
    assert house.templates.people() == set()


@needs_data
def test_who_is_enrolled_anew_at_the_very_moment_is_not_embedded_from_the_pictures_before(
    house: Gatehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = load_engine("sface")
    house.enrol("p1")
    rows = house.templates.gallery("sface", "1", {"p1"})[0][1]
    house.templates.save("p1", "sface", "1", rows, [(LONDON / "001_neutral.jpg").read_bytes()])
    house.roster.consent("p1", Purpose.ENROLMENT_PHOTOS, True, "2026-1", "p1")
    save = house.templates.save

    def enrolled_meanwhile(person: str, *what: Any) -> None:
        save(person, "sface", "1", rows, [b"of another face"], ())
        save(person, *what)

    monkeypatch.setattr(house.templates, "save", enrolled_meanwhile)
    change.prepare(house.templates, house.roster, engine, engine, 1e-3)
    assert set(house.templates.engines()) == {("sface", "1")}


def test_engines_nobody_would_go_back_to_are_erased(house: Gatehouse) -> None:
    house.enrol("p1")
    rows = house.templates.gallery("sface", "1", {"p1"})[0][1]
    for engine in ("old", "older"):
        house.templates.save("p1", engine, "1", rows)

    class Kept:
        name, version = "old", "1"

    change.drop_others(house.templates, [cast(FaceEngine, Kept())])
    assert set(house.templates.engines()) == {("old", "1")}


def test_it_is_tried_on_this_gates_decisions_before_it_takes_over(
    settings: KioskSettings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Typed a first time it goes on trial, typed again it takes over once it has seen enough; the one in use ends the trial."""
    equal = change.Prepared(9, (), Trial(10, 0, 0), Trial(10, 0, 0))
    monkeypatch.setattr(change, "prepare", lambda *_: equal)
    new = title(load_engine("face_recognition"))

    def seen(visits: int) -> None:
        with closing(open_node(settings)) as node:
            if not node.journal.device:
                node.journal.become("gate-1", 1, "jinxiu")
            for number in range(visits):
                node.journal.append(COMPARED, {"ref": f"{visits}-{number}", "engine": new, "said": "same"})

    seen(0)
    assert main(["engine", "face_recognition"]) == 0
    assert "On trial from the next start" in capsys.readouterr().out
    seen(3)
    assert main(["engine", "face_recognition"]) == 1
    assert "Of 3 visits on trial" in capsys.readouterr().err
    assert main(["engine"]) == 0
    assert "On trial: face_recognition. Of 3 visits" in capsys.readouterr().out
    assert main(["engine", "sface"]) == 0
    assert "On trial" not in capsys.readouterr().out
    assert main(["engine", "face_recognition"]) == 0
    assert "On trial from the next start" in capsys.readouterr().out
    seen(LEAST_VISITS)
    assert main(["engine", "face_recognition"]) == 0
    assert "From the next start of the kiosk on: face_recognition" in capsys.readouterr().out
    with closing(open_node(settings)) as node:
        (fact,) = node.journal.facts(change.CHANGED)
        assert fact.payload is not None
        assert fact.payload["recorded"]["visits"] == LEAST_VISITS
