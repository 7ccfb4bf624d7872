"""The command line of the district server."""

import argparse
import sys
from pathlib import Path

from district.config import DistrictSettings
from district.request_id import in_request
from district.terminal import audit, care, database, facts, homes, machine, nodes, people, server
from offline.program import guarded, keep_log, program_version
from offline.settings import config_path, load, log_path

PROGRAM = "district"
DESCRIPTION = f"""The district server of Shouwang: kiosks and caregiver desktops enrol with it and sync to it.

  shouwang-district serve                                    start; SQLite in the data folder
  shouwang-district code --role kiosk --community Jinxiu     a one-time code for a new kiosk
  shouwang-district devices                                  who is enrolled
  shouwang-district doctor                                   clock, disk, versions, keys

Settings: {config_path(PROGRAM)}
(TOML; every one also as SHOUWANG_DISTRICT_<NAME>, for example SHOUWANG_DISTRICT_PORT=8701).
Commands work whether or not the server is running, on the same machine and as the same user."""


def main(argv: list[str] | None = None) -> int:
    args = parser().parse_args(argv)
    keep_log(log_path(PROGRAM), verbose=args.verbose, each=in_request)
    return guarded(PROGRAM, lambda: int(args.do(settings_of(args), args)))


def parser() -> argparse.ArgumentParser:
    """What an operator can type; each command stands beside what it does, in `district.terminal`."""
    form = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser("shouwang-district", description=DESCRIPTION, formatter_class=form)
    top.add_argument("--version", action="version", version=f"%(prog)s {program_version()}")
    top.add_argument("--config", type=Path, metavar="FILE", help="settings file")
    top.add_argument("--data", type=Path, metavar="DIR", help="data folder: database, keys, identity")
    top.add_argument("--database", metavar="URL", help="postgresql://… instead of SQLite in the data folder")
    top.add_argument("-v", "--verbose", action="store_true", help="log to the terminal as well")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for group in (server, nodes, facts, people, homes, care, machine, database, audit):
        group.add(commands)
    return top


def settings_of(args: argparse.Namespace) -> DistrictSettings:
    """Settings from the file and the environment; the command line has the last word."""
    names = ("data", "database", "host", "port", "tls_cert", "tls_key")
    told = {name: value for name in names if (value := getattr(args, name, None)) is not None}
    return load(DistrictSettings, PROGRAM, args.config, told)


if __name__ == "__main__":
    sys.exit(main())
