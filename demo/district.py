"""The demo's district: the real server program in a process of its own, on the loopback, on a folder of its own."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests

from district.config import DistrictSettings
from district.intake.webhook import sign
from district.operator_line import ask
from domain.events import from_ms

START_S = 90  # a machine that is busy with other work starts slowly
_BELIEVED = {"SHOUWANG_DISTRICT_TRUST_DESKS": "true"}  # nobody signs in during a play


class District:
    """Started, stopped and started again on the same port and data."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.url, self._port = "", 0

    @property
    def settings(self) -> DistrictSettings:
        return DistrictSettings(data=self._folder / "data", port=self._port)

    def start(self) -> None:
        """Returns once the server answers; raises RuntimeError where it does not within `START_S`."""
        ready = self._folder / "ready"
        ready.unlink(missing_ok=True)
        self._folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "district", "--data", str(self.settings.data), "serve"]
        command += ["--port", str(self._port), "--ready-file", str(ready)]
        with (self._folder / "output.log").open("ab") as output:
            self._process = subprocess.Popen(
                command, env={**os.environ, **_BELIEVED}, stdout=output, stderr=subprocess.STDOUT
            )
        until = time.monotonic() + START_S
        while not ready.exists() or not ready.read_text().strip():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the district did not start: {(self._folder / 'output.log').read_text()[-800:]}")
            time.sleep(0.05)
        self.url = ready.read_text().strip()
        self._port = int(self.url.rpartition(":")[2])

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            self._process = None

    def code(self, role: str, community: str) -> str:
        """A one-time enrolment code, as an operator gets it on the command line."""
        return str(ask(self.settings, "code", role=role, community=community)["code"])

    def own_home_device(self, community: str, name: str, elder: str, place: str) -> None:
        """Say whose home a device is in."""
        ask(self.settings, "device_add", community=community, name=name, elder=elder, place=place)

    def bridge(self, community: str) -> "Bridge":
        told = ask(self.settings, "bridge", community=community)
        return Bridge(self.url, told["key"], told["secret"].encode())

    def facts(self, kind: str) -> list[dict[str, Any]]:
        """The envelopes of one kind that the district holds."""
        return list(ask(self.settings, "facts", kind=kind)["facts"])

    def incidents(self) -> list[dict[str, Any]]:
        """Every incident and how it stands at the district."""
        return list(ask(self.settings, "incidents")["incidents"])


class Bridge:
    """A home's bridge as it reports over HTTP, in Zigbee2MQTT's own form, signed with its secret."""

    def __init__(self, url: str, key: str, secret: bytes) -> None:
        self._url, self._key, self._secret = url, key, secret

    def report(self, body: bytes) -> int:
        """Send one message; the district's HTTP status."""
        headers = sign(body, self._key, self._secret, from_ms(int(time.time() * 1000)))
        answer = requests.post(f"{self._url}/v1/intake/zigbee2mqtt", body, headers=headers, timeout=10)
        return answer.status_code
