"""Every endpoint of the generated OpenAPI and what it asks for: the refusals of every role in every community, and of nobody."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from district.api.app import create_app
from district.people.exports import Reason, Wanted, What
from district.scope import DUTIES, Duty
from domain.people import Role
from offline.transport.errors import Rejected
from tests.fakes.serving import Joined, Serving
from tests.fakes.staff import PASSWORD, People
from watch.plans import SET

PAGE = Path(__file__).parents[2] / "docs" / "PROTOCOL.md"
ANYBODY = {
    ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics"), ("GET", "/v1/hello"), ("POST", "/v1/enroll"),
    ("POST", "/v1/sign-in"),
}  # fmt: skip
A_DEVICE = {
    ("POST", "/v1/devices/{device}/events"), ("PUT", "/v1/devices/{device}/cursor"), ("PUT", "/v1/devices/{device}/below"),
    ("GET", "/v1/feed"), ("GET", "/v1/checksums"), ("GET", "/v1/stream"), ("POST", "/v1/keys"), ("POST", "/v1/keys/wanted"),
    ("POST", "/v1/calls/{call}/open"), ("PUT", "/v1/calls/{call}/picture"), ("GET", "/v1/calls/{call}/picture"),
    ("POST", "/v1/passages/picture"), ("PUT", "/v1/passages/pictures/{look}"), ("PUT", "/v1/gates/{gate}/template"),
    ("PUT", "/v1/onward/{letter}"), ("POST", "/v1/leases"), ("POST", "/v1/intake/zigbee2mqtt"),
}  # fmt: skip
ONES_OWN = {
    ("POST", "/v1/sign-out"), ("GET", "/v1/me"), ("POST", "/v1/me/password"), ("POST", "/v1/me/second-factor"),
    ("POST", "/v1/me/second-factor/confirmation"), ("POST", "/v1/me/second-factor/removal"),
}  # fmt: skip
EVERYWHERE_ALONE = {("GET", "/v1/audit")}
# test_exports.py says whose turn it is; of an erasure both are walked below
BY_TWO = {("POST", "/v1/exports/{export}/file"), ("POST", "/v1/residents/{resident}/erasure")}
# outside of the OpenAPI: pages for a browser by a token, reports of message services by their signature, and the operator's own key
BESIDE = {
    ("GET", "/r/{token}"), ("POST", "/r/{token}"), ("GET", "/begin/{token}"), ("POST", "/begin/{token}"),
    ("POST", "/arrived/{channel}/{ref}"), ("POST", "/v1/operator/{command}"),
}  # fmt: skip
# What each asks of a person, and how to call it about community `c`; ids are filled in by the walk.
DUTY = [
    ("GET", "/v1/accounts", None, Duty.READ_ACCOUNTS),
    ("GET", "/v1/devices", None, Duty.READ_DEVICES),
    ("GET", "/v1/retention", None, Duty.READ_DEVICES),
    ("GET", "/v1/strangers", None, Duty.READ_DEVICES),
    ("GET", "/v1/channels", None, Duty.READ_ACCOUNTS),
    ("GET", "/v1/colleagues", None, Duty.READ_COLLEAGUES),
    (
        "POST",
        "/v1/accounts",
        {"login": "fresh-{n}", "name": "n", "grants": {"{c}": ["caregiver"]}},
        Duty.CHANGE_ACCOUNTS,
    ),
    ("PATCH", "/v1/accounts/{account}", {"disabled": False}, Duty.CHANGE_ACCOUNTS),
    ("POST", "/v1/accounts/{account}/invitation", None, Duty.CHANGE_ACCOUNTS),
    ("POST", "/v1/devices/{device}/revocation", None, Duty.CHANGE_DEVICES),
    ("GET", "/v1/exports", None, Duty.EXPORT_AUDIT),
    (
        "POST",
        "/v1/exports",
        {"what": "person", "reason": "subject_request", "person": "p1", "community": "{c}"},
        Duty.EXPORT_AUDIT,
    ),
    ("POST", "/v1/exports/{export}/decision", {"allow": False}, Duty.EXPORT_AUDIT),
    ("POST", "/v1/residents/{resident}/cards", {"card": "c{n}", "sealed": {"{gate}": "AAAA"}}, Duty.ADMIT),
    ("POST", "/v1/residents/{resident}/pin", {"pin": "n{n}", "sealed": {"{gate}": "AAAA"}}, Duty.ADMIT),
    ("POST", "/v1/residents/{resident}/passes", {"kind": "once", "not_before": 0, "expires": "{soon}"}, Duty.ADMIT),
    ("POST", "/v1/residents/{resident}/medical-note", None, Duty.READ_MEDICAL_NOTE),
]
COMMUNITIES = ("jinxiu", "yulan")


@pytest.fixture
def desk(district: Serving) -> People:
    return People(district)


def test_no_endpoint_is_left_out(desk: People) -> None:
    described = create_app(desk.office).openapi()["paths"]
    told = {(method.upper(), path) for path, operations in described.items() for method in operations}
    walked = {(method, path) for method, path, *_ in DUTY}
    assert told == ANYBODY | A_DEVICE | ONES_OWN | EVERYWHERE_ALONE | BY_TWO | walked


def test_nothing_is_served_beside_what_is_described_but_pages_reports_and_the_operators_commands(desk: People) -> None:
    described = create_app(desk.office).openapi()["paths"]
    included = [route.original_router for route in create_app(desk.office).routes if hasattr(route, "original_router")]
    routes = [route for router in included for route in router.routes if isinstance(route, APIRoute)]
    served = {(method, route.path) for route in routes for method in route.methods or ()}
    assert {(method.upper(), path) for path, of in described.items() for method in of} <= served
    assert {each for each in served if each[0].lower() not in described.get(each[1], {})} == BESIDE


def test_an_erasure_takes_a_duty_in_the_community_of_each_of_the_two(desk: People) -> None:
    """Every role of the one beside every role of the other, each here or elsewhere; what is nobody's to ask is not there."""
    walked = {}
    for community in COMMUNITIES:
        for role in Role:
            desk.add(f"{role.value.replace('_', '-')}-{community}", {community: {role}})
    leads = DUTIES[Duty.ERASE]
    for one in Role:
        for other in Role:
            for community in COMMUNITIES:
                resident = f"p-{one}-{other}-{community}"
                desk.office.store.append_own(
                    "person.registered", "jinxiu", resident, 1, {"profile": "x", "revision": 1}
                )
                by, second = f"{one.value.replace('_', '-')}-jinxiu", f"{other.value.replace('_', '-')}-{community}"
                asked = {"reason": "died", "second": {"login": second, "password": PASSWORD}}
                status, _ = desk.call("POST", f"/v1/residents/{resident}/erasure", asked, desk.token(by))
                erased = one in leads and other in leads and by != second and community == "jinxiu"
                assert (status == 204) == erased == desk.office.registry.erased(resident), (by, second, status)
                assert status in (204, 403, 404, 409)
                walked[by, second] = status
    assert len(walked) == 2 * len(Role) ** 2
    assert list(walked.values()).count(204) == len(leads) * (len(leads) - 1)


def test_the_page_on_the_protocol_names_every_endpoint(desk: People) -> None:
    page = PAGE.read_text("utf-8")
    for path, operations in create_app(desk.office).openapi()["paths"].items():
        at = re.sub(r"\\{\w+\\}", r"\\{\\w+\\}", re.escape(path))
        for method in operations:
            assert re.search(rf"\b{method.upper()}(?:\|[A-Z]+)*\s+{at}[`?]|\|{method.upper()}\s+{at}[`?]", page), (
                method,
                path,
            )


def test_every_role_in_every_community_at_every_endpoint(desk: People, join: Callable[..., Joined]) -> None:
    """Allowed exactly where the table of duties says so, for one's own community and for no other."""
    victims = {c: desk.add(f"victim-{c}", {c: {Role.CAREGIVER}}) for c in COMMUNITIES}
    devices, gates = ({c: join("kiosk", c).journal.device for c in COMMUNITIES} for _ in range(2))
    walked = 0
    for role in Role:
        login = f"r-{role.value.replace('_', '-')}"
        desk.add(login, {"jinxiu": {role}})
        token = desk.token(login)
        for method, path in EVERYWHERE_ALONE:
            assert desk.call(method, path, None, token)[0] == 403, (role, path)
        for community in COMMUNITIES:
            for method, path, body, duty in DUTY:
                walked += 1
                about = Wanted(What.PERSON, Reason.SUBJECT, person="p1", community=community)
                export = desk.office.exports.ask(about, "somebody", desk.office.now_ms()).id
                resident = f"p-{community}-{walked}"  # of whom nothing was asked before
                desk.office.store.append_own(
                    "person.registered", community, resident, 1, {"profile": "x", "revision": 1}
                )
                desk.office.store.append_own(SET, community, resident, 1, {"medical_note": "AAAA", "revision": 1})
                at = path.format(
                    account=victims[community], device=devices[community], export=export, resident=resident
                )
                filled = {"{c}": community, "{n}": str(walked), "{gate}": gates[community]}
                told = json.dumps(body).replace('"{soon}"', str(int(time.time()) + 3600))
                for blank, word in filled.items():
                    told = told.replace(blank, word)
                status, answer = desk.call(method, at, json.loads(told), token)
                holds = role in DUTIES[duty]
                if method == "GET":
                    assert (status == 200) == holds, (role, path, status)
                    if holds:
                        assert "yulan" not in repr(answer)
                else:
                    assert (status < 300) == (holds and community == "jinxiu"), (role, community, path, status, answer)
                    assert status in (200, 201, 204, 403, 404)
    assert walked == len(Role) * 2 * len(DUTY)


def test_every_role_in_every_community_at_the_gate_that_is_to_open(desk: People, join: Callable[..., Joined]) -> None:
    """Signed by a desk and by a person: a duty in the kiosk's community, which must be the desk's as well."""
    kiosks = {c: join("kiosk", c).journal.device for c in ("jinxiu", "yulan")}
    desks = {c: join("caregiver", c) for c in ("jinxiu", "yulan")}
    walked: set[tuple[Role, str, str, str]] = set()
    for role in Role:
        login = f"g-{role.value.replace('_', '-')}"
        desk.add(login, {"jinxiu": {role}})
        token = desk.token(login)
        for sits, at in desks.items():
            at.transport.bearer = token
            for community, kiosk in kiosks.items():
                with pytest.raises(Rejected) as refused:
                    at.transport.open_gate("call-1", kiosk, "nonce")
                opens = sits == community == "jinxiu" and role in DUTIES[Duty.OPEN_GATE]
                expected = "kiosk_not_listening" if opens else "out_of_scope"
                assert refused.value.code == expected, (role, sits, community)
                walked.add((role, sits, community, expected))
    assert len(walked) == len(Role) * 4
    assert sum(code == "kiosk_not_listening" for *_, code in walked) == len(DUTIES[Duty.OPEN_GATE])
    desks["jinxiu"].transport.bearer = ""
    with pytest.raises(Rejected, match="sign_in"):
        desks["jinxiu"].transport.open_gate("call-1", kiosks["jinxiu"], "nonce")


def test_without_a_session_every_endpoint_of_people_refuses(desk: People) -> None:
    asked = [(method, path, body) for method, path, body, _ in DUTY]
    for method, path, body in [*asked, *((*each, None) for each in ONES_OWN | EVERYWHERE_ALONE | BY_TWO)]:
        at = path.format(account="p", device="d", export="x", resident="p1")
        assert desk.call(method, at, body)[0] == 401, (method, path)


def test_without_a_signature_every_endpoint_of_devices_refuses(desk: People) -> None:
    for method, path in A_DEVICE | {("POST", "/v1/operator/devices")}:
        at = path.format(device="v1", call="c1", look="l1", gate="g1", letter="l1")
        assert desk.call(method, at, {} if method != "GET" else None)[0] == 401, (method, path)


def test_a_page_is_not_there_for_a_token_that_nobody_was_given(desk: People) -> None:
    for path in ("/r/nobodys", "/begin/nobodys"):
        for method in ("GET", "POST"):
            assert desk.call(method, path, {} if method == "POST" else None)[0] in (404, 410), (method, path)
