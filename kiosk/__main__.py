"""The command line of the gate kiosk."""

import argparse
import json
import sys
from datetime import date
from getpass import getpass
from pathlib import Path

from assets.words import say
from domain.consent import Purpose
from domain.errors import Mendable
from kiosk.config import KioskSettings
from offline.program import guarded, keep_log, program_version, sentence, terminal_language
from offline.settings import config_path, load, log_path

PROGRAM = "kiosk"
DESCRIPTION = f"""The gate kiosk of Shouwang: recognises residents, opens the gate, and always offers another way in.

  shouwang-kiosk                                             full screen at the gate
  shouwang-kiosk enroll --district https://… --code CODE     join a district with a one-time code
  shouwang-kiosk import DIR                                  enrol residents from a folder with residents.csv
  shouwang-kiosk identify SOURCE --json                      run the recogniser on a camera, stream, video or folder

Settings: {config_path(PROGRAM)}
(TOML; docs/CONFIGURATION.md describes every one. Each is also a variable, for example
SHOUWANG_KIOSK_CAMERA__SOURCE=rtsp://… or SHOUWANG_KIOSK_GATE__HOST=10.0.0.7.)
Log: {log_path(PROGRAM)}"""


def parser() -> argparse.ArgumentParser:
    form = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser("shouwang-kiosk", description=DESCRIPTION, formatter_class=form)
    top.add_argument("--version", action="version", version=f"%(prog)s {program_version()}")
    top.add_argument("--config", type=Path, metavar="FILE", help="settings file")
    top.add_argument("-v", "--verbose", action="store_true", help="log to the terminal as well")
    commands = top.add_subparsers(dest="command", metavar="COMMAND")

    commands.add_parser("run", help="full screen at the gate (what happens without a command)")
    enroll = commands.add_parser("enroll", help="join a district with a one-time code")
    enroll.add_argument("--district", required=True, metavar="URL")
    enroll.add_argument("--code", required=True, help="as the district's operator gave it, valid for 15 minutes")
    enroll.add_argument("--name", default="", help="what the district calls this kiosk (default: its gate)")
    many = commands.add_parser("import", help="enrol residents from a folder with residents.csv and photographs")
    many.add_argument("folder", type=Path, metavar="DIR")
    many.add_argument("--json", action="store_true", help="one JSON object a row")
    staff = commands.add_parser("staff", help="set the PIN with which somebody of the staff signs in at this kiosk")
    staff.add_argument("name")
    pin = commands.add_parser("pin", help="set a resident's PIN")
    pin.add_argument("person", help="the resident's id, as `import` and `residents` print it")
    card = commands.add_parser("card", help="issue a card to a resident: type or hold it to the reader when asked")
    card.add_argument("person")
    card.add_argument("--last-day", type=date.fromisoformat, metavar="YYYY-MM-DD", help="the last day it is good")
    commands.add_parser("residents", help="who is known here: id, flat, name")
    identify = commands.add_parser("identify", help="run the recogniser on a source, against this kiosk's gallery")
    identify.add_argument("source", help="USB index, rtsp://…, a video file or a folder of frames")
    identify.add_argument("--json", action="store_true", help="one JSON object a visit")
    identify.add_argument("--quality", choices=("gate", "off"), default="gate")
    return top


def main(argv: list[str] | None = None) -> int:
    args = parser().parse_args(argv)
    keep_log(log_path(PROGRAM), verbose=args.verbose)
    return guarded(PROGRAM, lambda: run(args))


def run(args: argparse.Namespace) -> int:
    settings = load(KioskSettings, PROGRAM, args.config)
    if args.command == "enroll":
        return enroll(settings, args)
    if args.command == "import":
        return import_residents(settings, args)
    if args.command == "identify":
        return identify(settings, args)
    if args.command in ("staff", "pin", "card", "residents"):
        return credentials(settings, args)
    return show(settings)


def show(settings: KioskSettings) -> int:
    """The window, until it is closed."""
    from kiosk.bootstrap import make_gatehouse
    from kiosk.screens.window import panel_scale
    from qtkit.app import start
    from qtkit.theme import Mode

    screen = settings.screen
    scale = panel_scale(screen.width, screen.height)
    app = start("kiosk", log_path(PROGRAM), "kiosk", screen.language, Mode(screen.theme), scale)
    gatehouse = make_gatehouse(settings, app)
    window = gatehouse.window
    window.resize(screen.width, screen.height)
    if screen.fullscreen:
        window.showFullScreen()
    else:
        window.show()
    gatehouse.start()
    try:
        return app.run()
    finally:
        gatehouse.stop()


def enroll(settings: KioskSettings, args: argparse.Namespace) -> int:
    from kiosk.bootstrap import open_node

    node = open_node(settings)
    try:
        name = args.name or settings.site.gate_en
        node.enrol(args.district, args.code, "kiosk", name, settings.certificate)
        print(say(terminal_language(), "terminal.enrolled", community=node.journal.community, id=node.journal.device))
        print(say(terminal_language(), "terminal.fingerprint", fingerprint=node.identity.fingerprint))
    finally:
        node.close()
    return 0


def credentials(settings: KioskSettings, args: argparse.Namespace) -> int:
    """PINs, cards and who they may be given to. What is secret is asked for, never an argument."""
    from kiosk.books import CARD_ISSUED, PIN_SET, STAFF_SET
    from kiosk.bootstrap import open_node
    from kiosk.credentials.desk import card_digest
    from kiosk.credentials.pins import Pins

    language = terminal_language()
    node = open_node(settings)
    try:
        people = node.roster.profiles()
        if args.command == "residents":
            for person, profile in sorted(people.items(), key=lambda item: item[1].flat):
                print(f"{person}  {profile.flat:<12} {profile.full_name}")
            return 0
        if args.command != "staff" and args.person not in people:
            raise Mendable("resident_unknown", person=args.person)
        pins = Pins(node.keys.secret("pin pepper"))
        if args.command == "card":
            digest = card_digest(getpass(say(language, "terminal.card")), node.keys.secret("card numbers"))
            last = {"last_day": args.last_day.isoformat()} if args.last_day else {}
            node.journal.append(CARD_ISSUED, {"digest": digest} | last, subject=args.person)
        elif args.command == "pin":
            stored = pins.hash(getpass(say(language, "terminal.pin")))
            node.journal.append(PIN_SET, {"hash": stored}, subject=args.person)
        else:
            stored = pins.hash(getpass(say(language, "terminal.pin")))
            node.journal.append(STAFF_SET, {"name": args.name, "hash": stored})
        print(say(language, "terminal.done"))
    finally:
        node.close()
    return 0


def identify(settings: KioskSettings, args: argparse.Namespace) -> int:
    from kiosk.bootstrap import open_node, open_templates
    from kiosk.faces import identify as identifying
    from kiosk.faces.engines import load_engine

    language = terminal_language()

    def emit(visit: dict[str, object]) -> None:
        words = (
            json.dumps(visit)
            if args.json
            else say(language, "terminal.visit", **visit | {"resident": visit["resident"] or "-"})
        )
        print(words, flush=True)

    node = open_node(settings)
    templates = open_templates(settings, node)
    try:
        engine = load_engine(settings.face.engine)
        consenting = node.roster.consenting(Purpose.FACE_AT_GATE)
        gallery = templates.gallery(engine.name, engine.version, consenting)
    finally:
        templates.close()
        node.close()
    identifying.run(args.source, gallery, settings.face.engine, args.quality == "gate", emit)
    return 0


def import_residents(settings: KioskSettings, args: argparse.Namespace) -> int:
    from kiosk.bootstrap import make_enroller, open_node, open_templates
    from kiosk.faces.engines import load_engine
    from kiosk.importing import import_folder

    language = terminal_language()
    node = open_node(settings)
    templates = open_templates(settings, node)
    failed = 0
    try:
        if not node.journal.device:
            raise Mendable("not_enrolled")
        enroller = make_enroller(settings, node, templates, load_engine(settings.face.engine))
        for row in import_folder(args.folder, enroller, node.keys.secret("import"), node.clock.now_ms()):
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
