"""What of a table's chosen line there is no room for in it, beneath it: columns that are left out, and words that are cut."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from caregiver.parts.tables import Table, TableModel
from caregiver.ui import Desk
from qtkit.widgets import text


def rest_of_line(desk: Desk, table: Table, model: TableModel) -> QLabel:
    """A label to be put beneath `table`; hidden while the chosen line is to be read in the table itself."""
    label = text("")

    def part(row: int, number: int) -> str:
        words = model.index(row, number).data()
        heading = model.headerData(number, Qt.Orientation.Horizontal)
        return desk.tr("residents.field_is", field=heading, value=words) if words else ""

    def say() -> None:
        chosen = table.currentIndex()
        parts = [part(chosen.row(), n) for n in table.cut(chosen.row())] if chosen.isValid() else []
        label.setText(desk.tr("residents.semicolon").join(one for one in parts if one))
        label.setVisible(bool(label.text()))

    table.fitted.connect(say)
    table.selectionModel().currentRowChanged.connect(say)
    model.dataChanged.connect(say)
    model.modelReset.connect(say)
    say()
    return label
