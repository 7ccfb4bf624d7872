"""Which sentence a screen says: keys of the catalogues, never words."""

from kiosk.visit.effects import GateDid
from kiosk.visit.line import Line
from kiosk.visit.view import CallState, EnrolStage, EnrolView, Screen, View, Well

# From this hour on, latest first.
DAY_PARTS = ((18, "evening"), (12, "afternoon"), (5, "morning"), (0, "evening"))


def headline(view: View, hour: int, why: str) -> Line:
    """The one thing to read. `hour` is local, `why` a key below ``kiosk.refused``."""
    if view.screen is Screen.COACHING:
        reason = view.sighting.coaching if view.sighting else None
        return Line(f"kiosk.coach.{'again' if view.again else reason or 'hold_still'}")
    if view.screen is Screen.IDENTIFIED:
        return _greeting(view, hour)
    if view.screen is Screen.REFUSED:
        return Line(f"kiosk.refused.{why}")
    if view.screen is Screen.PIN and view.pin is not None:
        return Line(f"kiosk.pin.{view.pin.stage}")
    if view.screen is Screen.ENROL and view.enrol is not None:
        return _enrolling(view.enrol)
    if view.screen is Screen.OUT_OF_ORDER and view.stands_open:
        return Line("kiosk.identified.come_in")
    if view.screen is Screen.CALLING and view.call is not None:
        return Line(f"kiosk.calling.{view.call.state}")
    return Line(f"kiosk.{view.screen}.headline")


def second(view: View, fault: Line | None) -> Line | None:
    """What to do next, or what to mend."""
    match view.screen:
        case Screen.COACHING:
            return Line("kiosk.coach.or_another_way")
        case Screen.IDENTIFIED if view.gate is GateDid.OPENED and view.well is Well.OFFERED and _awaited(view):
            return Line("kiosk.identified.awaited")
        case Screen.IDENTIFIED:
            said = {GateDid.FAILED: "gate_failed_next", GateDid.OPENED: "come_in"}.get(view.gate, "opening")
            return Line(f"kiosk.identified.{said}")
        case Screen.REFUSED:
            return Line("kiosk.refused.next")
        case Screen.UNSURE | Screen.UNKNOWN if view.covered:
            return Line(f"kiosk.{view.screen}.covered")
        case Screen.OUT_OF_ORDER:
            return fault
        case Screen.ENROL if view.enrol is not None:
            return _enrolling_next(view.enrol)
        case Screen.CALLING if view.call is not None and view.call.state in (CallState.REFUSED, CallState.LOST):
            return Line(f"kiosk.calling.{view.call.state}_next")
        case Screen.PIN | Screen.CALLING | Screen.MAINTENANCE:
            return None
    return Line(f"kiosk.{view.screen}.second")


def _awaited(view: View) -> bool:
    return view.guest is not None and view.guest.awaited_until is not None


def _enrolling(enrol: EnrolView) -> Line:
    if enrol.stage is EnrolStage.POSES:
        return enrol.hint or Line(f"kiosk.enrol.look_{enrol.pose}")
    if enrol.stage is EnrolStage.CARD and enrol.newcomer is not None:
        return Line("kiosk.enrol.card", {"name": enrol.newcomer.greeting})
    minor = enrol.stage is EnrolStage.CONSENT and enrol.newcomer is not None and enrol.newcomer.minor
    return Line("kiosk.enrol.consent_minor" if minor else f"kiosk.enrol.{enrol.stage}")


def _enrolling_next(enrol: EnrolView) -> Line | None:
    if enrol.note is not None and enrol.stage is not EnrolStage.CARD:
        return enrol.note
    match enrol.stage:
        case EnrolStage.CARD:
            return Line("kiosk.enrol.card_next")
        case EnrolStage.CONSENT if enrol.newcomer is not None and enrol.newcomer.outdated:
            return Line("kiosk.enrol.outdated")
        case EnrolStage.RENEWED:
            return Line("kiosk.enrol.renewed_next")
        case EnrolStage.POSES:
            so_far = {"taken": enrol.taken, "needed": enrol.needed}
            if enrol.quality is None:
                return Line("kiosk.enrol.taken", so_far)
            return Line("kiosk.enrol.taken_quality", {**so_far, "quality": enrol.quality})
        case EnrolStage.DOUBT:
            return Line("kiosk.enrol.doubt_who", {"name": enrol.alike[0]})
        case EnrolStage.DONE if enrol.alike:
            return Line("kiosk.enrol.alike", {"name": enrol.alike[0]})
        case EnrolStage.DONE:
            return Line("kiosk.enrol.done_next")
        case EnrolStage.FAILED:
            return enrol.failed
    return None


def _greeting(view: View, hour: int) -> Line:
    if view.gate is GateDid.FAILED:
        return Line("kiosk.identified.gate_failed")
    if view.guest is None or not view.guest.greeting:
        return Line("kiosk.greeting.plain")
    part = next(name for begins, name in DAY_PARTS if hour >= begins)
    return Line(f"kiosk.greeting.{part}", {"name": view.guest.greeting})
