"""Kiosks, desktops and hubs: who may join, what they read, and the keys for passes that all of them know."""

import argparse
from typing import Any

from district.config import DistrictSettings
from district.operator_line import ask
from district.terminal.saying import Commands, minute, new_community, remark
from domain.events import from_ms


def add(commands: Commands) -> None:
    code = commands.add_parser("code", help="issue a one-time enrolment code, valid for 15 minutes")
    code.set_defaults(do=_code)
    code.add_argument("--role", choices=("kiosk", "caregiver", "hub"), required=True)
    code.add_argument("--community", required=True)
    code.add_argument("--gate-log", action="store_true", help="a desktop where the gate's log is reviewed")
    commands.add_parser("devices", help="list kiosks and desktops").set_defaults(do=_devices)
    revoke = commands.add_parser("revoke", help="take nothing from a device any more")
    revoke.set_defaults(do=_revoke)
    revoke.add_argument("device", help="its id, as `devices` lists it")
    join = commands.add_parser("join", help="enrol this hub with the server above it (setting `upstream`)")
    join.set_defaults(do=_join)
    join.add_argument("code", help="a code issued there: shouwang-district code --role hub")
    join.add_argument(
        "--name", default="", help="what it is called there; else the setting `name`, else like this machine"
    )
    passes = commands.add_parser("pass-key", help="the keys by which visitors' passes are signed: list or change them")
    passes.set_defaults(do=_pass_key)
    passes.add_argument("what", choices=("list", "change"))
    passes.add_argument(
        "--revoke", action="store_true",
        help="the former key was stolen: every pass given out here ends; without it they stay good until they expire",
    )  # fmt: skip
    scope = commands.add_parser(
        "scope", help="give a device other communities; what it no longer reads is taken from it"
    )
    scope.set_defaults(do=_scope)
    scope.add_argument("device", help="its id, as `devices` lists it")
    scope.add_argument("--community", action="append", required=True, help="once for each")
    scope.add_argument("--gate-log", action="store_true", help="a desktop where the gate's log is reviewed")


def _code(settings: DistrictSettings, args: argparse.Namespace) -> int:
    told = ask(settings, "code", role=args.role, community=args.community, gate_log=args.gate_log)
    print(told["code"])
    new_community(args.community, told)
    return 0


def _devices(settings: DistrictSettings, _: argparse.Namespace) -> int:
    found = ask(settings, "devices")["devices"]
    if not found:
        remark("no_devices")
    for device in found:
        print(_row(device))
    return 0


def _row(d: dict[str, Any]) -> str:
    state = "revoked" if d["revoked"] else f"seen {minute(d['seen'])}" if d["seen"] else "never synced"
    state += f"  at {d['via']}" if d["via"] else ""
    return f"{d['id']}  {d['role']:<10} {','.join(d['communities']):<16} {d['name']:<20} {d['fingerprint']}  {state}"


def _revoke(settings: DistrictSettings, args: argparse.Namespace) -> int:
    ask(settings, "revoke", device=args.device)
    remark("revoked", device=args.device)
    return 0


def _join(settings: DistrictSettings, args: argparse.Namespace) -> int:
    told = ask(settings, "join", code=args.code, name=args.name)
    remark("joined", upstream=told["upstream"], communities=", ".join(told["communities"]), called=told["name"])
    return 0


def _scope(settings: DistrictSettings, args: argparse.Namespace) -> int:
    ask(settings, "scope", device=args.device, communities=args.community, gate_log=args.gate_log)
    remark("rescoped", device=args.device, communities=", ".join(args.community))
    return 0


def _pass_key(settings: DistrictSettings, args: argparse.Namespace) -> int:
    if args.what == "list":
        told = ask(settings, "pass_keys")
    else:
        told = ask(settings, "pass_key_change", revoke=args.revoke)
        remark("pass_key_revoked" if args.revoke else "pass_key_changed", n=told["ended"])
    for each in told["keys"]:
        until = f"{from_ms(each['until']):%Y-%m-%d}" if each["until"] else ""
        print(f"{each['fingerprint']}  {until}".rstrip())
    return 0
