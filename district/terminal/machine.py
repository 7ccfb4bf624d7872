"""The machine: its clock, whether it is fit, and what the server on it says of itself."""

import argparse
import json
from collections.abc import Iterator

from assets.words import say
from district.config import DistrictSettings
from district.operator_line import ask
from district.terminal.saying import Commands, remark
from district.upkeep.doctor import examine
from district.upkeep.finding import Finding
from district.upkeep.lock import FolderLock
from domain.errors import Mendable
from offline.program import day, sentence, terminal_language


def add(commands: Commands) -> None:
    clock = commands.add_parser(
        "clock", help="what the server thinks of the machine's clock; --today says that it is right"
    )
    clock.set_defaults(do=_clock)
    clock.add_argument(
        "--today", type=day, metavar="YYYY-MM-DD",
        help="today's date as a calendar has it: go by the clock from now on, and let go of what it makes too old",
    )  # fmt: skip
    commands.add_parser("doctor", help="is this machine fit: clock, disk, versions, keys").set_defaults(do=_doctor)
    status = commands.add_parser("status", help="counts, feeds and the district's fingerprint")
    status.set_defaults(do=_status)


def _clock(settings: DistrictSettings, args: argparse.Namespace) -> int:
    told = (
        ask(settings, "clock") if args.today is None else ask(settings, "clock_confirm", today=args.today.isoformat())
    )
    print(told["now"])
    if told["ahead_days"] is None:
        remark("clock_believed")
        return 0
    remark("clock_witnessed" if told["witnesses"] else "clock_leapt", **told)
    return 1


def _doctor(settings: DistrictSettings, _: argparse.Namespace) -> int:
    findings = [*examine(settings), *_of_the_server(settings)]
    for found in findings:
        words = say(terminal_language(), f"district.doctor_{found.key}", **found.details)
        print(f"{'ok   ' if found.ok else 'MEND '} {words}")
    return 0 if all(found.ok for found in findings) else 1


def _of_the_server(settings: DistrictSettings) -> Iterator[Finding]:
    """What the server that runs on this folder says of its watch and of the facts it keeps; of one that does not run,
    why it could not."""
    lock = FolderLock(settings.data)
    try:
        stopped = lock.take()
    finally:
        lock.close()
    if stopped:
        yield from _listens(settings)
        return
    try:
        told = ask(settings, "status")
    except Mendable:
        yield Finding(False, "no_answer", {})
        return
    yield Finding(told["watching"], "watch" if told["watching"] else "watch_still", {})
    for broker in told.get("brokers", ()):
        fault = "" if broker["heard"] else "_refuses" if broker["refused"] else "_down"
        yield Finding(not fault, f"broker{fault}", broker)
    clock = told.get("clock", {})  # a server not yet started anew after an update does not say
    if clock.get("ahead_days"):
        yield Finding(False, "clock_witnessed" if clock["witnesses"] else "clock_leapt", clock)
    counts = {name: told[name] for name in ("altered", "differing")}
    yield Finding(not any(counts.values()), "records", counts)
    if told.get("giving_way"):
        yield Finding(False, "records_giving_way", {"n": told["giving_way"]})
    if told.get("settled"):
        yield Finding(True, "records_settled", {"n": told["settled"]})


def _listens(settings: DistrictSettings) -> Iterator[Finding]:
    """Nothing where a server could listen at once."""
    from district.listening import listen  # brings the server along, which takes a second

    try:
        listen(settings).close()
    except Mendable as e:
        yield Finding(False, "cannot_listen", {"what": sentence(e, terminal_language())})


def _status(settings: DistrictSettings, _: argparse.Namespace) -> int:
    print(json.dumps(ask(settings, "status"), indent=2, ensure_ascii=False))
    return 0
