"""The command line of the district server."""

import argparse
import getpass
import json
import sys
import time
from pathlib import Path
from typing import Any

from assets.words import say
from district import backup, serving
from district.commands import DRILLS
from district.config import DistrictSettings
from district.doctor import LAST_BACKUP, examine
from district.exports import Reason, What
from district.lock import FolderLock
from district.move import move
from district.operator_line import ask
from district.scope import EVERYWHERE
from domain.errors import Mendable
from domain.events import from_ms
from offline.pins import pin_of_pem
from offline.program import guarded, keep_log, program_version, terminal_language
from offline.settings import config_path, load, log_path
from watch.signs import DEVICE_KINDS

PROGRAM = "district"
DESCRIPTION = f"""The district server of Shouwang: kiosks and caregiver desktops enrol with it and sync to it.

  shouwang-district serve                                    start; SQLite in the data folder
  shouwang-district code --role kiosk --community Jinxiu     a one-time code for a new kiosk
  shouwang-district devices                                  who is enrolled
  shouwang-district doctor                                   clock, disk, versions, keys

Settings: {config_path(PROGRAM)}
(TOML; every one also as SHOUWANG_DISTRICT_<NAME>, for example SHOUWANG_DISTRICT_PORT=8701).
Commands work whether or not the server is running, on the same machine and as the same user."""


def parser() -> argparse.ArgumentParser:
    form = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser("shouwang-district", description=DESCRIPTION, formatter_class=form)
    top.add_argument("--version", action="version", version=f"%(prog)s {program_version()}")
    top.add_argument("--config", type=Path, metavar="FILE", help="settings file")
    top.add_argument("--data", type=Path, metavar="DIR", help="data folder: database, keys, identity")
    top.add_argument("--database", metavar="URL", help="postgresql://… instead of SQLite in the data folder")
    top.add_argument("-v", "--verbose", action="store_true", help="log to the terminal as well")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="start the server", description=serving.__doc__)
    serve.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port (default 8700; 0 takes any that is free)")
    serve.add_argument("--tls-cert", type=Path, metavar="PEM", help="certificate; without one, put a proxy in front")
    serve.add_argument("--tls-key", type=Path, metavar="PEM")
    serve.add_argument("--ready-file", type=Path, metavar="FILE", help="write the address here once the server answers")

    code = commands.add_parser("code", help="issue a one-time enrolment code, valid for 15 minutes")
    code.add_argument("--role", choices=("kiosk", "caregiver", "hub"), required=True)
    code.add_argument("--community", required=True)
    code.add_argument("--gate-log", action="store_true", help="a desktop where the gate's log is reviewed")

    pin = commands.add_parser("pin", help="the pin of a TLS key or certificate, for tls_pins: make one in reserve")
    pin.add_argument("file", type=Path, metavar="PEM")

    aside = commands.add_parser("quarantine", help="facts that were put aside because they could not be read")
    sub = aside.add_subparsers(dest="what", required=True, metavar="list|show|replay")
    sub.add_parser("list", help="which, and why")
    shown = sub.add_parser("show", help="one of them, as it came")
    shown.add_argument("device")
    shown.add_argument("epoch", type=int)
    shown.add_argument("seq", type=int)
    again = sub.add_parser("replay", help="try them again: after an upgrade, or a change of a device's communities")
    again.add_argument("--device", default="", help="those of one device alone")

    join = commands.add_parser("join", help="enrol this hub with the server above it (setting `upstream`)")
    join.add_argument("code", help="a code issued there: shouwang-district code --role hub")
    join.add_argument("--name", default="", help="what it is called there")
    scope = commands.add_parser(
        "scope", help="give a device other communities; what it no longer reads is taken from it"
    )
    scope.add_argument("device", help="its id, as `devices` lists it")
    scope.add_argument("--community", action="append", required=True, help="once for each")
    scope.add_argument("--gate-log", action="store_true", help="a desktop where the gate's log is reviewed")

    device = commands.add_parser("device", help="devices in people's homes")
    sub = device.add_subparsers(dest="what", required=True, metavar="add|remove")
    add = sub.add_parser("add", help="say whose home a device is in")
    add.add_argument("--community", required=True)
    add.add_argument("--name", required=True, help="the name its bridge calls it (zigbee2mqtt/NAME)")
    add.add_argument("--elder", required=True, help="the person's id")
    add.add_argument("--place", default="", help="room")
    add.add_argument(
        "--kind",
        default="",
        choices=("", *DEVICE_KINDS),
        help="what it is; without it, what it shows is learned from its signs",
    )
    add.add_argument(
        "--every", type=float, default=0, metavar="MINUTES",
        help="how often it reports at least; it counts as blind after three of these, without it after 26 hours",
    )  # fmt: skip
    remove = sub.add_parser("remove", help="say that a device was taken down; nobody misses it any more")
    remove.add_argument("--community", required=True)
    remove.add_argument("--name", required=True)

    bridge = commands.add_parser("bridge", help="a key and a secret for a bridge that reports home devices over HTTP")
    bridge.add_argument("--community", required=True)

    commands.add_parser("devices", help="list kiosks and desktops")
    revoke = commands.add_parser("revoke", help="take nothing from a device any more")
    revoke.add_argument("device", help="its id, as `devices` lists it")
    commands.add_parser("incidents", help="every incident and how it stands, without names")
    drill = commands.add_parser(
        "drill", help="an exercise: an alarm that says in every message that it is a drill, and is timed"
    )
    drill.add_argument("--community", required=True)
    drill.add_argument("--elder", required=True, help="the person's id")
    drill.add_argument("--kind", default="sos", choices=sorted(DRILLS))
    counted = commands.add_parser(
        "figures", help="answers, arrivals, false alarms, blind minutes, visits, drills, as JSON"
    )
    counted.add_argument("--days", type=int, default=30)
    commands.add_parser("doctor", help="is this machine fit: clock, disk, versions, keys")
    saved = commands.add_parser("backup", help="copy the SQLite database while the server runs (keys are not in it)")
    saved.add_argument("file", type=Path)
    restore = commands.add_parser("restore", help="put a backup in the database's place; the server must be stopped")
    restore.add_argument("file", type=Path)
    moved = commands.add_parser(
        "move", help="copy a SQLite district to PostgreSQL and prove both equal; repeat, last time stopped"
    )
    moved.add_argument(
        "--to", required=True, metavar="URL", help="postgresql://…, an empty database or one moved to before"
    )
    audit = commands.add_parser("audit", help="the audit's chain")
    audit.add_argument("what", choices=("verify",))
    export = commands.add_parser("export", help="take the audit or a person's record out: one asks, another allows it")
    export.add_argument("act", choices=("ask", "list", "allow", "refuse", "take"))
    export.add_argument("id", nargs="?", default="", help="of an export, as `export list` shows it")
    export.add_argument("--login", required=True, help="who acts; the password is asked for")
    export.add_argument("--code", default="", help="of the second factor")
    export.add_argument("--what", choices=[w.value for w in What], default=What.AUDIT.value)
    export.add_argument("--reason", choices=[r.value for r in Reason], default=Reason.INSPECTION.value)
    export.add_argument("--reference", default="", help="the number of a file; no name")
    export.add_argument("--person", default="", help="whose record")
    export.add_argument("--community", default=EVERYWHERE)
    commands.add_parser("status", help="counts, feeds and the district's fingerprint")
    return top


def main(argv: list[str] | None = None) -> int:
    args = parser().parse_args(argv)
    keep_log(log_path(PROGRAM), verbose=args.verbose)
    return guarded(PROGRAM, lambda: run(args))


def run(args: argparse.Namespace) -> int:
    settings = settings_of(args)
    if args.command == "serve":
        return serving.serve(settings, lambda words: print(words, flush=True), args.ready_file)
    if args.command == "code":
        told = ask(settings, "code", role=args.role, community=args.community, gate_log=args.gate_log)
        print(told["code"])
        _new_community(args.community, told)
    elif args.command == "devices":
        found = ask(settings, "devices")["devices"]
        _table(found) if found else _remark("no_devices")
    elif args.command == "revoke":
        ask(settings, "revoke", device=args.device)
        _remark("revoked", device=args.device)
    elif args.command == "pin":
        try:
            print(pin_of_pem(args.file.read_bytes()))
        except (OSError, ValueError, TypeError) as e:
            raise Mendable("certificate_wrong", cert=args.file, key=args.file) from e
    elif args.command == "quarantine":
        return _quarantine(settings, args)
    elif args.command == "join":
        told = ask(settings, "join", code=args.code, name=args.name)
        _remark("joined", upstream=told["upstream"], communities=", ".join(told["communities"]))
    elif args.command == "scope":
        ask(settings, "scope", device=args.device, communities=args.community, gate_log=args.gate_log)
        _remark("rescoped", device=args.device, communities=", ".join(args.community))
    elif args.command == "device" and args.what == "remove":
        gone = ask(settings, "device_remove", community=args.community, name=args.name)
        _remark("device_removed", device=args.name, elder=gone["elder"])
    elif args.command == "device":
        told = {"name": args.name, "elder": args.elder, "place": args.place, "kind": args.kind, "every": args.every}
        done = ask(settings, "device_add", community=args.community, **told)
        _remark("device_added", device=args.name, elder=args.elder)
        _new_community(args.community, done)
        if not done["known"]:
            _remark("elder_unknown", elder=args.elder, community=args.community)
    elif args.command == "bridge":
        made = ask(settings, "bridge", community=args.community)
        _lines({name: made[name] for name in ("key", "secret")})
        _new_community(args.community, made)
    elif args.command == "incidents":
        incidents = ask(settings, "incidents")["incidents"]
        if not incidents:
            _remark("no_incidents")
        for each in incidents:
            print("  ".join(str(each[name]) for name in ("opened", "severity", "kind", "state", "incident", "leader")))
    elif args.command == "drill":
        print(ask(settings, "drill", community=args.community, elder=args.elder, kind=args.kind)["fact"])
    elif args.command == "figures":
        print(json.dumps(ask(settings, "figures", days=args.days), indent=2, ensure_ascii=False))
    elif args.command == "export":
        _export(settings, args)
    elif args.command == "doctor":
        return _doctor(settings)
    elif args.command in ("backup", "restore"):
        _copy(settings, args.command, args.file)
    elif args.command == "move":
        return _move(settings, args.to)
    elif args.command == "audit":
        told = ask(settings, "audit_verify")
        print(json.dumps(told))
        return 0 if told["whole"] else 1
    elif args.command == "status":
        print(json.dumps(ask(settings, "status"), indent=2, ensure_ascii=False))
    return 0


def settings_of(args: argparse.Namespace) -> DistrictSettings:
    """Settings from the file and the environment; the command line has the last word."""
    names = ("data", "database", "host", "port", "tls_cert", "tls_key")
    told = {name: value for name in names if (value := getattr(args, name, None)) is not None}
    return load(DistrictSettings, PROGRAM, args.config, told)


def _quarantine(settings: DistrictSettings, args: argparse.Namespace) -> int:
    if args.what == "list":
        found = ask(settings, "quarantine")["quarantine"]
        if not found:
            _remark("no_quarantine")
        for each in found:
            print(
                f"{each['device']} {each['epoch']} {each['seq']}  {from_ms(each['received']):%Y-%m-%d %H:%M}  {each['reason']}"
            )
    elif args.what == "show":
        print(
            json.dumps(ask(settings, "quarantine_show", device=args.device, epoch=args.epoch, seq=args.seq), indent=2)
        )
    else:
        told = ask(settings, "quarantine_replay", device=args.device)
        print(json.dumps(told, indent=2))
        return 1 if told["still"] else 0
    return 0


def _export(settings: DistrictSettings, args: argparse.Namespace) -> None:
    names = ("what", "reason", "reference", "person", "community") if args.act == "ask" else ("id",)
    given = {name: getattr(args, name) for name in names}
    password = getpass.getpass(say(terminal_language(), "district.password", login=args.login))
    told = ask(settings, "export", act=args.act, login=args.login, password=password, code=args.code, given=given)
    for line in told.get("lines") or map(json.dumps, told.get("exports", [told])):
        print(line.rstrip("\n"))


def _doctor(settings: DistrictSettings) -> int:
    findings = list(examine(settings))
    for found in findings:
        words = say(terminal_language(), f"district.doctor_{found.key}", **found.details)
        print(f"{'ok   ' if found.ok else 'MEND '} {words}")
    return 0 if all(found.ok for found in findings) else 1


def _copy(settings: DistrictSettings, command: str, file: Path) -> None:
    if settings.database:
        raise Mendable("backup_postgresql")
    database = settings.data / "district.sqlite"
    if command == "backup":
        made = backup.backup(database, file)
        (settings.data / LAST_BACKUP).write_text(str(file.resolve()))
    else:
        lock = FolderLock(settings.data)
        try:
            if not lock.take():
                raise Mendable("district_running", path=settings.data)
            made = backup.restore(file, database)
        finally:
            lock.close()
    print(json.dumps({"path": made.path, "digest": made.digest, **made.counts}))


def _move(settings: DistrictSettings, url: str) -> int:
    lock = FolderLock(settings.data)
    try:
        if not (settings.data / "district.sqlite").exists():
            raise Mendable("backup_nothing", path=settings.data / "district.sqlite")
        if not url.startswith(("postgresql://", "postgres://")):
            raise Mendable("database_address")
        stopped = lock.take()
        found = move(settings.data / "district.sqlite", url, int(time.time() * 1000))
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
        state = (
            "revoked" if d["revoked"] else f"seen {from_ms(d['seen']):%Y-%m-%d %H:%M}" if d["seen"] else "never synced"
        )
        print(
            f"{d['id']}  {d['role']:<10} {','.join(d['communities']):<16} {d['name']:<20} {d['fingerprint']}  {state}"
        )


def _lines(told: dict[str, Any]) -> None:
    for key, value in told.items():
        print(f"{key}: {value}")


if __name__ == "__main__":
    sys.exit(main())
