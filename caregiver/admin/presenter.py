"""What the administration asks of the district. No Qt."""

from collections.abc import Callable
from dataclasses import dataclass

from caregiver.admin.accounts import Accounts
from caregiver.admin.exports import Exports, FileLine
from caregiver.asking import Asking


@dataclass
class Administration:
    """All None where nobody is signed in at a district."""

    accounts: Accounts | None = None
    exports: Exports | None = None
    retention: Asking | None = None
    strangers: Asking | None = None

    def connect(self, line: Callable[[], FileLine], token: Callable[[], str], community: str, url: str) -> None:
        """Each asker has a `line` of its own, since each has a thread."""
        self.accounts = Accounts(line(), token, community, url)
        self.exports = Exports(line(), token, community)
        self.retention = Asking(line(), token, "retention", {})
        self.strangers = Asking(line(), token, "accounts", {})
