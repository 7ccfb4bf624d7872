"""A hub says that it stood still, and for those hours no silence rings: it is believed for as long as it really was silent."""

import pytest

from district.store.hearing import BEFORE_MS, GAP_MS, Hearing
from district.upkeep.quarantine import listed
from domain.subjects import of_gateway
from tests.fakes.city import City, facts_of
from tests.fakes.waiting import until
from watch.outages import STOOD, server_of
from watch.signs import GATEWAY_SILENT

M, H = 60_000, 3_600_000


class Place:
    """A hub that is heard every two seconds, below a district that has been up for a day."""

    def __init__(self, city: City) -> None:
        self.city, self.district = city, city.serve("district")
        self.hub = city.hub("hub", self.district)
        until(lambda: self.district.office.registry.heard.get(self.hub.joined.device))
        self.now = self.district.office.now_ms()
        self.heard._began = self.now - 24 * H

    @property
    def heard(self) -> Hearing:
        return self.district.office.registry.heard

    def claims(self, since: int, to: int) -> bool:
        """Whether the district believes that it stood still between the two, ms before now."""
        told = {"since": self.now - since, "until": self.now - to, "clock_was_ahead": since < to, "by": "system"}
        before = len(listed(self.district.office)["quarantine"])
        self.hub.office.store.append_own(STOOD, "jinxiu", server_of("jinxiu"), self.now - to, told)
        known = len(facts_of(self.district, STOOD))

        def judged() -> str:
            if len(facts_of(self.district, STOOD)) > known:
                return "kept"
            return "aside" if len(listed(self.district.office)["quarantine"]) > before else ""

        return until(judged) == "kept"

    def was_silent(self, since: int, to: int) -> None:
        self.heard._gaps[self.hub.joined.device].append((self.now - since, self.now - to))


@pytest.fixture
def place(city: City) -> Place:
    return Place(city)


@pytest.mark.parametrize(
    ("since", "to", "believed"),
    [
        (5 * H, 3 * H, True),
        (5 * H, 4 * H, True),
        (5 * H + M, 3 * H - 20_000, True),  # both ends are known to half a minute
        (5 * H + 10 * M, 3 * H, False),
        (5 * H, 2 * H, False),
        (30 * H, 3 * H, False),
        (M, -5 * H, False),  # a time still to come
        (2 * H, H, False),
        (3 * H, 5 * H, True),  # its clock was ahead: it takes back what it said
    ],
)
def test_a_hub_is_believed_for_no_longer_than_it_was_silent(place: Place, since: int, to: int, believed: bool) -> None:
    place.was_silent(5 * H, 3 * H)
    assert place.claims(since, to) is believed
    if not believed:
        assert listed(place.district.office)["quarantine"][0]["reason"].startswith("not_so: ")


def test_what_is_on_record_of_it_counts_over_restarts_of_the_district_and_so_does_its_own_absence(place: Place) -> None:
    store, jinxiu = place.district.office.store, "jinxiu"
    assert not place.claims(8 * H, 4 * H)
    hub = of_gateway(jinxiu, "hub/hub")
    for silent, at in ((True, 8 * H), (False, 6 * H)):
        told = {"silent": silent, "since": place.now - 8 * H, "place": "hub"}
        store.append_own(GATEWAY_SILENT, jinxiu, hub, place.now - at, told)
    assert not place.claims(8 * H, 4 * H)
    told = {"since": place.now - 6 * H, "until": place.now - 4 * H}
    store.append_own(STOOD, jinxiu, server_of(jinxiu), place.now - 4 * H, told)
    assert place.claims(8 * H, 4 * H)


def test_no_hub_is_believed_by_its_own_word_on_its_silence(place: Place) -> None:
    hub = of_gateway("jinxiu", "hub/hub")
    told = {"silent": True, "since": place.now - 8 * H, "place": "hub"}
    place.hub.office.store.append_own(GATEWAY_SILENT, "jinxiu", hub, place.now - 8 * H, told)
    until(lambda: facts_of(place.district, GATEWAY_SILENT))
    assert not place.claims(8 * H, 0)


def test_a_hub_that_comes_back_is_believed_with_its_first_words(city: City, place: Place) -> None:
    device = place.hub.joined.device
    city.stop("hub")
    place.heard._last[device] = place.now - 2 * H
    hub = city.serve("hub", place.district.url)
    told = {"since": place.now - 2 * H, "until": place.now, "clock_was_ahead": False}
    hub.office.store.append_own(STOOD, "jinxiu", server_of("jinxiu"), place.now, told)
    until(lambda: facts_of(place.district, STOOD))


def test_gaps_are_what_nobody_heard() -> None:
    hearing = Hearing(began=0)
    assert hearing.get("v1") is None
    for at in (10, GAP_MS + 9, 3 * GAP_MS, 3 * GAP_MS - 5):
        hearing.hears("v1", at)
    assert hearing.get("v1") == 3 * GAP_MS
    before = (-BEFORE_MS, 0)
    assert hearing.gaps("v1", 3 * GAP_MS + 1) == [before, (GAP_MS + 9, 3 * GAP_MS)]
    assert hearing.gaps("v1", 5 * GAP_MS) == [before, (GAP_MS + 9, 3 * GAP_MS), (3 * GAP_MS, 5 * GAP_MS)]
    assert hearing.gaps("v2", 2 * GAP_MS) == [before, (0, 2 * GAP_MS)]
