"""What facts say goes when its term is over, each at its own, however much there is; the roster and incidents have none."""

from pathlib import Path

import pytest

from district.bootstrap import opened
from district.config import DistrictSettings, Retention
from district.serving import _expire

DAY, NOW = 86_400_000, 1_795_000_000_000
TERMS = {"passage.recorded": 2, "sign.motion": 6, "call.started": 4, "kiosk.started": 4}
FOR_GOOD = ("incident.opened", "person.registered", "consent.given")


def test_everything_goes_at_its_own_term_however_much_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("district.upkeep.retention", "district.serving"):
        monkeypatch.setattr(f"{module}.SLICE", 2)
    terms = Retention(passage_days=2, sign_days=6, operations_days=4)
    with opened(DistrictSettings(data=tmp_path / "d", retention=terms)) as office:
        office.wall = lambda: NOW / 1000
        for days in range(10):
            for kind in (*TERMS, *FOR_GOOD):
                subject = None if kind == "kiosk.started" else "p1"
                office.store.append_own(kind, "jinxiu", subject, NOW - days * DAY, {"days": days, "purpose": "x"})
        _expire(office)
        kept = dict.fromkeys((*TERMS, *FOR_GOOD), 0)
        for item in office.store.told(list(kept)):
            kept[item.event.kind] += item.event.payload is not None
        assert kept == {kind: days + 1 for kind, days in TERMS.items()} | dict.fromkeys(FOR_GOOD, 10)
        assert office.expired == NOW
