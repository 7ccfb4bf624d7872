"""What stands in people's homes, and the bridges that report it."""

import argparse
import sys
from typing import Any

from district.config import DistrictSettings
from district.operator_line import ask
from district.terminal.saying import Commands, minute, new_community, remark
from watch.signs import DEVICE_KINDS

_UNHEARD = {
    "no_consent": "not watched: no consent to home monitoring; its calls for help ring",
    "paused": "paused by the elder; its calls for help ring",
}


def add(commands: Commands) -> None:
    device = commands.add_parser("device", help="devices in people's homes")
    sub = device.add_subparsers(dest="what", required=True, metavar="add|remove|list|refused")
    _add_add(sub)
    remove = sub.add_parser("remove", help="say that a device was taken down; nobody misses it any more")
    remove.set_defaults(do=_remove)
    remove.add_argument("--community", required=True)
    remove.add_argument("--name", required=True)
    listed = sub.add_parser("list", help="which stand in whose home, what they are, and when each was last heard from")
    listed.set_defaults(do=_list)
    sub.add_parser("refused", help="what they said of which nothing was made, and why").set_defaults(do=_refused)
    bridge = commands.add_parser("bridge", help="a key and a secret for a bridge that reports home devices over HTTP")
    bridge.set_defaults(do=_bridge)
    bridge.add_argument("--community", required=True)
    bridge.add_argument("--name", default="", help="where it is, in Latin letters, digits and hyphens: building-3")


def _add_add(sub: Commands) -> None:
    add = sub.add_parser("add", help="say whose home a device is in")
    add.set_defaults(do=_add)
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


def _add(settings: DistrictSettings, args: argparse.Namespace) -> int:
    names = ("community", "name", "elder", "place", "kind", "every", "position")
    done = ask(settings, "device_add", **{name: getattr(args, name) for name in names})
    remark("device_added", device=args.name, elder=args.elder)
    new_community(args.community, done)
    if not done["known"]:
        remark("elder_unknown", elder=args.elder, community=args.community)
    return 0


def _remove(settings: DistrictSettings, args: argparse.Namespace) -> int:
    gone = ask(settings, "device_remove", community=args.community, name=args.name)
    remark("device_removed", device=args.name, elder=gone["elder"])
    return 0


def _list(settings: DistrictSettings, _: argparse.Namespace) -> int:
    found = ask(settings, "device_list")["devices"]
    if not found:
        remark("no_home_devices")
    for device in found:
        print("  ".join(_row(device)))
    return 0


def _row(d: dict[str, Any]) -> tuple[str, ...]:
    state = f"blind since {minute(d['blind_since'])}" if d["blind_since"] else "never heard"
    if d["heard"] and not d["blind_since"]:
        state = f"heard {minute(d['heard'])}"
    state += f"  {_UNHEARD[d['unheard']]}" if d["unheard"] else ""
    return d["community"], d["device"], d["elder"], d["place"] or "–", d["kind"] or "–", state


def _refused(settings: DistrictSettings, _: argparse.Namespace) -> int:
    told = ask(settings, "device_refused")
    if not told["refused"]:
        remark("nothing_refused")
    for r in told["refused"]:
        which = (minute(r["at"]), r["community"] or "–", r["source"], r["problem"], r["device"] or "–", r["raw"])
        print("  ".join(which))
    for c in told["counts"]:
        print(f"{c['signals']} x {c['source']} {c['outcome']}", file=sys.stderr)
    return 0


def _bridge(settings: DistrictSettings, args: argparse.Namespace) -> int:
    made = ask(settings, "bridge", community=args.community, name=args.name)
    for name in ("key", "secret"):
        print(f"{name}: {made[name]}")
    new_community(args.community, made)
    return 0
