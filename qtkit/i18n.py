"""The language of a window, switched while it is open."""

from datetime import datetime

from PySide6.QtCore import QObject, Signal

from assets.words import LANGUAGES, say


class Language(QObject):
    """Holds the language and says when it changes; views set their words again in a ``retranslate`` slot."""

    changed = Signal(str)

    def __init__(self, code: str = "zh", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._code = _known(code)

    @property
    def code(self) -> str:
        return self._code

    def set(self, code: str) -> None:
        """Raises KeyError for a language that is not shipped."""
        if _known(code) != self._code:
            self._code = code
            self.changed.emit(code)

    def toggle(self) -> None:
        self.set(LANGUAGES[(LANGUAGES.index(self._code) + 1) % len(LANGUAGES)])

    def tr(self, key: str, **details: object) -> str:  # type: ignore[override]  # of QObject, whose own is for .qm files
        """The sentence for `key` of the catalogues. Raises KeyError where it is missing."""
        return say(self._code, key, **details)

    def both(self, key: str, **details: object) -> tuple[str, str]:
        """The sentence in the current language and in the other, for what must be understood by everybody."""
        other = next(code for code in LANGUAGES if code != self._code)
        return self.tr(key, **details), say(other, key, **details)

    def clock(self, at: datetime) -> str:
        return f"{at:%H:%M}"

    def day(self, at: datetime) -> str:
        """``11月23日 周一`` / ``Mon 23 Nov``."""
        names = self.tr("qtkit.date.weekdays").split()
        months = self.tr("qtkit.date.months").split()
        return self.tr("qtkit.date.day", weekday=names[at.weekday()], month=months[at.month - 1], day=at.day)

    def ago(self, at: datetime, now: datetime) -> str:
        """Relative up to an hour, then the clock, then the date. `at` and `now` are local times of one zone."""
        seconds = max(0, int((now - at).total_seconds()))
        if seconds < 60:
            return self.tr("qtkit.date.just_now")
        if seconds < 3600:
            return self.tr("qtkit.date.minutes_ago", minutes=seconds // 60)
        if at.date() == now.date():
            return self.clock(at)
        if (now.date() - at.date()).days == 1:
            return self.tr("qtkit.date.yesterday", clock=self.clock(at))
        return self.tr("qtkit.date.exact", day=self.day(at), clock=self.clock(at))


def _known(code: str) -> str:
    if code not in LANGUAGES:
        raise KeyError(code)
    return code
