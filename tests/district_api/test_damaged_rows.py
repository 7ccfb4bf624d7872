"""Rows that a bad disk has left half of: everybody goes on reading and sending, and whoever wrote them puts them right."""

from contextlib import ExitStack, contextmanager
from pathlib import Path

from district.config import DistrictSettings
from offline.node import Node
from tests.district_api.calls import call
from tests.fakes.half_a_row import HARMS, leave_half
from tests.fakes.serving import GENEROUS, Joined, run_district
from tests.fakes.waiting import until


def test_a_district_goes_on_and_is_mended(tmp_path: Path) -> None:
    settings = DistrictSettings(port=0, data=tmp_path / "d", limits=GENEROUS)
    serve = contextmanager(run_district)
    with ExitStack() as closing:
        with serve(settings) as district:
            port = int(district.url.rpartition(":")[2])
            kiosk, desk = (Node(tmp_path / name) for name in ("kiosk", "desk"))
            for node, role in ((kiosk, "kiosk"), (desk, "caregiver")):
                closing.callback(node.close)
                node.enrol(district.url, district.code(role, gate_log=role != "kiosk"), role, role)
            gate = Joined(kiosk)
            told = gate.journal.append_all(
                [("passage.recorded", {"n": n}, None, None, None) for n in range(len(HARMS) + 1)]
            )
            gate.client.round()
            rows: dict[str, int] = dict(district.office.store.read("SELECT id, row FROM facts"))
        harmed = {f.envelope.id: harm for f, harm in zip(told, HARMS, strict=False)}
        leave_half(settings.data / "district.sqlite", {rows[id]: harm for id, harm in harmed.items()})
        with serve(settings.model_copy(update={"port": port})) as district:
            reader = Joined(desk)
            reader.client.round()
            assert told[-1].envelope.id in {f.envelope.id for f in reader.journal.facts("passage.recorded")}, (
                "of a page"
            )
            sos = gate.journal.append("incident.opened", {"incident": "i", "kind": "sos"})
            more = [gate.journal.append("passage.recorded", {"n": -n}) for n in range(600)]
            gate.client.round()
            assert gate.journal.pending() == 0
            until(lambda: reader.client.round() or reader.journal.find(sos.envelope.id))
            assert call(district.url + "/readyz")[0] == 200
            assert call(district.url + "/metrics")[0] == 200
            for _ in range(3):
                district.office.look_over()
                reader.compare_again()
                reader.client.round()
                more.append(gate.journal.append("passage.recorded", {}))
                gate.client.round()
                gate.compare_again()
                gate.client.round()
            reader.compare_again()
            reader.client.round()
            reader.compare_again()
            reader.client.round()
            here = {f.envelope.id for f in reader.journal.facts("passage.recorded")}
            lacking = {harmed.get(f.envelope.id) for f in (*told, *more) if f.envelope.id not in here}
            assert lacking == set()
