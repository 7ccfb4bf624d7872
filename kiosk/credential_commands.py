"""What an operator does with PINs, cards and the block list on the command line. What is secret is asked for, never an argument."""

import argparse
import sys

from assets.words import say
from domain.errors import Mendable
from kiosk.config import KioskSettings
from kiosk.credentials.books import STAFF_CLEARED, STAFF_SET, Books
from kiosk.credentials.desk import card_digest
from kiosk.credentials.pins import Pins
from offline.letters.access_orders import CARD_ISSUED, PIN_SET
from offline.letters.block_list import BLOCKED, UNBLOCKED
from offline.node import Node
from offline.program import ask_secret, terminal_language


def run(settings: KioskSettings, args: argparse.Namespace) -> int:
    """One of `staff`, `pin`, `card`, `block`, `residents`. Raises Mendable for whom this kiosk does not know, and for weak PINs."""
    from kiosk.bootstrap import open_node

    node = open_node(settings)
    try:
        match args.command:
            case "residents":
                _residents(node)
            case "staff" if args.name is None:
                _list_staff(node)
            case "staff":
                _staff(node, args.name.strip(), args.remove)
            case _ if args.person not in node.roster.profiles():
                raise Mendable("resident_unknown", person=args.person)
            case "block" if args.lift:  # what lets somebody in at other gates is no gate's word
                _record(node, UNBLOCKED, {"by": "terminal"}, args.person, "terminal.lifted_here")
            case "block":
                _record(node, BLOCKED, {"by": "terminal"}, args.person)
            case "pin":
                _record(node, PIN_SET, {"hash": _asked_pin(node)}, args.person)
            case _:
                _card(node, args)
    finally:
        node.close()
    return 0


def _residents(node: Node) -> None:
    people = node.roster.profiles()
    if not people:
        print(say(terminal_language(), "terminal.no_residents"), file=sys.stderr)
    for person, profile in sorted(people.items(), key=lambda item: item[1].flat):
        print(f"{person}  {profile.flat:<12} {profile.full_name}")


def _list_staff(node: Node) -> None:
    names = [name for name, _ in Books(node.journal, lambda _: "").staff()]
    if not names:
        print(say(terminal_language(), "terminal.no_staff"), file=sys.stderr)
    print("".join(f"{name}\n" for name in names), end="")


def _staff(node: Node, name: str, remove: bool) -> None:
    """Give somebody of the staff a PIN, which takes the place of the one they had; or take it away at every gate."""
    if not name:
        raise Mendable("staff_name")
    if not remove:
        _record(node, STAFF_SET, {"name": name, "hash": _asked_pin(node)})
        return
    if name not in {known for known, _ in Books(node.journal, lambda _: "").staff()}:
        raise Mendable("staff_unknown", name=name)
    _record(node, STAFF_CLEARED, {"name": name})


def _card(node: Node, args: argparse.Namespace) -> None:
    number = ask_secret(say(terminal_language(), "terminal.card"))
    if not any(c.isalnum() for c in number):
        raise Mendable("nothing_typed")
    digest = card_digest(number, node.keys.secret("card numbers"))
    last = {"last_day": args.last_day.isoformat()} if args.last_day else {}
    _record(node, CARD_ISSUED, {"digest": digest} | last, args.person)


def _asked_pin(node: Node) -> str:
    """What is kept of a PIN that is typed twice."""
    language = terminal_language()
    return Pins(node.keys.secret("pin pepper")).hash(
        ask_secret(say(language, "terminal.pin"), say(language, "terminal.pin_again"))
    )


def _record(
    node: Node, kind: str, payload: dict[str, str], person: str | None = None, then: str = "terminal.done"
) -> None:
    node.journal.append(kind, payload, subject=person)
    print(say(terminal_language(), then))
