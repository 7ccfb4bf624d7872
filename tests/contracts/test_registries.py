"""Who is enrolled where, over SQLite and PostgreSQL."""

from district.scope import DeviceRole
from district.store.devices import Device
from district.store.port import Store
from district.store.registry import Code, Registry
from tests.contracts.store_facts import NOW


def test_devices_codes_and_cursors(store: Store) -> None:
    registry = Registry(store)
    registry.put_code("secret", Code(DeviceRole.KIOSK, "jinxiu", False, NOW + 10))
    device = Device("v1", DeviceRole.KIOSK, "gate", (), False, "k", "b", 1, 1, NOW)
    assert registry.enrol("guess", device, NOW) is None
    assert registry.enrol("secret", device, NOW + 11) is None
    assert registry.enrol("secret", device, NOW) is not None
    assert registry.enrol("secret", device, NOW) is None
    enrolled = registry.device("v1")
    assert enrolled is not None
    assert enrolled.communities == ("jinxiu",)
    registry.put_cursor("v1", "c", NOW)
    assert registry.cursors() == {"v1": ("c", NOW)}
    assert registry.revoke("v1", NOW)
    revoked = Registry(store).device("v1")
    assert revoked is not None
    assert revoked.revoked == NOW
    assert not registry.revoke("v9", NOW)


def test_what_is_revoked_in_one_epoch_is_not_revoked_in_the_next(store: Store) -> None:
    """Whoever answers about a device may answer late: it has enrolled anew meanwhile, and would be refused for good."""
    here, meanwhile = Registry(store), Registry(store)
    for n in (1, 2):
        meanwhile.put_code(f"code {n}", Code(DeviceRole.KIOSK, "jinxiu", False, NOW + 10))
        device = Device("v1", DeviceRole.KIOSK, "gate", (), False, "k", "b", n, 1, NOW)
        assert meanwhile.enrol(f"code {n}", device, NOW) is not None
    assert not here.revoke("v1", NOW, epoch=1)
    assert Registry(store).device("v1") == meanwhile.device("v1")
    assert here.revoke("v1", NOW, epoch=2)


def test_a_device_is_the_hubs_with_which_it_enrolled_last(store: Store) -> None:
    registry = Registry(store)

    def enrol(id: str, role: DeviceRole = DeviceRole.HUB, epoch: int = 1) -> Device:
        registry.put_code(f"code {id} {epoch}", Code(role, "jinxiu", False, NOW + 10))
        assert registry.enrol(f"code {id} {epoch}", Device(id, role, id, (), False, id, "b", epoch, 1, NOW), NOW)
        return known(id)

    def known(id: str) -> Device:
        found = registry.device(id)
        assert found is not None
        return found

    def told(epoch: int) -> Device:
        return Device("v1", DeviceRole.KIOSK, "gate", ("jinxiu",), False, "k", "b", epoch, 1, NOW)

    east, west = enrol("east"), enrol("west")
    assert registry.declare(east, [told(1)]) == []
    assert registry.declare(west, [told(2)]) == []
    assert registry.declare(east, [told(1)]) == ["v1"], "it has left"
    assert registry.declare(west, [told(1)]) == [], "restored from an older backup"
    assert (known("v1").via, known("v1").epoch) == ("west", 2)
    assert (registry.origin("v1", east), registry.former("v1", west)) == (None, None)
    assert [d.epoch for d in (registry.former("v1", east), registry.origin("v1", west)) if d] == [2, 2]
    enrol("v1", DeviceRole.KIOSK, 3)
    for kept in (registry, Registry(store)):
        device = kept.device("v1")
        assert device is not None
        assert (device.via, device.epoch) == (None, 3)
        assert [d.epoch for d in (kept.former("v1", east), kept.former("v1", west)) if d] == [3, 3]
        assert kept.former("v1", enrol("north")) is None
        assert kept.declare(west, [told(2)]) == ["v1"]
