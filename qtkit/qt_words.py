"""Qt's own words, in its dialogs and the menus of its fields, in the language of the window."""

from typing import cast

from PySide6.QtCore import QLibraryInfo, QObject, QTranslator
from PySide6.QtWidgets import QApplication

from qtkit.i18n import Language

# What Qt's Chinese catalogue lacks (6.11): context and source, and the key below ``qtkit.qt``.
LACKING = {
    ("QFileDialog", "&Look in:"): "look_in",
    ("QFileDialog", "Files of &type:"): "files_of_type",
    ("QAbstractFileIconProvider", "Folder"): "folder",
    ("QAbstractFileIconProvider", "Drive"): "drive",
    ("QAbstractFileIconProvider", "File"): "file",
    ("QAbstractFileIconProvider", "%1 File"): "file_of",
    ("QAbstractFileIconProvider", "Unknown"): "unknown",
    ("QPrintSettingsOutput", "Page &Set:"): "page_set",
}


class Lacking(QTranslator):
    """Asked before Qt's catalogue; None leaves it to that."""

    def __init__(self, words: Language, parent: QObject) -> None:
        super().__init__(parent)
        self._words = words

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, source: str, /, *_: object) -> str:
        key = LACKING.get((context, source))
        return cast(str, self._words.tr(f"qtkit.qt.{key}") if key is not None else None)


def speak(qt: QApplication, words: Language) -> None:
    """Now and after every change of language."""
    catalogue, lacking = QTranslator(qt), Lacking(words, qt)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)

    def load(code: str) -> None:
        for translator in (catalogue, lacking):
            qt.removeTranslator(translator)
        if code == "zh" and catalogue.load("qtbase_zh_CN", folder):
            for translator in (catalogue, lacking):
                qt.installTranslator(translator)

    words.changed.connect(load)
    load(words.code)
