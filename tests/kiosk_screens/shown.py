"""What stands on the kiosk's window, each part as what it is."""

from typing import TypeVar

from PySide6.QtWidgets import QLabel, QWidget

from kiosk.screens.window import KioskWindow
from kiosk.screens.words import Words
from kiosk.visit.view import Screen
from tests.fakes.there import there

Page = TypeVar("Page", bound=QWidget)


def page(window: KioskWindow, screen: Screen, kind: type[Page]) -> Page:
    """The page of a screen, shown or not."""
    found = window.pages[screen]
    assert isinstance(found, kind)
    return found


def words(window: KioskWindow, screen: Screen | None = None) -> Words:
    """Headline and next step of a screen; of what is shown where none is named."""
    found = there(window.stage.currentWidget()) if screen is None else window.pages[screen]
    return there(found.findChild(Words))


def labels(window: KioskWindow) -> list[str]:
    """Every text on the page that is shown."""
    return [label.text() for label in there(window.stage.currentWidget()).findChildren(QLabel)]
