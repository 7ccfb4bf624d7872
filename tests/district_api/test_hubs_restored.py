"""A district or a hub put back from a backup, or without facts that it had: what each gets again from the other."""

from contextlib import contextmanager
from pathlib import Path

from district.config import DistrictSettings
from district.operator import commands
from district.upkeep import backup
from tests.fakes.city import City, facts_of, names, synced
from tests.fakes.serving import GENEROUS, run_district
from tests.fakes.spoiling import spoil
from tests.fakes.waiting import until


def test_a_district_restored_from_an_older_backup_gets_again_what_it_lost(city: City, tmp_path: Path) -> None:
    district = city.serve("district")
    port = int(district.url.rpartition(":")[2])
    hub = city.hub("hub", district)
    kiosk = city.join(hub)
    kiosk.journal.append("passage.recorded", {"n": 1})
    kiosk.client.round()
    until(lambda: facts_of(district, "passage.recorded"))
    backup.backup(tmp_path / "district" / "district.sqlite", tmp_path / "saved.sqlite")
    kiosk.journal.append("passage.recorded", {"n": 2})
    kiosk.client.round()
    until(lambda: len(facts_of(district, "passage.recorded")) == 2)
    city.stop("district")
    backup.restore(tmp_path / "saved.sqlite", tmp_path / "district" / "district.sqlite")
    back = city.serve("district", port=port)
    assert len(facts_of(back, "passage.recorded")) == 1
    hub.hub_line.upstream._last_hello = None  # ten minutes later
    hub.hub_line.sync.poke()
    until(lambda: facts_of(back, "passage.recorded") == facts_of(hub, "passage.recorded"))


def test_what_a_restored_district_says_next_reaches_a_hub_that_has_what_it_had_said_before(
    city: City, tmp_path: Path
) -> None:
    """Its own facts count on from where the backup ended; those below have others under these numbers."""
    district = city.serve("district")
    port = int(district.url.rpartition(":")[2])
    hub = city.hub("hub", district)
    kiosk, desk, elder = city.household(hub, district)
    backup.backup(tmp_path / "district" / "district.sqlite", tmp_path / "saved.sqlite")
    home = {"community": "jinxiu", "elder": elder}
    for n in range(20):
        commands.perform(district.office, "device_add", {**home, "name": f"watch-{n}"})
    until(lambda: len(facts_of(hub, "home.device_registered")) == 20)
    city.stop("district")
    backup.restore(tmp_path / "saved.sqlite", tmp_path / "district" / "district.sqlite")

    back = city.serve("district", port=port)
    kiosk.journal.append("sign.sos", {"source": "button", "device": "b1"}, subject=elder)
    kiosk.client.round()
    until(lambda: facts_of(back, "incident.opened"))
    until(synced(desk, "incident.opened"))
    # where the line comes back late the hub has opened it as well: each gets the other's
    until(lambda: facts_of(hub, "incident.opened") == facts_of(back, "incident.opened"))


def test_a_hub_restored_from_an_older_backup_tells_its_later_facts_anew(city: City, tmp_path: Path) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    home = {"community": "jinxiu", "elder": "e1"}
    commands.perform(hub.office, "device_add", {**home, "name": "watch-1"})
    until(lambda: len(facts_of(district, "home.device_registered")) == 1)
    backup.backup(tmp_path / "hub" / "district.sqlite", tmp_path / "saved.sqlite")
    commands.perform(hub.office, "device_add", {**home, "name": "watch-2"})
    until(lambda: len(facts_of(district, "home.device_registered")) == 2)
    city.stop("hub")
    backup.restore(tmp_path / "saved.sqlite", tmp_path / "hub" / "district.sqlite")

    again = contextmanager(run_district)
    with again(DistrictSettings(port=0, data=tmp_path / "hub", limits=GENEROUS, upstream=district.url)) as restored:
        commands.perform(restored.office, "device_add", {**home, "name": "watch-3"})  # under the number of watch-2
        restored.hub_line.start()
        until(lambda: names(district) == {"watch-1", "watch-2", "watch-3"})
        commands.perform(restored.office, "device_add", {**home, "name": "watch-4"})
        until(lambda: "watch-4" in names(district))


def test_a_hub_that_has_lost_facts_from_above_notices_and_reads_them_again(city: City) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    kiosk = city.join(district)
    kiosk.journal.append("passage.recorded", {"n": 1})
    kiosk.journal.append("passage.recorded", {"n": 2})
    kiosk.client.round()
    whole = facts_of(district, "passage.recorded")
    until(lambda: facts_of(hub, "passage.recorded") == whole)

    second = f"SELECT row FROM facts WHERE device = '{kiosk.journal.device}' AND seq = 2"
    spoil(
        hub.office.store, f"DELETE FROM payloads WHERE fact IN ({second})", f"DELETE FROM facts WHERE row IN ({second})"
    )
    assert len(facts_of(hub, "passage.recorded")) == 1
    hub.compare_again()
    until(lambda: facts_of(hub, "passage.recorded") == whole)
    hub.compare_again()
    until(lambda: not hub.hub_line.upstream.drift.unmended)
