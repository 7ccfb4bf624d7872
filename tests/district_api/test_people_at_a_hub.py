"""Somebody signs in at a desk that knows its hub alone: the district's accounts, the hub's gates, and what a cut line leaves."""

import pytest

from district.config import Limits
from district.door.limiting import Limiter
from district.hubs.above import Above
from domain.people import Role
from offline.letters.notes import VIEWED
from offline.letters.passes import read
from offline.line.link import Link
from offline.transport.errors import Rejected, TryAgain
from tests.district_api.calls import call
from tests.fakes.city import City, facts_of
from tests.fakes.serving import Joined, Serving, register
from tests.fakes.staff import PASSWORD, districts_key, employ, quick_passwords
from tests.fakes.there import there
from tests.fakes.waiting import until
from watch.plans import SET


class Place:
    def __init__(self, city: City) -> None:
        self.city = city
        self.district = city.serve("district")
        self.hub = city.hub("hub", self.district)
        self.desk = city.join(self.hub, "caregiver", gate_log=True)
        self.line = self.desk.node.line()
        self.desk.client.round()
        until(self.declared)

    def declared(self) -> bool:
        return self.district.office.registry.device(self.desk.journal.device) is not None

    def sits(self, login: str) -> str:
        self.line.bearer = self.line.sign_in(login, PASSWORD, "").token
        return self.line.bearer


@pytest.fixture
def place(city: City, monkeypatch: pytest.MonkeyPatch) -> Place:
    quick_passwords(monkeypatch)
    return Place(city)


def test_the_districts_account_signs_in_and_out_at_the_hubs_desk(place: Place) -> None:
    ann = employ(place.district, "ann", Role.CAREGIVER)
    with pytest.raises(Rejected, match="sign_in"):
        place.line.sign_in("ann", "wrong horse battery", "")
    token = place.sits("ann")
    told = place.line.me(token)
    assert (told.person, told.grants) == (ann, {"jinxiu": ["caregiver"]})
    place.line.sign_out(token)
    with pytest.raises(Rejected, match="sign_in"):
        place.line.me(token)


def test_damaged_keys_that_a_hub_put_aside_go_once_the_district_has_sent_them_all_again(place: Place) -> None:
    desk, keys = place.desk, place.hub.office.keys
    person = register(desk)
    desk.client.round()
    until(lambda: place.district.office.keys.find(person))
    aside = place.hub.office.settings.data / "keys/keys.unreadable"
    keys.destroy(person)
    aside.write_bytes(b"no database at all" * 300)
    keys._asides = [aside]
    until(lambda: keys.find(person) and not keys.incomplete)
    assert not aside.exists()


def test_a_desk_below_a_hub_asks_the_district_whose_leases_stand(place: Place) -> None:
    ann = employ(place.district, "ann", Role.CAREGIVER)
    held = {ann: place.line.sign_in("ann", PASSWORD, "").stamp}
    assert place.line.standing(held) == [ann]
    place.district.office.accounts.change(ann, place.district.office.now_ms(), "test", disabled=True)
    assert place.line.standing(held) == []


def test_each_desk_below_a_hub_has_its_own_allowance_of_tries(place: Place) -> None:
    employ(place.district, "ann", Role.CAREGIVER)
    for server in (place.district, place.hub):
        server.office.limiter = Limiter(Limits(sign_in="1/minute"))
    other = place.city.join(place.hub, "caregiver")
    until(lambda: place.district.office.registry.device(other.journal.device) is not None)
    for line in (place.line, other.node.line()):
        assert line.sign_in("ann", PASSWORD, "").token
        with pytest.raises(TryAgain, match="too_many"):
            line.sign_in("ann", PASSWORD, "")


def test_what_takes_a_person_is_believed_of_who_signed_in_there(place: Place) -> None:
    chief = employ(place.district, "chief", Role.SUPERVISOR)
    place.sits("chief")
    place.desk.journal.append("config.rota_set", {"by": chief, "shifts": []})
    place.desk.client.round()
    until(lambda: facts_of(place.district, "config.rota_set"))
    assert place.district.office.store.counts()["quarantine"] == 0


def test_the_hub_knows_who_may_open_its_gates(place: Place) -> None:
    kiosk = place.city.join(place.hub).journal.device
    employ(place.district, "ann", Role.CAREGIVER)
    employ(place.district, "gus", Role.GATE_STAFF)
    with pytest.raises(Rejected, match="sign_in"):
        place.line.open_gate("call-1", kiosk, "n" * 32)
    place.sits("ann")
    with pytest.raises(Rejected, match="out_of_scope"):
        place.line.open_gate("call-1", kiosk, "n" * 32)
    place.sits("gus")
    with pytest.raises((Rejected, TryAgain), match="kiosk_not_listening"):
        place.line.open_gate("call-1", kiosk, "n" * 32)


def test_a_revocation_is_heeded_and_a_cut_line_is_said(place: Place) -> None:
    office = place.district.office
    ann = employ(place.district, "ann", Role.CAREGIVER)
    token = place.sits("ann")
    office.accounts.change(ann, office.now_ms(), "admin", disabled=True)
    with pytest.raises(Rejected, match="sign_in"):
        place.line.me(token)
    place.city.stop("district")
    until(lambda: place.hub.hub_line.status.link is Link.UNREACHABLE)
    with pytest.raises(TryAgain, match="busy"):
        place.line.sign_in("ann", PASSWORD, "")


def test_a_session_that_was_confirmed_stands_while_the_district_is_away_until_the_lease_ends(place: Place) -> None:
    employ(place.district, "gus", Role.GATE_STAFF)
    token = place.sits("gus")
    now = place.hub.office.now_ms()
    above = Above(place.hub.hub_line.line, lambda: now)
    found = above.session(token)
    assert found is not None
    place.city.stop("district")
    now += 60_000
    assert above.session(token) == found
    now = found.expires
    assert above.session(token) is None
    assert Above(place.hub.hub_line.line, lambda: now).session(token) is None, "one it never heard of is nobody's"


def test_a_medical_note_asked_of_the_hub_is_handed_out_by_the_district_whose_fact_comes_down(place: Place) -> None:
    ann = employ(place.district, "ann", Role.CAREGIVER)
    elder = register(place.city.join(place.district))
    store = place.district.office.store
    store.append_own("person.registered", "jinxiu", elder, 1, {"profile": "x", "revision": 1})
    store.append_own(SET, "jinxiu", elder, 2, {"medical_note": "AAAA", "revision": 1})
    place.sits("ann")
    assert place.line.as_person("POST", f"/v1/residents/{elder}/medical-note") == {"note": "AAAA"}
    place.desk.until(lambda: [f for f in place.desk.journal.facts(VIEWED, elder) if (f.payload or {})["by"] == ann])
    place.city.stop("district")
    until(lambda: place.hub.hub_line.status.link is Link.UNREACHABLE)
    with pytest.raises(TryAgain, match="busy"):
        place.line.as_person("POST", f"/v1/residents/{elder}/medical-note")


def test_a_hub_names_no_desk_but_its_own(place: Place) -> None:
    other = place.city.join(place.district, "caregiver")
    chief = employ(place.district, "chief", Role.SUPERVISOR)
    posing = there(place.hub.office.above).hand_on(
        "POST", "/v1/sign-in", b'{"login": "chief", "password": "%s"}' % PASSWORD.encode(), desk=other.journal.device
    )
    assert posing.status == 200
    assert place.district.office.accounts.sessions.last_sat(chief, other.journal.device) is None


def test_a_desk_two_hubs_below_signs_somebody_in(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    quick_passwords(monkeypatch)
    district: Serving = city.serve("district")
    street = city.hub("street", district)
    community = city.hub("community", street)
    desk: Joined = city.join(community, "caregiver")
    desk.client.round()
    until(lambda: district.office.registry.device(desk.journal.device) is not None)
    chief = employ(district, "chief", Role.SUPERVISOR)
    desk.node.line().sign_in("chief", PASSWORD, "")
    assert district.office.accounts.sessions.last_sat(chief, desk.journal.device) is not None


def test_a_visitors_pass_given_out_at_the_hub_is_good_at_its_gates(place: Place) -> None:
    employ(place.district, "gus", Role.GATE_STAFF)
    token = place.sits("gus")
    kiosk = place.city.join(place.hub)
    elder = register(kiosk)
    kiosk.client.round()
    now = place.hub.office.now_ms() // 1000
    wanted = {"kind": "once", "not_before": now, "expires": now + 3600}
    status, told = call(f"{place.hub.url}/v1/residents/{elder}/passes", "POST", wanted, token)
    assert status == 201
    assert read(told["text"], [districts_key(kiosk.node)]).id == told["pass"]
    until(lambda: facts_of(place.district, "person.pass_issued"))
    assert place.district.office.store.counts()["quarantine"] == 0
