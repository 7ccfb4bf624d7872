"""A desk is told which of its facts were put aside, and why, so that whoever wrote them learns of it."""

from district.scope import DeviceRole
from district.store.devices import Device
from district.store.port import Store
from district.store.registry import Registry
from domain.events import derived_id
from offline.letters.put_aside import PUT_ASIDE, because

MOST = 500  # at a start; a program gone wrong is for `doctor` and the metrics to tell


class Refusals:
    """One answer a fact, however often it is sent. A hub leaves the judging, and the answers, to its district."""

    def __init__(self, store: Store, registry: Registry) -> None:
        self._store, self._registry = store, registry

    def told(self, device: Device, epoch: int, reasons: dict[int, str], at: int) -> None:
        """Answer for these numbers (seq: reason) of a device. `at`: now, ms."""
        if device.role is not DeviceRole.CAREGIVER or not device.communities:
            return
        for seq, reason in reasons.items():
            about = {"device": device.id, "epoch": epoch, "seq": seq, "because": because(reason)}
            id = derived_id("put_aside", device.id, f"{epoch}.{seq}")
            self._store.append_own(PUT_ASIDE, device.communities[0], None, at, about, id)

    def catch_up(self, at: int) -> None:
        """Answer what was put aside just before this program was killed."""
        rows = self._store.read(
            f"SELECT device, epoch, seq, reason FROM quarantine ORDER BY received DESC LIMIT {MOST}"
        )
        for id, epoch, seq, reason in rows:
            if (device := self._registry.device(str(id))) is not None:
                self.told(device, int(epoch), {int(seq): str(reason)}, at)
