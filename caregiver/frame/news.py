"""What whoever sits here must know, always at the same place, so that no page moves for it: one sentence, and how many more."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from caregiver.layout import row
from caregiver.ui import Desk
from qtkit.buttons import Button
from qtkit.widgets import Banner


class News(QWidget):
    """`banners` from the gravest on; one is shown at a time. `calm` stands there too, but not beside `instead`, the one of
    them that says the same at length. `turned` whenever another one speaks or falls silent."""

    turned = Signal()

    def __init__(self, desk: Desk, banners: tuple[Banner, ...], calm: QWidget, instead: Banner) -> None:
        super().__init__()
        self._desk, self._banners, self._calm, self._instead = desk, banners, calm, instead
        self._telling: list[Banner] = []
        self._shown = 0
        self.more = Button(desk.theme, role="quiet", height=40)
        self.more.clicked.connect(self._next)
        self._row = row(1, *banners, calm, self.more, space=desk.theme.px(4))
        self.setLayout(self._row)
        for banner in banners:
            banner.placed = True
            banner.told.connect(self.arrange)
        desk.language.changed.connect(lambda _: self.arrange())
        self.arrange()

    @property
    def any(self) -> bool:
        return bool(self._telling)

    def arrange(self) -> None:
        """The gravest first, whenever another one speaks or falls silent."""
        before, self._telling = self._telling, [banner for banner in self._banners if banner.words]
        if before != self._telling:
            self._shown = 0
            self.turned.emit()
        shown = self._telling[self._shown] if self._telling else None
        for part in self._banners:
            part.setVisible(part is shown and part.isVisibleTo(self))  # room is made before it is taken
        self._calm.setVisible(shown is not self._instead)
        if shown is not None:
            shown.show()
        wide = QSizePolicy.Policy.Expanding if self._telling else QSizePolicy.Policy.Maximum
        self.setSizePolicy(wide, QSizePolicy.Policy.Preferred)
        self._row.setStretch(0, int(not self._telling))
        for number, banner in enumerate(self._banners, 1):
            self._row.setStretch(number, int(banner is shown))
        self.more.setText(f"{self._shown + 1}/{len(self._telling)}")
        self.more.setAccessibleName(self._desk.tr("news.next", n=self._shown + 1, of=len(self._telling)))
        self.more.setToolTip(self.more.accessibleName())
        self.more.setVisible(len(self._telling) > 1)

    def _next(self) -> None:
        self._shown = (self._shown + 1) % len(self._telling)
        self.arrange()
