"""What a server says of its own facts, and how they come to be other than they were written."""

from prometheus_client import generate_latest

from district.store.own import feed_item
from district.store.port import COLUMNS
from domain.incident import Incident
from domain.subjects import of_gateway
from tests.district_api.damage import spoil
from tests.fakes.city import City
from tests.fakes.serving import Joined, Serving

ALTER = "UPDATE facts SET at = at + 60000 WHERE kind = 'passage.recorded' AND seq = {}"


def raised(district: Serving, name: str) -> list[Incident]:
    """Incidents of a server's records."""
    cases = district.office.nightwatch.watch.cases
    return cases.of(of_gateway("jinxiu", f"server/{name}"), district.office.now())


def steps(district: Serving, name: str) -> list[dict[str, object]]:
    subject = of_gateway("jinxiu", f"server/{name}")
    told = district.office.nightwatch._around.ledger.about(subject, ("incident.opened", "incident.evidence"))
    return [dict(fact.payload) for fact in told]


def figure(server: Serving, name: str) -> float:
    lines = generate_latest(server.office.metrics.registry).decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(name + " "))


def one_altered(city: City, how: str = ALTER.format(2)) -> tuple[Serving, Joined]:
    """A district in which a disk has changed the second of a gate's four facts, and has found it; and that gate."""
    district = city.serve("district")
    kiosk = city.join(district)
    kiosk.journal.append_all([("passage.recorded", {"n": n}, None, None, None) for n in range(4)])
    kiosk.client.round()
    spoil(district, how)
    district.office.look_over()
    return district, kiosk


def rewrite(server: Serving, seq: int, subject: str) -> None:
    """Somebody who knows how facts are hashed puts another person into one."""
    names = ", ".join(COLUMNS)
    query = f"SELECT {names} FROM facts WHERE kind = 'passage.recorded' AND seq = ?"
    (row,) = server.office.store.read_within(("jinxiu",), query, (seq,))
    told = list(row)
    told[COLUMNS.index("subject")] = subject
    item = feed_item(0, tuple(told), None, None)
    forged = item.event.envelope(item.device, item.epoch).content_hash()
    spoil(
        server,
        f"UPDATE facts SET subject = '{subject}', hash = x'{forged}' WHERE kind = 'passage.recorded' AND seq = {seq}",
    )
