"""Incidents, exercises, figures."""

import argparse
import json

from district.config import DistrictSettings
from district.operator.commands import DRILLS
from district.operator_line import ask
from district.terminal.saying import Commands, remark


def add(commands: Commands) -> None:
    incidents = commands.add_parser("incidents", help="every incident and how it stands, without names")
    incidents.set_defaults(do=_incidents)
    drill = commands.add_parser(
        "drill", help="an exercise: an alarm that says in every message that it is a drill, and is timed"
    )
    drill.set_defaults(do=_drill)
    drill.add_argument("--community", required=True)
    drill.add_argument("--elder", required=True, help="the person's id")
    drill.add_argument("--kind", default="sos", choices=sorted(DRILLS))
    counted = commands.add_parser(
        "figures", help="answers, arrivals, false alarms, blind minutes, visits, drills, as JSON"
    )
    counted.set_defaults(do=_figures)
    counted.add_argument("--days", type=int, default=30)


def _incidents(settings: DistrictSettings, _: argparse.Namespace) -> int:
    incidents = ask(settings, "incidents")["incidents"]
    if not incidents:
        remark("no_incidents")
    for each in incidents:
        print("  ".join(str(each[name]) for name in ("opened", "severity", "kind", "state", "incident", "leader")))
    return 0


def _drill(settings: DistrictSettings, args: argparse.Namespace) -> int:
    print(ask(settings, "drill", community=args.community, elder=args.elder, kind=args.kind)["fact"])
    return 0


def _figures(settings: DistrictSettings, args: argparse.Namespace) -> int:
    print(json.dumps(ask(settings, "figures", days=args.days), indent=2, ensure_ascii=False))
    return 0
