"""What was begun about one person or incident, kept apart from what is begun about another: an alarm comes between two words."""

from PySide6.QtWidgets import QPlainTextEdit

from caregiver.parts.photo_views import Chosen, PhotoPick


class Drafts:
    """Of one form that serves for many: its words and its pictures. Held in memory alone."""

    def __init__(self, note: QPlainTextEdit, photos: PhotoPick) -> None:
        self._note, self._photos, self._about = note, photos, ""
        self._kept: dict[str, tuple[str, Chosen]] = {}

    def turn_to(self, about: str) -> None:
        """The form is about this one now; what was begun about the one before waits until it is again."""
        if about == self._about:
            return
        self._kept[self._about] = self._note.toPlainText(), self._photos.take()
        words, pictures = self._kept.pop(about, ("", Chosen()))
        self._about = about
        self._note.setPlainText(words)
        self._photos.put(pictures)
