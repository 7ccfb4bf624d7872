"""Incidents as a few facts add up to them: `told(event(ACKNOWLEDGED), event(ON_SCENE, "bo", 60))`."""

from datetime import UTC, datetime, timedelta

from domain import incident_kinds as k
from domain.incident import Event, Incident
from domain.incident_kinds import Kind
from domain.incidents import fold

T0 = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def opened(kind: Kind = Kind.FALL, **more: object) -> Event:
    payload = {"incident": "i1", "elder": "e1", "kind": kind.value, **more}
    return Event(k.OPENED, payload, "system", T0, "0")


def event(kind: str, by: str = "ann", seconds: float = 10, **payload: object) -> Event:
    return Event(kind, payload, by, T0 + timedelta(seconds=seconds), f"{kind}-{by}-{seconds}")


def told(*events: Event, kind: Kind = Kind.FALL, **more: object) -> Incident:
    found = fold([opened(kind, **more), *events])
    assert found is not None
    return found
