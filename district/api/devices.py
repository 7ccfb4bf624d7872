"""Devices as people see them: which there are, how far each has come, what they may keep, and taking one out."""

from fastapi import APIRouter, Response

from district.api.callers import InOffice
from district.api.people import Person
from district.api.problems import Refusal
from district.scope import DeviceRole, Duty
from district.upkeep.retention import EVERY_MINUTES, terms
from offline.keys.identity import fingerprint, unb64

router = APIRouter(prefix="/v1")


@router.get("/devices", summary="Devices of the caller's communities, and how far each has applied the feed.")
def devices(person: Person, office: InOffice) -> list[dict[str, object]]:
    person.must(Duty.READ_DEVICES)
    cursors = office.registry.cursors()
    return [
        {
            "id": d.id, "role": d.role.value, "name": d.name, "communities": list(d.communities), "revoked": d.revoked,
            "fingerprint": fingerprint(unb64(d.sign_key)), "applied": cursors.get(d.id, ("", None))[1],
        }
        for d in office.registry.devices()
        if any(person.sees(Duty.READ_DEVICES, c) for c in d.communities)
    ]  # fmt: skip


@router.post("/devices/{device}/revocation", status_code=204, summary="Take nothing from a device any more.")
def revoke(device: str, person: Person, office: InOffice) -> Response:
    person.must(Duty.CHANGE_DEVICES)
    found = office.registry.device(device)
    if found is None or not any(person.sees(Duty.CHANGE_DEVICES, c) for c in found.communities):
        raise Refusal(404, "not_found")
    if found.role is DeviceRole.HUB and not all(person.sees(Duty.CHANGE_DEVICES, c) for c in found.communities):
        raise Refusal(403, "out_of_scope", "it serves other communities too")
    office.registry.revoke(device, office.now_ms())
    office.audit.note(office.now_ms(), person.person, "device.revoked", device)
    office.access.removed(device, person.person, office.now_ms())
    return Response(status_code=204)


@router.get(
    "/retention", summary="How long the district keeps what facts say, and when it last let go of what was due."
)
def kept(person: Person, office: InOffice) -> dict[str, object]:
    person.must(Duty.READ_DEVICES)
    days = [{"lane": lane.name.lower(), "days": t.days} for t in terms(office.settings.retention) for lane in t.lanes]
    return {"terms": days, "every_minutes": EVERY_MINUTES, "last": office.expired}


@router.get(
    "/strangers", summary="Home devices that speak and stand in nobody's home, by what their gateway calls them."
)
def strangers(person: Person, office: InOffice) -> list[dict[str, object]]:
    person.must(Duty.READ_DEVICES)
    found = office.nightwatch.desk.strangers()
    return [told for told in found if person.sees(Duty.READ_DEVICES, str(told["community"]))]
