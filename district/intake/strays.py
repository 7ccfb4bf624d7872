"""Devices that stand in nobody's home and call for help: each an alarm of its own, until there are too many to be so many people.

An account number is all that a stranger needs to be one more of them, and none may be dropped: so past `MOST` within an hour the
further ones are one alarm together, which counts them.
"""

import threading
from collections import defaultdict
from datetime import datetime, timedelta

from domain.subjects import of_crowd, of_stray

MOST = 10  # in a community within an hour
HOUR = timedelta(hours=1)


class Strays:
    """Whom a call is about; any thread. Forgets at a restart: then as many ring singly once more."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._lately: dict[str, dict[str, datetime]] = defaultdict(dict)  # by community: when each last called

    def subject(self, community: str, device: str, now: datetime) -> str:
        """A device that has an alarm of its own keeps to it for as long as it goes on calling."""
        with self._turn:
            lately = self._lately[community]
            for over in [name for name, at in lately.items() if abs(now - at) > HOUR]:
                del lately[over]
            if device not in lately and len(lately) >= MOST:
                return of_crowd(community)
            lately[device] = now
            return of_stray(community, device)
