from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError

from domain.consent import Purpose
from domain.errors import Mendable
from domain.people import Profile
from offline.journal.journal import Journal
from offline.keys.identity import Identity, b64, code_matches, make_code, verified
from offline.keys.keystore import Keystore, master_key
from offline.keys.seal import SealBroken, new_key, seal, seal_to, unseal, unseal_with
from offline.roster import ERASED, REGISTERED, Roster


def test_what_is_sealed_opens_with_the_same_key_and_context_only() -> None:
    key = new_key()
    sealed = seal(key, b"Wang", b"profile|p1")
    assert unseal(key, sealed, b"profile|p1") == b"Wang"
    for wrong_key, wrong_context in ((new_key(), b"profile|p1"), (key, b"profile|p2")):
        with pytest.raises(SealBroken):
            unseal(wrong_key, sealed, wrong_context)


def test_what_is_sealed_to_a_device_opens_there_only() -> None:
    kiosk, other = Identity.create(), Identity.create()
    sealed = seal_to(kiosk.box_public, b"key", b"person-key|p1")
    assert unseal_with(kiosk.box, sealed, b"person-key|p1") == b"key"
    for box, context, data in (
        (other.box, b"person-key|p1", sealed),
        (kiosk.box, b"person-key|p2", sealed),
        (kiosk.box, b"person-key|p1", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (kiosk.box, b"person-key|p1", b"short"),
    ):
        with pytest.raises(SealBroken):
            unseal_with(box, data, context)


def test_an_identity_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "identity.json"
    made = Identity.load_or_create(path)
    assert Identity.load_or_create(path).sign_public == made.sign_public
    assert path.stat().st_mode & 0o777 == 0o600
    assert verified(made.sign_public, made.box_signature, made.box_public)
    assert not verified(made.sign_public, made.box_signature, b"x" * 32)


def test_a_code_names_the_district_that_gave_it_out() -> None:
    ours, theirs = Identity.create(), Identity.create()
    code = make_code("7f3k-92ma", ours.sign_public)
    assert code_matches(f" {code.upper()} ", ours.sign_public)
    assert not code_matches(code, theirs.sign_public)


@pytest.fixture
def keys(tmp_path: Path) -> Keystore:
    return Keystore(tmp_path / "keys" / "keys.sqlite", master_key(tmp_path / "keys" / "master"))


def test_a_destroyed_key_is_gone_and_so_is_the_name_sealed_under_it(journal: Journal, keys: Keystore) -> None:
    roster = Roster(journal, keys)
    roster.register("p1", Profile("王", "秀兰", title_zh="奶奶"))
    assert roster.profile("p1") == Profile("王", "秀兰", title_zh="奶奶")
    assert keys.unshared() == ["p1"]
    keys.mark_shared(["p1"])
    assert keys.unshared() == []
    assert keys.destroy("p1")
    assert not keys.destroy("p1")
    assert roster.profile("p1") is None
    assert roster.unreadable() == ["p1"]
    journal.append(ERASED, {}, subject="p1")
    assert roster.unreadable() == []


def test_no_name_stands_in_the_journal_in_the_clear(journal: Journal, keys: Keystore) -> None:
    Roster(journal, keys).register("p1", Profile("Featherstonehaugh", "Wilhelmina"))
    files = [p.read_bytes() for p in journal.path.parent.glob("journal.sqlite*")]
    assert any(b"person.registered" in raw for raw in files)
    assert not any(b"Featherstone" in raw for raw in files)


def test_the_newest_revision_of_a_profile_stands(journal: Journal, keys: Keystore) -> None:
    roster = Roster(journal, keys)
    roster.register("p1", Profile("王", "秀兰"), revision=2)
    roster.register("p1", Profile("李", "秀兰"), revision=1)
    assert roster.profiles() == {"p1": Profile("王", "秀兰")}


def test_consent_holds_until_it_is_withdrawn(journal: Journal, keys: Keystore) -> None:
    roster = Roster(journal, keys)
    assert not roster.holds("p1", Purpose.FACE_AT_GATE)
    roster.consent("p1", Purpose.FACE_AT_GATE, True, "2026-1", "p1")
    assert roster.consenting(Purpose.FACE_AT_GATE) == {"p1"}
    roster.consent("p1", Purpose.FACE_AT_GATE, False, "2026-1", "p1")
    assert roster.consenting(Purpose.FACE_AT_GATE) == set()


def test_one_broken_profile_hides_nobody_else(journal: Journal, tmp_path: Path) -> None:
    keys = Keystore(tmp_path / "broken.sqlite", new_key())
    roster = Roster(journal, keys)
    roster.register("p1", Profile("陈", "桂英", flat="3-2-501"))
    for person, plain in (("p2", b"[]"), ("p3", b"{}"), ("p4", b"not json"), ("p5", b'{"family_name": 5}')):
        sealed = b64(seal(keys.create(person), plain, b"profile|" + person.encode()))
        journal.append(REGISTERED, {"profile": sealed, "revision": 1}, subject=person)
    odd = b'{"family_name": "Li", "given_name": "Na", "flat": null, "lives_alone": "x"}'
    journal.append(
        REGISTERED, {"profile": b64(seal(keys.create("p6"), odd, b"profile|p6")), "revision": 1}, subject="p6"
    )
    assert roster.profiles() == {"p1": Profile("陈", "桂英", flat="3-2-501"), "p6": Profile("Li", "Na")}
    keys.close()


# ---------------------------------------------------------------- the system's keyring


class MemoryKeyring(KeyringBackend):
    """A keyring as the library lets a system bring its own; `locked` as a desktop's is before somebody signs in."""

    priority = 1

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringError("locked")
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


@pytest.fixture
def system() -> Iterator[MemoryKeyring]:
    before, mine = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(mine)
    yield mine
    keyring.set_keyring(before)


def test_the_master_key_is_kept_in_the_systems_keyring_and_in_no_file(system: MemoryKeyring, tmp_path: Path) -> None:
    path = tmp_path / "keys" / "master"
    made = master_key(path, use_keyring=True)
    assert len(made) == 32
    assert master_key(path, use_keyring=True) == made
    assert list(system.held) == [("shouwang", str(path))]
    assert not path.exists()
    assert master_key(tmp_path / "another" / "master", use_keyring=True) != made


def test_what_was_sealed_opens_again_through_the_keyring_and_not_without_it(
    system: MemoryKeyring, tmp_path: Path
) -> None:
    path = tmp_path / "keys" / "master"
    kept = Keystore(tmp_path / "keys.sqlite", master_key(path, use_keyring=True))
    person = kept.create("p1")
    kept.close()
    again = Keystore(tmp_path / "keys.sqlite", master_key(path, use_keyring=True))
    assert again.find("p1") == person
    again.close()
    system.delete_password("shouwang", str(path))
    lost = Keystore(tmp_path / "keys.sqlite", master_key(path, use_keyring=True))
    assert lost.find("p1") is None, "to be asked for again"
    assert lost.create("p1") != person
    lost.close()
    assert (tmp_path / "keys.unreadable").exists(), "the old keys wait for the old master key"


def test_a_keyring_that_is_locked_or_absent_never_leads_to_a_new_key(system: MemoryKeyring, tmp_path: Path) -> None:
    path = tmp_path / "master"
    made = master_key(path, use_keyring=True)
    system.locked = True
    with pytest.raises(Mendable, match="keyring_silent"):
        master_key(path, use_keyring=True)
    system.locked = False
    assert master_key(path, use_keyring=True) == made
    from keyring.backends.fail import Keyring as Absent

    keyring.set_keyring(Absent())
    with pytest.raises(Mendable, match="keyring_silent"):
        master_key(path, use_keyring=True)
    assert not path.exists()


@pytest.mark.parametrize("held", ["", "no key", "abcd"])
def test_what_is_no_key_is_said_to_be_and_left_alone(system: MemoryKeyring, tmp_path: Path, held: str) -> None:
    path = tmp_path / "master"
    system.set_password("shouwang", str(path), held)
    path.write_bytes(held.encode())
    for use_keyring in (True, False):
        with pytest.raises(Mendable, match="master_key_broken"):
            master_key(path, use_keyring)
    assert (system.held["shouwang", str(path)], path.read_bytes()) == (held, held.encode())
