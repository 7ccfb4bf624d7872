"""The desktop's settings: `caregiver.toml`."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.people import Role
from offline.settings import Settings, Zone, data_path


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Operator(_Table):
    """Who sits at a desk that asks nobody to sign in (a demonstration, a drill): the id goes into every fact."""

    id: str = "desk"
    name: str = ""
    role: Role = Role.CAREGIVER


class ScreenTable(_Table):
    language: Literal["zh", "en"] = "zh"
    theme: Literal["system", "light", "dark"] = "system"
    scale: float = Field(1.0, ge=0.8, le=2.0, description="2.0 doubles every text")


class CaregiverSettings(Settings):
    data: Path = Field(default_factory=lambda: data_path("caregiver"), description="where the replica is kept")
    certificate: str = Field("", description="PEM file, where the district's is not signed by a known authority")
    keyring: bool = Field(
        False, description="keep the master key in the system's keyring instead of a file of mode 0600"
    )
    community: str = Field("", description="the community's name, as headings and reports show it")
    country: str = Field("CN", description="whose public holidays, ISO 3166")
    zone: Zone = Field("Asia/Shanghai", description="IANA time zone of the homes")
    operator: Operator | None = Field(
        None, description="without it everybody signs in with their own account, as they should"
    )
    screen: ScreenTable = ScreenTable()
