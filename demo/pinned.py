"""One type, drawn in one way on every machine, so that a picture made on one may be compared with a picture made on another."""

import os
import tempfile
from importlib.resources import files
from pathlib import Path

CONF = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <match target="font">
    <edit name="antialias" mode="assign"><bool>true</bool></edit>
    <edit name="hinting" mode="assign"><bool>false</bool></edit>
    <edit name="hintstyle" mode="assign"><const>hintnone</const></edit>
    <edit name="rgba" mode="assign"><const>none</const></edit>
  </match>
</fontconfig>
"""
LOOSE = ("QT_SCALE_FACTOR", "QT_FONT_DPI", "QT_SCREEN_SCALE_FACTORS", "QT_STYLE_OVERRIDE", "QT_QPA_PLATFORMTHEME")


def pin() -> None:
    """Let this process see Noto Sans CJK of a pinned package and no other type, and no setting of the desktop it runs on.

    To be called before Qt is imported. The machine's own fonts and font settings are out of reach afterwards.
    """
    folder = Path(tempfile.gettempdir()) / f"shouwang-type-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    conf, part = folder / "fonts.conf", folder / f"fonts-{os.getpid()}.part"
    part.write_text(CONF.format(fonts=files("manimgx_fonts_cjk"), cache=folder / "cache"), "utf-8")
    part.replace(conf)
    for name in LOOSE:
        os.environ.pop(name, None)
    os.environ |= {
        "FONTCONFIG_FILE": str(conf),
        "QT_QPA_PLATFORM": "offscreen",
        "LC_ALL": "C.UTF-8",
        "TZ": "Asia/Shanghai",
    }
