"""Changing the face engine of a kiosk: prepared beside the one in use, compared with it, switched by a fact, and taken back by one.

Templates of both engines lie side by side, so that taking a change back needs nothing but a restart. What the engine in use is
follows from the last such fact; the settings name the one a new kiosk begins with.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial

from domain.consent import Purpose
from domain.errors import Mendable
from kiosk.faces.change import Reembedded, Trial, better, reembed, trial
from kiosk.faces.engine import FaceEngine
from kiosk.faces.enrolment import decode_photo
from kiosk.residents.templates import TemplateStore
from offline.journal.journal import Journal
from offline.roster import Roster

log = logging.getLogger(__name__)

CHANGED = "kiosk.engine_changed"


@dataclass(frozen=True, slots=True)
class Prepared:
    """What came of preparing: `people` have templates of the new engine, `without` consent and have none (no photographs kept,
    or none that it can use); both engines' trials on the same photographs."""

    people: int
    without: tuple[str, ...]
    old: Trial
    new: Trial

    @property
    def welcome(self) -> bool:
        """Nobody is lost, and it errs no more often."""
        return not self.without and better(self.new, self.old)


def in_use(journal: Journal, default: str) -> str:
    """The engine this kiosk recognises with, as `load_engine` takes it."""
    return _changes(journal, default)[-1]


def before(journal: Journal, default: str) -> str | None:
    """The one before it, None where there was no other."""
    return next((e for e in reversed(_changes(journal, default)) if e != in_use(journal, default)), None)


def _changes(journal: Journal, default: str) -> list[str]:
    facts = (f for f in journal.facts(CHANGED) if f.envelope.device == journal.device)
    return [default, *(str(f.payload["engine"]) for f in facts if f.payload)]


def prepare(
    templates: TemplateStore,
    roster: Roster,
    old: FaceEngine,
    new: FaceEngine,
    target_fpir: float,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Prepared:
    """Embed everybody's kept photographs with `new`, under the consents that hold now, and try both engines on them.

    May run beside a kiosk in use, takes about a quarter of a second a photograph, and can be repeated.
    """
    face = roster.consenting(Purpose.FACE_AT_GATE)
    keeping = sorted(face & roster.consenting(Purpose.ENROLMENT_PHOTOS) & templates.people())
    known = {person for person, _ in templates.gallery(old.name, old.version, face)}
    ours: list[Reembedded] = []
    theirs: list[Reembedded] = []
    for number, person in enumerate(keeping, 1):
        kept = templates.photos(person)
        photos = [(str(i), decode_photo(raw, str(i))) for i, raw in enumerate(kept)]
        mine, other = (next(reembed(e, [(person, partial(list, photos))])) for e in (new, old))
        if len(mine.embeddings) and roster.holds(person, Purpose.FACE_AT_GATE):  # it may have been withdrawn meanwhile
            templates.save(person, new.name, new.version, mine.embeddings)
            # by the kiosk in use, which may have erased before this was saved
            if not roster.holds(person, Purpose.FACE_AT_GATE):
                templates.remove(person)
            elif (
                templates.photos(person) != kept
            ):  # enrolled anew meanwhile, because these were somebody else's perhaps
                templates.forget_engine(new.name, new.version, person)
        ours.append(mine)
        theirs.append(other)
        progress(number, len(keeping))
    have = {person for person, _ in templates.gallery(new.name, new.version, face)}
    return Prepared(
        len(have), tuple(sorted(known - have)), trial(old, theirs, target_fpir), trial(new, ours, target_fpir)
    )


def switch(journal: Journal, engine: str, prepared: Prepared | None, recorded: Mapping[str, int] | None = None) -> None:
    """From the kiosk's next start on it recognises with `engine`; `prepared` is None where an earlier change is taken back,
    `recorded` what came of a trial on this gate's own decisions."""
    told = None
    if prepared is not None:
        told = {"old": asdict(prepared.old), "new": asdict(prepared.new), "without": len(prepared.without)}
    journal.append(CHANGED, {"engine": engine, "trials": told, "recorded": recorded})


def drop_others(templates: TemplateStore, keep: list[FaceEngine]) -> None:
    """Erase the templates of engines that are neither in use nor would be gone back to."""
    kept = {(engine.name, engine.version) for engine in keep}
    for engine, version in templates.engines():
        if (engine, version) not in kept:
            templates.forget_engine(engine, version)
            log.info("templates of %s %s erased", engine, version)


def refused(prepared: Prepared) -> Mendable:
    """Why it was not switched, in words."""
    return Mendable(
        "engine_not_better",
        without=len(prepared.without),
        visits=prepared.new.visits,
        missed=prepared.new.missed,
        false=prepared.new.false,
        before_missed=prepared.old.missed,
        before_false=prepared.old.false,
    )
