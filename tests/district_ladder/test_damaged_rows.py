"""A row that a bad disk has left half of: whatever stands in it, the server starts and everybody is watched over, its elder too."""

from datetime import timedelta

from domain.events import to_ms
from tests.district_ladder.conftest import District
from tests.fakes.half_a_row import HARMS, leave_half


def test_the_watch_goes_on_whatever_stands_in_a_row(district: District) -> None:
    window = {"id": "morning", "start": "09:00", "end": "10:00", "grace_min": 0, "remind_min": 0}
    elders = {f"elder-{n}": harm for n, harm in enumerate(HARMS)}
    for elder in ("p2", *elders):
        plan = {"revision": 1, "since": to_ms(district.now), "windows": [window], "backstops": [], "caregiver": "ann"}
        district.tell("careplan.set", elder, **plan)
    district.now += timedelta(hours=1, minutes=10)
    signs = [district.tell("sign.motion", elder, device="hall", value=True, trusted=True) for elder in elders]
    rows: dict[str, int] = dict(district.store.read("SELECT id, row FROM facts"))
    district.store.close()
    leave_half(district.folder / "district.db", {rows[id]: harm for id, harm in zip(signs, HARMS, strict=True)})
    district.open()

    district.tell("sign.sos", "p2", device="b")
    district.tick(timedelta(seconds=1))
    assert [f.payload["kind"] for f in district.ledger.about("p2", ["incident.opened"])] == ["sos"], "at once"
    district.now += timedelta(days=1)
    for _ in range(len(elders)):
        district.tick(timedelta(seconds=1))
    rang = {f.subject for f in district.ledger.told(["incident.opened"])}
    assert {elder: harm for elder, harm in elders.items() if elder not in rang} == {}
