"""What somebody who sets a gate up types, and what they are told."""

import io
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from assets.words import LANGUAGES
from caregiver.__main__ import main as caregiver
from domain.people import Profile
from kiosk.__main__ import main as kiosk
from kiosk.credentials.books import STAFF_CLEARED, STAFF_SET, Books, CredentialsProjection
from kiosk.credentials.desk import Desk
from kiosk.credentials.pins import Attempts, Pins
from kiosk.residents.known import PassagesProjection
from kiosk.visit.events import StaffAccepted
from offline.node import Node


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "kiosk.toml"
    file.write_text(f"data = '{tmp_path / 'kiosk'}'\n", "utf-8")
    monkeypatch.setenv("SHOUWANG_KIOSK_CONFIG", str(file))
    monkeypatch.setenv("SHOUWANG_CAREGIVER_DATA", str(tmp_path / "caregiver"))
    monkeypatch.setenv("SHOUWANG_LANGUAGE", "en")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    for program in ("kiosk", "caregiver"):
        monkeypatch.setattr(f"{program}.__main__.keep_log", lambda *_, **__: None)
    return tmp_path


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path.startswith("/page/") else 404)
        self.end_headers()
        self.wfile.write(b"<html>the printer")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(params=["", "/page"])
def stranger(request: pytest.FixtureRequest) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{request.param}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("url", ["nonsense", "127.0.0.1:8700", "http://", "ftp://x", "http://x:port", "http:// x"])
def test_an_address_that_is_none_is_said_to_be_none(capsys: pytest.CaptureFixture[str], url: str) -> None:
    for program in (kiosk, caregiver):
        assert program(["enroll", "--district", url, "--code", "x"]) == 1
        assert "is not an address" in capsys.readouterr().err


def test_a_stranger_at_the_address_is_not_the_code_s_fault(capsys: pytest.CaptureFixture[str], stranger: str) -> None:
    assert kiosk(["enroll", "--district", stranger, "--code", "x"]) == 1
    assert "not a Shouwang district" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["staff", " "], "name of the person"),
        (["staff", "Wang"], "Nothing was typed"),
        (["staff", "Wang", "--remove"], "Nobody of the name Wang"),
        (["pin", "nobody"], "no resident nobody"),
        (["import", "/nowhere"], "does not belong to a district"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_changed(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert kiosk(arguments) == 1
    assert said in capsys.readouterr().err


def test_a_kiosk_without_residents_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert kiosk(["residents"]) == 0
    told = capsys.readouterr()
    assert not told.out
    assert "import" in told.err


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("arguments", [[], ["enroll"], ["import"], ["pin"], ["card"], ["identify"]])
def test_help_is_in_the_terminal_s_language(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, language: str, arguments: list[str]
) -> None:
    monkeypatch.setenv("SHOUWANG_LANGUAGE", language)
    with pytest.raises(SystemExit) as ended:
        kiosk([*arguments, "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert any("一" <= letter <= "鿿" for letter in told) == (language == "zh")


def test_a_card_of_no_letters_is_none(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offline.roster.Roster.profiles", lambda _: {"p1": Profile("Wang", "Xiulan")})
    monkeypatch.setattr("sys.stdin", io.StringIO("--\n"))
    assert kiosk(["card", "p1"]) == 1
    assert "Nothing was typed" in capsys.readouterr().err


def test_a_forgotten_staff_pin_is_replaced_and_taken_away_and_both_are_on_record(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def signs_in(pin: str) -> bool:
        node = Node(folder / "kiosk", [CredentialsProjection()])
        try:
            books = Books(node.journal, lambda _: "")
            desk = Desk(("", ""), books, books, books, tuple, Pins(node.keys.secret("pin pepper")), Attempts(), b"")
            return desk.staff(pin, datetime.now(UTC)) == StaffAccepted("Wang")
        finally:
            node.close()

    for pin in ("471108", "380225"):  # the second is for whoever forgot the first
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{pin}\n"))
        assert kiosk(["staff", "Wang"]) == 0
    assert (signs_in("471108"), signs_in("380225")) == (False, True)
    capsys.readouterr()
    assert kiosk(["staff"]) == 0
    assert capsys.readouterr().out == "Wang\n"
    assert kiosk(["staff", "Wang", "--remove"]) == 0
    assert not signs_in("380225")
    assert kiosk(["staff"]) == 0
    assert "Nobody of the staff has a PIN" in capsys.readouterr().err
    node = Node(folder / "kiosk", [CredentialsProjection()])
    assert [f.payload for f in node.journal.facts(STAFF_CLEARED)] == [{"name": "Wang"}]
    node.close()


def test_a_pin_set_while_the_kiosk_runs_is_known_there_and_their_facts_stand_in_one_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = Node(folder / "kiosk", [CredentialsProjection()])
    heard: list[str] = []
    running.journal.on_change(lambda facts: heard.extend(f.envelope.kind for f in facts))
    running.journal.append("passage.recorded", {})
    monkeypatch.setattr("sys.stdin", io.StringIO("471108\n"))
    assert kiosk(["staff", "Wang"]) == 0
    running.journal.look()
    running.journal.append("passage.recorded", {})
    assert heard == ["passage.recorded", STAFF_SET, "passage.recorded"]
    assert [name for name, _ in Books(running.journal, lambda _: "").staff()] == ["Wang"]
    assert [e.seq for e in running.journal.unsent(9)] == [1, 2, 3]
    assert running.journal.broken() == []
    running.close()


def test_a_resident_is_let_in_no_more_and_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(Node(folder / "kiosk", [PassagesProjection()])) as node:
        node.journal.become("gate-1", 1, "jinxiu")
        node.roster.register("p1", Profile("王", "秀兰", flat="3-2-501"))
    assert kiosk(["block", "nobody"]) == 1
    assert "no resident nobody" in capsys.readouterr().err
    for arguments, barred in ((["block", "p1"], ["p1"]), (["block", "p1", "--lift"], [])):
        assert kiosk(arguments) == 0
        with closing(Node(folder / "kiosk", [PassagesProjection()])) as node:
            found = node.journal.query("SELECT person FROM passages_blocked WHERE blocked")
            assert [row["person"] for row in found] == barred


@pytest.mark.parametrize(("zone", "hours"), [("", 8), ("Europe/Lisbon", 0)])
def test_a_gate_on_a_machine_that_goes_by_utc_goes_by_the_zone_of_its_settings(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], zone: str, hours: int
) -> None:
    monkeypatch.setenv("TZ", "Pacific/Apia")
    if zone:
        monkeypatch.setenv("SHOUWANG_KIOSK_ZONE", zone)
    assert kiosk(["residents"]) == 0
    winter = datetime(2026, 11, 28, 12, 0, tzinfo=UTC).astimezone()
    assert winter.utcoffset() == timedelta(hours=hours)
    monkeypatch.setenv("SHOUWANG_KIOSK_ZONE", "Asia/Peking")
    assert kiosk(["residents"]) == 1
    assert "Asia/Shanghai, for example" in capsys.readouterr().err
