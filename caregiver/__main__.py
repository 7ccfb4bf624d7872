"""The command line of the caregiver desktop."""

import argparse
import sys

from assets.words import say
from caregiver.config import CaregiverSettings
from domain.errors import Mendable
from offline.joining import add_enroll, enroll
from offline.program import alone, guarded, keep_log, program_parser, terminal_language
from offline.settings import load, log_path

PROGRAM = "caregiver"


def parser() -> argparse.ArgumentParser:
    language = terminal_language()

    def words(name: str) -> str:
        return say(language, f"help.{name}")

    top = program_parser(PROGRAM)
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("run", help=words("caregiver_run"), description=words("caregiver_run"))
    add_enroll(commands, words("caregiver_enroll"), "desk", words("caregiver_name"))
    return top


def main(argv: list[str] | None = None) -> int:
    args = parser().parse_args(argv)
    keep_log(log_path(PROGRAM), verbose=args.verbose)
    if args.windowed:
        from qtkit.app import tell

        return guarded(PROGRAM, lambda: run(args), tell)
    return guarded(PROGRAM, lambda: run(args))


def run(args: argparse.Namespace) -> int:
    settings = load(CaregiverSettings, PROGRAM, args.config)
    if args.command == "enroll":
        from caregiver.bootstrap import open_node

        return enroll(lambda: open_node(settings), "caregiver", args, "desk", settings.certificate)
    from qtkit.summons import summon

    try:
        with alone(settings.data):
            return show(settings)
    except Mendable as e:
        if e.code == "already_running" and summon(settings.data):
            return 0
        raise


def show(settings: CaregiverSettings) -> int:
    """The window, until it is closed; on a new computer first the one that joins it to a district."""
    from caregiver.bootstrap import kept_for_windows, make_desk, open_node, operator_session
    from caregiver.frame.looks import Looks
    from caregiver.signin.joining import join
    from qtkit.app import start
    from qtkit.summons import Summons
    from qtkit.theme import Mode

    screen = settings.screen
    app = start("caregiver", log_path(PROGRAM), "desktop", screen.language, Mode(screen.theme), screen.scale)
    Looks(app.theme, app.language, kept_for_windows(settings))
    Summons(settings.data, app.qt)
    try:
        desk = make_desk(settings, app)
    except Mendable as e:
        if e.code != "not_enrolled":
            raise
        if not join(app, lambda: open_node(settings), settings.certificate):
            return 1
        desk = make_desk(settings, app)
    try:
        if settings.operator is not None:
            window = desk.window(operator_session(settings.operator, settings, desk.node))
            window.appear()
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


if __name__ == "__main__":
    sys.exit(main())
