"""What was begun about one person or incident, kept apart from what is begun about another: an alarm comes between two words."""

from PySide6.QtWidgets import QPlainTextEdit

from caregiver.parts.photo_views import Chosen, PhotoPick

Kept = dict[str, tuple[str, Chosen]]  # by whom or what it is about


class Drafts:
    """Of one form that serves for many: its words and its pictures. In memory alone, in `kept`, which outlives the window."""

    def __init__(self, note: QPlainTextEdit, photos: PhotoPick, kept: Kept) -> None:
        self._note, self._photos, self._about, self._kept = note, photos, "", kept
        note.textChanged.connect(self._keep)
        photos.changed.connect(self._keep)

    def turn_to(self, about: str) -> None:
        """The form is about this one now; what was begun about the one before waits until it is again."""
        if about == self._about:
            return
        self._about = ""
        words, pictures = self._kept.get(about, ("", Chosen()))
        self._note.setPlainText(words)
        self._photos.put(pictures)
        self._about = about

    def _keep(self) -> None:
        if not self._about:
            return
        words, pictures = self._note.toPlainText(), self._photos.chosen
        if words or pictures.jpegs or pictures.waiting:
            self._kept[self._about] = words, pictures
        else:
            self._kept.pop(self._about, None)
