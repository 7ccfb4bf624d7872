"""What people may change of accounts and devices, what a link in a message may do, and what the audit shows of it."""

from collections.abc import Callable

import pytest

from district.scope import EVERYWHERE
from domain.people import Role
from tests.district_api.calls import call
from tests.fakes.serving import Joined, Serving
from tests.fakes.staff import People
from tests.fakes.there import there


@pytest.fixture
def desk(district: Serving) -> People:
    return People(district)


def test_nobody_grants_beyond_their_own_communities_or_changes_their_own_account(desk: People) -> None:
    mine = desk.add("local", {"jinxiu": {Role.ADMINISTRATOR}})
    token = desk.token("local")
    for grants in ({"yulan": ["caregiver"]}, {EVERYWHERE: ["caregiver"]}):
        assert desk.call("POST", "/v1/accounts", {"login": "more", "name": "m", "grants": grants}, token)[0] == 403
    assert desk.call("PATCH", f"/v1/accounts/{mine}", {"grants": {"jinxiu": ["supervisor"]}}, token)[0] == 409


def test_whoever_works_everywhere_is_a_colleague_in_every_community(desk: People) -> None:
    """The ladder climbs to them: a desk that was not told their name showed an id in its place."""
    root = desk.add("root", {EVERYWHERE: {Role.ADMINISTRATOR}})
    ann = desk.add("ann", {"jinxiu": {Role.CAREGIVER}})
    desk.add("yu", {"yulan": {Role.CAREGIVER}})
    status, told = desk.call("GET", "/v1/colleagues", token=desk.token("ann"))
    assert status == 200
    assert {root, ann} <= {one["person"] for one in told}
    assert "yu" not in {one["name"] for one in told}


def test_a_hub_of_several_communities_is_no_administrators_of_one_to_take_out(
    desk: People, join: Callable[..., Joined]
) -> None:
    hub, kiosk = join("hub"), join()
    registry = desk.office.registry
    for device in (hub, kiosk):
        registry.rescope(device.journal.device, ["jinxiu", "west"], False)
    desk.add("one", {"jinxiu": {Role.ADMINISTRATOR}})
    desk.add("both", {"jinxiu": {Role.ADMINISTRATOR}, "west": {Role.ADMINISTRATOR}})
    one, both = desk.token("one"), desk.token("both")

    def revoke(device: Joined, token: str) -> int:
        return desk.call("POST", f"/v1/devices/{device.journal.device}/revocation", token=token)[0]

    assert revoke(hub, one) == 403
    assert there(registry.device(hub.journal.device)).revoked is None
    assert revoke(kiosk, one) == 204, "a gate that was stolen waits for nobody"
    assert revoke(hub, both) == 204


def test_a_reply_link_shows_on_get_and_acts_on_post_alone(desk: People, join: Callable[..., Joined]) -> None:
    office = desk.office
    office.settings = office.settings.model_copy(update={"public_url": desk.district.url + "/"})
    replies = office.nightwatch.replies
    replies._base = desk.district.url + "/"
    link = replies.check_in_link("p1", "jinxiu", "ref", office.now())
    for _ in range(3):
        assert call(link)[0] == 200
    assert call(link, "POST", b"step=nonsense")[0] == 200
    assert office.store.about("p1") == [], "what is on no button of the page is not pressed"
    assert call(link, "POST", b"")[0] == 200
    assert [i.event.kind for i in office.store.about("p1")] == ["sign.link"]
    assert call(f"{desk.district.url}/r/guess")[0] == 404


def test_the_audit_is_chained_and_shows_what_was_changed(desk: People) -> None:
    desk.add("boss", {EVERYWHERE: {Role.ADMINISTRATOR}}, ago_ms=0)
    token = desk.token("boss")
    lines = desk.call("GET", "/v1/audit", token=token)[1]
    assert [line["action"] for line in lines][-2:] == ["sign_in", "audit.read"]
    wall = desk.office.wall
    desk.office.wall = lambda: wall() + 86_400
    desk.token("boss")
    verdict = desk.office.audit.verify()
    assert verdict.whole
    assert verdict.lines == len(desk.office.audit.lines())
    assert desk.office.store.read("SELECT count(*) FROM audit_heads")[0][0] == 1
    desk.office.store.write(lambda execute: execute("UPDATE audit SET actor = 'somebody' WHERE line = 2"))
    assert desk.office.audit.verify().broken_line == 2


def test_the_audit_is_searched_by_who_about_whom_what_and_when(desk: People) -> None:
    boss = desk.add("boss", {EVERYWHERE: {Role.ADMINISTRATOR}}, ago_ms=0)
    zhao = desk.add("zhao", {"jinxiu": {Role.CAREGIVER}}, ago_ms=0)
    token = desk.token("boss")

    def found(query: str) -> list[tuple[str, str]]:
        return [(line["action"], line["about"]) for line in desk.call("GET", f"/v1/audit?{query}", token=token)[1]]

    assert found(f"about={zhao}") == [
        ("account.invited", zhao), ("account.began", zhao), ("audit.read", zhao),
    ]  # fmt: skip
    assert found("action=sign_in") == [("sign_in", boss)]
    assert ("account.began", boss) in found(f"actor={boss}&action=account.")
    assert found(f"until={desk.office.now_ms() - 3_600_000}") == []
    assert desk.call("GET", "/v1/audit?about=x%27%20OR%201", token=token)[0] == 422
