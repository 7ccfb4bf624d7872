"""Paints a line or a card of the board: a 4 px edge, a symbol and a word for the state, then what is known."""

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from caregiver.elders.alarm_line import alarm_line
from caregiver.elders.board import LOW_BATTERY, Elder
from caregiver.elders.board_model import ELDER
from caregiver.elders.standing import Urgency
from caregiver.incidents.desk import IncidentDesk
from caregiver.ui import Desk
from caregiver.wording import ahead, sign, span, term
from qtkit.icons import pixmap

ROW_PX, CARD_W_PX, CARD_H_PX = 64, 256, 136
STATE_PX, NAME_PX, FLAT_PX = 132, 148, 104
ABREAST_PX, STACKED_PX = 840, 108  # what a line needs to say everything side by side, and its height where it cannot


class BoardDelegate(QStyledItemDelegate):
    """`cards` chooses between the two forms; `taken(person)` is how many pixels of a line's end something else stands on."""

    def __init__(self, desk: Desk, incidents: IncidentDesk) -> None:
        super().__init__()
        self._desk, self._incidents, self.cards, self.width = desk, incidents, False, 0
        self.taken: Callable[[str], int] = lambda _person: 0
        self._icons: dict[tuple[str, str, int], QPixmap] = {}
        self._restyle()
        desk.theme.changed.connect(self._restyle)

    def _restyle(self) -> None:
        theme = self._desk.theme
        self._icons.clear()
        self._small, self._body, self._bold = theme.font("small"), theme.font("body"), theme.font("body", bold=True)
        self._strong = theme.font("small", bold=True)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        px = self._desk.theme.px
        return (
            self.card(self.width)
            if self.cards
            else QSize(min(px(600), self.width or px(600)), px(STACKED_PX if self.stacked else ROW_PX))
        )

    def fit(self, width: int) -> bool:
        """Draw lines of this many pixels; whether they are of another height now."""
        before, self.width = self.stacked, width
        return self.stacked != before

    @property
    def stacked(self) -> bool:
        """Whether words are so large that what is known stands below who it is."""
        return 0 < self.width < self._desk.theme.px(ABREAST_PX)

    def card(self, width: int) -> QSize:
        """The size of a card where cards of at least the least width fill `width` pixels side by side."""
        px = self._desk.theme.px
        return QSize(max(px(CARD_W_PX), width // max(1, width // px(CARD_W_PX))), px(CARD_H_PX))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        elder: Elder | None = index.data(ELDER)
        if elder is None:
            return
        px = self._desk.theme.px
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        gap = px(4)
        rect: QRect = option.rect
        box = QRectF(rect).adjusted(gap, gap if self.cards else px(2), -gap, -gap if self.cards else -px(2))
        self._ground(painter, option, box, elder.standing.urgency.token)
        inner = box.adjusted(px(16), px(8), -px(12), -px(8)).toRect()
        if self.cards:
            self._card(painter, inner, elder)
        else:
            self._line(painter, inner, elder)
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem, box: QRectF, token: str) -> None:
        theme = self._desk.theme
        state = option.state
        selected, hovered = state & QStyle.StateFlag.State_Selected, state & QStyle.StateFlag.State_MouseOver
        shape = QPainterPath()
        shape.addRoundedRect(box, theme.px(12), theme.px(12))
        painter.fillPath(shape, theme.colour("surface"))
        focus = bool(state & QStyle.StateFlag.State_HasFocus)
        edge = "lantern" if focus else "muted" if hovered or selected else "line"
        painter.setPen(QPen(theme.colour(edge), 2 if focus else 1))
        painter.drawPath(shape)
        painter.setClipPath(shape)
        strip = QRectF(box.x(), box.y(), theme.px(4), box.height())
        painter.fillRect(strip, theme.colour(token))
        if token == Urgency.BLIND.token:
            painter.fillRect(strip, QBrush(theme.colour("surface"), Qt.BrushStyle.BDiagPattern))
        painter.setClipping(False)

    def _line(self, painter: QPainter, box: QRect, elder: Elder) -> None:
        px = self._desk.theme.px
        alarm = alarm_line(self._desk, elder, self._incidents.of(elder.id))
        last, due = self._last(elder), alarm or self._due(elder)
        if self.stacked:
            self._stack(painter, box, elder, (last, due), bool(alarm))
            return
        state_w, name_w, flat_w, side_w = px(STATE_PX), px(NAME_PX), px(FLAT_PX), px(152)
        x, height = box.x(), box.height()
        self._state(painter, QRect(x, box.y(), state_w, height), elder)
        x += state_w + px(8)
        self._text(painter, QRect(x, box.y(), name_w, height), self._name(elder), self._bold, "ink")
        x += name_w + px(8)
        self._text(painter, QRect(x, box.y(), flat_w, height), elder.person.profile.flat, self._body, "ink")
        x += flat_w + px(8)
        if alarm:
            side_w = self.taken(elder.id)  # what happened and who comes matters more than a battery
        middle = QRect(x, box.y(), box.right() - side_w - x - px(8), height)
        if due and middle.width() > px(360) and not alarm:
            half = middle.width() * 13 // 20
            self._text(painter, QRect(middle.x(), middle.y(), half, height), last, self._body, "muted")
            rest = QRect(middle.x() + half + px(8), middle.y(), middle.width() - half - px(8), height)
            self._text(painter, rest, due, self._body, elder.standing.urgency.token)
        elif due:
            self._text(painter, QRect(middle.x(), middle.y(), middle.width(), height // 2), last, self._small, "muted")
            lower = QRect(middle.x(), middle.y() + height // 2, middle.width(), height // 2)
            self._text(painter, lower, due, self._strong, elder.standing.urgency.token)
        else:
            self._text(painter, middle, last, self._body, "muted")
        if side_w and not alarm:
            self._devices(painter, QRect(box.right() - side_w, box.y(), side_w, height), elder)

    def _stack(self, painter: QPainter, box: QRect, elder: Elder, known: tuple[str, str], alarm: bool) -> None:
        """Who it is, in what the buttons leave of the line; below it what is known."""
        px, (last, due) = self._desk.theme.px, known
        # the buttons stand in the upper half
        room, half = box.width() - self.taken(elder.id) - px(8), box.height() // 2
        state = term(self._desk.language, "state", elder.standing.word)
        wide = min(px(STATE_PX), px(44) + QFontMetrics(self._strong).horizontalAdvance(state))
        self._state(painter, QRect(box.x(), box.y(), wide, half), elder)
        x = box.x() + wide + px(8)
        name = min(px(NAME_PX), QFontMetrics(self._bold).horizontalAdvance(self._name(elder)) + px(8))
        self._text(painter, QRect(x, box.y(), name, half), self._name(elder), self._bold, "ink")
        flat = QRect(x + name + px(8), box.y(), box.x() + room - x - name - px(8), half)
        self._text(painter, flat, elder.person.profile.flat, self._body, "ink")
        lower = QRect(box.x(), box.y() + half, box.width(), half)
        if alarm:
            self._text(painter, lower, due, self._strong, elder.standing.urgency.token)
            return
        words = QFontMetrics(self._small)
        self._text(painter, lower, last, self._small, "muted")
        lower.setLeft(lower.x() + min(words.horizontalAdvance(last), lower.width() // 2) + px(16))
        self._text(painter, lower, due, self._small, elder.standing.urgency.token)
        lower.setLeft(lower.x() + words.horizontalAdvance(due) + px(16))
        self._devices(painter, lower, elder)

    def _card(self, painter: QPainter, box: QRect, elder: Elder) -> None:
        px, line = self._desk.theme.px, box.height() // 4
        flat_w = px(84)
        self._text(painter, QRect(box.x(), box.y(), box.width() - flat_w, line), self._name(elder), self._bold, "ink")
        flat = QRect(box.right() - flat_w, box.y(), flat_w, line)
        self._text(painter, flat, elder.person.profile.flat, self._small, "muted", Qt.AlignmentFlag.AlignRight)
        state_w = px(128)
        self._state(painter, QRect(box.x(), box.y() + line, state_w, line), elder)
        due = QRect(box.x() + state_w, box.y() + line, box.width() - state_w, line)
        self._text(
            painter, due, self._due(elder), self._small, elder.standing.urgency.token, Qt.AlignmentFlag.AlignRight
        )
        third, alarm = (
            QRect(box.x(), box.y() + 2 * line, box.width(), line),
            alarm_line(self._desk, elder, self._incidents.of(elder.id), clock=False),
        )
        self._text(painter, third, alarm or self._last(elder), self._small, "alarm" if alarm else "muted")
        room = box.width() - self.taken(elder.id)
        self._devices(painter, QRect(box.x(), box.y() + 3 * line, room, line), elder, Qt.AlignmentFlag.AlignLeft)

    def _name(self, elder: Elder) -> str:
        age = elder.person.age(self._desk.state.now().date())
        return elder.person.name if age is None else f"{elder.person.name}  {age}"

    def _last(self, elder: Elder) -> str:
        desk = self._desk
        if elder.last is None:
            return desk.tr("board.never")
        at = desk.language.ago(desk.state.local(elder.last), desk.state.now())
        return desk.tr("board.last", at=at, what=sign(desk.language, elder.last_kind, desk.place(elder.last_place)))

    def _due(self, elder: Elder) -> str:
        desk, standing, now = self._desk, elder.standing, self._desk.state.now()
        if standing.urgency.token in ("alarm", "overdue") and standing.since is not None:
            return desk.tr("board.since", span=span(desk.language, now - standing.since))
        if standing.until is not None:
            at = ahead(desk.language, desk.state.local(standing.until), now)
            return desk.tr(f"board.until_{standing.urgency.token}", at=at)
        return ""

    def _state(self, painter: QPainter, box: QRect, elder: Elder) -> None:
        theme, token = self._desk.theme, elder.standing.urgency.token
        size = theme.px(20)
        words = term(self._desk.language, "state", elder.standing.word)
        if token == Urgency.ALARM.token:  # a full-colour fill is kept for alarms alone
            wide = size + theme.px(24) + QFontMetrics(self._strong).horizontalAdvance(words)
            box = QRect(box.x(), box.y() + (box.height() - theme.px(28)) // 2, min(wide, box.width()), theme.px(28))
            shape = QPainterPath()
            shape.addRoundedRect(QRectF(box), theme.px(8), theme.px(8))
            painter.fillPath(shape, theme.colour("alarm_fill"))
            box, ink = box.adjusted(theme.px(8), 0, 0, 0), "on_alarm"
        else:
            ink = token
        painter.drawPixmap(box.x(), box.y() + (box.height() - size) // 2, self._icon(token, ink, size))
        self._text(painter, box.adjusted(size + theme.px(8), 0, 0, 0), words, self._strong, ink)

    def _devices(
        self, painter: QPainter, box: QRect, elder: Elder, align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignRight
    ) -> None:
        words, token = [], "muted"
        if elder.blind:
            words.append(self._desk.tr("board.blind", n=elder.blind))
            token = Urgency.BLIND.token
        if elder.battery is not None:
            low = elder.battery <= LOW_BATTERY
            words.append(self._desk.tr("board.battery_low" if low else "board.battery", n=elder.battery))
            token = "overdue" if low else token
        self._text(painter, box, "  ".join(words), self._small, token, align)

    def _text(
        self,
        painter: QPainter,
        box: QRect,
        words: str,
        font: QFont,
        token: str,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        if box.width() <= 0:
            return
        painter.setFont(font)
        painter.setPen(QColor(self._desk.theme.hex(token)))
        elided = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, int(align | Qt.AlignmentFlag.AlignVCenter), elided)

    def _icon(self, name: str, token: str, size: int) -> QPixmap:
        key = (name, token, size)
        if key not in self._icons:
            self._icons[key] = pixmap(name, self._desk.theme.colour(token), size)
        return self._icons[key]
