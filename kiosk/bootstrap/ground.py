"""What the parts of a kiosk stand on: its settings, its memory, its engine."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kiosk.config import KioskSettings
from kiosk.credentials.books import CredentialsProjection
from kiosk.faces.engine import FaceEngine
from kiosk.gatehouse import Telling
from kiosk.known_time import Known, KnownTime
from kiosk.last_word import LastWord
from kiosk.residents.known import PassagesProjection
from kiosk.residents.templates import TemplateStore
from offline.keys.identity import unb64
from offline.node import Node


def open_node(settings: KioskSettings) -> Node:
    """The kiosk's memory: journal, keys, line. Raises Mendable as they do."""
    return Node(settings.data, [PassagesProjection(), CredentialsProjection()], settings.keyring)


def open_templates(settings: KioskSettings, node: Node) -> TemplateStore:
    return TemplateStore(settings.data / "templates.sqlite", node.keys)


@dataclass(frozen=True, slots=True)
class Ground:
    """What the parts stand on."""

    settings: KioskSettings
    node: Node
    templates: TemplateStore
    engine: FaceEngine
    tell: Telling
    last_word: LastWord
    time: KnownTime

    def now(self) -> datetime:
        """Local time, by the district's clock."""
        return self.node.clock.now().astimezone()

    def known(self) -> Known:
        """What is kept for a time goes by this. A gate that belongs to no district has its own clock alone to go by."""
        known = self.time.known()
        return known if self.node.district is not None else replace(known, heard=True)

    def hurry(self) -> None:
        """What was recorded goes to the district at once."""
        if self.node.sync is not None:
            self.node.sync.poke()

    def online(self) -> bool:
        return self.node.sync is not None and self.node.sync.status.link.answers

    def silence(self) -> timedelta:
        """Of the district; a gate that belongs to none waits for nobody's word."""
        return timedelta(0) if self.node.district is None else self.last_word.silence()

    def district_key(self) -> Ed25519PublicKey | None:
        """By which orders and looks are verified; None before enrolment."""
        district = self.node.district
        return None if district is None else Ed25519PublicKey.from_public_bytes(unb64(district.sign_key))
