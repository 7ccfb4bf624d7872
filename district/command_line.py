"""What an operator can type: every command of the district server and what it takes."""

import argparse
from pathlib import Path
from typing import TypeAlias

from district import serving
from district.operator.commands import DRILLS
from district.people.exports import Reason, What
from district.scope import EVERYWHERE
from offline.program import day, program_version
from offline.settings import config_path
from watch.signs import DEVICE_KINDS

PROGRAM = "district"
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
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
    for group in (_serving, _nodes, _facts, _homes, _care, _machine, _audit):
        group(commands)
    commands.add_parser("status", help="counts, feeds and the district's fingerprint")
    return top


def _serving(commands: Commands) -> None:
    """The server itself, and what its address is known by."""
    serve = commands.add_parser("serve", help="start the server", description=serving.__doc__)
    serve.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port (default 8700; 0 takes any that is free)")
    serve.add_argument("--tls-cert", type=Path, metavar="PEM", help="certificate; without one, put a proxy in front")
    serve.add_argument("--tls-key", type=Path, metavar="PEM")
    serve.add_argument("--ready-file", type=Path, metavar="FILE", help="write the address here once the server answers")
    pin = commands.add_parser("pin", help="the pin of a TLS key or certificate, for tls_pins: make one in reserve")
    pin.add_argument("file", type=Path, metavar="PEM")


def _nodes(commands: Commands) -> None:
    """Kiosks, desktops and hubs."""
    code = commands.add_parser("code", help="issue a one-time enrolment code, valid for 15 minutes")
    code.add_argument("--role", choices=("kiosk", "caregiver", "hub"), required=True)
    code.add_argument("--community", required=True)
    code.add_argument("--gate-log", action="store_true", help="a desktop where the gate's log is reviewed")
    commands.add_parser("devices", help="list kiosks and desktops")
    revoke = commands.add_parser("revoke", help="take nothing from a device any more")
    revoke.add_argument("device", help="its id, as `devices` lists it")
    join = commands.add_parser("join", help="enrol this hub with the server above it (setting `upstream`)")
    join.add_argument("code", help="a code issued there: shouwang-district code --role hub")
    join.add_argument(
        "--name", default="", help="what it is called there; else the setting `name`, else like this machine"
    )
    passes = commands.add_parser("pass-key", help="the keys by which visitors' passes are signed: list or change them")
    passes.add_argument("what", choices=("list", "change"))
    passes.add_argument(
        "--revoke", action="store_true",
        help="the former key was stolen: every pass given out here ends; without it they stay good until they expire",
    )  # fmt: skip
    scope = commands.add_parser(
        "scope", help="give a device other communities; what it no longer reads is taken from it"
    )
    scope.add_argument("device", help="its id, as `devices` lists it")
    scope.add_argument("--community", action="append", required=True, help="once for each")
    scope.add_argument("--gate-log", action="store_true", help="a desktop where the gate's log is reviewed")


def _facts(commands: Commands) -> None:
    """What could not be read, and what is not as it was written."""
    aside = commands.add_parser("quarantine", help="facts that were put aside because they could not be read")
    sub = aside.add_subparsers(dest="what", required=True, metavar="list|show|replay")
    sub.add_parser("list", help="which, and why")
    shown = sub.add_parser("show", help="one of them, as it came")
    shown.add_argument("device")
    shown.add_argument("epoch", type=int)
    shown.add_argument("seq", type=int)
    again = sub.add_parser("replay", help="try them again: after an upgrade, or a change of a device's communities")
    again.add_argument("--device", default="", help="those of one device alone")
    records = commands.add_parser("records", help="facts that are altered here, or that another server has otherwise")
    sub = records.add_subparsers(dest="what", required=True, metavar="list|show|give-way|keep|compare")
    sub.add_parser("list", help="which, and how they stand")
    for name, told in (
        ("show", "this server's copy of one, as it says it"),
        ("give-way", "this server's copy does not count: the other one takes its place, this one stays as evidence"),
        ("keep", "take give-way back"),
    ):
        one = sub.add_parser(name, help=told)
        one.add_argument("device")
        one.add_argument("epoch", type=int)
        one.add_argument("seq", type=int)
    sub.add_parser("compare", help="at a hub: hold its facts against the server above now, not within six hours")


def _homes(commands: Commands) -> None:
    """What stands in people's homes."""
    device = commands.add_parser("device", help="devices in people's homes")
    sub = device.add_subparsers(dest="what", required=True, metavar="add|remove|list")
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
    add.add_argument(
        "--position",
        default="",
        help="where a device with an accelerometer is worn: waist, chest, pocket; anything else counts as the wrist",
    )
    remove = sub.add_parser("remove", help="say that a device was taken down; nobody misses it any more")
    remove.add_argument("--community", required=True)
    remove.add_argument("--name", required=True)
    sub.add_parser("list", help="which stand in whose home, what they are, and when each was last heard from")
    sub.add_parser("refused", help="what they said of which nothing was made, and why")
    bridge = commands.add_parser("bridge", help="a key and a secret for a bridge that reports home devices over HTTP")
    bridge.add_argument("--community", required=True)


def _care(commands: Commands) -> None:
    """Incidents, exercises, figures."""
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


def _machine(commands: Commands) -> None:
    """The machine and its database."""
    clock = commands.add_parser(
        "clock", help="what the server thinks of the machine's clock; --today says that it is right"
    )
    clock.add_argument(
        "--today", type=day, metavar="YYYY-MM-DD",
        help="today's date as a calendar has it: go by the clock from now on, and let go of what it makes too old",
    )  # fmt: skip
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


def _audit(commands: Commands) -> None:
    """The audit, and what leaves the district."""
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
