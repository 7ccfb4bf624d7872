import os
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture
def clean_app(qapp: QApplication) -> Iterator[QApplication]:
    """The application as it was before, whatever a theme did to it."""
    yield qapp
    qapp.setStyleSheet("")
