"""The board's lines as Qt sees them: one column, read-only, each with a sentence for screen readers."""

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from caregiver.elders.alarm_line import alarm_line
from caregiver.elders.board import Elder
from caregiver.incidents.desk import IncidentDesk
from caregiver.ui import Desk
from caregiver.wording import sign, term
from qtkit.widgets import tip

Index = QModelIndex | QPersistentModelIndex
ELDER = Qt.ItemDataRole.UserRole


class BoardModel(QAbstractListModel):
    def __init__(self, desk: Desk, incidents: IncidentDesk) -> None:
        super().__init__()
        self._desk, self._incidents = desk, incidents
        self.elders: list[Elder] = []
        self._row: dict[str, int] = {}

    def show(self, elders: list[Elder]) -> None:
        """Take over new lines; where only their content changed, the view keeps its place."""
        if [e.id for e in elders] == [e.id for e in self.elders]:
            changed = [i for i, (old, new) in enumerate(zip(self.elders, elders, strict=True)) if old is not new]
            self.elders = elders
            for i in changed:
                self.dataChanged.emit(self.index(i), self.index(i))
            return
        self.beginResetModel()
        self.elders, self._row = elders, {e.id: i for i, e in enumerate(elders)}
        self.endResetModel()

    def row_of(self, person: str) -> int | None:
        return self._row.get(person)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.elders)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self.elders):
            return None
        elder = self.elders[index.row()]
        if role == ELDER:
            return elder
        if role == Qt.ItemDataRole.DisplayRole:
            return elder.person.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._sentence(elder)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(self._sentence(elder))
        return None

    def _sentence(self, elder: Elder) -> str:
        state, desk = self._desk.state, self._desk
        words = [elder.person.name, elder.person.profile.flat, term(desk.language, "state", elder.standing.word)]
        if alarm := alarm_line(desk, elder, self._incidents.of(elder.id)):
            words.append(alarm)
        if elder.last is not None:
            at = state.local(elder.last)
            words.append(
                desk.tr(
                    "board.last_exact",
                    at=f"{at:%Y-%m-%d %H:%M:%S}",
                    what=sign(desk.language, elder.last_kind, desk.place(elder.last_place)),
                )
            )
        return self._desk.tr("residents.comma").join(words)
