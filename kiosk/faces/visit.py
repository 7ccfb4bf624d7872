"""What a pipeline is set to, what it knows of residents' habits, and the visit under way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.challenge import Answer, Step
from domain.identification import Decision, Doubt, Operating, Patience, Quality, Reason, Verdict
from domain.liveness import PolicyPlan
from domain.passages import Hours
from kiosk.faces.engine import Look, Vector
from kiosk.faces.infrared import Offset
from kiosk.faces.passive import Passive
from kiosk.faces.quality import GATE, Limits
from kiosk.faces.turning import HeadTurn


@dataclass(frozen=True, slots=True)
class Settings:
    """How a gate looks. `zone` is left, top, right, bottom in fractions of the frame; `challenge_share` is drawn at random."""

    simulated: bool
    limits: Limits = GATE
    zone: tuple[float, float, float, float] = (0.1, 0.0, 0.9, 1.0)
    target_fpir: float = 1e-3
    patience: Patience = field(default_factory=Patience)
    policy: PolicyPlan = field(default_factory=PolicyPlan)
    infrared: Offset | None = None
    passive_pack: str = ""  # folder of an operator's network that may refuse
    challenge_share: float = 0.1
    elder_hours: tuple[Hours, ...] = ()  # in which everybody is asked slowly
    challenge: bool = True  # False: identity alone is decided and liveness recorded as it stands (evaluation)


@dataclass(frozen=True, slots=True)
class Habits:
    """What the journal knows of residents: who passed today already, the local hours each one usually passes, for whom the
    staff saw somebody else let in, and who is old."""

    passed_today: frozenset[str] = frozenset()
    usual_hours: Mapping[str, frozenset[int]] = field(default_factory=dict)
    doubted: Mapping[str, Doubt] = field(default_factory=dict)
    elders: frozenset[str] = frozenset()


@dataclass(slots=True)
class Visit:
    """One face's visit from first sight to leaving; `first` is that of its first usable frame (monotonic seconds)."""

    id: str
    track: int
    began: float
    first: float | None = None
    first_at: datetime | None = None
    vectors: list[Vector] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    best: Quality | None = None
    coaching: Reason = Reason.NO_FACE
    passive: Passive = field(default_factory=Passive)
    # whether a face was there, of the frames that count and at the looks of the challenge; None: no picture of that moment
    infrared: list[bool | None] = field(default_factory=list)
    turned: list[bool | None] = field(default_factory=list)
    votes: list[float] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)  # the frames that count, while an engine is on trial
    steps: tuple[Step, ...] = ()
    turning: HeadTurn | None = None
    verdict: Verdict | None = None
    decided: Decision | None = None
    decided_at: float = 0.0
    looked: float = 0.0  # when it was last looked who stands there since, and how often in a row it was somebody else
    unlike: int = 0
    attempt: int = 1
    carried: int = 0  # of `vectors`, those of the first attempt
    had_a_draw: bool = False  # whoever stands there was judged once, or stepped into the track of somebody who was
    chosen_at: float = 0.0  # when its face was last the one to be decided

    def go_on_from(self, first: "Visit") -> None:
        """What was seen in the first attempt counts with what is seen now."""
        self.vectors, self.weights, self.carried = list(first.vectors), list(first.weights), len(first.vectors)
        self.had_a_draw = True
        self.infrared, self.votes, self.best = list(first.infrared), list(first.votes), first.best

    def stricter(self, at: Operating) -> float:
        """What is asked on top of the threshold: a stranger who stays is not to have two draws at it (docs/decisions/0010)."""
        return at.band if self.had_a_draw else 0.0

    @property
    def followed(self) -> bool:
        """Whether the lantern was followed to its end: all that is wanting is that nobody else stands beside."""
        turning = self.turning
        return turning is not None and turning.over(self.steps) and turning.answer(self.steps) is Answer.PASSED
