"""The list of keys for passes as a node takes it: from its own server alone, and never an older one."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.events import SCHEMA
from offline.keys.identity import Identity, b64
from offline.letters.pass_keys import MOST_KEYS, KnownPassKeys, PassKey, PassKeys, number_of, sign_keys
from offline.wire import PROTOCOL, Hello

SERVER, OTHER = Identity.create(), Identity.create()


def key() -> str:
    return b64(Ed25519PrivateKey.generate().public_key().public_bytes_raw())


def hello(keys: PassKeys, by: Identity = SERVER) -> Hello:
    text, signature = sign_keys(keys, by.sign)
    return Hello(
        (PROTOCOL, PROTOCOL), (SCHEMA, SCHEMA), 1, 500, "d1", "1", pass_keys=text, pass_keys_signature=signature
    )


def raw(known: KnownPassKeys, now: int = 0) -> list[str]:
    return [b64(k.public_bytes_raw()) for k in known.in_force(now)]


def test_a_server_that_names_none_signs_with_its_own_key() -> None:
    known = KnownPassKeys(None, SERVER.sign_public)
    known.learn(Hello((PROTOCOL, PROTOCOL), (SCHEMA, SCHEMA), 1, 500, "d1", "1"))
    assert raw(known) == [b64(SERVER.sign_public)]


def test_a_newer_list_of_the_server_is_taken_and_kept() -> None:
    kept: list[PassKeys] = []
    known, first, second = KnownPassKeys(None, SERVER.sign_public, kept.append), key(), key()
    known.learn(hello(PassKeys(1, [PassKey(first)])))
    known.learn(hello(PassKeys(7, [PassKey(second)])))
    assert raw(known) == [second], "what is listed no more counts no more"
    assert [k.number for k in kept] == [1, 7]
    assert number_of(hello(kept[1])) == 7


def test_an_older_list_does_not_bring_back_a_key_that_was_revoked() -> None:
    known, stolen, fresh = KnownPassKeys(None, SERVER.sign_public), key(), key()
    old = hello(PassKeys(1, [PassKey(stolen)]))
    known.learn(old)
    known.learn(hello(PassKeys(2, [PassKey(fresh)])))
    known.learn(old)
    assert raw(known) == [fresh]


def test_a_list_that_somebody_else_signed_is_not_taken() -> None:
    known = KnownPassKeys(None, SERVER.sign_public)
    known.learn(hello(PassKeys(9, [PassKey(key())]), by=OTHER))
    assert raw(known) == [b64(SERVER.sign_public)]


def test_a_key_counts_until_its_time_is_over() -> None:
    known, former = KnownPassKeys(None, SERVER.sign_public), key()
    known.learn(hello(PassKeys(1, [PassKey(former, until=1_000)])))
    assert raw(known, 999) == [former]
    assert raw(known, 1_000) == []


@pytest.mark.parametrize("keys", [[b64(b"short")], ["?"], [key()] * (MOST_KEYS + 1)])
def test_a_list_of_keys_that_are_none_or_far_too_many_is_passed_over(keys: list[str]) -> None:
    known, good = KnownPassKeys(None, SERVER.sign_public), key()
    known.learn(hello(PassKeys(1, [PassKey(good)])))
    known.learn(hello(PassKeys(2, [PassKey(k) for k in keys])))
    assert raw(known) == [good]
    assert number_of(hello(PassKeys(2, [PassKey(k) for k in keys]))) == 0


def test_what_is_no_list_is_passed_over() -> None:
    known = KnownPassKeys(None, SERVER.sign_public)
    for text in ("{", '{"number":1,"keys":[{"key":"AA=="}]}', '{"number":1,"keys":[{"key":"!"}]}'):
        known.learn(
            Hello((PROTOCOL, PROTOCOL), (SCHEMA, SCHEMA), 1, 500, "d1", "1", pass_keys=text, pass_keys_signature="AA==")
        )
    assert raw(known) == [b64(SERVER.sign_public)]
