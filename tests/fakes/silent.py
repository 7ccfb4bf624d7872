"""A district that is reached and does not answer."""

from threading import Event
from typing import Any

import pytest
import requests


class Silent:
    """Takes the place of a district that takes every connection and says nothing; `answer` lets it go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked, self._go_on = 0, Event()
        self._ask = requests.Session.send
        monkeypatch.setattr(requests.Session, "send", lambda *about, **how: self._hang(*about, **how))

    def _hang(self, session: requests.Session, request: requests.PreparedRequest, **how: Any) -> requests.Response:
        self.asked += 1
        if not self._go_on.wait(30):
            raise requests.ReadTimeout
        return self._ask(session, request, **how)

    def answer(self) -> None:
        self._go_on.set()
