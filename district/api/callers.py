"""Who is calling: a device by its RFC 9421 signature. Dependencies for the endpoints."""

import logging
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv6Address, ip_network
from typing import Annotated

from fastapi import Depends, Query, Request

from district.api.middle import route_of
from district.api.problems import Refusal
from district.office import Office
from district.scope import DeviceRole
from district.store.devices import Device
from offline.keys.identity import unb64
from offline.keys.signing import Message, Refused, verify
from offline.wire import MAX_BODY_BYTES

log = logging.getLogger(__name__)


async def office_of(request: Request) -> Office:  # a plain one would take a thread for every request
    office: Office = request.app.state.office
    return office


InOffice = Annotated[Office, Depends(office_of)]


async def raw_body(request: Request) -> bytes:
    """The body as sent, no larger than the protocol allows."""
    told = request.headers.get("content-length", "0")
    if not told.isdigit() or int(told) > MAX_BODY_BYTES:
        raise Refusal(413, "too_large", f"at most {MAX_BODY_BYTES} bytes")
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY_BYTES:
            raise Refusal(413, "too_large", f"at most {MAX_BODY_BYTES} bytes")
        parts.append(part)
    return b"".join(parts)


RawBody = Annotated[bytes, Depends(raw_body)]


@dataclass(frozen=True, slots=True)
class Call:
    """A request that is signed by a device in good standing."""

    device: Device
    body: bytes
    vouched: bool = False  # the device speaks through its hub, which has received this from it
    own: bool = False  # facts of this very server, which knows them again: whoever has them may bring them
    before_epoch: int | None = None  # from here on it speaks elsewhere, and the hub for what it said before alone


def address(request: Request) -> str:
    return request.client.host if request.client else "?"


def household(request: Request) -> str:
    """Whose allowance an unsigned request uses up: an address, or the network of 64 bits that one line of the internet is given."""
    told = address(request)
    try:
        found = IPv6Address(told.partition("%")[0])
    except AddressValueError:
        return told
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((found, 64), strict=False)) if found.is_global else told


async def signed(request: Request, office: InOffice, body: RawBody) -> Call:
    """The device that signed this request. Its key is tried before anything is told of its standing."""
    found: list[Device] = []

    def key_of(id: str) -> bytes | None:
        device = office.registry.device(id)
        if device is None or device.via is not None:  # enrolled with a hub: it speaks there
            return None
        found.append(device)
        return unb64(device.sign_key)

    try:
        told = verify(Message(request.method, target(request), dict(request.headers), body), key_of, office.now())
    except Refused as e:
        log.info("refused %s %s: %s", request.method, route_of(request.scope), e)
        code = "clock" if "window" in str(e) else "signature"
        raise Refusal(401, code, "the request is not signed as it must be", time=office.now_ms()) from e
    device = found[0]
    if device.revoked is not None:
        raise Refusal(403, "device_revoked", "this device was revoked")
    if not office.nonces.take(device.id, told.nonce, office.wall()):
        raise Refusal(401, "replayed", "this nonce was used")
    office.registry.heard.hears(device.id, office.now_ms())
    if not office.limiter.allows("device", _speaker(request, office, device)):
        raise Refusal(429, "too_many", "", {"Retry-After": "5"})
    return Call(device, body)


def _speaker(request: Request, office: Office, device: Device) -> str:
    """Whose allowance a request uses up: where a hub speaks for one that is enrolled with it, that one's."""
    if device.role is not DeviceRole.HUB:
        return device.id
    told = request.path_params.get("device") or request.query_params.get("through") or request.query_params.get("desk")
    origin = office.registry.origin(told or "", device)
    return device.id if origin is None else origin.id


Signed = Annotated[Call, Depends(signed)]


async def desk(
    request: Request, office: InOffice, body: RawBody, desk: Annotated[str, Query(max_length=64)] = ""
) -> str:
    """The desk at which a person asks, '' where the request is signed by none (a browser, a script). A hub names one of its own."""
    if "signature" not in request.headers:
        return ""
    device = (await signed(request, office, body)).device
    if device.role is not DeviceRole.HUB:
        return device.id
    origin = office.registry.origin(desk, device)
    return origin.id if origin is not None and origin.revoked is None else ""


Desk = Annotated[str, Depends(desk)]


async def at_a_desk(desk: Desk) -> str:
    """The same, where nobody else may ask."""
    if not desk:
        raise Refusal(401, "signature", "for desks")
    return desk


AtDesk = Annotated[str, Depends(at_a_desk)]


async def its_own(device: str, call: Signed) -> Call:
    """A call about the very device that makes it."""
    if device != call.device.id:
        raise Refusal(403, "out_of_scope", "a device speaks for itself alone")
    return call


Own = Annotated[Call, Depends(its_own)]


async def speaks_for(device: str, office: InOffice, call: Signed) -> Call:
    """A call about the very device that makes it, or by a hub about one that is enrolled with it."""
    if device == call.device.id:
        return call
    origin = office.registry.origin(device, call.device) if call.device.role is DeviceRole.HUB else None
    if origin is None:
        raise Refusal(403, "out_of_scope", "a device speaks for itself alone, a hub for those enrolled with it")
    if origin.revoked is not None:
        raise Refusal(403, "origin_revoked", "this device was revoked")
    return Call(origin, call.body, vouched=True)


async def hands_on(device: str, office: InOffice, call: Signed) -> Call:
    """Like `speaks_for`, or by a hub about one that was enrolled with it until it enrolled elsewhere; or by anybody with facts
    of this server's own."""
    if device == office.store.node:
        return Call(call.device, call.body, own=True)
    former = office.registry.former(device, call.device) if call.device.role is DeviceRole.HUB else None
    if former is None:
        return await speaks_for(device, office, call)
    if former.revoked is not None:
        raise Refusal(403, "origin_revoked", "this device was revoked")
    return Call(former, call.body, vouched=True, before_epoch=former.epoch)


HandsOn = Annotated[Call, Depends(hands_on)]


async def through_hub(office: InOffice, call: Signed, through: Annotated[str, Query(max_length=64)] = "") -> Call:
    """A call by a device, or by a hub about the one that is enrolled with it and asked there (`through`)."""
    return await speaks_for(through, office, call) if through else call


Through = Annotated[Call, Depends(through_hub)]


async def its_own_hub(call: Own) -> Call:
    if call.device.role is not DeviceRole.HUB:
        raise Refusal(403, "out_of_scope", "for hubs alone")
    return call


OwnHub = Annotated[Call, Depends(its_own_hub)]


def target(request: Request) -> str:
    """The target as it was sent, byte for byte."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query: bytes = request.scope["query_string"]
    return f"http://{request.headers.get('host', '')}{raw.decode('latin-1')}{'?' + query.decode('latin-1') if query else ''}"
