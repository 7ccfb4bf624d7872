"""The type both programs are set in. Figures of Noto Sans CJK are of one width, so clocks and counts do not jump."""

from PySide6.QtGui import QFontDatabase

from domain.errors import Mendable

# Debian's fonts-noto-cjk first, then what other systems ship.
CHINESE = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Microsoft YaHei UI",
    "Microsoft YaHei",
)


def chinese_family() -> str:
    """The first installed family that can set Chinese. Raises Mendable ``font_missing``: boxes would alarm nobody."""
    installed = set(QFontDatabase.families())
    for family in CHINESE:
        if family in installed:
            return family
    writing = QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese)
    if writing:
        return writing[0]
    raise Mendable("font_missing")
