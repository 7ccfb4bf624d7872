"""A gatehouse for tests: a real journal, keystore and template store, and the residents folded from them."""

from pathlib import Path
from typing import Any

import numpy as np

from domain.consent import Purpose
from domain.people import Profile
from kiosk.residents.known import PassagesProjection, Residents
from kiosk.residents.templates import TemplateStore
from offline.journal.journal import Journal
from offline.keys.keystore import Keystore
from offline.keys.seal import new_key
from offline.node_clock import NodeClock
from offline.roster import Roster, RosterProjection

UNIT = np.eye(3, 128, dtype=np.float32)


class Gatehouse:
    def __init__(self, folder: Path, master: bytes = b"", joined: bool = False) -> None:
        self.journal = Journal(folder / "j.sqlite", NodeClock(), [RosterProjection(), PassagesProjection()])
        self.journal.become("gate-1", 1, "jinxiu")
        self.keys = Keystore(folder / "k.sqlite", master or new_key())
        self.roster = Roster(self.journal, self.keys)
        self.templates = TemplateStore(folder / "t.sqlite", self.keys)
        self.galleries: list[list[str]] = []
        self.residents = Residents(
            self.journal, self.roster, self.templates, self.keys, ("sface", "1"),
            gallery_changed=lambda gallery, _homes: self.galleries.append([person for person, _ in gallery]),
            filling=lambda: joined and self.journal.filling,
        )  # fmt: skip

    def enrol(self, person: str, **profile: Any) -> None:
        self.roster.register(person, Profile("王", "秀兰", title_zh="奶奶", title_en="Mrs", **profile))
        self.templates.save(person, "sface", "1", UNIT, [b"photo"])
        self.roster.consent(person, Purpose.FACE_AT_GATE, True, "2026-1", person)

    def close(self) -> None:
        self.journal.close()
        self.keys.close()
        self.templates.close()
