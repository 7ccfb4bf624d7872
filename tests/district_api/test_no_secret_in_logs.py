"""The server with its log as talkative as it gets, through everything that carries a secret: none of them is in the log."""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime

import pyotp
import pytest

from district.intake import webhook
from district.operator import commands
from domain.consent import Purpose
from domain.people import Profile, Role, new_person_id
from offline.keys.identity import b64
from tests.district_api.calls import call
from tests.fakes.serving import Joined, Serving
from tests.fakes.staff import PASSWORD, People

NEW = "eleven geese beside a lantern"
WRONG = "a wrong but private passphrase"


def test_no_secret_is_in_the_log(
    district: Serving, join: Callable[..., Joined], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    office, url = district.office, district.url
    secrets: dict[str, str] = {"password": PASSWORD, "new password": NEW, "wrong password": WRONG}
    people = People(district)

    secrets["enrolment code"] = code = district.code("kiosk").partition("-")[0]
    kiosk, desk = join("kiosk"), join("caregiver")
    assert call(f"{url}/v1/enroll", "POST", {"code": code, "role": "kiosk"})[0] == 422
    person = new_person_id()
    kiosk.node.roster.register(person, Profile("赵", "淑兰", phone="13955551111"))
    kiosk.node.roster.consent(person, Purpose.HOME_MONITORING, True, "v1", person)
    kiosk.client.round()
    desk.client.round()
    secrets |= {"person's key": b64(kiosk.node.keys.find(person) or b""), "telephone": "13955551111", "name": "淑兰"}

    _, secrets["invitation"] = office.accounts.invite(
        "li", "li", {"*": frozenset({Role.ADMINISTRATOR})}, office.now_ms(), "test"
    )
    assert call(f"{url}/begin/{secrets['invitation']}")[0] == 200
    form = f"password={PASSWORD.replace(' ', '+')}&again={PASSWORD.replace(' ', '+')}".encode()
    call(
        f"{url}/begin/{secrets['invitation']}",
        "POST",
        form,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert people.sign_in("li", WRONG)[0] == 401
    secrets["session"] = people.token("li")
    secrets["second factor"] = people.call("POST", "/v1/me/second-factor", {"password": PASSWORD}, secrets["session"])[
        1
    ]["secret"]
    secrets["code of the second factor"] = pyotp.TOTP(secrets["second factor"]).at(office.now_ms() // 1000)
    secrets["other session"] = people.token("li", secrets["code of the second factor"])
    told = {"old": PASSWORD, "new": NEW}
    assert people.call("POST", "/v1/me/password", told, secrets["other session"])[0] == 204

    office.nightwatch.replies._base = url + "/"
    link = office.nightwatch.replies.check_in_link("p1", "jinxiu", "ref", office.now())
    secrets["reply link"] = link.rpartition("/")[2]
    assert [call(link)[0], call(link, "POST", b"")[0], call(f"{url}/r/{'x' * 32}")[0]] == [200, 200, 404]

    made = commands.bridge(office, "jinxiu")
    secrets["bridge"] = made["secret"]
    body = json.dumps({"topic": "zigbee2mqtt/watch", "payload": {"fall_status": "fall_alarm"}}).encode()
    headers = webhook.sign(body, made["key"], made["secret"].encode(), datetime.now(UTC))
    assert call(f"{url}/v1/intake/zigbee2mqtt", "POST", body, headers=headers)[0] == 202
    spoiled = {**headers, "X-Shouwang-Signature": "sha256=" + "0" * 64}
    assert call(f"{url}/v1/intake/zigbee2mqtt", "POST", body, headers=spoiled)[0] == 401

    people.add("chen", {"jinxiu": {Role.SUPERVISOR}})
    people.add("wang", {"jinxiu": {Role.SUPERVISOR}})
    chen, wang = people.token("chen"), people.token("wang")
    secrets |= {"session of chen": chen, "session of wang": wang}
    office.store.append_own("sign.door", "jinxiu", person, office.now_ms(), {"note": "secret-in-a-payload"})
    secrets["payload"] = "secret-in-a-payload"
    asked = {"what": "person", "reason": "subject_request", "person": person, "community": "jinxiu"}
    export = people.call("POST", "/v1/exports", asked, chen)[1]["id"]
    assert people.call("POST", f"/v1/exports/{export}/decision", {"allow": True}, wang)[0] < 300
    assert people.call("POST", f"/v1/exports/{export}/file", token=chen)[0] == 200
    secrets |= {"master key": b64(office.master), "district's key": b64(office.identity.sign.private_bytes_raw())}

    log = caplog.text + "".join(str(record.__dict__) for record in caplog.records)
    for route in (
        "/v1/enroll",
        "/v1/sign-in",
        "/begin/{token}",
        "/r/{token}",
        "/v1/exports/{export}/file",
        "/v1/intake",
    ):
        assert f"route={route}" in log, f"{route} is not in the log: nothing would be proved"
    assert [name for name, secret in secrets.items() if not secret] == []
    assert [name for name, secret in secrets.items() if secret in log or secret.replace(" ", "+") in log] == []
