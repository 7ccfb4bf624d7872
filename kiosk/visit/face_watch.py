"""The face before the camera, as a visit remembers it: since when, how far, what was asked of it, whether it is decided. No Qt."""

from datetime import datetime, timedelta

from domain.identification import Decision, Reason
from kiosk.faces.messages import ChallengeAsked, Sighting, Turn
from kiosk.visit.view import Screen

# A visit that ended for another reason belonged, if the face is gone, to somebody who walked past.
LOOKED_AT = frozenset({
    Reason.NO_MATCH, Reason.EMPTY_GALLERY, Reason.THIN_MARGIN, Reason.NEAR_THRESHOLD, Reason.CHALLENGE_FAILED,
    Reason.NOT_LIVE, Reason.MATCH,
})  # fmt: skip
SPOKEN_COACHING = frozenset(
    {"too_far", "out_of_zone", "several_faces", "backlit", "too_dark", "turned_away", "occluded"}
)

# Whoever was decided and still stands there is told how to be looked at again: not while the gate is open, and not for ever.
AGAIN_AFTER, AGAIN_UNTIL = timedelta(seconds=15), timedelta(seconds=45)
# Two who come through together have gone by then; a second one who still stands beside the first waits for a turn of their own.
BESIDE_AFTER = timedelta(seconds=8)
LOOK_AFTER = timedelta(seconds=1)  # whoever is recognised at once is greeted, and not asked to look first
BESIDE_AGAIN = timedelta(seconds=60)  # who waits beside the gate, or beside whoever was decided, is not nagged


class FaceWatch:
    """At most one face at a time; `coach_after` is how long it may stay undecided before advice is given."""

    def __init__(self, coach_after: timedelta, now: datetime) -> None:
        self._coach_after, self._since = coach_after, now
        self.seen: Sighting | None = None
        self.challenge: ChallengeAsked | None = None
        self._turns = 0  # of the challenge, begun by now
        self._decided: str | None = None
        self._decided_at = now
        self._settled = False  # a decision was made, and since then the picture was never empty
        self.passed_by = False  # the last decision was on somebody who hardly stopped
        self._crowd_since: datetime | None = None  # since when somebody else of like size stands beside the face

    @property
    def visit_id(self) -> str:
        """Empty while nobody is there."""
        return (self.seen.visit_id if self.seen else None) or ""

    def see(self, seen: Sighting, now: datetime) -> None:
        crowded = seen.coaching is Reason.SEVERAL_FACES
        self._crowd_since = (self._crowd_since or now) if crowded else None
        if seen.visit_id is None:
            self._nobody_inside(seen, now)
            return
        if seen.visit_id != self.visit_id:
            self._since = now
            if self.challenge is not None and self.challenge.visit_id != seen.visit_id:
                self.challenge = None  # a visit's own may come before the first sight of it
        self.seen = seen

    def _nobody_inside(self, seen: Sighting, now: datetime) -> None:
        """Somebody beside the marked zone is told to step in, except who was decided just now and walks off."""
        beside = seen.coaching is Reason.OUT_OF_ZONE
        self._settled = self._settled and beside
        if self.visit_id or self.seen is None:
            self._since = now
        self.seen, self.challenge = (seen if beside and not self._settled else None), None

    def leave(self, visit_id: str) -> None:
        if visit_id == self.visit_id:
            self.seen = self.challenge = None

    def lose(self) -> None:
        """The camera or the recogniser failed."""
        self.seen = self.challenge = None

    def count_from(self, now: datetime) -> None:
        """The clock was put back: whatever has lasted, begins now."""
        self._since = self._decided_at = now
        self._crowd_since = None if self._crowd_since is None else now

    def decide(self, decision: Decision, now: datetime) -> bool:
        """Note a decision; False where it had been noted before."""
        if decision.visit_id == self._decided:
            return False
        self._decided, self._decided_at, self._settled = decision.visit_id, now, True
        self.passed_by = decision.reason not in LOOKED_AT
        return True

    def screen(self, now: datetime) -> Screen:
        """What an undecided face sees: the ring, after a while a word of advice, or the lantern to follow."""
        if self.seen is None:
            return Screen.STANDBY
        if self.stays:
            again = AGAIN_AFTER <= now - self._decided_at < AGAIN_UNTIL
            return Screen.COACHING if again or self._kept_waiting(now) else Screen.STANDBY
        late = now - self._since >= self._coach_after
        if not self.visit_id:
            return Screen.COACHING if late else Screen.STANDBY
        if self.challenge is not None and self.challenge.visit_id == self.visit_id:
            return Screen.CHALLENGE
        return Screen.COACHING if late else Screen.APPROACHING

    def waits(self, now: datetime) -> bool:
        """Whether a face has been there for longer than a resident's takes to be recognised."""
        return now - self._since >= LOOK_AFTER

    def turn(self) -> Turn | None:
        """The turn of a slow challenge that has just begun, to be said; each once."""
        asked, seen = self.challenge, self.seen
        if asked is None or not asked.slow or seen is None or seen.visit_id != asked.visit_id:
            return None
        begun = max(0, int((seen.monotonic - asked.started) // asked.step_s) + 1)
        if begun <= self._turns or begun > len(asked.turns):
            return None
        self._turns = begun
        return asked.turns[begun - 1]

    def ask(self, asked: ChallengeAsked) -> None:
        self.challenge, self._turns = asked, 0

    @property
    def coaching(self) -> Reason | None:
        """Why nothing is decided; to whoever has been decided, only that somebody waits beside them."""
        reason = self.seen.coaching if self.seen else None
        return reason if not self.stays or reason is Reason.SEVERAL_FACES else None

    @property
    def stays(self) -> bool:
        """Whether whoever stands there has been decided, and is looked at again only once they have stepped back."""
        return bool(self.visit_id) and self.visit_id == self._decided

    def _kept_waiting(self, now: datetime) -> bool:
        """Whether somebody waits beside whoever was decided and still stands there."""
        if self._crowd_since is None:
            return False
        return now >= max(self._crowd_since + self._coach_after, self._decided_at + BESIDE_AFTER)

    def advice(self) -> str:
        """The prompt to speak while coaching; empty where silence is better."""
        reason = self.coaching
        return f"coach_{reason}" if reason in SPOKEN_COACHING else ""

    @property
    def pause(self) -> timedelta | None:
        """Between two sayings of the same advice; None for the usual one."""
        return BESIDE_AGAIN if self.stays or not self.visit_id else None
