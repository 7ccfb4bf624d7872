"""The district's settings: `district.toml` in the platform's folder, overridden by SHOUWANG_DISTRICT_*. See docs/OPERATIONS.md."""

from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from limits import parse_many
from pydantic import AfterValidator, Field

from district.intake.lines import LineSettings
from offline.settings import Settings, data_path


def _rule(text: str) -> str:
    if not text.strip() or len(parse_many(text)) != 1:  # raises ValueError itself for what is no rule
        raise ValueError("10/minute, for example")
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as e:
        raise ValueError("no such time zone; Asia/Shanghai, for example") from e
    return name


def _public(url: str) -> str:
    if url and not (url.startswith(("https://", "http://")) and url.endswith("/")):
        raise ValueError("https://district.example/, for example, with the slash at its end")
    return url


def _channel(url: str) -> str:
    if "://" not in url:
        raise ValueError("an address of apprise: mailto://…{to}, for example")
    return url


Rule = Annotated[str, AfterValidator(_rule)]


class Limits(Settings):
    """Requests an address (enrolment, sign-in) or a device may make; see docs/SECURITY.md."""

    enrol: Rule = "10/minute"
    sign_in: Rule = "10/minute"
    device: Rule = "1200/minute"
    intake: Rule = "1200/minute"


class Retention(Settings):
    """Days that payloads are kept, by what they are about; envelopes stay."""

    passage_days: Annotated[int, Field(ge=1)] = 30
    sign_days: Annotated[int, Field(ge=1)] = 400
    operations_days: Annotated[int, Field(ge=1)] = 90


class Channel(Settings):
    """One way to reach people. `url` is apprise's, with {to} for the recipient's own."""

    url: Annotated[str, AfterValidator(_channel)]
    abroad: bool = True  # the message leaves the country: the elder must have agreed
    phone: bool = False  # {to} is a telephone number: elders themselves are reached by it


class DistrictSettings(Settings):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8700  # 0: any that is free
    data: Path = Field(default_factory=lambda: data_path("district"))
    database: str = ""  # postgresql://…; empty: SQLite in the data folder
    upstream: str = (
        ""  # a hub: the address of the district (or hub) above, see docs/OPERATIONS.md; empty: this is the district
    )
    upstream_certificate: Path | None = None  # PEM, where the one above is not signed by a known authority
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_pins: list[str] = []  # pins of further TLS keys (shouwang-district pin PEM): the one in reserve, or a proxy's
    name: str = "district"
    zone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    public_url: Annotated[str, AfterValidator(_public)] = (
        ""  # where replies to messages come in, for example https://district.example/; empty: no reply links
    )
    holidays: str = "CN"  # country whose public holidays care plans follow
    channels: dict[str, Channel] = {}  # by name, see docs/OPERATIONS.md
    lines: LineSettings = LineSettings()  # brokers, alarm panels, social alarm units
    language: Literal["zh", "en"] = "zh"
    wanted_version: str = (
        ""  # the software version that kiosks and desks should run, shown there; empty: none is asked for
    )
    trust_desks: bool = (
        False  # believe desks that ask nobody to sign in about who sits there: for demonstrations and drills
    )
    docs: bool = False  # serve the generated OpenAPI pages
    limits: Limits = Limits()
    retention: Retention = Retention()
