"""Pictures of real windows, made by a command."""

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QSize
from PySide6.QtWidgets import QWidget


def settle(widget: QWidget) -> None:
    """Let pending layouts, style changes and deletions take place."""
    widget.ensurePolished()
    # what changes its height tells what is around it, a part a round: three were too few for a care plan that is unfolded at twice
    # the text size
    for _ in range(6):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()


def shoot(widget: QWidget, path: Path, size: tuple[int, int] | None = None) -> Path:
    """Write a PNG of the widget at `size` (its own where none is given), shown if it was not. Returns the path."""
    if size is not None:
        widget.setFixedSize(QSize(*size))
    widget.show()
    settle(widget)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not widget.grab().save(str(path)):
        raise OSError(f"cannot write {path}")
    return path
