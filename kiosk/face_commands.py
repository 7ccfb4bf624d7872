"""What an operator does with faces on the command line: identify, set up the infrared camera, change the engine."""

import argparse
import json
import os
import sys
from dataclasses import asdict, replace
from functools import partial

from assets.words import say
from domain.consent import Purpose
from domain.errors import Mendable
from kiosk.config import KioskSettings
from offline.program import terminal_language


def identify(settings: KioskSettings, args: argparse.Namespace) -> int:
    from kiosk.bootstrap import open_node, open_templates
    from kiosk.camera.open import is_live
    from kiosk.faces import identify as identifying
    from kiosk.faces.engines import load_engine
    from kiosk.faces.quality import GATE, OFF
    from kiosk.house_rules import face_settings
    from kiosk.upkeep.engine_change import in_use

    language = terminal_language()
    visits = 0

    def emit(visit: dict[str, object]) -> None:
        nonlocal visits
        visits += 1
        words = (
            json.dumps(visit)
            if args.json
            else say(language, "terminal.visit", **visit | {"resident": visit["resident"] or "-"})
        )
        print(words, flush=True)

    node = open_node(settings)
    templates = open_templates(settings, node)
    try:
        chosen = in_use(node.journal, settings.face.engine)
        engine = load_engine(chosen)
        consenting = node.roster.consenting(Purpose.FACE_AT_GATE)
        gallery = templates.gallery(engine.name, engine.version, consenting)
    finally:
        templates.close()
        node.close()
    # as this gate looks, but nobody is asked to follow a lantern that nobody sees: liveness is reported as it stands
    look = replace(
        face_settings(settings),
        simulated=not is_live(args.source),
        limits=GATE if args.quality == "gate" else OFF,
        infrared=None,
        challenge=False,
    )
    identifying.run(args.source, gallery, chosen, emit, look)
    if not visits:
        print(say(language, "terminal.nobody", source=args.source), file=sys.stderr)
    return 0


def infrared(settings: KioskSettings, args: argparse.Namespace) -> int:
    """Learn where the infrared camera has what the colour camera has, and print what to put into the settings."""
    from kiosk.camera import CameraFeed, open_camera
    from kiosk.faces.engines import load_engine
    from kiosk.upkeep.infrared_setup import measure

    language = terminal_language()
    camera, table = settings.camera, settings.infrared
    if not table.source:
        raise Mendable("infrared_no_source")
    engine = load_engine("sface")
    sources = (camera.source, table.source)
    first, second = (CameraFeed(partial(open_camera, s, simulated=camera.simulated, loop=camera.loop)) for s in sources)
    print(say(language, "terminal.infrared_stand"), file=sys.stderr)
    first.start()
    second.start()
    try:
        found = measure(engine, first, second, args.seconds, _counted)
    finally:
        first.stop()
        second.stop()
    at = found.offset
    print(say(language, "terminal.infrared_found", pairs=found.pairs, spread=round(100 * found.spread, 1)))
    print(
        f"[infrared]\nsource = {json.dumps(table.source)}\ndx = {at.dx:.4f}\ndy = {at.dy:.4f}\nscale = {at.scale:.4f}"
    )
    return 0


def engine(settings: KioskSettings, args: argparse.Namespace) -> int:
    """Say which engine is in use and which is tried; prepare another, try it on this gate's decisions, and switch; or go back."""
    from kiosk.bootstrap import open_node, open_templates
    from kiosk.faces.engine import title
    from kiosk.faces.engines import load_engine
    from kiosk.upkeep import engine_change as change
    from kiosk.upkeep import engine_trial as trial

    language = terminal_language()
    node = open_node(settings)
    templates = open_templates(settings, node)
    try:
        now, tried = change.in_use(node.journal, settings.face.engine), trial.on_trial(node.journal)
        wanted = change.before(node.journal, settings.face.engine) if args.back else args.engine
        if args.back and wanted is None:
            raise Mendable("engine_none_before")
        if wanted is None or wanted == now:
            print(say(language, "terminal.engine_now", engine=now))
            if tried and wanted == now:
                node.journal.append(trial.TRIAL, {"engine": ""})
            elif tried:
                so_far = asdict(trial.recorded(node.journal, title(load_engine(tried)), node.clock.now()))
                print(say(language, "terminal.engine_tried", engine=tried, least=trial.LEAST_VISITS, **so_far))
            return 0
        old, new = load_engine(now), load_engine(wanted)
        prepared, found = None, None
        if not args.back:
            os.nice(10)  # beside a kiosk in use
            prepared = change.prepare(templates, node.roster, old, new, settings.face.target_fpir, _counted)
            if not (prepared.welcome or args.anyway):
                raise change.refused(prepared)
            change.drop_others(templates, [old, new])
            if not args.anyway and tried != wanted:
                node.journal.append(trial.TRIAL, {"engine": wanted})
                print(say(language, "terminal.engine_on_trial", engine=wanted, least=trial.LEAST_VISITS))
                return 0
            found = trial.recorded(node.journal, title(new), node.clock.now())
            if not (found.welcome or args.anyway):
                raise Mendable("engine_trial", least=trial.LEAST_VISITS, **asdict(found))
        change.switch(node.journal, wanted, prepared, None if found is None else asdict(found))
        people = templates.engines().get((new.name, new.version), 0)
        print(say(language, "terminal.engine_switched", engine=wanted, before=now, people=people))
    finally:
        templates.close()
        node.close()
    return 0


def _counted(done: int, of: int) -> None:
    print(f"\r{done}/{of}", end="\n" if done == of else "", file=sys.stderr, flush=True)
