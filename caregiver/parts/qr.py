"""QR codes."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

QUIET = 4  # modules of white around a code (ISO/IEC 18004)


def qr_image(words: str, scale: int = 8) -> QImage:
    """`words` as a QR code, black on white whatever the theme: readers need the contrast."""
    import segno

    rows = [bytes(line) for line in segno.make(words, error="m", micro=False).matrix]
    side = len(rows) + 2 * QUIET
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    for y, line in enumerate(rows):
        for x, dark in enumerate(line):
            if dark:
                image.setPixelColor(x + QUIET, y + QUIET, Qt.GlobalColor.black)
    return image.scaled(side * scale, side * scale)
