"""A message service reports over HTTP: believed by its signature alone, whatever address it came to."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
import requests

from district.config import Channel, DistrictSettings
from district.ledger import seen
from district.reaching.handovers import plain, queue
from tests.fakes.serving import Serving, run_district

TOKEN, PUBLIC = "b" * 32, "https://watch.example/"


@pytest.fixture
def reached(settings: DistrictSettings) -> Iterator[Serving]:
    sms = Channel(url=f"twilio://AC{'a' * 32}:{TOKEN}@15551230000/{{to}}", phone=True)
    yield from run_district(settings.model_copy(update={"public_url": PUBLIC, "channels": {"sms": sms}}))


def post(district: Serving, path: str, form: dict[str, str], token: str = TOKEN) -> int:
    said = PUBLIC + path + "".join(f"{name}{form[name]}" for name in sorted(form))
    signature = base64.b64encode(hmac.new(token.encode(), said.encode(), hashlib.sha1).digest()).decode()
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    return requests.post(f"{district.url}/{path}", urlencode(form), headers=headers, timeout=10).status_code


def test_a_signed_report_is_a_fact_and_any_other_is_refused(reached: Serving) -> None:
    office = reached.office
    notice = plain("ref-1", "check_in", "jinxiu", "p1", "p1", 0, (0, 1), office.now_ms() + 3_600_000)
    office.store.write(lambda execute: queue(execute, [notice]))
    form = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+15551231111"}
    assert post(reached, "arrived/sms/ref-1", form, token="guess") == 403
    assert post(reached, "arrived/other/ref-1", form) == 403
    assert office.store.about("p1", ("notice.delivered",)) == []
    for _ in range(2):
        assert post(reached, "arrived/sms/ref-1", form) == 204
    (told,) = office.store.about("p1", ("notice.delivered",))
    assert seen(told).payload["channel"] == "sms"
    assert post(reached, "arrived/sms/never-sent", form) == 204, "forgotten long ago: nothing that they could mend"
