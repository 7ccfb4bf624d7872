"""A made-up community, whole and repeatable: for the first-run tour, the pictures of every page, tests and benches.

Facts arrive the way real ones do, down the feed, so every projection is fed by the same road.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta, tzinfo
from pathlib import Path
from time import monotonic
from typing import Any

from caregiver.elders.plans import plain_of
from caregiver.invented import ME, Feed, open_incident, passage, past_incident
from caregiver.session import Session
from caregiver.state import AppState, projections
from domain.careplan import CarePlan, QuietHours, Window
from domain.careplan import Contact as DomainContact
from domain.consent import Purpose
from domain.events import to_ms
from domain.people import Profile, Role
from offline.journal.journal import Journal
from offline.keys.identity import b64
from offline.keys.keystore import Keystore, master_key
from offline.keys.seal import seal
from offline.node_clock import NodeClock
from offline.wire import FeedItem

FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余"
GIVEN = [
    "秀英",
    "桂兰",
    "淑珍",
    "建国",
    "玉兰",
    "德明",
    "桂芳",
    "志强",
    "凤英",
    "国华",
    "素珍",
    "永福",
    "秀兰",
    "文清",
    "玉梅",
    "长生",
    "翠花",
    "光荣",
    "惠芳",
    "振华",
    "月娥",
    "保国",
    "金凤",
    "明德",
    "雪梅",
    "福生",
    "淑华",
    "宝珍",
    "玉珍",
    "忠义",
]
ROOMS = ("living", "kitchen", "bedroom", "bathroom", "hall")
TITLES = {True: ("奶奶", "Mrs"), False: ("爷爷", "Mr")}
STAFF = (
    (ME, "赵", "敏"), ("p-sun-li", "孙", "丽"), ("p-zhou-ting", "周", "婷"), ("p-wu-qiang", "吴", "强"),
    ("p-supervisor", "林", "海燕"), ("p-son", "王", "建军"),
)  # fmt: skip
CAREGIVERS = (ME, "p-sun-li", "p-zhou-ting", "p-wu-qiang")


@dataclass(frozen=True)
class Sample:
    """How much to make up. `days` of history end at `now`."""

    now: datetime
    elders: int = 200
    residents: int = 120
    days: int = 30
    signs_a_day: int = 8
    passages: int = 3_000
    seed: int = 7
    incidents: bool = True

    def people(self) -> Iterator[tuple[str, Profile]]:
        rng = random.Random(self.seed)  # noqa: S311 - invented, and the same each time
        for i in range(self.elders + self.residents):
            elder = i < self.elders
            woman = rng.random() < 0.6
            family, given = rng.choice(FAMILY), rng.choice(GIVEN)
            building, unit, floor = i // 36 + 1, i // 12 % 3 + 1, i % 12 // 2 + 1
            year = rng.randint(1934, 1956) if elder else rng.randint(1960, 2004)
            born = f"{year}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
            zh, en = TITLES[woman] if elder else (("女士", "Ms") if woman else ("先生", "Mr"))
            flat, phone = f"{building}-{unit}-{floor}0{i % 2 + 1}", f"138 0000 {i:04}"
            yield f"p{i:032x}", Profile(family, given, zh, en, born, flat, elder, "zh", phone)

    def _morning(self, day: int, hour: float) -> datetime:
        start = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        return start - timedelta(days=day) + timedelta(hours=hour)

    def facts(self, keys: Keystore, community: str) -> Iterator[FeedItem]:
        feed = Feed(community, self.seed)
        rng = feed.rng
        people = list(self.people())
        first = self.now - timedelta(days=self.days + 1)
        for person, profile in people:
            plain = json.dumps(asdict(profile), ensure_ascii=False).encode()
            sealed = b64(seal(keys.create(person), plain, b"profile|" + person.encode()))
            yield feed.item("person.registered", {"profile": sealed, "revision": 1}, person, first)
            yield feed.item(
                "consent.given", {"purpose": "face_at_gate", "version": "2026-1", "by": person}, person, first
            )
        for person, family, given in STAFF:
            profile = Profile(family, given, phone="139 0000 0001")
            plain = json.dumps(asdict(profile), ensure_ascii=False).encode()
            sealed = b64(seal(keys.create(person), plain, b"profile|" + person.encode()))
            yield feed.item("person.registered", {"profile": sealed, "revision": 1}, person, first)
        elders = people[: self.elders]
        for i, (person, _) in enumerate(elders):
            yield feed.item("careplan.set", self._plan(i, person, people), person, first)
            yield feed.item(
                "consent.given", {"purpose": "home_monitoring", "version": "2026-1", "by": person}, person, first
            )
            for room in ROOMS:
                device = {"device": f"motion-{i}-{room}", "kind": "motion", "place": room}
                yield feed.item("home.device_registered", device, person, first)
            watch = {"device": f"watch-{i}", "kind": "wearable", "percent": 12 if i % 37 == 5 else 40 + i % 60}
            yield feed.item("device.battery", watch, person, self.now - timedelta(hours=2))
        yield from self._signs(feed, elders, rng)
        yield from self._passages(feed, people, rng)
        for i in (23, 61):
            yield feed.item("device.blind", {"device": f"motion-{i}-hall", "kind": "motion", "place": "hall", "blind": True,
                                             "since": to_ms(self.now - timedelta(hours=5))}, elders[i % len(elders)][0],
                            self.now - timedelta(hours=5))  # fmt: skip
        if self.incidents:
            yield from self._incidents(feed, elders)

    def _plan(self, i: int, person: str, people: list[tuple[str, Profile]]) -> dict[str, Any]:
        others = people[self.elders :] or people
        relative, neighbour = others[i % len(others)][0], people[(i + 1) % self.elders][0]
        plain = sample_plan(i, person, relative, neighbour, CAREGIVERS[i % 4])
        if i % 20 == 13:
            plain["away"] = [
                {
                    "start": to_ms(self.now - timedelta(days=1)),
                    "end": to_ms(self.now + timedelta(days=3)),
                    "reason": "family",
                }
            ]
        return plain

    def _signs(self, feed: Feed, elders: list[tuple[str, Profile]], rng: random.Random) -> Iterator[FeedItem]:
        for day in range(self.days, -1, -1):
            for i, (person, _) in enumerate(elders):
                rise = 6.2 + i % 5 * 0.4 + rng.gauss(0, 0.35)
                for n in range(self.signs_a_day):
                    at = self._morning(day, rise + n * (15 / self.signs_a_day) + rng.random())
                    if at >= self.now or (day == 0 and i in (3, 11, 19)) or (day < 2 and i == 40):
                        continue
                    room = ROOMS[(n + i) % len(ROOMS)]
                    if n == 2 and i % 3 == 0:
                        yield feed.item(
                            "checkin.pressed", {"device": "gate-south", "place": "gate-south"}, person, at, "gate-south"
                        )
                    else:
                        kind = "sign.door" if n % 4 == 3 else "sign.motion"
                        yield feed.item(kind, {"device": f"motion-{i}-{room}", "place": room}, person, at, f"hub-{i}")

    def _passages(self, feed: Feed, people: list[tuple[str, Profile]], rng: random.Random) -> Iterator[FeedItem]:
        for n in range(self.passages):
            at = self.now - timedelta(
                seconds=(self.passages - n) * self.days * 86_400 / self.passages + rng.random() * 60
            )
            yield passage(feed, rng, people, at)

    def _incidents(self, feed: Feed, elders: list[tuple[str, Profile]]) -> Iterator[FeedItem]:
        for n in range(self.days * 2):
            at = self._morning(self.days - n // 2, 8 + n % 2 * 6 + n % 5)
            if at < self.now - timedelta(hours=3):
                yield from past_incident(feed, n, elders[(n * 13) % len(elders)][0], at)
        yield from open_incident(feed, "sos-now", "sos", elders[8][0], self.now - timedelta(seconds=41), "bedroom")
        yield from open_incident(
            feed, "inactive-now", "inactivity", elders[40 % len(elders)][0], self.now - timedelta(minutes=9), ""
        )


def sample_plan(i: int, elder: str, relative: str, neighbour: str, caregiver: str) -> dict[str, Any]:
    """A morning window for everybody, an evening one for some; one elder in twenty is away."""
    windows = [Window("morning", time(7 + i % 3), time(9 + i % 3), grace=timedelta(minutes=30))]
    if i % 4 == 0:
        windows.append(Window("evening", time(18), time(20)))
    people = (
        DomainContact(relative, "daughter" if i % 2 else "son", has_key=True),
        DomainContact(neighbour, "neighbour"),
    )
    home = frozenset({Purpose.HOME_MONITORING})
    plan = CarePlan(elder, windows=tuple(windows), quiet=QuietHours(time(22), time(6)), consents=home, contacts=people)
    return plain_of(plan, caregiver=caregiver)


def lay(folder: Path, sample: Sample, page: int = 4_000) -> None:
    """Fill `folder` with the sample's replica and keys."""
    clock = NodeClock()
    keys = Keystore(folder / "keys.db", master_key(folder / "master.key"))
    journal = Journal(folder / "journal.db", clock, projections(), key=keys.secret("journal"))
    journal.become("desk-1", 1, "jinxiu")
    items: list[FeedItem] = []
    for item in sample.facts(keys, "jinxiu"):
        items.append(item)
        if len(items) >= page:
            journal.absorb(items)
            items.clear()
    journal.absorb(items)
    journal.close()
    keys.close()


def open_sample(
    folder: Path, now: datetime, role: Role = Role.SUPERVISOR, zone: tzinfo | None = None, ticking: bool = False
) -> AppState:
    """The state over a replica that `lay` made, with the clock held at `now`, or ticking on from there."""
    clock = NodeClock(wall=now.timestamp, monotonic=monotonic if ticking else lambda: 0.0)
    clock.learn(to_ms(now), 0.0)
    keys = Keystore(folder / "keys.db", master_key(folder / "master.key"))
    journal = Journal(folder / "journal.db", clock, projections(), key=keys.secret("journal"))
    return AppState(journal, keys, clock, Session(ME, role, "赵敏", "锦绣社区"), zone=zone)
