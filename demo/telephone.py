"""The pages behind links as a narrow telephone shows them, at the usual size of text and at twice that; none may be cut.

Drawn by the browser that comes with PySide6, in a process of its own for each look: it must be there before any other Qt program,
and takes its look, light or dark, from how it was started. ``python -m demo.telephone LANGUAGE MODE DIR``.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.responses import HTMLResponse

from district.api.pages import begin_page
from district.api.reply_page import reply_page
from district.reaching.messages import Described
from district.reaching.replies import Page, Shown
from domain.incident import Incident
from domain.incident_kinds import Kind, Severity, State
from domain.replying import Step

# a small telephone across; what a browser's text is set in, unless its owner wants it larger
WIDE_PX, USUAL_PX = 360, 16
SIZES = {"": 1, "-large": 2}
NOW = datetime(2026, 11, 23, 1, 41, tzinfo=UTC)
LOOKS = 5000  # at most, until a page stands as it was asked to
# A page says when it is laid out, not when that is to be seen. So a corner of it is marked, and it is drawn once the mark has come
# and gone: what was there before the mark is in the picture then.
MARK = "#ff00ff"
SET_MARK = f"""document.body.insertAdjacentHTML('beforeend',
    '<i id="mark" style="position:fixed;left:0;top:0;width:1px;height:1px;background:{MARK}"></i>')"""
TAKE_MARK = "document.getElementById('mark').remove()"
MODES = {"light": 1, "dark": 0}  # as Chromium counts them
# whatever is wider than its place, or begins or ends beyond the screen
CUT = """[...document.querySelectorAll('body *')].filter(e => {
    const at = e.getBoundingClientRect()
    return at.left < 0 || at.right > innerWidth + 1 || e.scrollWidth > e.clientWidth + 1 && e.clientWidth
}).map(e => `${e.tagName} ${e.textContent.slice(0, 40)}`).join('; ')"""


def render_all(out: Path, keep: Callable[[str], bool] = lambda _: True) -> list[Path]:
    """Write ``<language>-<mode>-<page>.png`` for every page; returns the paths. `keep` chooses by ``<language>-<mode>-``."""
    for language in ("zh", "en"):
        for mode in MODES:
            if keep(f"{language}-{mode}-"):
                subprocess.run([sys.executable, "-m", "demo.telephone", language, mode, str(out)], check=True)
    return sorted(out.glob("*.png"))


def pages(language: str) -> Iterator[tuple[str, HTMLResponse]]:
    """What is asked from the message to the end, the elder's own page, and the first password."""
    fall = Incident("i1", "p1", Kind.FALL, Severity.P1, State.ACCEPTED, NOW, NOW, NOW, NOW, accepted_by=("p2",))
    drill = Incident(
        "i2", "p1", Kind.SOS, Severity.P1, State.DETECTED, NOW, NOW, NOW, NOW, exercise=True, confirmed=False
    )
    who, place = (
        ("王秀兰奶奶", "锦绣社区 3-2-501") if language == "zh" else ("Mrs Wang Xiulan", "Jinxiu, 3-2-501, bedroom")
    )
    of = Described(who, place, (39.9998, 116.3206), "138 0000 0001")

    def reply(shown: Shown, incident: Incident | None, *steps: Step) -> HTMLResponse:
        return reply_page(Page(shown, incident, "p2", incident is None, steps), of, language)

    yield "take", reply(Shown.ASK, drill, Step.TAKE)
    yield "yours", reply(Shown.ASK, fall, Step.COMING, Step.THERE)
    yield "report", reply(Shown.ASK, fall, Step.REPORT)
    yield "used", reply(Shown.USED, fall)
    yield "well", reply(Shown.ASK, None)
    yield "begin", begin_page(language, "li.na")


def draw(language: str, mode: str, out: Path) -> str:
    """Pictures of every page; what is cut on them, '' where nothing is."""
    os.environ |= {
        "QT_QPA_PLATFORM": "offscreen",
        "QTWEBENGINE_DISABLE_SANDBOX": "1",  # nothing but our own pages; and root may not have one
        "QTWEBENGINE_CHROMIUM_FLAGS": f"--disable-gpu --blink-settings=preferredColorScheme={MODES[mode]}",
    }
    from PySide6.QtCore import QEventLoop, QRect
    from PySide6.QtGui import QColor
    from PySide6.QtWebEngineCore import QWebEngineSettings
    from PySide6.QtWebEngineWidgets import QWebEngineView
    from PySide6.QtWidgets import QApplication
    from shiboken6 import delete

    app = QApplication([])
    app.setCursorFlashTime(0)
    view, loop, found = QWebEngineView(), QEventLoop(), list[str]()
    # a telephone's lie over the page
    view.settings().setAttribute(QWebEngineSettings.WebAttribute.ShowScrollBars, False)
    view.loadFinished.connect(loop.quit)

    def ask(script: str) -> Any:
        answers: list[Any] = []

        def hear(answer: Any) -> None:
            answers.append(answer)
            loop.quit()

        view.page().runJavaScript(script, 0, hear)
        loop.exec()
        return answers[0]

    def wait_for(holds: Callable[[], object]) -> None:
        """Until it does; after every look something is asked of the page, so that it is let run meanwhile."""
        for _ in range(LOOKS):
            if holds():
                return
            ask("0")
        raise TimeoutError

    def marked() -> bool:
        return view.grab(QRect(0, 0, 1, 1)).toImage().pixelColor(0, 0) == QColor(MARK)

    def show(page: str) -> None:
        """All of it, in a view as high as the page."""
        view.resize(WIDE_PX, 640)
        view.setHtml(page)
        loop.exec()
        tall = int(ask("document.documentElement.scrollHeight"))
        view.resize(WIDE_PX, tall)
        wait_for(lambda: ask("innerHeight") == tall)
        ask(SET_MARK)
        wait_for(marked)
        ask(TAKE_MARK)
        wait_for(lambda: not marked())

    view.show()
    for size, times in SIZES.items():
        view.settings().setFontSize(QWebEngineSettings.FontSize.DefaultFontSize, USUAL_PX * times)
        for name, page in pages(language):
            show(bytes(page.body).decode())
            if cut := ask(CUT):
                found.append(f"{name}{size}: {cut}")
            view.grab().save(str(out / f"{language}-{mode}-{name}{size}.png"))
    delete(view)  # before the application, which its pages need
    return "\n".join(found)


if __name__ == "__main__":
    sys.exit(draw(sys.argv[1], sys.argv[2], Path(sys.argv[3])) or 0)
