from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from queue import Queue
from shutil import copy
from typing import Any

import numpy as np
import pytest

from domain.consent import Purpose
from domain.errors import Mendable
from domain.people import Profile
from kiosk.enrolling.desk import EnrolDesk
from kiosk.enrolling.enroller import CONSENT_VERSION, ConsentForm, Enroller, Measured
from kiosk.enrolling.importing import import_folder, pseudonym
from kiosk.faces.engine import FaceEngine
from kiosk.faces.engines import load_engine
from kiosk.faces.enrolment import read_photo
from kiosk.faces.gallery import Gallery
from kiosk.visit.effects import FindResidents, RenewConsent
from kiosk.visit.events import ConsentRenewed, EnrolmentFailed, Event, ResidentsFound
from offline.roster import ERASED
from tests.fakes.gatehouse import UNIT, Gatehouse

TODAY = date(2026, 11, 27)


@pytest.fixture(scope="module")
def engine() -> FaceEngine:
    return load_engine("sface")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Gatehouse]:
    opened = Gatehouse(tmp_path / "house")
    yield opened
    opened.close()


@pytest.fixture
def enroller(house: Gatehouse, engine: FaceEngine) -> Enroller:
    def gallery() -> Gallery:
        consenting = house.roster.consenting(Purpose.FACE_AT_GATE)
        return Gallery(house.templates.gallery(engine.name, engine.version, consenting))

    return Enroller(engine, house.roster, house.templates, gallery, alike=lambda: 0.4)


def test_a_resident_is_enrolled_with_consent_and_photos_are_kept_only_where_agreed(
    house: Gatehouse, enroller: Enroller, photos: dict[str, Path]
) -> None:
    picture = ("obama.jpg", read_photo(photos["obama.jpg"]))
    first = enroller.enrol(Profile("Obama", "Barack"), [picture], ConsentForm("himself"))
    assert house.templates.photos(first.person) == []
    assert house.roster.holds(first.person, Purpose.FACE_AT_GATE)
    assert not house.roster.holds(first.person, Purpose.ENROLMENT_PHOTOS)
    again = enroller.enrol(
        Profile("Obama", "Barack"), [picture], ConsentForm("himself", keep_photos=True), first.person
    )
    assert again.person == first.person
    assert len(house.templates.photos(first.person)) == 1
    assert again.lookalikes == ()


def test_an_enrolment_leaves_nothing_of_an_earlier_one_that_was_of_somebody_else(
    house: Gatehouse, enroller: Enroller, engine: FaceEngine, photos: dict[str, Path]
) -> None:
    """A wrong picture in the folder, put right at the gate: no engine that is changed or gone back to lets the other in."""
    wrong, right = read_photo(photos["biden.jpg"]), read_photo(photos["obama.jpg"])
    enroller.enrol(Profile("Obama", ""), [("1", wrong)], ConsentForm("x", keep_photos=True), "p-obama")
    house.templates.save("p-obama", "another", "1", np.eye(1, 128, dtype=np.float32))  # as an engine change prepares it
    assert len(house.templates.photos("p-obama")) == 1
    enroller.enrol(Profile("Obama", ""), [("2", right)], ConsentForm("x"), "p-obama")
    assert house.templates.engines() == {(engine.name, engine.version): 1}
    assert house.templates.photos("p-obama") == []


@pytest.fixture
def measured(enroller: Enroller, photos: dict[str, Path]) -> Measured:
    return enroller.measure([("1", read_photo(photos["obama.jpg"]))], "p-obama")


def test_an_enrolment_that_finds_the_disk_full_leaves_no_face_behind(
    house: Gatehouse, enroller: Enroller, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise Mendable("disk_full", path="/")

    monkeypatch.setattr(house.journal, "append_all", full)
    with pytest.raises(Mendable, match="disk_full"):
        enroller.save(Profile("Obama", ""), measured, ConsentForm("x", keep_photos=True), "p-obama")
    assert (house.templates.people(), house.templates.photos("p-obama")) == (set(), [])


def test_one_that_the_power_cut_short_is_cleared_by_the_gate(house: Gatehouse) -> None:
    """And so is what another program saved of somebody whom this one had just erased."""
    house.enrol("p-wang")
    house.templates.save("p-cut", "sface", "1", UNIT, [b"photo"], ())
    house.journal.append(ERASED, {}, subject="p-erased")
    house.enrol("p-erased")
    house.residents.let_go()
    assert house.templates.people() == {"p-wang"}
    assert house.templates.photos("p-wang") == [], "to which nobody had agreed"
    assert house.galleries[-1] == ["p-wang"]
    assert (house.keys.find("p-erased"), house.keys.find("p-wang") is None) == (None, False)


def test_a_gate_that_is_still_being_filled_lets_go_of_nobody(tmp_path: Path) -> None:
    house = Gatehouse(tmp_path, joined=True)
    house.templates.save("p-wang", "sface", "1", UNIT, [b"photo"], ())
    house.residents.let_go()
    assert house.templates.people() == {"p-wang"}
    house.close()


def test_whoever_is_erased_while_they_are_measured_is_not_brought_back(
    house: Gatehouse, enroller: Enroller, measured: Measured
) -> None:
    house.roster.register("p-obama", Profile("Obama", ""))
    house.journal.append(ERASED, {}, subject="p-obama")
    with pytest.raises(Mendable, match="enrol_gone"):
        enroller.save(Profile("Obama", ""), measured, ConsentForm("x"), "p-obama")
    assert (house.keys.find("p-obama"), house.roster.profile("p-obama")) == (None, None)
    assert house.templates.people() == set()


@pytest.mark.parametrize("kind", ["withdrawn", "erased"])
def test_nor_is_anybody_enrolled_whom_another_program_of_this_gate_lets_go_of_between_face_and_consent(
    house: Gatehouse, enroller: Enroller, measured: Measured, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    register = house.roster.register

    def late(*what: Any) -> None:
        if kind == "erased":
            house.journal.append(ERASED, {}, subject="p-obama")
        else:
            house.roster.consent("p-obama", Purpose.FACE_AT_GATE, False, "", "at a desk")
        register(*what)

    monkeypatch.setattr(house.roster, "register", late)
    with pytest.raises(Mendable, match="enrol_gone"):
        enroller.save(Profile("Obama", ""), measured, ConsentForm("x"), "p-obama")
    assert house.templates.people() == set()
    assert kind == "erased" or not house.roster.holds("p-obama", Purpose.FACE_AT_GATE)


def test_a_gate_that_clears_just_then_does_not_keep_an_import_from_enrolling(
    house: Gatehouse, enroller: Enroller, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = house.roster.register

    def late(*what: Any) -> None:
        house.residents.let_go()
        register(*what)

    monkeypatch.setattr(house.roster, "register", late)
    enroller.save(Profile("Obama", ""), measured, ConsentForm("x"), "p-obama")
    assert house.templates.people() == {"p-obama"}


def test_the_radar_shows_whom_the_newcomer_could_be_taken_for(
    house: Gatehouse, enroller: Enroller, photos: dict[str, Path]
) -> None:
    first = enroller.enrol(Profile("Obama", ""), [("1", read_photo(photos["obama.jpg"]))], ConsentForm("x"))
    twin = enroller.enrol(Profile("Obama", ""), [("2", read_photo(photos["obama2.jpg"]))], ConsentForm("x"))
    assert [alike.person_id for alike in twin.lookalikes] == [first.person]
    other = enroller.enrol(Profile("Biden", ""), [("3", read_photo(photos["biden.jpg"]))], ConsentForm("x"))
    assert other.lookalikes == ()


def test_consent_is_renewed_and_changed_at_the_gate_without_a_picture(house: Gatehouse, enroller: Enroller) -> None:
    """Through the desk of the enrolment: what is held is shown, what is agreed to anew is on record, the face is left alone."""
    template = np.eye(1, 128, dtype=np.float32)
    house.templates.save("p-li", "sface", "1", template, [])
    house.roster.register("p-li", Profile("李", "建国", flat="3-2-501", born="1940-01-01"))
    house.roster.consent("p-li", Purpose.FACE_AT_GATE, True, "2020-1", "self")
    house.roster.consent("p-li", Purpose.PASSAGE_PICTURE, True, "2020-1", "self")
    told: Queue[Event] = Queue()
    roster, people = house.roster, house.templates.people
    desk = EnrolDesk(
        lambda: None, roster.profiles, people, enroller, told.put, lambda: date(2026, 11, 23), held=roster.held
    )
    try:
        desk.take(FindResidents("32501"))
        found = told.get(timeout=5)
        assert isinstance(found, ResidentsFound)
        [li] = found.people
        assert (li.enrolled, li.outdated, li.holds) == (True, True, frozenset({Purpose.PASSAGE_PICTURE}))
        desk.take(RenewConsent("p-li", False, "张工", frozenset({Purpose.FACE_AT_OTHER_GATES})))
        assert told.get(timeout=5) == ConsentRenewed()
        assert roster.held("p-li") == dict.fromkeys(
            (Purpose.FACE_AT_GATE, Purpose.FACE_AT_OTHER_GATES), CONSENT_VERSION
        )
        assert np.array_equal(dict(house.templates.gallery("sface", "1", {"p-li"}))["p-li"], template)
        desk.take(RenewConsent("p-li", False, "张工", frozenset({Purpose.PASSAGE_PICTURE})))  # and after a withdrawal
        assert told.get(timeout=5) == ConsentRenewed()
        assert set(roster.held("p-li")) == {Purpose.FACE_AT_GATE, Purpose.PASSAGE_PICTURE}
        house.templates.remove("p-li")
        desk.take(RenewConsent("p-li", False, "张工"))
        assert told.get(timeout=5) == EnrolmentFailed("enrol_gone")
    finally:
        desk.close()


def test_a_child_s_consent_is_renewed_by_the_guardian_alone(house: Gatehouse, enroller: Enroller) -> None:
    with pytest.raises(Mendable, match="consent_guardian"):
        enroller.agree("p-child", ConsentForm("self", age=9))
    enroller.agree("p-child", ConsentForm("guardian", guardian=True, age=9))
    assert house.roster.holds("p-child", Purpose.FACE_AT_GATE)


def test_where_no_photograph_is_good_nothing_is_kept(house: Gatehouse, enroller: Enroller) -> None:
    wall = np.full((480, 640, 3), 180, np.uint8)
    with pytest.raises(Mendable, match="photo_no_face"):
        enroller.enrol(Profile("Wall", ""), [("wall.png", wall)], ConsentForm("x"))
    with pytest.raises(Mendable, match="photo_none"):
        enroller.enrol(Profile("Nobody", ""), [], ConsentForm("x"))
    assert house.templates.people() == set()
    assert house.journal.facts() == []


def test_a_child_is_not_enrolled_without_a_guardian(enroller: Enroller, photos: dict[str, Path]) -> None:
    picture = ("obama.jpg", read_photo(photos["obama.jpg"]))
    with pytest.raises(Mendable, match="consent_guardian"):
        enroller.enrol(Profile("Child", ""), [picture], ConsentForm("the child", age=13))
    enroller.enrol(Profile("Child", ""), [picture], ConsentForm("the mother", guardian=True, age=13))


def test_a_folder_is_imported_row_by_row_with_a_word_for_each_and_twice_is_once(
    house: Gatehouse, enroller: Enroller, photos: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "import"
    (folder / "biden").mkdir(parents=True)
    copy(photos["obama.jpg"], folder)
    copy(photos["biden.jpg"], folder / "biden")
    (folder / "broken.jpg").write_bytes(b"no picture")
    (folder / "residents.csv").write_text(
        "ref,family_name,given_name,photos,consent_by,lives_alone\n"
        "A1,Obama,Barack,obama.jpg,himself,yes\n"
        "A2,Biden,Joe,biden,himself,\n"
        "A3,Broken,,broken.jpg,herself,\n"
        "A4,Nobody,,,himself,\n"
        "A5,Thief,,../../etc/passwd,himself,\n",
        "utf-8",
    )
    for revision in (1, 2):
        results = list(import_folder(folder, enroller, b"secret", revision, TODAY))
        codes = [(r.ref, r.photos, r.error and r.error.code) for r in results]
        assert codes == [
            ("A1", 1, None),
            ("A2", 1, None),
            ("A3", 0, "photo_unreadable"),
            ("A4", 0, "import_empty"),
            ("A5", 0, "photo_elsewhere"),
        ]
    assert house.templates.people() == {pseudonym(b"secret", "A1"), pseudonym(b"secret", "A2")}
    guest = house.residents.guest(pseudonym(b"secret", "A1"))
    assert guest is not None
    assert guest.elder


def test_photographs_that_may_not_be_read_cost_their_row_alone(
    enroller: Enroller, photos: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy(photos["obama.jpg"], tmp_path)
    (tmp_path / "residents.csv").write_text(
        "ref,family_name,photos,consent_by\n1,Wang,locked/wang.jpg,herself\n2,Obama,obama.jpg,himself\n", "utf-8"
    )
    may_look = Path.is_dir

    def is_dir(path: Path) -> bool:
        if "locked" in path.parts:
            raise PermissionError(13, "Permission denied", str(path))
        return may_look(path)

    monkeypatch.setattr(Path, "is_dir", is_dir)
    results = list(import_folder(tmp_path, enroller, b"secret", 1, TODAY))
    assert [r.error and r.error.code for r in results] == ["file_denied", None]


def test_a_child_by_the_day_of_birth_is_a_child_whether_the_age_is_told_or_not(
    enroller: Enroller, photos: dict[str, Path], tmp_path: Path
) -> None:
    copy(photos["obama.jpg"], tmp_path)
    (tmp_path / "residents.csv").write_text(
        "ref,family_name,photos,consent_by,born,age,guardian\n"
        "B1,Child,obama.jpg,herself,2015-01-02,,\n"
        "B2,Child,obama.jpg,herself,2015-01-02,30,\n"
        "B3,Child,obama.jpg,herself,,13,\n"
        "B4,Child,obama.jpg,the mother,2015-01-02,,yes\n"
        "B5,Wang,obama.jpg,herself,in spring,,\n"
        "B6,Wang,obama.jpg,herself,2062-01-02,,\n",
        "utf-8",
    )
    results = list(import_folder(tmp_path, enroller, b"secret", 1, TODAY))
    assert [r.error and r.error.code for r in results] == ["consent_guardian"] * 3 + [None] + ["import_born"] * 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_table_is_read_as_a_clerks_spreadsheet_saves_it(
    house: Gatehouse, enroller: Enroller, photos: dict[str, Path], tmp_path: Path, encoding: str
) -> None:
    """In China's code or Unicode, with a heading in Chinese, days as a spreadsheet writes them, and lines it left empty."""
    (folder := tmp_path / "登记 2026" / "照片").mkdir(parents=True)
    copy(photos["obama.jpg"], folder / "王 秀兰.jpg")
    copy(photos["biden.jpg"], folder / "李.jpg")
    rows = (
        "编号,姓,名,出生日期,独居,照片,同意人,备注\n"
        "1,王,秀兰,1944/2/3,是,照片\\王 秀兰.jpg；照片/王 秀兰.jpg,王秀兰,搬来,不久\n"
        ",,,,,,,\n"
        "2,李,建国,1950年12月1日,否,照片/李.jpg,李建国,\n"
        "3,赵,二,,也许,照片/李.jpg,赵二,\n"
    )
    (folder.parent / "residents.csv").write_bytes(rows.encode(encoding))
    *results, unclear = import_folder(folder.parent, enroller, b"secret", 1, TODAY)
    assert [(r.ref, r.photos, r.error) for r in results] == [("1", 2, None), ("2", 1, None)]
    assert unclear.error is not None
    assert unclear.error.details == {"column": "独居", "said": "也许"}
    profile = house.roster.profiles()[pseudonym(b"secret", "1")]
    assert (profile.full_name, profile.born, profile.lives_alone) == ("王秀兰", "1944-02-03", True)


def test_what_a_row_lacks_or_has_twice_is_said_and_nothing_of_it_is_kept(
    house: Gatehouse, enroller: Enroller, photos: dict[str, Path], tmp_path: Path
) -> None:
    copy(photos["obama.jpg"], tmp_path)
    copy(photos["biden.jpg"], tmp_path)
    (tmp_path / "residents.csv").write_text(
        "ref,family_name,photos,consent_by,lives_alone\n"
        "1,Obama,obama.jpg,himself,yes\n"
        "1,Biden,biden.jpg,himself,\n"  # in whose name the gate would open for him
        "2,Biden,nowhere.jpg,himself,\n"
        "3,Biden,biden.jpg,himself,perhaps\n",
        "utf-8",
    )
    results = list(import_folder(tmp_path, enroller, b"secret", 1, TODAY))
    assert [r.error and r.error.code for r in results] == [None, "import_twice", "photo_missing", "import_yes_no"]
    assert results[1].error is not None
    assert results[1].error.details == {"ref": "1", "line": 2}
    assert [p.family_name for p in house.roster.profiles().values()] == ["Obama"]


def imported(folder: Path, enroller: Enroller, columns: str, *rows: str) -> list[str | None]:
    """Why each row was refused, if it was."""
    (folder / "residents.csv").write_text("\n".join((f"ref,family_name,photos,consent_by{columns}", *rows)), "utf-8")
    today = datetime.now().astimezone().date()
    results = import_folder(folder, enroller, b"secret", 1, today)
    return [r.error.code if r.error else None for r in results]


def test_a_table_that_is_imported_once_more_takes_back_no_withdrawal(
    house: Gatehouse, enroller: Enroller, photos: dict[str, Path], tmp_path: Path
) -> None:
    copy(photos["obama.jpg"], tmp_path)
    who, row = pseudonym(b"secret", "1"), "1,Obama,obama.jpg,himself"
    assert imported(tmp_path, enroller, "", row) == [None]
    house.roster.consent(who, Purpose.FACE_AT_GATE, False, "", "at a desk")
    today = datetime.now().astimezone().date()
    assert imported(tmp_path, enroller, "", row) == ["import_withdrawn"]
    assert imported(tmp_path, enroller, ",consent_on", f"{row},{today}") == ["import_withdrawn"], "before or after?"
    assert imported(tmp_path, enroller, ",同意日期", f"{row},{today + timedelta(days=1)}") == ["import_consent_on"]
    assert (house.templates.people(), house.galleries[-1]) == (set(), [])
    assert not house.roster.holds(who, Purpose.FACE_AT_GATE)
    day_after = today + timedelta(days=1)
    [agreed] = import_folder(tmp_path, enroller, b"secret", 2, day_after)  # the table with that day, a day later
    assert agreed.error is None
    assert house.templates.people() == house.roster.consenting(Purpose.FACE_AT_GATE) == {who}
    assert imported(tmp_path, enroller, "", row) == [None], "who agrees now is brought up to date as ever"


def test_photographs_that_somebody_has_taken_back_are_not_kept_by_the_next_import(
    house: Gatehouse, enroller: Enroller, photos: dict[str, Path], tmp_path: Path
) -> None:
    copy(photos["obama.jpg"], tmp_path)
    who, row = pseudonym(b"secret", "1"), "1,Obama,obama.jpg,himself"
    assert imported(tmp_path, enroller, ",keep_photos", f"{row},yes") == [None]
    house.roster.consent(who, Purpose.ENROLMENT_PHOTOS, False, "", "at a desk")
    assert imported(tmp_path, enroller, ",keep_photos", f"{row},yes") == ["import_withdrawn"]
    assert imported(tmp_path, enroller, ",keep_photos", f"{row},no") == [None]
    assert house.templates.photos(who) == []


def test_whoever_was_erased_is_not_enrolled_again_under_the_same_name(
    house: Gatehouse, enroller: Enroller, photos: dict[str, Path], tmp_path: Path
) -> None:
    copy(photos["obama.jpg"], tmp_path)
    who, row = pseudonym(b"secret", "1"), "1,Obama,obama.jpg,himself"
    assert imported(tmp_path, enroller, "", row) == [None]
    house.journal.append(ERASED, {}, subject=who)
    assert imported(tmp_path, enroller, "", row, "2,Obama,obama.jpg,himself") == ["import_erased", None]
    with pytest.raises(Mendable, match="enrol_gone"):
        enroller.enrol(Profile("Obama", ""), [("1", read_photo(photos["obama.jpg"]))], ConsentForm("x"), who)
    assert (house.keys.find(who), house.roster.profile(who)) == (None, None)
    assert house.templates.people() == {pseudonym(b"secret", "2")}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "import_no_table"),
        ("", "import_columns"),
        ("name,photo\n", "import_columns"),
        ('ref,family_name,photos,consent_by\nA1,"Wang,a.jpg,herself\nA2,Li,b.jpg,himself\n', "import_torn"),
    ],
)
def test_a_folder_that_is_no_import_is_named(enroller: Enroller, tmp_path: Path, text: str | None, code: str) -> None:
    if text is not None:
        (tmp_path / "residents.csv").write_text(text)
    with pytest.raises(Mendable, match=code):
        list(import_folder(tmp_path, enroller, b"secret", 1, TODAY))
