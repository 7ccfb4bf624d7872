"""The district's settings: `district.toml` in the platform's folder, overridden by SHOUWANG_DISTRICT_*. See docs/OPERATIONS.md."""

import socket
from pathlib import Path
from typing import Annotated, Literal

from limits import parse_many
from pydantic import AfterValidator, Field

from district.intake.lines import LineSettings
from offline.settings import Settings, Zone, data_path


def _rule(text: str) -> str:
    if not text.strip() or len(parse_many(text)) != 1:  # raises ValueError itself for what is no rule
        raise ValueError("10/minute, for example")
    return text


def _public(url: str) -> str:
    if url and not (url.startswith(("https://", "http://")) and url.endswith("/")):
        raise ValueError("https://district.example/, for example, with the slash at its end")
    return url


def _channel(url: str) -> str:
    if "://" not in url:
        raise ValueError("an address of apprise: mailto://…{to}, for example")
    return url


_NOBODYS = ("", "localhost")  # what a machine is called that nobody has named
Rule = Annotated[str, AfterValidator(_rule)]


class Limits(Settings):
    """How many requests are taken: so many a second, minute, hour or day. What is beyond is answered with 429."""

    enrol: Rule = Field("10/minute", description="enrolments from one address")
    sign_in: Rule = Field(
        "10/minute",
        description="sign-ins at one desk, or from one address; at a hub also what people ask that no desk has signed",
    )
    device: Rule = Field(
        "1200/minute", description="requests of one device; what a hub hands on counts for whoever it is of"
    )
    intake: Rule = Field("1200/minute", description="reports of one bridge; a call for help is always taken")


class Retention(Settings):
    """Days that payloads are kept, by what they are about; envelopes stay."""

    passage_days: Annotated[int, Field(ge=1)] = Field(30, description="passages at gates")
    sign_days: Annotated[int, Field(ge=1)] = Field(400, description="signs of life, check-ins, visits")
    operations_days: Annotated[int, Field(ge=1)] = Field(90, description="what machines say of themselves")


class Channel(Settings):
    """One way to reach people, under a name of your choice; people's accounts say under which address they are reached by it."""

    url: Annotated[str, AfterValidator(_channel)] = Field(
        description="apprise's, with {to} for the recipient's own address"
    )
    abroad: bool = Field(True, description="the message leaves the country: the elder must have agreed")
    phone: bool = Field(False, description="{to} is a telephone number: elders themselves are reached by it")


class DistrictSettings(Settings):
    host: str = Field("127.0.0.1", description="address to listen on; 0.0.0.0 takes all of this machine")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(8700, description="0 takes any that is free")
    data: Path = Field(default_factory=lambda: data_path("district"), description="database, identity, keys")
    database: str = Field("", description="postgresql://user@host/name; without it SQLite in `data`")
    upstream: str = Field("", description="a hub: the address of the server above; without it this is the district")
    upstream_certificate: Path | None = Field(
        None, description="PEM file, where the one above is not signed by a known authority"
    )
    tls_cert: Path | None = Field(None, description="PEM file; without it, put a proxy in front on the same machine")
    tls_key: Path | None = Field(None, description="PEM file, without a passphrase")
    tls_pins: list[str] = Field(
        [], description="pins (`shouwang-district pin PEM`) of the key in reserve, or of a proxy's"
    )
    name: Annotated[str, Field(max_length=64)] = Field(
        "",
        description="what this server is called, by the one above too; without it a hub is called like its machine",
    )
    zone: Zone = Field("Asia/Shanghai", description="IANA time zone of the homes")
    public_url: Annotated[str, AfterValidator(_public)] = Field(
        "",
        description="where replies to messages come in, for example https://district.example/; without it no reply links",
    )
    holidays: str = Field("CN", description="country whose public holidays care plans follow, ISO 3166")
    channels: dict[str, Channel] = {}
    lines: LineSettings = LineSettings()
    language: Literal["zh", "en"] = Field("zh", description="of messages and of the pages in a browser")
    wanted_version: str = Field("", description="the software version that kiosks and desks should run, shown there")
    trust_desks: bool = Field(
        False,
        description="believe desks that ask nobody to sign in about who sits there: for demonstrations and drills",
    )
    docs: bool = Field(False, description="serve /docs and /openapi.json")
    limits: Limits = Limits()
    retention: Retention = Retention()

    @property
    def called(self) -> str:
        """By which people tell this server from others."""
        if self.name or not self.upstream:
            return self.name or "district"
        machine = socket.gethostname().partition(".")[0][:64]
        return "hub" if machine in _NOBODYS else machine
