"""Who sits at this desk, and what their role lets them see. No Qt."""

from dataclasses import dataclass

from domain.people import Role


@dataclass(frozen=True, slots=True)
class Session:
    """Who sits here. `person` is the id that goes into facts."""

    person: str
    role: Role
    name: str = ""
    community: str = ""  # the community's own name, for headings and reports
    signed_in: bool = False  # with an account, and can sign out again

    @property
    def sees_gate(self) -> bool:
        return self.role in (Role.GATE_STAFF, Role.SUPERVISOR, Role.ADMINISTRATOR)

    @property
    def administers(self) -> bool:
        return self.role in (Role.SUPERVISOR, Role.ADMINISTRATOR)
