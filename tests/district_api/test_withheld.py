"""What a server refuses for good, of a node and of a hub: nothing else waits for it, people are told, and it comes when it can."""

from typing import Any

import pytest

from district.hubs.withheld import Withheld
from district.operator import commands
from domain.incident import Incident
from domain.incident_kinds import Kind
from offline.line.pushing import WITHHELD
from offline.transport.errors import Forked, Rejected
from offline.transport.http import HttpTransport
from offline.wire import MAX_BODY_BYTES, Ack, Batch
from tests.district_api.damage import spoil
from tests.fakes.city import City, facts_of, names
from tests.fakes.serving import Serving, register
from tests.fakes.there import there
from tests.fakes.waiting import until

HUGE = "x" * (MAX_BODY_BYTES + 1)


def payloads(server: Serving, kind: str) -> list[bytes | None]:
    items = server.office.store.told([kind])
    return [None if i.event.payload is None else bytes(i.event.payload) for i in items]


@pytest.mark.parametrize("kind", ["incident.feedback", "sign.button"])
def test_a_fact_larger_than_any_request_keeps_no_other_waiting(city: City, kind: str) -> None:
    """Also where whoever refuses it hangs up before all of it was sent, which is no answer but a bad line."""
    district = city.serve("district")
    desk = city.join(district, "caregiver")
    elder = register(desk)
    desk.journal.append(kind, {"note": HUGE, "incident": "i1"}, subject=elder)
    desk.journal.append("sign.sos", {"device": "b1", "source": "button"}, subject=elder)
    desk.client.round()
    assert desk.journal.pending() == 0
    assert payloads(district, kind) == [None]
    assert len(payloads(district, "sign.sos")) == 1
    until(lambda: raised(district, desk.journal.device))
    (incident,) = raised(district, desk.journal.device)
    assert (incident.kind, incident.evidence) == (Kind.RECORDS_WITHHELD, 0)


def raised(district: Serving, device: str) -> list[Incident]:
    return district.office.nightwatch.watch.cases.of(device, district.office.now())


class Between:
    """Something between a hub and the one above that takes no fact with a word in it, and counts what it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, hub: Serving) -> None:
        self.word, self.refusal, self.refused = b"", Rejected("http_413", 413), 0
        relay, device = HttpTransport.relay, hub.joined.device

        def relayed(line: HttpTransport, of: str, batch: Batch) -> Ack:
            said = [bytes(e.payload) for e in batch.events if e.payload is not None]
            if line._device == device and self.word and any(self.word in each for each in said):
                self.refused += 1
                raise self.refusal
            return relay(line, of, batch)

        monkeypatch.setattr(HttpTransport, "relay", relayed)


@pytest.mark.parametrize("status", [400, 413, 422])
@pytest.mark.parametrize("kind", ["incident.feedback", "passage.recorded"])
def test_what_the_one_above_a_hub_refuses_holds_up_neither_lane_and_comes_when_it_is_taken(
    city: City, monkeypatch: pytest.MonkeyPatch, status: int, kind: str
) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    kiosk, desk, elder = city.household(hub, district)
    of = desk if kind.startswith("incident.") else kiosk
    between = Between(monkeypatch, hub)
    between.word, between.refusal = b"unwelcome", Rejected(f"http_{status}", status)
    told: dict[str, Any] = {"incident": "i1"}
    of.journal.append_all([
        (kind, told | {"n": 0}, elder, None, None),
        (kind, told | {"word": "unwelcome"}, elder, None, None),
        (kind, told | {"n": 1}, elder, None, None),
    ])  # fmt: skip
    of.client.round()
    until(lambda: len(payloads(district, kind)) == 3)
    assert [p is None for p in payloads(district, kind)] == [False, True, False]
    kiosk.journal.append("sign.sos", {"device": "b1", "source": "button"}, subject=elder)
    kiosk.journal.append("person.registered", {}, subject="p2")
    kiosk.client.round()
    until(lambda: facts_of(district, "sign.sos"))
    until(lambda: raised(district, hub.office.store.node))
    assert hub.hub_line.status.link.answers
    (listed,) = [r for r in commands.perform(hub.office, "records", {})["records"] if r["state"] == "withheld"]
    assert (listed["device"], listed["seq"]) == (of.journal.device, of.journal.facts(kind)[1].envelope.seq)

    hub.compare_again()
    before = between.refused
    until(lambda: between.refused > before)
    assert len(hub.hub_line.upstream.withheld) == 1, "it is still not taken"
    assert len(facts_of(hub, WITHHELD)) == 1, "said once"
    between.word = b""
    until(lambda: hub.hub_line.status.link.answers)
    hub.compare_again()
    until(lambda: len(payloads(district, kind)) == 4)
    assert b"unwelcome" in (payloads(district, kind)[3] or b"")
    assert hub.hub_line.upstream.withheld == []


def test_of_a_line_that_takes_nothing_a_hub_withholds_nothing(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    kiosk = city.join(hub)
    between = Between(monkeypatch, hub)
    between.word = b"{"
    kiosk.journal.append_all([("home.device_registered", {"device": f"b{n}"}, "p1", None, None) for n in range(9)])
    kiosk.journal.append_all([("sign.button", {"device": f"b{n}"}, "p1", None, None) for n in range(9)])
    kiosk.client.round()
    until(lambda: between.refused > 5)
    assert hub.hub_line.upstream.withheld == []
    between.word = b""
    hub.hub_line.sync.poke()
    until(lambda: len(payloads(district, "sign.button")) == 9)
    assert None not in payloads(district, "sign.button")
    until(lambda: names(hub) == names(district))


@pytest.mark.parametrize(
    "refusal", [Rejected("http_413", 413), Rejected("bad_request", 422), Rejected("out_of_scope", 403)]
)
def test_what_awaits_the_districts_word_holds_up_nothing_where_it_cannot_be_asked(
    city: City, monkeypatch: pytest.MonkeyPatch, refusal: Rejected
) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    desk = city.join(hub, "caregiver")
    between = Between(monkeypatch, hub)
    between.word, between.refusal = b"into", refusal
    desk.journal.append("incident.merged", {"by": "ann", "incident": "i1", "into": "i2"}, subject="p1")
    desk.client.round()
    until(lambda: between.refused)
    district.office.store.append_own("config.set", "jinxiu", None, 1, {"n": 1})
    until(lambda: facts_of(hub, "config.set"))
    if refusal.status != 403:
        until(lambda: facts_of(district, WITHHELD))


def test_what_was_altered_while_it_waited_is_not_said_anew_as_the_hubs_own(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    kiosk = city.join(hub)
    between = Between(monkeypatch, hub)
    between.word = b"unwelcome"
    kiosk.journal.append("passage.recorded", {"word": "unwelcome"})
    kiosk.client.round()
    until(lambda: payloads(district, "passage.recorded") == [None])
    forged = b'{"word":"forged"}'
    of_passages = "fact IN (SELECT row FROM facts WHERE kind = 'passage.recorded')"
    spoil(hub, f"UPDATE payloads SET body = X'{forged.hex()}' WHERE {of_passages}")
    assert payloads(hub, "passage.recorded") == [forged]
    between.word = b""
    compared = there(hub.hub_line.upstream._compared)
    hub.compare_again()
    until(lambda: there(hub.hub_line.upstream._compared) > compared and hub.hub_line.status.link.answers)
    kiosk.journal.append("passage.recorded", {"word": "another"})
    kiosk.client.round()
    until(lambda: len(payloads(district, "passage.recorded")) > 1)
    assert forged not in payloads(district, "passage.recorded")
    assert len(hub.hub_line.upstream.withheld) == 1, "it waits until it is whole"


def test_a_restored_hub_whose_first_word_is_of_a_refused_fact_says_it_under_numbers_of_its_own(city: City) -> None:
    """Above, other facts are known under its numbers: each round would have ended there."""
    hub = city.hub("hub", city.serve("district"))
    kiosk = city.join(hub)
    event = kiosk.journal.append("passage.recorded", {"n": 1}).envelope
    (fact,) = kiosk.journal.unsent(1)
    store, asked = hub.office.store, list[tuple[int, str]]()

    def relay(_device: str, batch: Batch) -> Ack:
        (sent,) = batch.events
        asked.append((batch.epoch, sent.kind))
        if len(asked) == 1:
            raise Forked(batch.epoch + 1)
        return Ack(sent.seq)

    batch = Batch(event.epoch, fact.schema, fact.seq, event.at, [fact])
    Withheld(store, hub.office.registry, hub.office.now_ms).pass_bare(
        relay, event.device, batch, Rejected("http_413", 413)
    )
    (first, _), *rest = asked
    assert rest == [(first + 1, WITHHELD), (event.epoch, "passage.recorded")]
    assert [item.epoch for item in store.told([WITHHELD])] == [first, first + 1]
