"""What a notice says to one person: from the incident and what may be told of the elder, in the reader's language."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from assets.words import catalogue, say
from district.reaching.handovers import CHECK_IN, Handover
from domain.checkins import RETURN
from domain.events import from_ms
from domain.incident import Incident
from domain.incident_kinds import Kind, Level, Severity
from domain.ladder_steps import Act
from domain.places import encode
from domain.silences import SILENCE
from domain.subjects import is_crowd, is_stray

EMERGENCY = {"zh": "120", "en": "120"}
GRID_LEVEL = 7  # a quarter of an arc second: about eight metres
_MAPS = {
    "zh": "https://uri.amap.com/marker?position={lon:.6f},{lat:.6f}&coordinate=wgs84",
    "en": "https://www.openstreetmap.org/?mlat={lat:.6f}&mlon={lon:.6f}#map=18/{lat:.6f}/{lon:.6f}",
}


@dataclass(frozen=True, slots=True)
class Described:
    """What may be told of an elder. `position` is WGS-84 (latitude, longitude), degrees; None where it is not known."""

    who: str
    place: str = ""
    position: tuple[float, float] | None = None
    phone: str = ""
    door_access: str = ""
    medical_note: str = ""
    zone: str = "Asia/Shanghai"
    key_holders: tuple[str, ...] = ()  # name and telephone of each


@dataclass(frozen=True, slots=True)
class Recipient:
    """`responder`: somebody who goes there, and so may read the medical note. `addresses`: (channel, address), best first."""

    person: str
    language: str = "zh"
    responder: bool = False
    addresses: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    title: str
    body: str


def compose(
    notice: Handover, incident: Incident, of: Described, to: Recipient, link: str, abroad: bool, news: str = ""
) -> Text:
    """The message of one notice. `news` is the fact an INFORM tells of: its kind, of evidence with the sign (`…_link`).

    The medical note, the way in and who has a key go to responders with an alarm, and never over a channel that leaves the country.
    """
    tongue = to.language
    kind = say(tongue, f"incident.kind.{incident.kind.value}")
    act = Act(notice.act)
    if act is Act.CALL_ELDER:
        title = say(tongue, "incident.title.call_elder")
        lines = [_line(tongue, "call_elder", kind=kind), *([_line(tongue, "well", url=link)] if link else [])]
        lines += _emergency(incident, tongue)
        return _drill(Text(title, "\n".join(lines)), incident, tongue)
    told = _news(tongue, news)
    key = {Act.ALARM: "alarm", Act.REMIND: "remind", Act.INFORM: "inform"}[act]
    title = say(tongue, f"incident.title.{key}", kind=kind, who=_who(incident, of, tongue), news=told)
    lines = [happened(incident, of, tongue)]
    if act is not Act.INFORM:
        lines += _silent(incident, of, tongue)
        reason = f"incident.reason.{notice.reason}"
        lines += [say(tongue, reason)] if catalogue(tongue).get(reason) else []
        if act is Act.ALARM:
            asked = incident.asks(Level(notice.level))
            lines += [_line(tongue, "level", level=say(tongue, f"incident.level.{int(asked)}"))]
        lines += _where(of, tongue)
        lines += [_line(tongue, "phone", phone=of.phone)] if of.phone else []
        if to.responder and not abroad:
            lines += [_line(tongue, "access", note=of.door_access)] if of.door_access else []
            lines += [_line(tongue, "key", who=who) for who in of.key_holders]
            lines += [_line(tongue, "medical", note=of.medical_note)] if of.medical_note else []
        lines += _emergency(incident, tongue)
    if act is Act.INFORM and incident.kind is Kind.DEVICE_BLIND:
        lines += [_line(tongue, "device", device=incident.device)]
    if act is not Act.INFORM:
        lines += [_line(tongue, "quiet_sensors")] if incident.quiet_sensors else []
        lines += [_line(tongue, "elders_unseen")] if incident.elders_unseen else []
    lines += _stray(incident, tongue)
    lines += [_line(tongue, "unconfirmed")] if not incident.confirmed else []
    lines += [_line(tongue, "repeat")] if notice.repeated else []
    heard = incident.held_by(to.person) and incident.rings <= incident.rings_heard
    lines += [_line(tongue, "report" if heard else "reply", url=link)] if link else []
    return _drill(Text(title, "\n".join(lines)), incident, tongue)


def compose_plain(notice: Handover, of: Described, to: Recipient, link: str) -> Text:
    """A notice about no incident: the elder's own reminder, or a hole in the rota to those who can fill it."""
    tongue = to.language
    if notice.act == CHECK_IN:
        told = {"url": link, "time": _time(from_ms(notice.span[1]), of.zone)}
        text = _line(tongue, "checkin" if link else "checkin_kiosk", **told)
        return Text(say(tongue, "incident.title.checkin"), text)
    start, end = (_time(from_ms(ms), of.zone) for ms in notice.span)
    level = say(tongue, f"incident.level.{notice.level}")
    body = _line(tongue, "rota_hole", level=level, start=start, end=end, community=notice.community)
    return Text(say(tongue, "incident.title.rota_hole", level=level), body)


def compose_storm(incidents: list[tuple[Incident, Described, str]], tongue: str, shown: int = 10) -> Text:
    """One message for many incidents of no danger to life that came together, or for what is new of them."""
    lines = [_of_storm(*each, tongue) for each in incidents[:shown]]
    if len(incidents) > shown:
        lines.append(_line(tongue, "storm_more", count=len(incidents) - shown))
    title = "storm_news" if all(news for *_, news in incidents) else "storm"
    text = Text(say(tongue, f"incident.title.{title}", count=len(incidents)), "\n".join(lines))
    return _drill(text, incidents[0][0], tongue) if all(i.exercise for i, *_ in incidents) else text


def _of_storm(incident: Incident, of: Described, news: str, tongue: str) -> str:
    kind = say(tongue, f"incident.kind.{incident.kind.value}")
    told = {"kind": kind, "who": _who(incident, of, tongue), "place": of.place}
    return _line(tongue, "storm_news", news=_news(tongue, news), **told) if news else _line(tongue, "storm", **told)


def heading(incident: Incident, of: Described, tongue: str) -> str:
    """What has happened to whom."""
    kind = say(tongue, f"incident.kind.{incident.kind.value}")
    return say(tongue, "incident.title.alarm", kind=kind, who=_who(incident, of, tongue))


def happened(incident: Incident, of: Described, tongue: str) -> str:
    """When and where."""
    return _line(tongue, "happened", time=_time(incident.happened_at, of.zone), place=of.place).strip()


def _silent(incident: Incident, of: Described, tongue: str) -> list[str]:
    """Since when nothing was heard, or not what a fixed rule asks for, whether they are out, and what it is about."""
    since = _time(incident.since, of.zone) if incident.since else ""
    match incident.kind:
        case Kind.INACTIVITY if since and incident.rule not in ("", SILENCE):
            rule = incident.rule if catalogue(tongue).get(f"incident.silent.{incident.rule}") else "fixed"
            return [say(tongue, f"incident.silent.{rule}", time=since)]
        case Kind.INACTIVITY if since:
            return [_line(tongue, "silent_since", time=since)]
        case Kind.GATEWAY_SILENT:
            return [_line(tongue, "gateway")]
        case Kind.MISSED_CHECKIN if since:
            return [_line(tongue, "not_back" if incident.rule == RETURN else "awaited", time=since)]
        case Kind.DEVICE_BLIND if since:
            return [_line(tongue, "device_since", device=incident.device, time=since)]
        case Kind.DEVICE_BLIND | Kind.TAMPER if incident.device:
            return [_line(tongue, "device", device=incident.device)]
    return []


def _who(incident: Incident, of: Described, tongue: str) -> str:
    return _line(tongue, "crowd_who") if is_crowd(incident.elder) else of.who


def _stray(incident: Incident, tongue: str) -> list[str]:
    if is_crowd(incident.elder):
        return [_line(tongue, "crowd", count=incident.evidence + 1)]
    return [_line(tongue, "stray")] if is_stray(incident.elder) else []


def _where(of: Described, tongue: str) -> list[str]:
    if of.position is None:
        return []
    found = [_line(tongue, "map", url=map_link(of.position, tongue))]
    try:
        return [*found, _line(tongue, "grid", code=encode(*of.position, GRID_LEVEL))]
    except ValueError:  # near a pole the code has another scheme
        return found


def map_link(position: tuple[float, float], tongue: str) -> str:
    """A map of `position` (WGS-84 latitude, longitude, degrees) that people of that language have at hand."""
    lat, lon = position
    return _MAPS[tongue].format(lat=lat, lon=lon)


def _emergency(incident: Incident, tongue: str) -> list[str]:
    number = EMERGENCY[tongue]
    return [_line(tongue, "emergency", number=number)] if incident.severity is Severity.P1 else []


def _drill(text: Text, incident: Incident, tongue: str) -> Text:
    if not incident.exercise:
        return text
    title = say(tongue, "incident.title.drill", title=text.title)
    return Text(title, f"{_line(tongue, 'drill')}\n{text.body}")


def _news(tongue: str, kind: str) -> str:
    """What has come, in words; of a gate, a gateway or a kiosk in those in which desks show it."""
    what, words = kind.removeprefix("incident."), catalogue(tongue)
    return words.get(f"incident.news.{what}") or words.get(f"caregiver.evidence.{what.removeprefix('evidence_')}", "")


def _line(tongue: str, key: str, **details: object) -> str:
    return say(tongue, f"incident.line.{key}", **details)


def _time(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%m-%d %H:%M}"
