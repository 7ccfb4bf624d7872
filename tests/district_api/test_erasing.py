"""A person is erased by two people whose duty it is, and then nothing of them is left anywhere."""

import io
import json
from collections.abc import Callable, Iterator

import pytest

from district.__main__ import main
from district.config import DistrictSettings
from district.operator.commands import perform
from district.scope import EVERYWHERE
from district.upkeep.lock import FolderLock
from domain.errors import Mendable
from domain.people import Role
from tests.fakes.serving import Joined, Serving, register
from tests.fakes.staff import PASSWORD, People
from tests.fakes.waiting import until


@pytest.fixture
def desk(district: Serving) -> People:
    desk = People(district)
    desk.add("li", {EVERYWHERE: {Role.SUPERVISOR}})
    desk.add("wu", {"jinxiu": {Role.ADMINISTRATOR}})
    desk.add("zhao", {"jinxiu": {Role.CAREGIVER}})
    return desk


def erase(desk: People, person: str, *logins: str, password: str = PASSWORD) -> dict[str, object]:
    by = [{"login": login, "password": password, "code": ""} for login in logins]
    return perform(desk.office, "erase", {"person": person, "reason": "subject_request", "by": by})


def test_two_leads_erase_somebody_everywhere(desk: People, district: Serving, join: Callable[..., Joined]) -> None:
    kiosk, tablet = join("kiosk"), join("caregiver")
    person = register(kiosk)
    kiosk.journal.append("passage.recorded", {"outcome": "identified"}, subject=person)
    kiosk.client.round()
    tablet.client.round()
    assert tablet.node.roster.profile(person) is not None
    assert erase(desk, person, "li", "wu") == {"communities": ["jinxiu"]}
    kiosk.client.round()
    tablet.client.round()
    for node in (kiosk.node, tablet.node):
        assert node.roster.profile(person) is None
        assert node.keys.find(person) is None
    said = {i.event.kind for i in district.office.store.about(person) if i.event.payload is not None}
    assert said == {"person.erased"}
    (line,) = desk.office.audit.lines(action="person.erased")
    assert (line.about, json.loads(line.detail)["reason"]) == (person, "subject_request")
    with pytest.raises(Mendable, match="person_unknown"):
        erase(desk, person, "li", "wu")


def test_whom_nobody_has_registered_is_erased_where_something_is_said_about_them(desk: People) -> None:
    told = {"community": "jinxiu", "name": "watch-1", "elder": "p-mistyped"}
    perform(desk.office, "device_add", told)
    assert erase(desk, "p-mistyped", "li", "wu") == {"communities": ["jinxiu"]}
    with pytest.raises(Mendable, match="person_unknown"):
        erase(desk, "p-mistyped", "li", "wu")
    with pytest.raises(Mendable, match="person_unknown"):
        erase(desk, "p-nobody", "li", "wu")


def test_what_another_community_was_told_of_them_goes_with_them_and_takes_somebody_in_charge_there(
    desk: People, district: Serving, join: Callable[..., Joined]
) -> None:
    """A sensor put up under the wrong name, or a gate elsewhere that somebody came by."""
    kiosk, elsewhere = join("kiosk"), join("kiosk", "yulan")
    person = register(kiosk)
    kiosk.client.round()
    elsewhere.journal.append("passage.recorded", {"outcome": "identified"}, subject=person)
    elsewhere.client.round()
    with pytest.raises(Mendable, match="erase_refused"):
        erase(desk, person, "li", "wu")
    desk.add("sun", {EVERYWHERE: {Role.ADMINISTRATOR}})
    assert erase(desk, person, "li", "sun") == {"communities": ["jinxiu", "yulan"]}
    said = {i.event.kind for i in district.office.store.about(person) if i.event.payload is not None}
    assert said == {"person.erased"}
    elsewhere.client.round()
    assert [f.payload for f in elsewhere.journal.facts("passage.recorded")] == [None]


@pytest.mark.parametrize("logins", [("li", "li"), ("li", "zhao"), ("zhao", "wu")])
def test_one_alone_or_without_the_duty_erases_nobody(
    desk: People, join: Callable[..., Joined], logins: tuple[str, str]
) -> None:
    kiosk = join("kiosk")
    person = register(kiosk)
    kiosk.client.round()
    with pytest.raises(Mendable, match="erase_refused"):
        erase(desk, person, *logins)
    with pytest.raises(Mendable, match="sign_in_refused"):
        erase(desk, person, "li", "wu", password="somebody else's")
    assert desk.office.registry.communities_of([person])


def test_nobody_is_erased_whose_alarm_is_open(desk: People, join: Callable[..., Joined]) -> None:
    kiosk = join("kiosk")
    person = register(kiosk)
    kiosk.journal.append("sign.sos", {"source": "button", "device": "b1"}, subject=person)
    kiosk.client.round()
    until(lambda: desk.office.nightwatch.watch.cases.of(person, desk.office.now()))
    with pytest.raises(Mendable, match="erase_refused"):
        erase(desk, person, "li", "wu")


@pytest.fixture
def found(district: Serving, settings: DistrictSettings) -> Iterator[None]:
    """The command line finds the server that runs."""
    lock = FolderLock(settings.data)
    assert lock.take()
    lock.announce(district.url)
    yield
    lock.close()


@pytest.mark.usefixtures("found")
def test_at_the_terminal_both_passwords_are_asked_for(
    desk: People, join: Callable[..., Joined], settings: DistrictSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    kiosk = join("kiosk")
    person = register(kiosk)
    kiosk.client.round()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n{PASSWORD}\n"))
    told = ["erase", person, "--reason", "moved_away", "--login", "li", "--with", "wu"]
    assert main(["--data", str(settings.data), *told]) == 0
    assert not desk.office.registry.communities_of([person])
