"""The audit, and what leaves the district."""

import argparse
import json
import sys
from pathlib import Path

from assets.words import say
from district.config import DistrictSettings
from district.operator_line import ask
from district.people.exports import Reason, What
from district.scope import EVERYWHERE
from district.terminal.saying import Commands
from offline.program import ask_secret, terminal_language


def add(commands: Commands) -> None:
    audit = commands.add_parser("audit", help="the audit's chain")
    audit.set_defaults(do=_verify)
    audit.add_argument("what", choices=("verify",))
    export = commands.add_parser("export", help="take the audit or a person's record out: one asks, another allows it")
    export.set_defaults(do=_export)
    export.add_argument("act", choices=("ask", "list", "allow", "refuse", "take"))
    export.add_argument("id", nargs="?", default="", help="of an export, as `export list` shows it")
    export.add_argument("--login", required=True, help="who acts; the password is asked for")
    export.add_argument("--code", default="", help="of the second factor")
    export.add_argument("--what", choices=[w.value for w in What], default=What.AUDIT.value)
    export.add_argument("--reason", choices=[r.value for r in Reason], default=Reason.INSPECTION.value)
    export.add_argument("--reference", default="", help="the number of a file; no name")
    export.add_argument("--person", default="", help="whose record")
    export.add_argument("--community", default=EVERYWHERE)


def _verify(settings: DistrictSettings, _: argparse.Namespace) -> int:
    told = ask(settings, "audit_verify")
    print(json.dumps(told))
    return 0 if told["whole"] else 1


def _export(settings: DistrictSettings, args: argparse.Namespace) -> int:
    names = ("what", "reason", "reference", "person", "community") if args.act == "ask" else ("id",)
    given = {name: getattr(args, name) for name in names}
    password = ask_secret(say(terminal_language(), "district.password", login=args.login))
    told = ask(settings, "export", act=args.act, login=args.login, password=password, code=args.code, given=given)
    if "file" in told:
        _take_away(Path(told["file"]))
    else:
        for export in told.get("exports", [told]):
            print(json.dumps(export))
    return 0


def _take_away(file: Path) -> None:
    """To standard output; it stays nowhere here, whatever becomes of that."""
    try:
        with file.open(encoding="utf-8") as lines:
            sys.stdout.writelines(lines)
    finally:
        file.unlink()
