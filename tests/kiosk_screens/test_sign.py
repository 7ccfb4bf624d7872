"""The sign beside the gate: one page, whole, with everything that has to stand there, in both languages."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtPdf import QPdfDocument
from PySide6.QtWidgets import QApplication

from kiosk.__main__ import main
from kiosk.config import KioskSettings, Site
from kiosk.screens.sign import sign, words

LONG = "锦绣江南长江花园东区第三社区居民委员会"


@pytest.fixture
def settings(tmp_path: Path) -> KioskSettings:
    site = Site(
        community_zh=LONG, community_en="The residents' committee of Jinxiu East, third part", guard_phone="027-1234567"
    )
    return KioskSettings(data=tmp_path, site=site, keep_passages_days=21)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_says_who_answers_for_it_how_to_come_in_without_and_for_how_long_what_is_kept(
    settings: KioskSettings, language: str
) -> None:
    told = " ".join(words(settings, language))
    site = settings.site
    for part in (site.community_zh if language == "zh" else site.community_en, site.guard_phone, "21"):
        assert part in told
    assert "{" not in told


def test_without_a_telephone_it_names_none(settings: KioskSettings) -> None:
    nobody = settings.model_copy(update={"site": Site(community_zh="锦绣社区")})
    assert words(nobody, "zh")[-1] == "由锦绣社区负责。"


def test_a_long_name_stays_on_the_page(qapp: QApplication, settings: KioskSettings, tmp_path: Path) -> None:
    path = tmp_path / "sign.pdf"
    path.write_bytes(sign(settings))
    document = QPdfDocument()
    document.load(str(path))
    assert document.pageCount() == 1
    page = document.render(0, QSize(620, 877))
    dark = [
        (x, y)
        for y in range(page.height())
        for x in range(page.width())
        if page.pixelColor(x, y).alpha() > 128 and page.pixelColor(x, y).lightness() < 128
    ]
    margin = 620 * 20 / 210 - 2  # px
    assert min(x for x, _ in dark) > margin
    assert max(x for x, _ in dark) < 620 - margin
    assert max(y for _, y in dark) < 877 - margin
    document.close()


def test_the_command_writes_it(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.__main__.keep_log", lambda *_, **__: None)
    monkeypatch.setenv("SHOUWANG_KIOSK_DATA", str(tmp_path / "data"))
    assert main(["sign", str(tmp_path / "sign.pdf")]) == 0
    assert (tmp_path / "sign.pdf").read_bytes().startswith(b"%PDF")
    assert main(["sign", str(tmp_path / "nowhere" / "sign.pdf")]) == 1
