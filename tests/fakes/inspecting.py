"""What somebody who sees nothing, or has no mouse, finds in a window."""

from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QWidget

R = QAccessible.Role
CONTROLS = {
    R.Button, R.PushButton, R.CheckBox, R.RadioButton, R.ComboBox, R.EditableText, R.SpinBox, R.Slider, R.Table, R.List,
    R.Tree, R.PageTab, R.PageTabList, R.Link, R.ButtonMenu, R.ProgressBar, R.Dialog,
}  # fmt: skip
MOST = 400  # Tab presses; no window has as many controls
PARTS = 6  # a date with a clock has five fields, and Tab goes through them


def tree(interface: QAccessibleInterface, depth: int = 0) -> Iterator[QAccessibleInterface]:
    """Everything in sight, as a screen reader walks it; rows of tables are the model's, and lists of drop-downs are closed."""
    yield interface
    if interface.role() in (R.Table, R.List, R.Tree, R.ComboBox, R.SpinBox, R.EditableText):
        return
    for number in range(interface.childCount()):
        child = interface.child(number)
        if child is not None and not child.state().invisible:
            yield from tree(child, depth + 1)


def nameless(window: QWidget) -> list[str]:
    """One line for every control that has no name or no role."""
    found = []
    for interface in tree(QAccessible.queryAccessibleInterface(window)):
        thing, role = interface.object(), interface.role()
        if role is R.NoRole or (role in CONTROLS and not interface.text(QAccessible.Text.Name).strip()):
            found.append(f"{type(thing).__name__} {thing.objectName() if thing else ''} ({role.name})")
    return found


def takes_tab(widget: QWidget, window: QWidget) -> bool:
    return (
        bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        and widget.isEnabled()
        and widget.isVisibleTo(window)
        and widget.focusProxy() is None
        and widget.window() is window
    )


def missed_by_tab(window: QWidget, within: QWidget | None = None) -> list[str]:
    """Controls of `within` (the whole window) that Tab never comes to in one round; a round that does not close is a trap."""
    window.activateWindow()
    scope = within or window
    wanted = [w for w in scope.findChildren(QWidget) if takes_tab(w, window)]
    if not wanted:
        return []
    wanted[0].setFocus(Qt.FocusReason.TabFocusReason)
    met: list[QWidget] = []
    for _ in range(MOST):
        here = QApplication.focusWidget()
        assert here is not None, f"the keyboard is lost after {met[-1:]}"
        if here is wanted[0] and met:
            break
        if met[-PARTS:] == [here] * PARTS:
            return [f"trap: {_name(here)}"]
        met.append(here)
        QTest.keyClick(here, Qt.Key.Key_Tab)
    else:
        return [f"trap: the round goes on in {_name(met[-1])}"]
    return [_name(w) for w in wanted if w not in met and not _in_group(w, met)]


def _in_group(widget: QWidget, met: list[QWidget]) -> bool:
    """Of buttons of which one is chosen Tab comes to the chosen one, and the arrows lead to the others."""
    group = getattr(widget, "group", lambda: None)()
    return group is not None and group.exclusive() and any(other in met for other in group.buttons())


def unseen_focus(window: QWidget, within: QWidget | None = None) -> list[str]:
    """Controls of `within` (the whole window) that look the same with the keyboard on them."""
    window.activateWindow()
    found = []
    for widget in [w for w in (within or window).findChildren(QWidget) if takes_tab(w, window)]:
        widget.clearFocus()
        before = _pixels(widget)
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        after = _pixels(widget)
        if before.shape == after.shape and int((np.abs(before - after).max(axis=2) > 24).sum()) < 16:
            found.append(_name(widget))
    return found


def _pixels(widget: QWidget) -> "np.ndarray[tuple[int, ...], np.dtype[np.int16]]":
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return (
        np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[..., :3].astype(np.int16)
    )


def out_of_reach(window: QWidget) -> list[str]:
    """Controls that stay outside of the window's picture after the keyboard has come to them."""
    found = []
    for widget in [w for w in window.findChildren(QWidget) if takes_tab(w, window)]:
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        area = widget.parentWidget()
        while area is not None and area is not window:  # as Tab does
            holder = area.parentWidget()
            if isinstance(holder, QAbstractScrollArea) and hasattr(holder, "ensureWidgetVisible"):
                holder.ensureWidgetVisible(widget)
            area = holder
        corner = widget.mapTo(window, QPoint(0, 0))
        shown = widget.visibleRegion().boundingRect()
        if shown.isEmpty() or not window.rect().contains(corner + shown.topLeft()):
            found.append(_name(widget))
    return found


def _name(widget: QWidget) -> str:
    words = getattr(widget, "text", lambda: "")() if not hasattr(widget, "model") else ""
    return f"{type(widget).__name__} {widget.accessibleName() or words!r}"
