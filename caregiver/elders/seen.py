"""The replica's facts as the watch reads them."""

from caregiver.memory.reading import Reader
from offline.journal.projections import read_payload
from watch.ledger import Seen


def facts(reader: Reader, which: str, *values: str | int) -> list[Seen]:
    """Facts with what they say, in the order they came: `which` are the joins and conditions, on facts f and payloads p."""
    rows = reader.rows(
        "SELECT f.rowid, f.id, f.kind, f.community, f.subject, f.at, f.received, f.trusted, p.body, f.hlc, f.device"
        f" FROM facts f JOIN payloads p ON p.fact = f.rowid {which} ORDER BY f.rowid",
        values,
    )
    return [
        Seen(row, id, kind, community, subject, at, received, bool(trusted), read_payload(body) or {}, hlc, device)
        for row, id, kind, community, subject, at, received, trusted, body, hlc, device in rows
    ]
