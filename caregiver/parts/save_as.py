"""Where to keep a file, asked of whoever sits here."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget


def save_as(parent: QWidget, title: str, name: str, kinds: str) -> str:
    """The path that was chosen, '' for none. It ends as `name` does: a file without its ending opens in nothing."""
    path, _ = QFileDialog.getSaveFileName(parent, title, name, kinds)
    ending = Path(name).suffix
    if not path or path.lower().endswith(ending):
        return path
    whole = path + ending
    if Path(whole).exists():  # the dialog has not asked whether that one may go
        return save_as(parent, title, whole, kinds)
    return whole
