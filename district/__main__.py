"""The command line of the district server: what each command does."""

import argparse
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from assets.words import say
from district import serving
from district.command_line import PROGRAM, parser
from district.config import DistrictSettings
from district.operator_line import ask
from district.request_id import in_request
from district.upkeep import backup
from district.upkeep.doctor import LAST_BACKUP, Finding, examine
from district.upkeep.lock import FolderLock
from district.upkeep.move import move
from domain.errors import Mendable
from domain.events import from_ms
from offline.pins import pin_of_pem
from offline.program import ask_secret, guarded, keep_log, terminal_language
from offline.settings import load, log_path

log = logging.getLogger(__name__)


def main(argv: list[str] | None = None) -> int:
    args = parser().parse_args(argv)
    keep_log(log_path(PROGRAM), verbose=args.verbose, each=in_request)
    return guarded(PROGRAM, lambda: run(args))


def run(args: argparse.Namespace) -> int:
    return COMMANDS[args.command](settings_of(args), args)


def settings_of(args: argparse.Namespace) -> DistrictSettings:
    """Settings from the file and the environment; the command line has the last word."""
    names = ("data", "database", "host", "port", "tls_cert", "tls_key")
    told = {name: value for name in names if (value := getattr(args, name, None)) is not None}
    return load(DistrictSettings, PROGRAM, args.config, told)


def _serve(settings: DistrictSettings, args: argparse.Namespace) -> int:
    return serving.serve(settings, _tell, args.ready_file)


def _tell(words: str) -> None:
    """On standard output; a server serves whether or not somebody reads there, or its disk has room for it."""
    try:
        print(words, flush=True)
    except OSError as e:
        log.warning("nobody reads what the server says at its start: %s", e)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _code(settings: DistrictSettings, args: argparse.Namespace) -> int:
    told = ask(settings, "code", role=args.role, community=args.community, gate_log=args.gate_log)
    print(told["code"])
    _new_community(args.community, told)
    return 0


def _devices(settings: DistrictSettings, _: argparse.Namespace) -> int:
    found = ask(settings, "devices")["devices"]
    _table(found) if found else _remark("no_devices")
    return 0


def _revoke(settings: DistrictSettings, args: argparse.Namespace) -> int:
    ask(settings, "revoke", device=args.device)
    _remark("revoked", device=args.device)
    return 0


def _pin(_: DistrictSettings, args: argparse.Namespace) -> int:
    try:
        print(pin_of_pem(args.file.read_bytes()))
    except (ValueError, TypeError) as e:
        raise Mendable("pem_wrong", path=args.file) from e
    return 0


def _join(settings: DistrictSettings, args: argparse.Namespace) -> int:
    told = ask(settings, "join", code=args.code, name=args.name)
    _remark("joined", upstream=told["upstream"], communities=", ".join(told["communities"]), called=told["name"])
    return 0


def _scope(settings: DistrictSettings, args: argparse.Namespace) -> int:
    ask(settings, "scope", device=args.device, communities=args.community, gate_log=args.gate_log)
    _remark("rescoped", device=args.device, communities=", ".join(args.community))
    return 0


def _pass_key(settings: DistrictSettings, args: argparse.Namespace) -> int:
    if args.what == "list":
        told = ask(settings, "pass_keys")
    else:
        told = ask(settings, "pass_key_change", revoke=args.revoke)
        _remark("pass_key_revoked" if args.revoke else "pass_key_changed", n=told["ended"])
    for each in told["keys"]:
        until = f"{from_ms(each['until']):%Y-%m-%d}" if each["until"] else ""
        print(f"{each['fingerprint']}  {until}".rstrip())
    return 0


def _device(settings: DistrictSettings, args: argparse.Namespace) -> int:
    if args.what == "list":
        return _home_devices(settings)
    if args.what == "refused":
        return _refused(settings)
    if args.what == "remove":
        gone = ask(settings, "device_remove", community=args.community, name=args.name)
        _remark("device_removed", device=args.name, elder=gone["elder"])
        return 0
    told = {"name": args.name, "elder": args.elder, "place": args.place, "kind": args.kind, "every": args.every}
    done = ask(settings, "device_add", community=args.community, **told)
    _remark("device_added", device=args.name, elder=args.elder)
    _new_community(args.community, done)
    if not done["known"]:
        _remark("elder_unknown", elder=args.elder, community=args.community)
    return 0


def _home_devices(settings: DistrictSettings) -> int:
    found = ask(settings, "device_list")["devices"]
    if not found:
        _remark("no_home_devices")
    for d in found:
        state = f"blind since {_minute(d['blind_since'])}" if d["blind_since"] else "never heard"
        if d["heard"] and not d["blind_since"]:
            state = f"heard {_minute(d['heard'])}"
        state += f"  {_UNHEARD[d['unheard']]}" if d["unheard"] else ""
        print("  ".join((d["community"], d["device"], d["elder"], d["place"] or "–", d["kind"] or "–", state)))
    return 0


def _refused(settings: DistrictSettings) -> int:
    told = ask(settings, "device_refused")
    if not told["refused"]:
        _remark("nothing_refused")
    for r in told["refused"]:
        print(
            "  ".join(
                (_minute(r["at"]), r["community"] or "–", r["source"], r["problem"], r["device"] or "–", r["raw"])
            )
        )
    for c in told["counts"]:
        print(f"{c['signals']} x {c['source']} {c['outcome']}", file=sys.stderr)
    return 0


def _bridge(settings: DistrictSettings, args: argparse.Namespace) -> int:
    made = ask(settings, "bridge", community=args.community)
    for name in ("key", "secret"):
        print(f"{name}: {made[name]}")
    _new_community(args.community, made)
    return 0


def _incidents(settings: DistrictSettings, _: argparse.Namespace) -> int:
    incidents = ask(settings, "incidents")["incidents"]
    if not incidents:
        _remark("no_incidents")
    for each in incidents:
        print("  ".join(str(each[name]) for name in ("opened", "severity", "kind", "state", "incident", "leader")))
    return 0


def _drill(settings: DistrictSettings, args: argparse.Namespace) -> int:
    print(ask(settings, "drill", community=args.community, elder=args.elder, kind=args.kind)["fact"])
    return 0


def _figures(settings: DistrictSettings, args: argparse.Namespace) -> int:
    print(json.dumps(ask(settings, "figures", days=args.days), indent=2, ensure_ascii=False))
    return 0


def _status(settings: DistrictSettings, _: argparse.Namespace) -> int:
    print(json.dumps(ask(settings, "status"), indent=2, ensure_ascii=False))
    return 0


def _audit(settings: DistrictSettings, _: argparse.Namespace) -> int:
    told = ask(settings, "audit_verify")
    print(json.dumps(told))
    return 0 if told["whole"] else 1


def _quarantine(settings: DistrictSettings, args: argparse.Namespace) -> int:
    if args.what == "list":
        found = ask(settings, "quarantine")["quarantine"]
        if not found:
            _remark("no_quarantine")
        for each in found:
            print(f"{each['device']} {each['epoch']} {each['seq']}  {_minute(each['received'])}  {each['reason']}")
    elif args.what == "show":
        print(
            json.dumps(ask(settings, "quarantine_show", device=args.device, epoch=args.epoch, seq=args.seq), indent=2)
        )
    else:
        told = ask(settings, "quarantine_replay", device=args.device)
        print(json.dumps(told, indent=2))
        return 1 if told["still"] else 0
    return 0


def _clock(settings: DistrictSettings, args: argparse.Namespace) -> int:
    told = (
        ask(settings, "clock") if args.today is None else ask(settings, "clock_confirm", today=args.today.isoformat())
    )
    print(told["now"])
    if told["ahead_days"] is None:
        _remark("clock_believed")
        return 0
    _remark("clock_witnessed" if told["witnesses"] else "clock_leapt", **told)
    return 1


def _records(settings: DistrictSettings, args: argparse.Namespace) -> int:
    if args.what == "list":
        found = ask(settings, "records")["records"]
        if not found:
            _remark("no_records")
        for each in found:
            which = f"{each['device']} {each['epoch']} {each['seq']}"
            above = f"  above {each['above']}" if "above" in each else ""
            print(f"{each['state'].replace('_', '-')}  {which}  {each['community']}  here {each['here']}{above}")
    elif args.what == "compare":
        ask(settings, "records_compare")
        _remark("records_compare")
    else:
        number = {name: getattr(args, name) for name in ("device", "epoch", "seq")}
        told = ask(settings, f"records_{args.what.replace('-', '_')}", **number)
        if args.what == "show":
            print(json.dumps(told, indent=2, ensure_ascii=False))
        elif args.what == "keep":
            _remark("record_kept", **number)
        else:
            _remark("record_gives_way_at_a_hub" if told["hub"] else "record_gives_way", **number)
    return 0


def _export(settings: DistrictSettings, args: argparse.Namespace) -> int:
    names = ("what", "reason", "reference", "person", "community") if args.act == "ask" else ("id",)
    given = {name: getattr(args, name) for name in names}
    password = ask_secret(say(terminal_language(), "district.password", login=args.login))
    told = ask(settings, "export", act=args.act, login=args.login, password=password, code=args.code, given=given)
    for line in told.get("lines") or map(json.dumps, told.get("exports", [told])):
        print(line.rstrip("\n"))
    return 0


def _doctor(settings: DistrictSettings, _: argparse.Namespace) -> int:
    findings = [*examine(settings), *_of_the_server(settings)]
    for found in findings:
        words = say(terminal_language(), f"district.doctor_{found.key}", **found.details)
        print(f"{'ok   ' if found.ok else 'MEND '} {words}")
    return 0 if all(found.ok for found in findings) else 1


def _of_the_server(settings: DistrictSettings) -> Iterator[Finding]:
    """What the server that runs on this folder says of its watch and of the facts it keeps; one that does not run has neither."""
    lock = FolderLock(settings.data)
    try:
        stopped = lock.take()
    finally:
        lock.close()
    if not stopped:
        try:
            told = ask(settings, "status")
        except Mendable:
            yield Finding(False, "no_answer", {})
            return
        yield Finding(told["watching"], "watch" if told["watching"] else "watch_still", {})
        clock = told.get("clock", {})  # a server not yet started anew after an update does not say
        if clock.get("ahead_days"):
            yield Finding(False, "clock_witnessed" if clock["witnesses"] else "clock_leapt", clock)
        counts = {name: told[name] for name in ("altered", "differing")}
        yield Finding(not any(counts.values()), "records", counts)
        if told.get("giving_way"):
            yield Finding(False, "records_giving_way", {"n": told["giving_way"]})


def _backup(settings: DistrictSettings, args: argparse.Namespace) -> int:
    made = backup.backup(_database(settings), args.file)
    (settings.data / LAST_BACKUP).write_text(str(args.file.resolve()))
    _say_copied(made)
    return 0


def _restore(settings: DistrictSettings, args: argparse.Namespace) -> int:
    database = _database(settings)
    lock = FolderLock(settings.data)
    try:
        if not lock.take():
            raise Mendable("district_running", path=settings.data)
        _say_copied(backup.restore(args.file, database))
    finally:
        lock.close()
    return 0


def _database(settings: DistrictSettings) -> Path:
    if settings.database:
        raise Mendable("backup_postgresql")
    return settings.data / "district.sqlite"


def _say_copied(made: backup.Backup) -> None:
    print(json.dumps({"path": made.path, "digest": made.digest, **made.counts}))


def _move(settings: DistrictSettings, args: argparse.Namespace) -> int:
    lock = FolderLock(settings.data)
    try:
        if not (settings.data / "district.sqlite").exists():
            raise Mendable("backup_nothing", path=settings.data / "district.sqlite")
        if not args.to.startswith(("postgresql://", "postgres://")):
            raise Mendable("database_address")
        stopped = lock.take()
        found = move(settings.data / "district.sqlite", args.to, int(time.time() * 1000))
    finally:
        lock.close()
    print(json.dumps({"equal": found.equal, "server_stopped": stopped, "rows": found.rows, "digests": found.digests}))
    return 0 if found.equal and stopped else 1


def _remark(name: str, **details: object) -> None:
    """For the person at the terminal: not on standard output, which scripts read."""
    print(say(terminal_language(), f"district.{name}", **details), file=sys.stderr)


def _new_community(community: str, told: dict[str, Any]) -> None:
    """A mistyped name makes a community of its own, in which nobody hears the alarm."""
    if told["new_community"]:
        _remark("new_community", community=community, known=", ".join(told["new_community"]))


def _table(devices: list[dict[str, Any]]) -> None:
    for d in devices:
        state = "revoked" if d["revoked"] else f"seen {_minute(d['seen'])}" if d["seen"] else "never synced"
        state += f"  at {d['via']}" if d["via"] else ""
        print(
            f"{d['id']}  {d['role']:<10} {','.join(d['communities']):<16} {d['name']:<20} {d['fingerprint']}  {state}"
        )


def _minute(ms: int) -> str:
    return f"{from_ms(ms):%Y-%m-%d %H:%M}"


_UNHEARD = {
    "no_consent": "not watched: no consent to home monitoring; its calls for help ring",
    "paused": "paused by the elder; its calls for help ring",
}
Command = Callable[[DistrictSettings, argparse.Namespace], int]
COMMANDS: Mapping[str, Command] = {
    "serve": _serve, "code": _code, "devices": _devices, "revoke": _revoke, "pin": _pin, "quarantine": _quarantine,
    "join": _join, "scope": _scope, "pass-key": _pass_key, "device": _device, "bridge": _bridge, "incidents": _incidents,
    "drill": _drill, "figures": _figures, "doctor": _doctor, "backup": _backup, "restore": _restore, "move": _move, "audit": _audit,
    "export": _export, "status": _status, "records": _records, "clock": _clock,
}  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
