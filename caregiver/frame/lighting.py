"""Lights a screen that has gone dark, and unlocks none: what stands on it is about people, and the sound goes on meanwhile."""

import logging
import re
import shutil
import subprocess
import sys
from contextlib import suppress

log = logging.getLogger(__name__)

PATIENCE_S = 2.0
# Who keeps screens dark, by their names on the session's bus: KDE, Xfce, MATE and Cinnamon take it for a hand on the mouse.
SAVERS = ("org.freedesktop.ScreenSaver", "org.xfce.ScreenSaver", "org.mate.ScreenSaver", "org.cinnamon.ScreenSaver")
MUTTER, ON = "org.gnome.Mutter.DisplayConfig", 0  # GNOME's compositor, and its PowerSaveMode while screens are lit
_DARK = re.compile(r"Monitor is (?!On)")


def light() -> list[str]:
    """Ask everybody who may keep the screen dark; who took it. May take seconds. On Windows nobody: what keeps it lit lights it."""
    took: list[str] = []
    if sys.platform != "win32":
        took = [*_over_the_bus(), *_by_x11()]
    log.info("lighting the screen: %s", ", ".join(took) or "nobody took it")
    return took


def _over_the_bus() -> list[str]:
    from jeepney import DBusAddress, MessageType, Properties, new_method_call
    from jeepney.io.blocking import open_dbus_connection

    mutter = DBusAddress("/org/gnome/Mutter/DisplayConfig", MUTTER, MUTTER)
    asked = {MUTTER: Properties(mutter).set("PowerSaveMode", "i", ON)}
    for name in SAVERS:
        asked[name] = new_method_call(DBusAddress(f"/{name.replace('.', '/')}", name, name), "SimulateUserActivity")
    took: list[str] = []
    # no session bus, one that can be no address (`disabled:`) or is of a kind that is not spoken here, or nobody answers on it
    with suppress(OSError, KeyError, ValueError, RuntimeError), open_dbus_connection() as bus:
        for name, message in asked.items():
            answer = bus.send_and_get_reply(message, timeout=PATIENCE_S)
            if answer.header.message_type is MessageType.method_return:
                took.append(name)
    return took


def _by_x11() -> list[str]:
    """Through a program of its own, for what an X server refuses ends whoever asked. Power saving that somebody has turned off is
    left alone: `force on` would turn it on."""
    took = []
    if shutil.which("xset") is not None:
        with suppress(OSError, subprocess.SubprocessError):
            if _DARK.search(_xset("q")):
                _xset("dpms", "force", "on")
                took.append("dpms")
            _xset("s", "reset")
            took.append("x11")
    return took


def _xset(*words: str) -> str:
    """Raises OSError, or SubprocessError where there is no X server."""
    return subprocess.run(("xset", *words), capture_output=True, timeout=PATIENCE_S, check=True, text=True).stdout
