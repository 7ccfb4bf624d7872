"""A visitor's pass as a QR code: on the screen, as a picture to send, on paper."""

from pathlib import Path

from PySide6.QtCore import QBuffer, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter, QPainter, QPixmap
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QLabel, QWidget

from caregiver.layout import bring_into_sight, column
from caregiver.parts.qr import qr_image
from caregiver.parts.save_as import save_as
from caregiver.parts.whole_file import whole_file
from caregiver.ui import Desk, Words
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.fonts import chinese_family
from qtkit.widgets import Banner, text

PRINTED_MM = 60.0
SENT_PX = 20  # the words beneath a code that is sent


class PassSheet(QWidget):
    """Shows one pass until another person is looked at; its text is nowhere else."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk, self._words = desk, Words(desk, self)
        self._text, self._about = "", list[str]()
        self.code = QLabel()
        self.code.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.about, self.said = text("", "small", tone="muted"), Banner(desk.theme)
        self.copy, self.save, self.paper = (
            Button(desk.theme, icon_name=name) for name in ("qr", "down-file", "printer")
        )
        self.copy.clicked.connect(self._copy)
        self.save.clicked.connect(self._save)
        self.paper.clicked.connect(self._print)
        self.setLayout(column(self.code, self.about, Flow(self.copy, self.save, self.paper), self.said))
        for setter, key in (
            (self.copy.setText, "residents.pass_copy"), (self.save.setText, "residents.pass_save"),
            (self.paper.setText, "do.print"), (self.code.setAccessibleName, "residents.pass_code"),
        ):  # fmt: skip
            self._words.put(setter, key)
        self.hide()

    def show_pass(self, words: str, *about: str) -> None:
        """'' shows nothing and forgets the last one. `about` is what it is for and when it opens the gate."""
        self._text, self._about = words, [part for part in about if part]
        self.setVisible(bool(words))
        self.about.setText(" · ".join(self._about))
        self.said.say("")
        if words:
            side = self._desk.theme.px(240)
            picture = qr_image(words).scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio)
            self.code.setPixmap(QPixmap.fromImage(picture))
            bring_into_sight(self)
        else:
            self.code.clear()

    def picture(self) -> QImage:
        """The code with the community's name and what it is for beneath: what is sent to a visitor."""
        code = qr_image(self._text)
        image = QImage(code.width(), 2 * code.height(), QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        painter.drawImage(0, 0, code)
        place = QRectF(SENT_PX, code.height(), code.width() - 2 * SENT_PX, code.height())
        low = self._caption(painter, place, SENT_PX)
        painter.end()
        return image.copy(0, 0, image.width(), round(low) + SENT_PX)

    def draw(self, printer: QPrinter) -> None:
        """One page with the code large enough for any camera. Raises OSError where the printer takes none."""
        painter = QPainter()
        if not painter.begin(printer):
            raise OSError("the printer takes no page")
        per_mm = printer.resolution() / 25.4
        side = PRINTED_MM * per_mm
        painter.drawImage(QRectF(0, 0, side, side), qr_image(self._text))
        self._caption(painter, QRectF(3 * per_mm, side, side * 2, side), 4.5 * per_mm)
        painter.end()

    def _caption(self, painter: QPainter, place: QRectF, height: float) -> float:
        """The community, what it is for and when it opens, in as many lines as each needs; where it ends."""
        font = painter.font()
        font.setFamily(chinese_family())
        font.setPixelSize(round(height))
        painter.setFont(font)
        painter.setPen(Qt.GlobalColor.black)
        words = "\n".join((self._desk.state.session.community, *self._about))
        flags = Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere
        painter.drawText(place, int(flags), words)
        return painter.boundingRect(place, int(flags), words).bottom()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setImage(self.picture())
        self._done("residents.pass_copied")

    def _save(self) -> None:
        path = save_as(self, self.save.text(), "pass.png", "PNG (*.png)")
        if not path:
            return
        png = QBuffer()
        png.open(QBuffer.OpenModeFlag.WriteOnly)
        QImageWriter(png, b"png").write(self.picture())
        try:
            with whole_file(Path(path)) as part:
                part.write_bytes(png.data().data())
        except OSError as e:
            why = e.strerror or str(e)
            self.said.say(self._desk.tr("report.not_saved", path=path, why=why), "alarm", "attention")
        else:
            self._done("report.saved", path=path)

    def _print(self) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setDocName(self._desk.tr("residents.pass_code"))
        if not QPrintDialog(printer, self).exec():
            return
        try:
            self.draw(printer)
        except OSError:
            self.said.say(self._desk.tr("residents.pass_not_printed"), "alarm", "attention")
        else:
            self._done("report.printed")

    def _done(self, key: str, **details: object) -> None:
        self.said.say(self._desk.tr(key, **details), "well", "check")
