"""The command line of the gate kiosk."""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from assets.words import say
from domain.errors import Mendable
from kiosk import credential_commands, face_commands
from kiosk.config import KioskSettings
from offline.joining import add_enroll, enroll
from offline.program import alone, day, guarded, keep_log, program_parser, sentence, terminal_language
from offline.settings import load, log_path

PROGRAM = "kiosk"


def parser() -> argparse.ArgumentParser:
    language = terminal_language()

    def words(name: str) -> str:
        return say(language, f"help.{name}")

    form = argparse.RawDescriptionHelpFormatter
    top = program_parser(PROGRAM)
    commands = top.add_subparsers(dest="command", metavar="COMMAND")

    def command(name: str, **about: str) -> argparse.ArgumentParser:
        told = words(f"kiosk_{name}")
        return commands.add_parser(name, help=told, description=about.get("description", told), formatter_class=form)

    command("run")
    add_enroll(commands, words("kiosk_enroll"), "", words("kiosk_name"))
    many = command("import", description=words("kiosk_import_table"))
    many.add_argument("folder", type=Path, metavar="DIR")
    many.add_argument("--json", action="store_true", help=words("kiosk_json_row"))
    staff = command("staff")
    staff.add_argument("name", nargs="?", help=words("kiosk_staff_name"))
    staff.add_argument("--remove", action="store_true", help=words("kiosk_staff_remove"))
    pin = command("pin")
    pin.add_argument("person", help=words("kiosk_person"))
    card = command("card")
    card.add_argument("person", help=words("kiosk_person"))
    card.add_argument("--last-day", type=day, metavar="YYYY-MM-DD", help=words("kiosk_last_day"))
    block = command("block")
    block.add_argument("person", help=words("kiosk_person"))
    block.add_argument("--lift", action="store_true", help=words("kiosk_block_lift"))
    command("residents")
    identify = command("identify")
    identify.add_argument("source", help=words("kiosk_source"))
    identify.add_argument("--json", action="store_true", help=words("kiosk_json_visit"))
    identify.add_argument("--quality", choices=("gate", "off"), default="gate", help=words("kiosk_quality"))
    command("sign").add_argument("file", type=Path, help=words("kiosk_sign_file"))
    backup = command("backup")
    backup.add_argument("folder", type=Path, metavar="DIR", help=words("kiosk_backup_folder"))
    backup.add_argument("--key", type=Path, metavar="FILE", help=words("kiosk_backup_key"))
    restore = command("restore")
    restore.add_argument("copy", type=Path, metavar="COPY", help=words("kiosk_restore_copy"))
    restore.add_argument("--key", type=Path, metavar="FILE", required=True, help=words("kiosk_restore_key"))
    infrared = command("infrared")
    infrared.add_argument("--seconds", type=float, default=60.0, help=words("kiosk_infrared_seconds"))
    engine = command("engine")
    engine.add_argument("engine", nargs="?", help=words("kiosk_engine_name"))
    engine.add_argument("--anyway", action="store_true", help=words("kiosk_engine_anyway"))
    engine.add_argument("--back", action="store_true", help=words("kiosk_engine_back"))
    return top


def main(argv: list[str] | None = None) -> int:
    args = parser().parse_args(argv)
    keep_log(log_path(PROGRAM), verbose=args.verbose)
    if args.windowed:
        from kiosk.screens.not_started import show as tell

        return guarded(PROGRAM, lambda: run(args), tell)
    return guarded(PROGRAM, lambda: run(args))


def run(args: argparse.Namespace) -> int:
    settings = load(KioskSettings, PROGRAM, args.config)
    go_by(settings.zone)
    if args.command == "enroll":
        from kiosk.bootstrap import open_node

        return enroll(lambda: open_node(settings), "kiosk", args, settings.site.gate_en, settings.certificate)
    if args.command == "import":
        return import_residents(settings, args)
    if args.command == "sign":
        from kiosk.screens.sign import sign

        args.file.write_bytes(sign(settings))
        return 0
    if args.command in ("backup", "restore"):
        return copies(settings, args)
    if args.command == "identify":
        return face_commands.identify(settings, args)
    if args.command == "infrared":
        return face_commands.infrared(settings, args)
    if args.command == "engine":
        return face_commands.engine(settings, args)
    if args.command in ("staff", "pin", "card", "block", "residents"):
        return credential_commands.run(settings, args)
    with alone(settings.data):
        return show(settings)


def go_by(zone: str) -> None:
    """Every local time from now on is the gate's, here and in the processes started from here: a machine that was set up as a
    server shows UTC, and a gate's opening hours would begin eight hours late."""
    os.environ["TZ"] = zone
    if sys.platform != "win32":
        time.tzset()


def show(settings: KioskSettings) -> int:
    """The window, until it is closed."""
    from kiosk.bootstrap import make_gatehouse
    from kiosk.priority import WINDOW, come_first, punctual
    from kiosk.screens.shape import panel_scale
    from qtkit.app import start
    from qtkit.theme import Mode
    from qtkit.windows import panel

    come_first(WINDOW)
    screen = settings.screen
    app = start("kiosk", log_path(PROGRAM), "kiosk", screen.language, Mode(screen.theme))
    width, height = panel(app.qt) if screen.fullscreen else (screen.width, screen.height)
    app.theme.set_scale(panel_scale(width, height))
    gatehouse = make_gatehouse(settings, app)
    window = gatehouse.window
    window.resize(width, height)
    if screen.fullscreen:
        window.showFullScreen()
    else:
        window.show()
    gatehouse.start()
    try:
        with punctual():
            return app.run()
    finally:
        gatehouse.stop()


def copies(settings: KioskSettings, args: argparse.Namespace) -> int:
    """Of what this kiosk alone has: `backup` makes one beside the running kiosk, `restore` takes one in on another machine."""
    from kiosk.bootstrap import open_node
    from kiosk.known_time import KnownTime
    from kiosk.upkeep.backup import back_up, restore, write_key

    language = terminal_language()
    if args.command == "restore":
        with alone(settings.data):
            restore(args.copy, args.key, settings.data, settings.keyring)
        print(say(language, "terminal.restored"))
        return 0
    node = open_node(settings)
    try:
        now = KnownTime(settings.data / "known_time", node.clock).known()  # as the running kiosk keeps it
        print(say(language, "terminal.backed_up", path=back_up(node, args.folder, now)))
        if args.key is not None:
            write_key(node, args.key)
            print(say(language, "terminal.backup_key", path=args.key))
    finally:
        node.close()
    return 0


def import_residents(settings: KioskSettings, args: argparse.Namespace) -> int:
    from kiosk.bootstrap import make_enroller, open_node, open_templates
    from kiosk.enrolling.importing import import_folder
    from kiosk.faces.engines import load_engine
    from kiosk.upkeep.engine_change import in_use

    language = terminal_language()
    node = open_node(settings)
    templates = open_templates(settings, node)
    failed = 0
    try:
        if not node.journal.device:
            raise Mendable("not_enrolled")
        used = load_engine(in_use(node.journal, settings.face.engine))
        enroller = make_enroller(settings, node, templates, used)
        today = node.clock.now().astimezone().date()
        for row in import_folder(args.folder, enroller, node.keys.secret("import"), node.clock.now_ms(), today):
            failed += row.error is not None
            if args.json:
                told = {"line": row.line, "ref": row.ref, "person": row.person, "photos": row.photos}
                told |= {"lookalikes": row.lookalikes, "refused": [e.code for e in row.refused]}
                print(json.dumps(told | {"error": row.error.code if row.error else None}, ensure_ascii=False))
            elif row.error is not None:
                print(f"{row.line:>5}  {row.ref:<12} ✗ {sentence(row.error, language)}")
            else:
                alike = say(language, "terminal.lookalikes", number=row.lookalikes) if row.lookalikes else ""
                print(f"{row.line:>5}  {row.ref:<12} ✓ {row.photos}  {alike}".rstrip())
    finally:
        templates.close()
        node.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
