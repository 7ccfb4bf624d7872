"""What an operator may ask of the district: done directly where no server runs, by the running server otherwise."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from district.ledger import StoreLedger
from district.office import Office
from district.operator import clock, codes, homes, pass_keys, records
from district.operator.communities import is_new, named, served
from district.operator.erasing import erase
from district.operator.handing_over import handed_over
from district.operator.signing_in import signed_in
from district.people.exports import ExportRefused, as_rows, wanted_of
from district.scope import DeviceRole, Duty, may
from district.upkeep import quarantine
from domain.errors import Mendable
from domain.incident_kinds import OPENED
from offline.keys.identity import b64, fingerprint, unb64
from offline.keys.seal import seal
from watch.figures import period

Answer = dict[str, Any]
_BRIDGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")  # its key travels in a header
DRILLS = {
    "sos": "sign.sos",
    "fall": "sign.fall",
    "smoke": "sign.smoke",
    "gas": "sign.gas",
    "water_leak": "sign.water_leak",
}


@dataclass(frozen=True, slots=True)
class Command:
    """`action` is a line in the audit about `about`, a name in what was given or answered, with what else was given; '' for what
    changes and shows nothing, or says so itself."""

    run: Callable[..., Answer]
    takes: tuple[str, ...]
    action: str = ""
    about: str = ""


def code(office: Office, role: str, community: str, gate_log: bool = False) -> Answer:
    """A one-time enrolment code, valid for 15 minutes."""
    issued = codes.issue(office, DeviceRole(role), served(office, named(community)), bool(gate_log))
    return {"code": issued, "minutes": 15, "new_community": is_new(office, community)}


def devices(office: Office) -> Answer:
    """Every device, and when it was last heard from: by its cursor, or by the word of the hub it is enrolled with."""
    cursors = office.registry.cursors()
    return {
        "devices": [
            {
                "id": d.id, "role": d.role.value, "name": d.name, "communities": list(d.communities),
                "enrolled": d.enrolled, "revoked": d.revoked, "epoch": d.epoch,
                "via": d.via, "fingerprint": fingerprint(unb64(d.sign_key)),
                "seen": office.registry.heard.get(d.id) if d.via else cursors.get(d.id, ("", None))[1],
            }
            for d in office.registry.devices()
        ]
    }  # fmt: skip


def revoke(office: Office, device: str) -> Answer:
    """Take nothing from this device any more, from its next request on."""
    if not office.registry.revoke(device, office.now_ms()):
        raise Mendable("device_unknown", device=device)
    office.access.removed(device, "system", office.now_ms())
    return {"revoked": device}


def join(office: Office, code: str, name: str = "") -> Answer:
    """Enrol this hub with the one above, whose address is the setting `upstream`."""
    if office.hub_line is None:
        raise Mendable("no_upstream")
    name = name or office.settings.called
    joined = office.hub_line.join(code, name)
    return {"device": joined.device, "communities": list(joined.communities), "upstream": joined.url, "name": name}


def scope(office: Office, device: str, communities: list[str], gate_log: bool = False) -> Answer:
    """Give a device other communities; what it may no longer read is taken from it at its next round."""
    given = [served(office, named(c)) for c in communities]
    if not given or not office.registry.rescope(device, given, bool(gate_log)):
        raise Mendable("device_unknown", device=device)
    return {"device": device, "communities": given, "gate_log": bool(gate_log)}


def bridge(office: Office, community: str, name: str = "") -> Answer:
    """A key and a secret for a bridge that reports a community's home devices over HTTP. The secret is shown once. The key begins
    with the name: people are told by it where a bridge is that has fallen silent."""
    if name and _BRIDGE.fullmatch(name) is None:
        raise Mendable("bridge_name", name=name)
    fresh = is_new(office, community)
    id, secret = f"{name}-{secrets.token_hex(4)}" if name else "b" + secrets.token_hex(8), secrets.token_urlsafe(32)
    sealed = b64(seal(office.master, secret.encode(), b"bridge|" + id.encode()))
    office.registry.put_bridge(id, named(community), sealed)
    return {"key": id, "secret": secret, "new_community": fresh}


def status(office: Office) -> Answer:
    """Counts, heads of the feeds, fingerprint, whether the watch goes on and brokers are heard."""
    return {
        "node": office.store.node, "fingerprint": office.identity.fingerprint, "watching": office.nightwatch.stands,
        "brokers": office.nightwatch.brokers, "clock": clock.told(office), "heads": office.store.heads(),
        **office.store.counts(), **office.findings.standing(), **_upstream(office),
    }  # fmt: skip


def facts(office: Office, kind: str) -> Answer:
    """The envelopes of one kind: what there is, without what it says."""
    return {
        "facts": [
            {
                "id": item.event.id, "device": item.device, "epoch": item.epoch, "seq": item.event.seq,
                "subject": item.event.subject, "at": item.event.at, "received": item.received, "trusted": item.trusted,
            }
            for item in office.store.told([kind])
        ]
    }  # fmt: skip


def incidents(office: Office) -> Answer:
    """Every incident and how it stands, without names."""
    ledger = StoreLedger(office.store)
    elders = {seen.subject for seen in ledger.told([OPENED]) if seen.subject}
    known = [i for elder in sorted(elders) for i in office.nightwatch.watch.cases.of(elder, office.now())]
    return {
        "incidents": [
            {
                "incident": i.id, "kind": i.kind.value, "severity": int(i.severity), "state": i.state.value,
                "opened": i.opened_at.isoformat(), "leader": i.leader,
            }
            for i in known
        ]
    }  # fmt: skip


def drill(office: Office, community: str, elder: str, kind: str = "sos") -> Answer:
    """An exercise: it opens an incident as the real thing does, every message says that it is a drill, and it is timed."""
    if kind not in DRILLS:
        raise Mendable("drill_unknown", kind=kind, kinds=", ".join(sorted(DRILLS)))
    if elder not in {e for e, where in office.nightwatch.plans.elders() if where == community}:
        raise Mendable("elder_unknown", elder=elder, community=community)
    told = {"device": "drill", "exercise": True, "by": "operator"}
    item = office.store.append_own(DRILLS[kind], named(community), elder, office.now_ms(), told)
    office.nightwatch.wake()
    return {"fact": item.event.id, "elder": elder, "kind": kind}


def figures(office: Office, days: int = 30) -> Answer:
    """How soon alarms were answered, how many were false, blind minutes, visits, drills: of the last `days`."""
    ledger, now = StoreLedger(office.store), office.now()
    subjects = sorted({seen.subject for seen in ledger.told([OPENED]) if seen.subject})
    elders = office.nightwatch.plans.elders()
    since = now - timedelta(days=min(max(int(days), 1), 3650))
    return {"days": (now - since).days, **period(ledger, subjects, elders, since, now, office.settings.zone).plain()}


def audit_verify(office: Office) -> Answer:
    """Walk the audit's chain and its signed heads."""
    found = office.audit.verify()
    return {
        "whole": found.whole, "lines": found.lines, "broken_line": found.broken_line, "broken_day": found.broken_day,
    }  # fmt: skip


def export(office: Office, act: str, login: str, password: str, code: str, given: dict[str, Any]) -> Answer:
    """Exports from the terminal, by the same rules as over HTTP: whoever acts says who they are, and it takes two."""
    now, account = office.now_ms(), signed_in(office, login, password, code)
    try:
        if act == "list":
            seen = [e for e in office.exports.known(now) if may(account.grants, Duty.EXPORT_AUDIT, e.wanted.community)]
            return {"exports": as_rows(seen, now)}
        wanted = wanted_of(given) if act == "ask" else office.exports.find(str(given["id"]), now).wanted
        if not may(account.grants, Duty.EXPORT_AUDIT, wanted.community):
            raise ExportRefused("out_of_scope")
        if act == "ask":
            return office.exports.ask(wanted, account.person, now).shown(now)
        if act == "take":
            return {"file": str(handed_over(office, office.exports.take(str(given["id"]), account.person, now)))}
        return office.exports.decide(str(given["id"]), act == "allow", account.person, now).shown(now)
    except ExportRefused as e:
        raise Mendable("two_people_unsettled" if e.code == "unsettled" else "export_refused", why=e.code) from e


_SECRET = ("code", "password")
COMMANDS: Mapping[str, Command] = {
    "code": Command(code, ("role", "community", "gate_log"), "code.issued"),
    "devices": Command(devices, ()),
    "revoke": Command(revoke, ("device",), "device.revoked", "device"),
    "join": Command(join, ("code", "name"), "hub.joined", "upstream"),
    "pass_keys": Command(pass_keys.listed, ()),
    "pass_key_change": Command(pass_keys.change, ("revoke",)),
    "scope": Command(scope, ("device", "communities", "gate_log"), "device.rescoped", "device"),
    "device_add": Command(
        homes.add, ("community", "name", "elder", "place", "kind", "every", "position"), "home_device.added", "elder"
    ),
    "device_remove": Command(homes.remove, ("community", "name"), "home_device.removed", "elder"),
    "device_list": Command(homes.listed, ()),
    "device_refused": Command(homes.refused, ()),
    "export": Command(export, ("act", "login", "password", "code", "given")),
    "erase": Command(erase, ("person", "reason", "by")),
    "bridge": Command(bridge, ("community", "name"), "bridge.made", "key"),
    "drill": Command(drill, ("community", "elder", "kind"), "drill.begun", "elder"),
    "figures": Command(figures, ("days",)),
    "audit_verify": Command(audit_verify, ()),
    "quarantine": Command(quarantine.listed, ()),
    "quarantine_show": Command(quarantine.show, ("device", "epoch", "seq"), "quarantine.seen", "device"),
    "quarantine_replay": Command(quarantine.replay, ("device",), "quarantine.replayed", "device"),
    "clock": Command(clock.told, ()),
    "clock_confirm": Command(clock.confirm, ("today",)),
    "records": Command(records.listed, ()),
    "records_show": Command(records.show, ("device", "epoch", "seq")),
    "records_give_way": Command(records.give_way, ("device", "epoch", "seq")),
    "records_keep": Command(records.keep, ("device", "epoch", "seq")),
    "records_settle": Command(records.settle, ("device", "epoch", "seq", "because", "reference")),
    "records_compare": Command(records.compare, ()),
    "status": Command(status, ()),
    "facts": Command(facts, ("kind",)),
    "incidents": Command(incidents, ()),
}


def perform(office: Office, name: str, given: Mapping[str, Any]) -> Answer:
    """Raises Mendable; KeyError for a command that does not exist."""
    command = COMMANDS[name]
    taken = {k: v for k, v in given.items() if k in command.takes}
    answer = command.run(office, **taken)
    if command.action:
        about = str({**taken, **answer}.get(command.about, ""))
        told = {k: v for k, v in taken.items() if k not in (command.about, *_SECRET)}
        office.audit.note(office.now_ms(), "operator", command.action, about, **told)
    return answer


def _upstream(office: Office) -> Answer:
    """How a hub stands with the one above; nothing where this is the district."""
    if office.hub_line is None:
        return {}
    joined, status = office.hub_line.upstream.joined, office.hub_line.status
    told = None if joined is None else {"device": joined.device, "communities": list(joined.communities)}
    return {
        "upstream": {"url": office.settings.upstream, "joined": told, "link": status.link, "pending": status.pending}
    }
