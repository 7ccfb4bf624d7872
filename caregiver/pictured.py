"""Renders every page with a made-up community of 200 elders and 30 days, in both languages and modes, for ``docs/screens``."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from PySide6.QtWidgets import QApplication, QWidget

from caregiver.account.page import AccountPage
from caregiver.admin.page import AdminPage
from caregiver.gatelog.log import GateFilter, page
from caregiver.invented import ME, Feed
from caregiver.layout import bring_into_sight
from caregiver.main_window import MainWindow
from caregiver.residents.page import ResidentsPage
from caregiver.residents.ways_in import LOOKALIKES
from caregiver.sample import Sample, lay, open_sample
from caregiver.signin.joining import JoiningWindow
from caregiver.signin.window import SignInWindow
from caregiver.state import AppState
from domain.events import to_ms
from domain.verdicts import RESIDENT_REFUSED, RIGHT
from offline.keys.identity import Identity
from offline.letters.access_orders import APPLIED, CARD_ORDERED, CARD_REVOKED, LOST, PASS_ISSUED, PIN_ORDERED
from offline.letters.gate_card import GATE_DESCRIBED, describe
from offline.letters.notes import seal_note
from offline.transport.errors import TryAgain
from offline.wire import FeedItem
from qtkit.background import Background
from qtkit.i18n import Language
from qtkit.shots import settle, shoot
from qtkit.theme import Mode, Theme
from qtkit.widgets import let_go
from watch.rotas import ROTA_SET

NOW = datetime(2026, 11, 23, 9, 41, tzinfo=timezone(timedelta(hours=8)))
SIZE = (1366, 768)
TABLE = """姓名,门牌,出生日期,电话,独居
沈月华,7-1-101,1941-05-12,138 0000 7001,是
沈国强,7-1-102,1946-02-30,138 0000 7002,是
陆阿宝,,1939-01-09,,是
顾秀珍,7-1-202,1944/11/03,138 0000 7004,是
钱文元,7-2-301,1950.7.21,请问儿子,否
姚玉兰,7-2-302,1943-08-30,138 0000 7006,是
"""


STAFF = (
    ("zhao", "赵敏", "caregiver", False), ("chen", "陈静", "caregiver", False), ("li", "李强", "gate_staff", False),
    ("sun", "孙主任", "supervisor", False), ("wang", "王芳", "caregiver", True),
)  # fmt: skip


def render_all(out: Path, keep: Callable[[str], bool] = lambda _: True) -> list[Path]:
    """Write ``<language>-<mode>-<page>.png`` for every page; returns the paths. `keep` chooses by ``<language>-<mode>-``."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    app.setCursorFlashTime(0)  # or a field that is written in looks otherwise every other time
    made: list[Path] = []
    with tempfile.TemporaryDirectory() as scratch:
        laid = Path(scratch) / "laid"
        laid.mkdir()
        lay(laid, Sample(NOW, passages=6_000))
        for language in ("zh", "en"):
            for mode in (Mode.LIGHT, Mode.DARK):
                if keep(f"{language}-{mode}-"):  # from the same beginning, whatever was made before
                    folder = Path(shutil.copytree(laid, Path(scratch) / f"{language}-{mode}"))
                    made += _render(app, folder, out, language, mode)
    return made


def _render(app: QApplication, folder: Path, out: Path, language: str, mode: Mode) -> list[Path]:
    theme = Theme(app, "desktop", mode, reduced_motion=True)
    state = open_sample(folder, NOW, zone=NOW.tzinfo)
    _review(state)
    background = Background()
    window = MainWindow(state, Language(language), theme, background)
    window.setFixedSize(*SIZE)
    window.show()
    while not state.elders.board.judged:
        settle(window)
    made = []
    for name, widget in _pages(window, folder):
        while background.busy:
            settle(window)
        settle(window)
        made.append(shoot(widget, out / f"{language}-{mode}-{name}.png"))
    window.close()
    background.close()
    window.deleteLater()
    settle(window)
    state.close()
    state.journal.close()
    state.keys.close()
    return made


class SampleLine:
    """A district that knows a few colleagues and exports, for pictures alone."""

    bearer = ""

    def __init__(self, about: str = "") -> None:
        self._about = about

    def as_person(
        self, _method: str, target: str, _asked: dict[str, Any] | None = None, _within_s: float | None = None
    ) -> Any:
        if target == "/v1/retention":
            days = {"passage": 30, "elder_passage": 30, "care": 400, "operations": 90, "call": 90}
            terms = [{"lane": lane, "days": n} for lane, n in days.items()]
            return {"terms": terms, "every_minutes": 60, "last": to_ms(NOW - timedelta(minutes=18))}
        if target == "/v1/strangers":
            heard = to_ms(NOW - timedelta(minutes=3))
            return [{"community": "jinxiu", "device": "0x00158d0003e2c4a1", "heard": heard, "said": "door True"}]
        if target == "/v1/channels":
            return [{"name": name} for name in ("call", "sms", "wecom")]
        if target == "/v1/me":
            return {"second_factor": False}
        if target == "/v1/me/second-factor":
            return {
                "secret": "JBSWY3DPEHPK3PXP",
                "uri": "otpauth://totp/Shouwang:zhao?secret=JBSWY3DPEHPK3PXP&issuer=Shouwang",
            }
        if target == "/v1/exports":
            return list(self._exports())
        return [
            {
                "person": f"staff-{login}",
                "login": login,
                "name": name,
                "disabled": ended,
                "grants": {"jinxiu": [role]},
                "language": "zh",
                "addresses": [["sms", "139 0000 0001"]],
            }
            for login, name, role, ended in STAFF
        ]

    def look(self, _kiosk: str, _epoch: int, _seq: int, _sealed: bytes) -> bytes:
        raise TryAgain("there is no gate behind the sample")

    def person_file(self, _target: str) -> Iterator[bytes]:
        return iter(())

    def _exports(self) -> Iterator[dict[str, Any]]:
        rows = (
            ("asked", "person", "subject_request", "2026/17", "staff-li", 2, None, 0),
            ("allowed", "person", "incident_review", "2026/15", ME, 26, 1, 0),
            ("expired", "audit", "inspection", "2026/11", "staff-sun", 200, 190, 1),
            ("refused", "person", "authority", "2026/9", "staff-chen", 420, 400, 0),
        )
        for number, (state, what, reason, file, by, asked, decided, taken) in enumerate(rows):
            yield {
                "id": f"x{number}", "what": what, "reason": reason, "reference": file, "person": self._about, "asked_by": by,
                "asked": to_ms(NOW - timedelta(hours=asked)), "decided_by": "staff-sun" if decided else None,
                "decided": to_ms(NOW - timedelta(hours=decided)) if decided else None, "taken": taken, "state": state,
            }  # fmt: skip


def _identity(device: str) -> Identity:
    """The same key every time, so that its fingerprint is the same in every picture."""
    seed = hashlib.sha256(device.encode()).digest()
    return Identity(Ed25519PrivateKey.from_private_bytes(seed), X25519PrivateKey.from_private_bytes(seed))


def ways_in(state: AppState, person: str) -> Iterator[FeedItem]:
    """Two gates, and everything a resident may hold: one card in force, one on its way, one lost; a PIN; a helper's pass."""
    feed = Feed("jinxiu", 99)
    gates = {"k-south": ("南门", "South gate"), "k-north": ("北门", "North gate")}
    ways = ["face", "card", "pin", "qr"]
    for device, (zh, en) in gates.items():
        told = describe(
            _identity(device), gate=device, name={"zh": zh, "en": en}, direction="in", software="1.0", engine="sface 2021dec",
            ways=ways, guard_phone=device == "k-south", keep_days=30, picture_days=7,
        )  # fmt: skip
        yield feed.item(GATE_DESCRIBED, told, None, NOW, device)
    sealed, by = dict.fromkeys(gates, "sealed"), {"by": ME}

    def note(words: str) -> str:
        return seal_note(state.keys, person, words)

    cards = [
        feed.item(
            CARD_ORDERED,
            {"card": f"c{n}", "sealed": sealed, "note": note(tail), **by},
            person,
            NOW - timedelta(days=40 - n),
        )
        for n, tail in enumerate(("9912", "B2C3", "04F7"))
    ]
    pin = feed.item(PIN_ORDERED, {"pin": "n1", "sealed": sealed, **by}, person, NOW - timedelta(days=3))
    lost = feed.item(CARD_REVOKED, {"card": "c0", "why": LOST, **by}, person, NOW - timedelta(days=2))
    yield from (*cards, pin, lost)
    for gate in gates:
        for order in (*cards[: 3 if gate == "k-south" else 2], pin, lost):
            yield feed.item(APPLIED, {"order": order.event.id, "refused": ""}, person, NOW, gate)
    start = to_ms(NOW) // 1000
    weekly = {"kind": "weekly", "not_before": start - 600, "expires": start + 28 * 86_400, "days": [0, 2, 4]}
    told = {"pass": "v1", **weekly, "start": 480, "end": 720, "gates": [], "note": note("护工小陈"), **by}
    yield feed.item(PASS_ISSUED, told, person, NOW)


def _review(state: AppState) -> None:
    """Some passages were reviewed already and a rota is drawn, so that figures and pages have something to say."""
    known = sorted((p for p in state.people if p.profile.flat), key=lambda p: (len(p.profile.flat), p.profile.flat))
    state.connect(lambda: SampleLine(known[3].id), lambda: "sample", "jinxiu", "https://district.example")
    state.colleague_names |= {f"staff-{login}": name for login, name, *_ in STAFF}
    shifts = [
        {"person": "staff-zhao", "level": 0, "start": "08:00", "end": "20:00"},
        {"person": "staff-chen", "level": 0, "start": "20:00", "end": "08:00"},
        {"person": "staff-li", "level": 1, "start": "06:00", "end": "22:00", "weekdays": [0, 1, 2, 3, 4]},
    ]
    state.journal.absorb(list(ways_in(state, known[0].id)))
    alike = Feed("jinxiu", 98).item(LOOKALIKES, {"others": [known[1].id]}, known[0].id, NOW, "k-south")
    state.journal.absorb([alike])
    state.journal.append(ROTA_SET, {"zone": "Asia/Shanghai", "shifts": shifts, "by": "system"})
    for number, p in enumerate(page(state.reader, GateFilter(method="face"), limit=120)):
        sure = p.outcome == "identified"
        verdict = RIGHT if sure or number % 5 else RESIDENT_REFUSED
        state.review.judge(p, verdict)
        if number % 3:  # a second reader has been there too
            id = state.reader.value("SELECT id FROM facts WHERE rowid = ?", (p.fact,))
            state.journal.append(
                "verdict.given", {"passage": id, "by": "staff-li", "verdict": verdict if number % 11 else "attack"}
            )


def _pages(window: MainWindow, folder: Path) -> Iterator[tuple[str, QWidget]]:
    elder = window.state.incidents.ringing()[0].elder
    yield "alarm", window
    window.alarm.send.click()
    yield "alarm-send", window
    window.alarm.ask.leave()
    window.alarm.show_work(None)
    for name in ("board", "incidents", "gatelog", "residents", "reports", "admin"):
        window.go(name)
        yield name, window
    window.board.form.setChecked(True)
    window.go("board")
    yield "cards", window
    window.open_elder(elder)
    yield "elder", window
    window.open_plan(elder)
    yield "careplan", window
    admin = window.go("admin")
    assert isinstance(admin, AdminPage)
    admin.people.table.selectRow(0)
    yield "admin-chosen", window
    for tab, name in (
        (admin.rota, "rota"),
        (admin.devices, "devices"),
        (admin.ladders, "ladders"),
        (admin.audit, "audit"),
        (admin.gates, "gates"),
        (admin.exports, "exports"),
        (admin.retention, "retention"),
    ):
        admin.setCurrentWidget(tab)
        yield name, window
    account = window.go("account")
    assert isinstance(account, AccountPage)
    yield "account", window
    account.password.setText("sample")
    account.begin.click()
    yield "account-codes", window
    asking = SignInWindow(window.desk.theme, window.desk.language)
    asking.wait_for(2)
    asking.show()
    yield "sign-in", asking
    asking.close()
    let_go(asking)
    joining = JoiningWindow(window.desk.theme, window.desk.language)
    joining.name.setText("desk-3")
    joining.show()
    yield "joining", joining
    joining.close()
    let_go(joining)
    table = folder / "people.csv"
    table.write_text(TABLE, "utf-8")
    residents = window.go("residents")
    assert isinstance(residents, ResidentsPage)
    residents.side.block.ask.click()
    bring_into_sight(residents.side.block.no)
    yield "block", window
    residents.side.block.no.click()
    residents.which.choose("contacts")
    yield "contacts", window
    residents.which.choose("")
    residents.importing.read(table)
    yield "import", window
    window.go("board")
    window.tour.begin()
    yield "tour", window
