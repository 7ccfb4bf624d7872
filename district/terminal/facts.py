"""Facts that could not be read, and facts that are not as they were written."""

import argparse
import json

from district.config import DistrictSettings
from district.operator.records import Because
from district.operator_line import ask
from district.terminal.saying import Commands, minute, remark


def add(commands: Commands) -> None:
    aside = commands.add_parser("quarantine", help="facts that were put aside because they could not be read")
    sub = aside.add_subparsers(dest="what", required=True, metavar="list|show|replay")
    sub.add_parser("list", help="which, and why").set_defaults(do=_put_aside)
    shown = _numbered(sub, "show", "one of them, as it came")
    shown.set_defaults(do=_show_put_aside)
    again = sub.add_parser("replay", help="try them again: after an upgrade, or a change of a device's communities")
    again.set_defaults(do=_replay)
    again.add_argument("--device", default="", help="those of one device alone")

    records = commands.add_parser("records", help="facts that are altered here, or that another server has otherwise")
    sub = records.add_subparsers(dest="what", required=True, metavar="list|show|give-way|keep|settle|compare")
    sub.add_parser("list", help="which, and how they stand").set_defaults(do=_list)
    _numbered(sub, "show", "this server's copy of one, as it says it").set_defaults(do=_show)
    told = "this server's copy does not count: the other one takes its place, this one stays as evidence"
    _numbered(sub, "give-way", told).set_defaults(do=_give_way)
    _numbered(sub, "keep", "take give-way back").set_defaults(do=_keep)
    told = "an altered one that nobody has whole: somebody has looked, it stays as it is, and nothing is said of it any more"
    settle = _numbered(sub, "settle", told)
    settle.set_defaults(do=_settle)
    settle.add_argument("--because", required=True, choices=[why.value for why in Because], help="what was found out")
    settle.add_argument("--reference", default="", help="the number of a file; no name")
    compare = sub.add_parser(
        "compare", help="at a hub: hold its facts against the server above now, not within six hours"
    )
    compare.set_defaults(do=_compare)


def _numbered(sub: Commands, name: str, told: str) -> argparse.ArgumentParser:
    """A command about one fact, by its number."""
    one = sub.add_parser(name, help=told)
    one.add_argument("device")
    one.add_argument("epoch", type=int)
    one.add_argument("seq", type=int)
    return one


def _number(args: argparse.Namespace) -> dict[str, object]:
    return {"device": args.device, "epoch": args.epoch, "seq": args.seq}


def _put_aside(settings: DistrictSettings, _: argparse.Namespace) -> int:
    found = ask(settings, "quarantine")["quarantine"]
    if not found:
        remark("no_quarantine")
    for each in found:
        print(f"{each['device']} {each['epoch']} {each['seq']}  {minute(each['received'])}  {each['reason']}")
    return 0


def _show_put_aside(settings: DistrictSettings, args: argparse.Namespace) -> int:
    print(json.dumps(ask(settings, "quarantine_show", **_number(args)), indent=2))
    return 0


def _replay(settings: DistrictSettings, args: argparse.Namespace) -> int:
    told = ask(settings, "quarantine_replay", device=args.device)
    print(json.dumps(told, indent=2))
    return 1 if told["still"] else 0


def _list(settings: DistrictSettings, _: argparse.Namespace) -> int:
    found = ask(settings, "records")["records"]
    if not found:
        remark("no_records")
    for each in found:
        which = f"{each['device']} {each['epoch']} {each['seq']}"
        above = f"  above {each['above']}" if "above" in each else ""
        because = f"  {each['because']}" if "because" in each else ""
        print(f"{each['state'].replace('_', '-')}  {which}  {each['community']}  here {each['here']}{above}{because}")
    return 0


def _show(settings: DistrictSettings, args: argparse.Namespace) -> int:
    print(json.dumps(ask(settings, "records_show", **_number(args)), indent=2, ensure_ascii=False))
    return 0


def _give_way(settings: DistrictSettings, args: argparse.Namespace) -> int:
    told = ask(settings, "records_give_way", **_number(args))
    remark("record_gives_way_at_a_hub" if told["hub"] else "record_gives_way", **_number(args))
    return 0


def _keep(settings: DistrictSettings, args: argparse.Namespace) -> int:
    ask(settings, "records_keep", **_number(args))
    remark("record_kept", **_number(args))
    return 0


def _settle(settings: DistrictSettings, args: argparse.Namespace) -> int:
    ask(settings, "records_settle", **_number(args), because=args.because, reference=args.reference)
    remark("record_settled", **_number(args))
    return 0


def _compare(settings: DistrictSettings, _: argparse.Namespace) -> int:
    ask(settings, "records_compare")
    remark("records_compare")
    return 0
