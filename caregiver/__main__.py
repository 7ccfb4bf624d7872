"""The command line of the caregiver desktop."""

import argparse
import sys
from pathlib import Path

from assets.words import say
from caregiver.config import CaregiverSettings
from offline.program import alone, guarded, keep_log, program_version, terminal_language
from offline.settings import config_path, load, log_path

PROGRAM = "caregiver"


def parser() -> argparse.ArgumentParser:
    language = terminal_language()

    def words(name: str) -> str:
        return say(language, f"help.{name}")

    form = argparse.RawDescriptionHelpFormatter
    about = say(language, "help.caregiver", config=config_path(PROGRAM), log=log_path(PROGRAM))
    top = argparse.ArgumentParser("shouwang-caregiver", description=about, formatter_class=form)
    top.add_argument("--version", action="version", version=f"%(prog)s {program_version()}")
    top.add_argument("--config", type=Path, metavar="FILE", help=words("config"))
    top.add_argument("-v", "--verbose", action="store_true", help=words("verbose"))
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("run", help=words("caregiver_run"), description=words("caregiver_run"))
    enroll = commands.add_parser("enroll", help=words("caregiver_enroll"), description=words("caregiver_enroll"))
    enroll.add_argument("--district", required=True, metavar="URL", help=words("district"))
    enroll.add_argument("--code", required=True, help=words("code"))
    enroll.add_argument("--name", default="desk", help=words("caregiver_name"))
    return top


def main(argv: list[str] | None = None) -> int:
    args = parser().parse_args(argv)
    keep_log(log_path(PROGRAM), verbose=args.verbose)
    return guarded(PROGRAM, lambda: run(args))


def run(args: argparse.Namespace) -> int:
    settings = load(CaregiverSettings, PROGRAM, args.config)
    if args.command == "enroll":
        return enroll(settings, args)
    with alone(settings.data):
        return show(settings)


def show(settings: CaregiverSettings) -> int:
    """The window, until it is closed."""
    from caregiver.bootstrap import make_desk, operator_session
    from qtkit.app import start
    from qtkit.theme import Mode

    screen = settings.screen
    app = start("caregiver", log_path(PROGRAM), "desktop", screen.language, Mode(screen.theme), screen.scale)
    desk = make_desk(settings, app)
    try:
        if settings.operator is not None:
            window = desk.window(operator_session(settings.operator, settings, desk.node))
            window.show()
            code = app.run()
            desk.close(window)
        else:
            seat = desk.seat()
            seat.open()
            code = app.run()
            seat.close()
        return code
    finally:
        desk.stop()


def enroll(settings: CaregiverSettings, args: argparse.Namespace) -> int:
    from caregiver.bootstrap import open_node

    language = terminal_language()
    node = open_node(settings)
    try:
        node.enrol(args.district, args.code, "caregiver", args.name, settings.certificate)
        print(say(language, "terminal.enrolled", community=node.journal.community, id=node.journal.device))
        print(say(language, "terminal.fingerprint", fingerprint=node.identity.fingerprint))
    finally:
        node.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
