"""People about whom the district keeps something."""

import argparse

from assets.words import say
from district.config import DistrictSettings
from district.operator_line import ask
from district.people.erasing import Why
from district.terminal.saying import Commands, remark
from offline.program import ask_secret, terminal_language


def add(commands: Commands) -> None:
    erase = commands.add_parser(
        "erase", help="erase a person everywhere and for good: it takes two people, together here"
    )
    erase.set_defaults(do=_erase)
    erase.add_argument("person", help="the person's id")
    erase.add_argument("--reason", choices=[why.value for why in Why], required=True)
    erase.add_argument("--login", required=True, help="who does it; the password is asked for")
    erase.add_argument("--code", default="", help="of the second factor")
    erase.add_argument("--with", dest="second", required=True, metavar="LOGIN", help="who else; likewise")
    erase.add_argument(
        "--with-code", dest="second_code", default="", metavar="CODE", help="of that one's second factor"
    )


def _erase(settings: DistrictSettings, args: argparse.Namespace) -> int:
    by = [
        {
            "login": login,
            "password": ask_secret(say(terminal_language(), "district.password", login=login)),
            "code": code,
        }
        for login, code in ((args.login, args.code), (args.second, args.second_code))
    ]
    done = ask(settings, "erase", person=args.person, reason=args.reason, by=by)
    remark("erased", person=args.person, communities=", ".join(done["communities"]))
    return 0
