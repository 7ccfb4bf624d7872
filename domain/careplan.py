"""An elder's care plan: by when somebody should have heard from them, what counts, who is asked, and what they agreed to."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.consent import Purpose
from domain.signals import CLEARING, HOME, Sign, SignOfLife

HOUR = timedelta(hours=1)


class Days(StrEnum):
    DAILY = "daily"
    WEEKDAYS = "weekdays"  # Monday to Friday and no public holiday
    RESTDAYS = "restdays"  # Saturday, Sunday, public holidays
    HOLIDAYS = "holidays"  # public holidays only
    FESTIVALS = "festivals"  # lunar festivals, public holidays or not


@dataclass(frozen=True, slots=True)
class Window:
    """Between `start` and `end` (local; past midnight where end <= start) one counted sign is expected."""

    id: str
    start: time
    end: time
    days: Days = Days.DAILY
    grace: timedelta = timedelta(minutes=30)
    counted: frozenset[Sign] | None = None  # None: what the plan counts
    remind_before: timedelta = timedelta(minutes=30)  # before `end`; zero for none
    since: datetime | None = None  # it was agreed as it is; no deadline of it passes before
    # its hours were moved while it was awaited: it is awaited still, and from then on a sign answers it
    first: datetime | None = None


@dataclass(frozen=True, slots=True)
class Backstop:
    """A fixed rule: in `after` of watched time less than `amount` (m3; 0: no sign at all) of these kinds.

    `alone`: only where no sensor watches the home, for a day at home is no alarm where the home itself is heard.
    """

    id: str
    kinds: frozenset[Sign]
    after: timedelta
    amount: float = 0.0
    alone: bool = False


# In use in China for elders alone (docs of civil-affairs pilots): water, door, motion, gate.
BACKSTOPS = (
    Backstop("no_water", frozenset({Sign.WATER}), 12 * HOUR, 0.01),
    Backstop("no_door", frozenset({Sign.DOOR}), 24 * HOUR),
    Backstop("no_motion", frozenset({Sign.MOTION, Sign.PRESENCE}), 24 * HOUR),
    Backstop("no_gate", frozenset({Sign.GATE}), 24 * HOUR, alone=True),
)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Local hours in which nobody is reminded and no missed check-in rings. Life-safety does not know them."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Away:
    """A stay elsewhere (hospital, family) entered by a person; `end` None while open."""

    start: datetime
    end: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to ask, in the order of the plan. Names and numbers live in the person's own sealed profile."""

    person_id: str
    relation: str = ""
    has_key: bool = False


@dataclass(frozen=True, slots=True)
class CarePlan:
    """Immutable; a change is a new `revision` (compare-and-set). `zone` is an IANA name.

    `door_access` and `medical_note` exist in memory and sealed, never in an envelope; the note is for responders only.
    """

    elder: str
    revision: int = 1
    since: datetime | None = None  # the watch began; nothing is expected before
    zone: str = "Asia/Shanghai"
    windows: tuple[Window, ...] = ()
    counted: frozenset[Sign] = CLEARING
    quiet: QuietHours | None = None
    away: tuple[Away, ...] = ()
    return_watch: timedelta = 4 * HOUR
    return_grace: timedelta = timedelta(minutes=30)
    backstops: tuple[Backstop, ...] = BACKSTOPS
    false_alarms_per_day: float = 1 / 61  # the learned silence rule's budget: one in two months
    blind_after: timedelta = 1 * HOUR  # a silent device becomes an incident of its own kind
    paused: frozenset[str] = frozenset()  # device ids the elder has paused
    # when a device, or (under '') the whole home, was not listened to as the elder wished, and is again: from, to
    rests: tuple[tuple[str, datetime, datetime], ...] = ()
    consents: frozenset[Purpose] = frozenset()
    contacts: tuple[Contact, ...] = ()
    ladder: str = ""  # reference to the ladder under which incidents open
    language: str = ""  # in which the elder is written to; "": as they are registered
    door_access: str = ""
    medical_note: str = ""

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def watches_home(self) -> bool:
        return Purpose.HOME_MONITORING in self.consents

    @property
    def ever(self) -> "CarePlan":
        """As if it had always been in force: for asking what it would have done."""
        return replace(self, since=None, windows=tuple(replace(w, since=None, first=None) for w in self.windows))

    def admits(self, sign: SignOfLife) -> bool:
        """Whether the elder lets this sign be used: not from a paused sensor, from the home only with consent."""
        return sign.source not in self.paused and (self.watches_home or sign.kind not in HOME)
