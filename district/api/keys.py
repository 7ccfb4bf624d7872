"""Persons' keys between a node and the district, each sealed to whoever is to read it."""

import logging

import msgspec
from fastapi import APIRouter, Response
from fastapi.concurrency import run_in_threadpool

from district.api.answers import answer, gives, takes
from district.api.callers import Call, InOffice, Signed
from district.api.problems import Refusal
from district.api.reading import read
from district.office import Office
from offline.keys.identity import b64, unb64
from offline.keys.keystore import person_context
from offline.keys.seal import KEY_BYTES, SealBroken, seal_to, unseal_with
from offline.wire import SealedKey

log = logging.getLogger(__name__)
router = APIRouter(prefix="/v1")
MOST_KEYS = 500


class Keys(msgspec.Struct, frozen=True):
    keys: list[SealedKey]


class Wanted(msgspec.Struct, frozen=True):
    people: list[str]


@router.post("/keys", status_code=204, summary="Persons' keys, sealed to the district.", openapi_extra=takes(Keys))
async def share_keys(office: InOffice, call: Signed) -> Response:
    """The first key of a person stands; a second one is not taken, for what was sealed under the first would be lost."""
    told = read(call.body, Keys)
    if len(told.keys) > MOST_KEYS:
        raise Refusal(413, "too_large", f"at most {MOST_KEYS} keys")
    await run_in_threadpool(_keep_keys, office, call, told.keys)
    return Response(status_code=204)


def _keep_keys(office: Office, call: Call, keys: list[SealedKey]) -> None:
    """In one write: a table of residents is thousands of them, and its desk waits for the answer."""
    fresh: dict[str, bytes] = {}
    for each in keys:
        try:
            key = unseal_with(office.identity.box, unb64(each.sealed), person_context(each.person))
        except (SealBroken, ValueError) as e:
            raise Refusal(422, "bad_request", "a key that is not sealed to this district") from e
        if len(key) != KEY_BYTES or not 1 <= len(each.person) <= 64:
            raise Refusal(422, "bad_request", "not a key")
        if office.keys.find(each.person) is None and not office.registry.erased(each.person):
            fresh.setdefault(each.person, key)
        else:
            log.info("a key that is known or erased, from %s", call.device.id)
    if fresh:
        office.keys.take(fresh, shared=not office.settings.upstream)


@router.post("/keys/wanted", summary="Persons' keys, sealed to the caller.", openapi_extra=takes(Wanted) | gives(Keys))
async def wanted_keys(office: InOffice, call: Signed) -> Response:
    told = read(call.body, Wanted)
    if len(told.people) > MOST_KEYS:
        raise Refusal(413, "too_large", f"at most {MOST_KEYS} people")
    return answer(Keys(await run_in_threadpool(_sealed_keys, office, call, told.people)))


def _sealed_keys(office: Office, call: Call, wanted: list[str]) -> list[SealedKey]:
    """Of people in the caller's communities; those elsewhere are passed over like the unknown."""
    if not wanted:
        return []
    mine = set(call.device.communities)
    where = office.registry.communities_of(wanted)
    box = unb64(call.device.box_key)
    found = []
    for person in dict.fromkeys(wanted):
        key = office.keys.find(person) if where.get(person, set()) & mine else None
        if key is not None:
            found.append(SealedKey(person, b64(seal_to(box, key, person_context(person)))))
    return found
