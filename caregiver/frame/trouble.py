"""One sentence about what did not work, whatever page is open, until somebody has read it."""

from caregiver.ui import Desk, Words
from qtkit.buttons import Button
from qtkit.widgets import Banner


class Trouble(Banner):
    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.theme, "small")
        self._words = Words(desk, self)
        self.seen = Button(desk.theme, icon_name="close", role="quiet", height=40)
        self.seen.clicked.connect(lambda: self.say(""))
        self.add(self.seen)
        self._words.put(self.seen.setAccessibleName, "do.close")
        self._words.put(self.seen.setToolTip, "do.close")

    def complain(self, words: str) -> None:
        self.say(words, "alarm", "attention")
