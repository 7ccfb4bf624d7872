"""The window's pages, each as what it is."""

from typing import TypeVar

from PySide6.QtWidgets import QWidget

from caregiver.main_window import MainWindow

Page = TypeVar("Page", bound=QWidget)


def at(window: MainWindow, name: str, kind: type[Page]) -> Page:
    """Go to a page."""
    page = window.go(name)
    assert isinstance(page, kind)
    return page


def here(window: MainWindow, kind: type[Page]) -> Page:
    """The page that is shown."""
    page = window.rooms.currentWidget()
    assert isinstance(page, kind)
    return page
