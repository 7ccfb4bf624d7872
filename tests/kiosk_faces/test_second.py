"""An engine on trial says what it would have said of each visit, after it is decided, and of nobody whom it cannot know."""

from collections.abc import Callable

import numpy as np
import pytest

from kiosk.faces.engine import Face, Image, Vector, unit
from kiosk.faces.messages import Compared, DecisionMade, Message, Said
from kiosk.faces.second import Second
from kiosk.faces.tail import shipped_tail
from tests.kiosk_faces.before_the_camera import LI, STRANGER, WANG, Gate, Person, Told

Sees = Callable[[Vector], Vector]


class Other:
    """Another engine over the same pictures: what the first sees, seen as `sees` says."""

    name, version, dim = "other", "2", 128
    tail = shipped_tail("sface")

    def __init__(self, told: Told, sees: Sees) -> None:
        self._told, self._sees = told, sees

    def detect(self, image: Image) -> list[Face]:
        raise AssertionError("the face is the first detector's")

    def embed(self, image: Image, face: Face) -> Vector:
        return unit(self._sees(self._told.embed(image, face)))


def visited(vector: Vector, sees: Sees, knows: tuple[str, ...] = ("wang", "li")) -> list[Message]:
    gate = Gate(lambda told: Second(Other(told, sees), 1e-3), simulated=True)
    assert gate.pipeline.second is not None
    known = {"wang": WANG, "li": LI}
    gate.pipeline.second.set_gallery([(name, known[name][None]) for name in knows], {})
    return gate.show(Person(vector), frames=20)


def nobody(_: Vector) -> Vector:
    return np.asarray(STRANGER, np.float32)


@pytest.mark.parametrize(
    ("vector", "sees", "said", "named"),
    [
        (WANG, lambda v: v, Said.SAME, "wang"),
        (WANG, nobody, Said.MISSED, None),
        (WANG, lambda _: LI, Said.OTHER, "li"),
        (STRANGER, lambda v: v, Said.NEITHER, None),
        (STRANGER, lambda _: LI, Said.FOUND, "li"),
    ],
)
def test_it_says_the_same_another_or_nobody(vector: Vector, sees: Sees, said: Said, named: str | None) -> None:
    told = visited(vector, sees)
    kinds = [type(m) for m in told if isinstance(m, DecisionMade | Compared)]
    assert kinds == [DecisionMade, Compared], "nobody waits for it"
    (compared,) = (m for m in told if isinstance(m, Compared))
    (decision,) = (m.decision for m in told if isinstance(m, DecisionMade))
    assert (compared.said, compared.person_id, compared.visit_id) == (said, named, decision.visit_id)
    assert compared.engine == "other 2"


def test_it_is_not_asked_about_residents_of_whom_it_has_no_template() -> None:
    assert not [m for m in visited(WANG, nobody, knows=("li",)) if isinstance(m, Compared)]


def test_who_has_withdrawn_is_gone_from_it_too() -> None:
    gate = Gate(lambda told: Second(Other(told, lambda _: LI), 1e-3), simulated=True)
    second = gate.pipeline.second
    assert second is not None
    second.set_gallery([("wang", WANG[None]), ("li", LI[None])], {})
    second.without(frozenset({"li"}))
    told = gate.show(Person(STRANGER), frames=20)
    assert [m.said for m in told if isinstance(m, Compared)] == [Said.NEITHER]


def test_no_frame_is_held_once_it_has_spoken_and_none_where_nothing_is_tried() -> None:
    tried = Gate(lambda told: Second(Other(told, np.asarray), 1e-3), simulated=True)
    plain = Gate(simulated=True)
    for gate in (tried, plain):
        gate.show(Person(WANG), frames=20)
        assert gate.pipeline._visit is not None
        assert gate.pipeline._visit.looks == []
