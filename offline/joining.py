"""`enroll` at the terminal: the same for every program with a node of its own."""

import argparse
from collections.abc import Callable

from assets.words import say
from offline.node import Node
from offline.program import terminal_language


def add_enroll(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", about: str, name: str, named: str
) -> None:
    """The command and its arguments; `about` is what it does, `named` what the name is of, `name` where none is given."""
    language = terminal_language()
    enroll = commands.add_parser("enroll", help=about, description=about)
    enroll.add_argument("--district", required=True, metavar="URL", help=say(language, "help.district"))
    enroll.add_argument("--code", required=True, help=say(language, "help.code"))
    enroll.add_argument("--name", default=name, help=named)


def enroll(open_node: Callable[[], Node], role: str, args: argparse.Namespace, name: str, certificate: str) -> int:
    """Join the district that `args` names, and say as whom. Raises Mendable as `Node.enrol`."""
    language, node = terminal_language(), open_node()
    try:
        node.enrol(args.district, args.code, role, args.name or name, certificate)
        print(say(language, "terminal.enrolled", community=node.journal.community, id=node.journal.device))
        print(say(language, "terminal.fingerprint", fingerprint=node.identity.fingerprint))
    finally:
        node.close()
    return 0
