import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from tests.kiosk_screens.front import Front

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture
def front(qtbot: Any, qapp: QApplication, tmp_path: Path) -> Iterator[Front]:
    made = Front(qapp, tmp_path)
    qtbot.addWidget(made.window)
    made.know()
    yield made
    made.close()
    qapp.setStyleSheet("")
